"""Training and evaluation; nothing here is imported by the core."""
