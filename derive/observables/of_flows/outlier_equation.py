"""The equation for the outliers of W under any flow, as a series in tau that is exact in x (THEORY 9, 4).

With W = alpha (W0 + Q), Q = sum_k tau^k sum of c l r^T, an eigenvalue alpha x of W, but none of alpha W0, has

    D(x, tau) = det(x - W/alpha)/det(x - W0) = det(1 - C Gamma(x)) = 0,    Gamma the r^T (x - W0)^-1 l.

No determinant is worked out: D = 1 at the start, and with y_l = (x - W/alpha)^-1 l

    dD/dtau = -D tr[(x - W/alpha)^-1 dQ/dtau] = -D sum of dc/dtau r^T y_l,
    y_l,k = (x - W0)^-1 (l delta_k0 + sum_{i=1..k} Q_i y_l,k-i),

in which x is the point of one more resolvent. At N -> infinity D holds where |x| > g, the radius of the disc
of W0; of one network in the overlaps of its words, those with (x - W0)^-1 among them, for every x.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from derive.flow.change import MatrixOrder
from derive.flow.product_rule.words import Word, Words, acted, add_to
from derive.flow.statement.form import MatrixForm
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Parameter
from derive.observables.of_flows.flow_observable import FlowObservable, Motion, MotionScalars
from derive.observables.of_flows.squared_norms import THEORY

Pairs = dict[tuple[Word, Word], Any]


def outlier_equations(meaning: Meaning) -> list[FlowObservable]:
    """D, and alpha before it where a multiple of W0 moves."""
    if "W" not in meaning.velocity:
        return []
    x = _free_name("x", meaning)
    moves = _multiple_moves(meaning)
    which = f"eigenvalues alpha {x}" if moves else f"eigenvalues {x}"
    equation = FlowObservable(
        "outlier_equation",
        r"D({0}, \drvtau)",
        f"outliers of W, its {which} beyond those of W0: the roots of D({x}, tau)",
        THEORY,
        partial(equation_series, x),
        names=(x,),
        variable=x,
    )
    multiple = FlowObservable(
        "multiple_of_W0",
        r"\alpha(\drvtau)",
        "multiple alpha of W0 in W",
        THEORY,
        lambda motion: [motion.scalars.one, *(order.multiple for order in motion.matrix("W"))],
    )
    return [multiple, equation] if moves else [equation]


def equation_series(x: str, motion: Motion) -> Sequence[Any]:
    """Coefficients of D through tau**order, in scalars that know the parameter ``x``."""
    scalars, order = motion.scalars, motion.order
    letter = chr(ord("a") + scalars.point(Parameter(x)))
    Q = _over_multiple(motion.matrix("W"), scalars)
    columns: dict[tuple[Word, int], Words] = {}

    def column(left: Word, n: int) -> Words:
        """Coefficient n of y_l."""
        if (left, n) not in columns:
            total: Words = {} if n else {left: scalars.one}
            for i in range(1, n + 1):
                for (a, b), c in Q[i].items():
                    if (factor := _dot(b, column(left, n - i), scalars)) != 0:
                        add_to(total, a, scalars.normal(factor * c))
            columns[left, n] = _present(acted(letter, total, scalars.points).items(), scalars)
        return columns[left, n]

    D, rate = [scalars.one], list[Any]()
    for n in range(1, order + 1):
        total = scalars.zero
        for k in range(1, n + 1):
            for (left, right), c in Q[k].items():
                if (factor := _dot(right, column(left, n - k), scalars)) != 0:
                    total = total + factor * c * k
        rate.append(scalars.normal(total))
        total = scalars.zero
        for k in range(n):
            if rate[k] != 0:
                total = total + D[n - 1 - k] * rate[k]
        D.append(scalars.normal(total * -1 / n))
    return D


def _over_multiple(orders: Sequence[MatrixOrder], scalars: MotionScalars) -> list[Pairs]:
    """Q, order by order, from what W changes by."""
    Q: list[Pairs] = [{}]
    for k, order in enumerate(orders, 1):
        terms = dict(order.terms)
        for i in range(1, k):
            if (multiple := orders[i - 1].multiple) != 0:
                for pair, c in Q[k - i].items():
                    add_to(terms, pair, c * multiple * -1)
        Q.append(_present(terms.items(), scalars))
    return Q


def _dot(row: Word, column: Words, scalars: MotionScalars) -> Any:
    """row^T times a sum of words."""
    total = scalars.zero
    for word, c in column.items():
        if (inner := scalars.inner(row, word)) != 0:
            total = total + c * inner
    return scalars.normal(total)


def _present(terms: Iterable[tuple[Any, Any]], scalars: MotionScalars) -> dict[Any, Any]:
    """The terms that do not vanish, in lowest terms."""
    return {key: value for key, c in terms if (value := scalars.normal(c)) != 0}


def _multiple_moves(meaning: Meaning) -> bool:
    """Whether the velocity of W holds W or W0 as they are, or by way of other matrices."""
    reached, waiting = {"W"}, ["W"]
    while waiting:
        form = meaning.velocity.get(waiting.pop())
        names = [one.letters[0].name for one in form.operators] if isinstance(form, MatrixForm) else []
        if {"W", "W0"} & set(names):
            return True
        waiting += set(names) - reached
        reached |= set(names)
    return False


def _free_name(name: str, meaning: Meaning) -> str:
    """The name, with _ behind it where the flow has it already."""
    while name in meaning.names:
        name += "_"
    return name
