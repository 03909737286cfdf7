"""Overlap space held against real low-rank networks: degeneracy, memory, the nonlinear limit."""
