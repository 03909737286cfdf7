"""One kind of check a file, and what a check is."""
