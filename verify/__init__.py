"""verify: the derived theory held against real gradient descent.

Formulas of the limit N -> infinity come from the modules that ``derive`` prints into ``generated/``;
the series of one network and the exact limit come from derive's numeric functions; the gradient
descent is torch's.
"""
