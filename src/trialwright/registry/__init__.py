"""Other people's trials: reading registered records."""
