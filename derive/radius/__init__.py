"""Where a series in learning time ends, and what it still knows past that (THEORY 5)."""
