"""Truncated series on any scalars, and the exact scalars themselves. Knows no physics."""
