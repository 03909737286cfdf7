"""Arguments of public functions: a TypeError or ValueError that says what is allowed, before work starts."""

from __future__ import annotations

import math
from numbers import Complex, Real
from operator import index
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 1e100  # of a number of W0, m, w: squares are still numbers
FARTHEST = 1e15  # of a target: beyond, double precision loses what is asked for
MATRICES = (("numpy", "matrix"), ("numpy.matrixlib.defmatrix", "matrix"))


def of_kind(name: str, value: Any, kind: type | tuple[type, ...], allowed: str) -> None:
    """Raises TypeError unless ``value`` is an instance of ``kind``."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} {_short(value)}: allowed is {allowed}")


def yes_or_no(name: str, value: Any) -> None:
    """Raises TypeError for anything but True and False, numpy's too."""
    if not isinstance(value, bool) and str(getattr(value, "dtype", "")) != "bool":
        raise TypeError(f"{name} {_short(value)}: allowed are True and False")


def whole(name: str, value: Any, least: int = 1) -> int:
    """An integer of any kind, numpy's too, as int. Raises ValueError below ``least`` and for others."""
    try:
        number = least - 1 if isinstance(value, bool) else index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ValueError(f"{name} {_short(value)}: allowed are integers >= {least}")
    return number


def one_number(name: str, value: Any) -> None:
    """Raises TypeError unless ``value`` is one real number: float, int, fraction, numpy's or a ball."""
    try:
        real = not isinstance(value, str | bytes | bool) and math.isfinite(float(value)) in (True, False)
    except (TypeError, ValueError, OverflowError):
        real = isinstance(value, int)
    if not real:
        raise TypeError(f"{name} {_short(value)}: allowed is a real number")


def target(zhat: Any, zero: bool = True) -> None:
    """Raises unless ``zhat`` is one real number whose powers are numbers too; 0 where ``zero``."""
    one_number("zhat", zhat)
    if not abs(zhat) <= FARTHEST or not (zero or zhat):
        other = "" if zero else " other than 0"
        raise ValueError(f"zhat {_short(zhat)}: allowed are numbers{other} up to {FARTHEST:g} in size")


def no_matrix(name: str, values: Any) -> None:
    """Raises TypeError for np.matrix, whose products are not those of its entries."""
    if any((kind.__module__, kind.__name__) in MATRICES for kind in type(values).__mro__):
        raise TypeError(f"{name} {_short(values)}: allowed are numbers and arrays, numpy.asarray of it")


def real_values(name: str, values: Any) -> None:
    """Raises unless numbers and arrays are real and finite, ValueError; symbols and tracers pass.

    TypeError for what is no number at all, and as `no_matrix`.
    """
    no_matrix(name, values)
    if values is None or isinstance(values, str | bytes | bool | list | tuple | dict):
        raise TypeError(f"{name} {_short(values)}: allowed are real numbers and arrays of them")
    kind = str(getattr(values, "dtype", ""))
    real = (isinstance(values, Real) or not isinstance(values, Complex)) and "complex" not in kind
    try:
        finite = abs(values) < math.inf
        finite = bool(finite.all() if hasattr(finite, "all") else finite)
    except (TypeError, ValueError, RuntimeError):
        finite = True
    if not (real and finite):
        raise ValueError(f"{name} = {_short(values)}: allowed are finite real numbers")


def rising_times(times: Any) -> NDArray[Any]:
    """Rising times >= 0 as an array of float64. Raises ValueError for others."""
    import numpy as np

    tau = real_array("times", times)
    if tau.ndim != 1 or len(tau) == 0 or tau[0] < 0 or np.any(np.diff(tau) <= 0):
        raise ValueError("times: allowed is a rising list of numbers >= 0")
    return tau


def real_array(name: str, value: Any) -> NDArray[Any]:
    """An array of float64, np.matrix and lists too. Raises ValueError for entries not real or too large."""
    import numpy as np

    given = np.asarray(value)
    if given.dtype.kind not in "iuf":
        raise ValueError(f"{name} of {given.dtype}: allowed are arrays of real numbers")
    array = given.astype(np.float64, copy=False)  # before comparing: the bound is none of float32
    if not np.all(np.abs(array) <= LARGEST):
        raise ValueError(
            f"{name}: an entry that is not finite; allowed are numbers up to {LARGEST:g} in size"
        )
    return array


def _short(value: Any) -> str:
    text = " ".join((value if isinstance(value, str) and not value else repr(value)).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
