"""Arrays of numpy, as the evaluation of a flow asks for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class NumpyArrays:
    """numpy's arrays and Python's numbers."""

    def function(self, name: str, value: Any) -> Any:
        with np.errstate(all="ignore"):
            return {"exp": np.exp, "log": np.log, "tanh": np.tanh}[name](value).item()

    def applied(self, matrix: Array, vector: Array) -> Array:
        result: Array = matrix @ vector
        return result

    def dot(self, left: Array, right: Array) -> Any:
        return (left @ right).item()

    def outer(self, left: Array, right: Array) -> Array:
        return np.outer(left, right)

    def resolvent(self, point: complex, matrix: Array) -> Array:
        return np.linalg.inv(np.eye(len(matrix)) * point - matrix)

    def real(self, array: Array) -> Array:
        return np.real(array)
