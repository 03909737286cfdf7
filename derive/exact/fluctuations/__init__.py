"""Fluctuations between networks of one size: the leading order in 1/N, exactly (THEORY 8)."""
