"""The field's letters as sympy symbols. Imported only where sympy is: at the edge."""

from __future__ import annotations

from typing import Any

import sympy

tau, zhat, beta = sympy.symbols("tau zhat beta", positive=True)
rho = sympy.Symbol("rho", real=True)
lam = sympy.Symbol("lam")


def rational(value: Any) -> sympy.Rational:
    """An exact integer or flint rational as a sympy number."""
    numerator, denominator = getattr(value, "p", value), getattr(value, "q", 1)
    return sympy.Rational(int(numerator), int(denominator))
