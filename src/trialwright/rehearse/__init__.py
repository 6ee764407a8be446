"""Virtual subjects that drive conduct."""
