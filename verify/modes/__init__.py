"""Several inputs and outputs: the printed modes of a target against gradient descent (THEORY 4)."""
