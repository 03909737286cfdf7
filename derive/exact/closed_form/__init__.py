"""Learning at N -> infinity in closed form: a soliton (THEORY 7)."""
