"""Self-contained Python modules."""
