"""A flow's expansion in every format."""
