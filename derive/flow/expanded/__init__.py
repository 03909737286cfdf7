"""A flow's expansion as it is printed: exact coefficients taken apart, as text, numbers and programs."""
