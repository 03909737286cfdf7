"""A learning problem stated in words: its language, and what its text means (THEORY 9)."""
