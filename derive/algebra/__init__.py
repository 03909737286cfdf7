"""Words, outer products, moments and truncated series. Knows no physics."""
