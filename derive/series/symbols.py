"""The field's letters as sympy symbols. Imported only where sympy is: at the edge.

They carry assumptions (zhat > 0, beta > 0, tau > 0, rho real; g and lam none), so that a symbol of the same
name made by ``sympy.Symbol`` or from text is another one. Put numbers in by the symbols themselves:

>>> import derive
>>> derive.expand(derive.FixedPointTask(), order=3).readout[3].subs({derive.zhat: 1, derive.beta: 2})
544/3
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.latex import tex_greek_dictionary

tau, zhat, beta = sympy.symbols("tau zhat beta", positive=True)
rho = sympy.Symbol("rho", real=True)
g, lam = sympy.symbols("g lam")
tex_greek_dictionary.setdefault("lam", r"\lambda")  # sympy would print three letters


def rational(value: Any) -> sympy.Rational:
    """An exact integer or flint rational as a sympy number."""
    numerator, denominator = getattr(value, "p", value), getattr(value, "q", 1)
    return sympy.Rational(int(numerator), int(denominator))
