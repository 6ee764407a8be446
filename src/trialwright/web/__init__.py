"""Django: pages, forms, sign-in. No trial data is in its models."""
