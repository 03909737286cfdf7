"""Schuessler et al. 2020: the fixed-point task of a linear network (THEORY 1-5)."""
