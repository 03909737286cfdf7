"""The expansion before any average is taken: overlaps of the chain as named scalars (THEORY 2).

The Gram matrices of the chains hold three families of scalars only,

    ww_n = w^T (B B^T)^n w,      mm_n = m^T (B^T B)^n m,      wm_n = w^T B (B^T B)^n m,

of one given network: a_i.a_j is ww_n or mm_n, n = (i + j)/2 + 1, for i, j both even or both odd,
and wm_n, n = (i + j + 1)/2, otherwise; b the same with ww and mm exchanged; w.b_j = wm_0, ww_1,
wm_1, ww_2, ... At N -> infinity they become mu_n, mu_n and rho nu_n (THEORY 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx

from derive.flow.instance import Instance
from derive.observables.instance_series import ChainSeries, chain_series
from derive.reading.arguments import of_kind, whole
from derive.reading.fields import Brief

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, repr=False)
class OverlapFormula(Brief):
    """Taylor coefficients in tau as sympy polynomials in ``zhat`` and the named overlaps.

    ``readout[k]`` multiplies tau^k in z, ``C[i, j][k]`` multiplies tau^k a_i b_j^T in W - W0,
    ``kappa[i][k]`` and ``omega[j][k]`` a_i in m - m(0) and b_j in w - w(0) where these learn.
    """

    readout: list[sympy.Expr]
    C: dict[tuple[int, int], list[sympy.Expr]]
    kappa: list[list[sympy.Expr]]
    omega: list[list[sympy.Expr]]

    def _repr_latex_(self) -> str:
        from derive.jupyter import Row, shown

        rows = [Row(f"z_{{{k}}}", [(c, "")]) for k, c in enumerate(self.readout)]
        return shown(rows, r"\texttt{print(x.readout)}", r"$z = \sum_k z_k \tau^k$; also \texttt{x.C}")


def overlap_formula(order: int, train: str | Sequence[str] = ("W",)) -> OverlapFormula:
    """The expansion of any one network through tau^order, as formulas in its overlaps.

    Raises ValueError for order < 1 or a train that is no subset of W, m, w.

    >>> overlap_formula(1).readout
    [wm_0, -mm_1*wm_0*ww_1 + mm_1*ww_1*zhat]
    """
    order = whole("order", order)
    series = overlap_series(order, train)
    names = overlap_names(order)
    target, *generators = fmpq_mpoly_ctx.get(["zhat", *names], Ordering.lex).gens()
    values = [target - generators[names.index("wm_0")], *generators]
    convert = _Conversion(["zhat", *names], values)
    return OverlapFormula(
        convert(series.readout),
        {pair: convert(values) for pair, values in series.C.items()},
        [convert(values) for values in series.kappa],
        [convert(values) for values in series.omega],
    )


def overlap_series(order: int, train: str | Sequence[str] = ("W",)) -> ChainSeries:
    """The same as polynomials of flint (fmpq_mpoly) in ``d`` and `overlap_names`, in this order.

    d = zhat - wm_0 is the error before learning: zhat and wm_0 enter only so, but for the term wm_0 of
    the readout. Raises ValueError as `overlap_formula` does.
    """
    names = overlap_names(order)
    error, *generators = fmpq_mpoly_ctx.get(["d", *names], Ordering.lex).gens()
    scalars = dict(zip(names, generators, strict=True))
    target = error + scalars["wm_0"]
    size = order + 1
    gram_a = [[scalars[_gram_name(i, j, "w")] for j in range(size)] for i in range(size)]
    gram_b = [[scalars[_gram_name(i, j, "m")] for j in range(size)] for i in range(size)]
    overlaps = [scalars[f"ww_{(j + 1) // 2}" if j % 2 else f"wm_{j // 2}"] for j in range(size)]
    return chain_series(gram_a, gram_b, overlaps, target, order, train)


def overlap_names(order: int) -> list[str]:
    """The names that a formula of this order can hold."""
    count = order + 2
    names = [f"{family}_{n}" for family in ("ww", "mm") for n in range(1, count)]
    return [*names, *(f"wm_{n}" for n in range(count))]


def overlap_values(instance: Instance, order: int) -> dict[str, float]:
    """The numbers that these names stand for in one network."""
    of_kind("instance", instance, Instance, "an Instance")
    order = whole("order", order)
    a, b = instance.chains(2 * order + 4)
    left, values = (instance.w, instance.m), {}
    for n in range(1, order + 2):
        values[f"ww_{n}"] = float(np.dot(left[0], b[2 * n - 1]))
        values[f"mm_{n}"] = float(np.dot(left[1], a[2 * n - 1]))
    for n in range(order + 2):
        values[f"wm_{n}"] = float(np.dot(left[0], b[2 * n]))
    return values


def _gram_name(i: int, j: int, even: str) -> str:
    """The name of a_i.a_j (``even`` is w: a_0 = B^T w) or of b_i.b_j (``even`` is m)."""
    if (i + j) % 2:
        return f"wm_{(i + j + 1) // 2}"
    letter = even if i % 2 == 0 else {"w": "m", "m": "w"}[even]
    return f"{letter}{letter}_{(i + j) // 2 + 1}"


class _Conversion:
    """flint polynomials as sympy expressions; ``values`` are put in for the variables."""

    def __init__(self, names: Sequence[str], values: Sequence[fmpq_mpoly]) -> None:
        import sympy

        from derive.series.symbols import zhat

        self.symbols = [zhat, *(sympy.Symbol(name) for name in names[1:])]
        self.values = values

    def __call__(self, polynomials: Sequence[fmpq_mpoly]) -> list[Any]:
        import sympy

        from derive.series.symbols import rational

        return [
            sympy.Add(
                *(
                    rational(c) * sympy.Mul(*(x**p for x, p in zip(self.symbols, powers, strict=True) if p))
                    for powers, c in polynomial.compose(*self.values).to_dict().items()
                )
            )
            for polynomial in polynomials
        ]
