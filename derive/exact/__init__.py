"""Learning at all times: the exact limit, one network, descent, outliers (THEORY 5)."""
