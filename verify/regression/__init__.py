"""A regression suite over every printed function and every exact curve, at the three levels of THEORY 5."""
