"""Batches of trials as published, drawn anew at every epoch, and from a file."""
