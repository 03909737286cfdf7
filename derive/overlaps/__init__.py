"""Learning in the space of overlaps of a low-rank network: Ger and Barak 2026 (THEORY 6)."""
