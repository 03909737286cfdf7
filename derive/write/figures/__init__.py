"""Pictures of what was derived (matplotlib)."""
