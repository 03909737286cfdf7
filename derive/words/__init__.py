"""Words in B, its transpose and resolvents, outer products of them, and their moments. Knows no physics."""
