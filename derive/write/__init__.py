"""Lays out what was derived: text tables, JSON, LaTeX documents and Python modules."""
