"""Flows stated in words at all times: the limit in a growing basis of words, and one network (THEORY 9)."""
