"""LaTeX: fragments for a paper, documents that compile by themselves."""
