"""Text on a terminal, JSON and CSV."""
