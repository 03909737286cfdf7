"""Flows stated in words, held against torch networks that are built from the same file."""
