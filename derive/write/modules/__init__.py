"""The functions that are emitted of every subject, as modules of the little language."""
