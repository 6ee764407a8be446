"""Our trial in other people's formats."""
