"""How `web.db` came to its tables."""
