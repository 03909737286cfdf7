"""Beyond Ger and Barak 2026: a plant in the loop, and rules other than the gradient, in the same overlaps."""
