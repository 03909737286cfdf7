"""The closed form with one and with two nodes, as symbols (THEORY 7).

One node is exact at g = 0 and the first approximation elsewhere, two nodes the second. With the Gauss rule
of the exact moments, c = beta, and

    n = 1:  lambda_1 = beta,  N = kappa_1 tanh(kappa_1 T),  D = 1 - T N
    n = 2:  lambda_1, lambda_2 = the zeros of x^2 - p x + q,  p = beta + a,  q = beta a - beta^2 (beta^2 - 1),
            a = beta (3 beta^3 + beta^2 - beta - 1)/(beta + 1),       xi_1 = q/beta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy

from derive.series.symbols import beta

if TYPE_CHECKING:
    from collections.abc import Mapping

T = sympy.Symbol("T", positive=True)
KAPPA = sympy.symbols("kappa_1:4", positive=True)


@dataclass(frozen=True)
class SymbolicForm:
    """``squares``: kappa_i -> kappa_i^2 in beta;  ``shares``: omega_j -> its value in the kappas (n = 2);
    ``N`` and ``D`` in T, the kappas, the omegas and beta; z = N/D."""

    squares: Mapping[sympy.Symbol, sympy.Expr]
    shares: Mapping[sympy.Symbol, sympy.Expr]
    N: sympy.Expr
    D: sympy.Expr

    def at(self, expression: sympy.Expr) -> sympy.Expr:
        """``expression`` with all its definitions put in: a function of T and beta."""
        roots = {kappa: sympy.sqrt(square) for kappa, square in self.squares.items()}
        return expression.subs(self.shares).subs(roots)


def symbolic_form(nodes: int) -> SymbolicForm:
    """N and D for one or two nodes. Raises ValueError for other numbers.

    >>> symbolic_form(1).D
    -T*kappa_1*tanh(T*kappa_1) + 1
    """
    if nodes == 1:
        kappa = KAPPA[0]
        N = kappa * sympy.tanh(kappa * T)
        return SymbolicForm({kappa: beta}, {}, N, 1 - T * N)
    if nodes != 2:
        raise ValueError(f"{nodes} nodes as symbols: allowed are 1 and 2")
    one, two, three = KAPPA
    second = beta * (3 * beta**3 + beta**2 - beta - 1) / (beta + 1)
    product = sympy.factor(beta * second - beta**2 * (beta**2 - 1))
    total = sympy.factor(beta + second)
    root = sympy.sqrt(sympy.factor(total**2 - 4 * product))
    squares = {one: (total + root) / 2, two: sympy.factor(product / beta), three: (total - root) / 2}
    shares = sympy.symbols("omega_1 omega_2", positive=True)
    gap = one**2 - three**2
    values = {shares[0]: (one**2 - two**2) / gap, shares[1]: (two**2 - three**2) / gap}
    over = [sympy.tanh(k * T) / k for k in KAPPA]
    rise = [sympy.tanh(k * T) * k for k in KAPPA]
    shared = over[1] * (rise[0] - rise[2]) / (1 - over[1] * (shares[1] * rise[0] + shares[0] * rise[2]))
    mixed = shares[0] * shares[1] * shared
    N = beta * (shares[0] * over[0] + shares[1] * over[2] + mixed * (over[0] - over[2]))
    D = 1 - T * N - gap / two**2 * mixed
    return SymbolicForm(squares, values, N, D)
