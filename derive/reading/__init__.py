"""Numbers and formulas read from text, so that no text ever runs as code."""
