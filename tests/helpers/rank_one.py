"""The overlaps of a network of rank 1 that many tests start from."""

RANK_ONE = {"zz": 1, "zv": 0, "zm": 0.3, "zu": 0.2, "vv": 1, "vm": 0.2, "vu": 0.4, "mm": 1, "mu": 0, "uu": 1}
