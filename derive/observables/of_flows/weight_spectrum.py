"""Singular values of W - W0 as series, from the Gram matrices of the words that are present.

With W - W0 = L C R^T, C(tau) polynomial, their squares are the eigenvalues of M = C (R^T R) C^T (L^T L):
the roots of x^n - e_1 x^(n-1) + e_2 x^(n-2) - ..., e_j the sums of their products, by the recursion of
Faddeev and LeVerrier. Where s_1, s_2, ... start at different powers of tau (as in gradient flow, at
tau^(2r-1)), the largest root is

    x = e_1 - e_2/x + e_3/x^2 - ...,

solved order by order, and divided out. Where two start at the same power they have no series of their own
with coefficients of this kind: it ends before them, and the curves have their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

from derive.flow.matrix_norm import check_outer_products
from derive.flow.product_rule.functions import rational_power
from derive.flow.product_rule.new_start import NoSeries
from derive.flow.product_rule.words import Word
from derive.observables.of_flows.flow_observable import FlowObservable, Moment, Motion, MotionScalars
from derive.observables.of_flows.squared_norms import THEORY
from derive.observables.of_flows.tau_polynomials import (
    Polynomial,
    combined,
    eigenvalue_sums,
    summed,
    times,
)
from derive.series.power_series import PowerSeries

MOST_OUTER = 150
"""Outer products, all orders together, up to which singular values are worked out."""
MOST_LETTERS = 12
"""Words on the smaller side of W - W0 up to which its singular values are worked out as series."""


@cache
def spectrum_values(r: int) -> tuple[FlowObservable, ...]:
    """s_r of W - W0, r >= 1, and what has a series where s_r has none: its square, and e_r."""
    root = FlowObservable(
        f"s{r}",
        rf"s_{{{{{r}}}}}(\drvtau)",
        f"singular value s{r} of W - W0",
        THEORY,
        lambda motion: singular_value_series(motion, r),
        lambda moment: _value(moment, r),
        extensive=True,
    )
    square = replace(
        root,
        name=f"s{r}_squared",
        left=rf"s_{{{{{r}}}}}^{{{{2}}}}(\drvtau)",
        title=f"square of the singular value s{r} of W - W0",
        series=lambda motion: squared_series(motion, r),
        value=lambda moment: _value(moment, r) ** 2,
        instead_of=((root.name,),),
    )
    product = replace(
        root,
        name=f"singular_value_sum_{r}",
        left=rf"e_{{{{{r}}}}}(s^2)(\drvtau)",
        title=f"sum of all products of {r} squared singular values of W - W0",
        series=lambda motion: product_sum_series(motion, r),
        value=lambda moment: _product_sum(moment, r),
        instead_of=tuple((f"s{n}", f"s{n}_squared") for n in range(1, r + 1)),
    )
    return (root, square) if r == 1 else (root, square, product)  # e_1 is the Frobenius norm's square


def _value(moment: Moment, r: int) -> float:
    import numpy as np

    found = np.linalg.svd(moment.change, compute_uv=False)
    return float(found[r - 1]) if r <= len(found) else 0.0


def _product_sum(moment: Moment, r: int) -> float:
    import numpy as np

    squares = np.linalg.svd(moment.change, compute_uv=False) ** 2
    sums = np.zeros(r + 1)
    sums[0] = 1.0
    for x in squares:
        sums[1:] += x * sums[:-1]
    return float(sums[r])


def singular_value_series(motion: Motion, r: int) -> Sequence[Any]:
    """Coefficients of s_r through tau**order. Raises NoSeries.

    Through a lower order where the words through tau**order are more than `MOST_LETTERS`. Roots are taken of
    positive numbers: of a product of parameters, for positive ones.
    """
    start, series = _roots(motion, r).largest(r)
    order, scalars = _reach(motion), motion.scalars
    if start > 2 * order:  # where it starts, the next order of W may still cancel
        raise NoSeries(f"it is 0 through tau**{order}")
    if start % 2:
        raise NoSeries("it starts at a half-integer power of tau")
    root = rational_power(series, Fraction(1, 2), scalars.root, scalars.reciprocal)
    zeros = [scalars.zero] * (start // 2)
    return [*zeros, *(scalars.normal(root[n]) for n in range(order + 1 - start // 2))]


def squared_series(motion: Motion, r: int) -> Sequence[Any]:
    """Coefficients of s_r^2 through tau**(order + 1): W - W0 starts at tau. Raises NoSeries."""
    start, series = _roots(motion, r).largest(r)
    order = _reach(motion)
    if start > 2 * order:
        raise NoSeries(f"it is 0 through tau**{2 * order + 1}")
    if start > order + 1:
        raise NoSeries(f"it starts at tau**{start}")
    zeros = [motion.scalars.zero] * start
    return [*zeros, *(motion.scalars.normal(series[n]) for n in range(order + 2 - start))]


def product_sum_series(motion: Motion, r: int) -> Sequence[Any]:
    """Coefficients of e_r through tau**(order + 2 r - 1): each square starts at tau^2. Raises NoSeries."""
    order = _reach(motion)
    length = order + 2 * r
    sums = _cleaned(eigenvalue_sums(_squares(motion, order, length), motion.scalars, r), motion.scalars)
    if r >= len(sums) or not any(c != 0 for c in sums[r]):
        raise NoSeries(f"it is 0 through tau**{length - 1}")
    return sums[r]


def _roots(motion: Motion, r: int) -> _Roots:
    """The squared singular values with the first r - 1 divided out."""
    if r > 1 and motion.scalars.many_symbols:
        raise NoSeries("a quotient of sums of overlaps; the sums of products of squares are given")
    roots = _Roots(_sums(motion, r), motion.scalars)
    for n in range(1, r):
        roots.divide_out(n)
    return roots


@lru_cache(maxsize=2)
def _sums(motion: Motion, r: int) -> list[Polynomial]:
    """e_0, e_1, ... of the squares, as far as s_r asks for them. Raises NoSeries where s_1 has no series."""
    order, scalars = _reach(motion), motion.scalars
    first = next((k for k, one in enumerate(motion.matrix("W"), 1) if one.terms), order)
    leading = eigenvalue_sums(
        _squares(motion, first, 4 * first + 1), scalars, 2
    )  # soon done, and often enough
    if len(leading) > 2 and _cleaned(leading, scalars)[2][-1] != 0:
        raise NoSeries("s1 and s2 start at the same power of tau")
    sums = eigenvalue_sums(
        _squares(motion, order, 2 * order + 2 * r + 2), motion.scalars, (order + 1) // 2 + 1
    )
    return _cleaned(sums, motion.scalars)


def _reach(motion: Motion) -> int:
    """The order through which outer products are few, and words on one side. Raises NoSeries."""
    orders = motion.matrix("W")
    check_outer_products(orders)
    few = sum(count <= MOST_OUTER for count in accumulate(len(one.terms) for one in orders))
    for order in range(few, 0, -1):
        sides = zip(*(pair for one in orders[:order] for pair in one.terms), strict=True)
        if min((len(set(side)) for side in sides), default=0) <= MOST_LETTERS:
            return order
    raise NoSeries(f"W - W0 has more than {MOST_LETTERS} words on both sides")


def _squares(motion: Motion, order: int, length: int) -> list[list[Polynomial]]:
    """M through tau**(order + 1), on the side with fewer words."""
    orders, scalars = motion.matrix("W")[:order], motion.scalars
    lefts = list(dict.fromkeys(left for one in orders for left, _ in one.terms))
    rights = list(dict.fromkeys(right for one in orders for _, right in one.terms))
    turned = len(rights) < len(lefts)
    near, far = (rights, lefts) if turned else (lefts, rights)
    zero = scalars.zero
    C: list[list[Polynomial]] = [[[zero] * len(orders) for _ in far] for _ in near]
    for k, one in enumerate(orders):
        for (left, right), c in one.terms.items():
            a, b = (right, left) if turned else (left, right)
            C[near.index(a)][far.index(b)][k] = c  # of tau**(k + 1)
    back = _by_gram(C, far, scalars, len(orders))
    middle = [
        [
            summed([times(x, y, scalars, length) for x, y in zip(row, other, strict=True)], scalars, length)
            for other in back
        ]
        for row in C
    ]
    half = _by_gram(middle, near, scalars, length)
    return [[[zero, zero, *entry][:length] for entry in row] for row in half]


def _by_gram(
    matrix: Sequence[Sequence[Polynomial]], words: Sequence[Word], scalars: MotionScalars, length: int
) -> list[list[Polynomial]]:
    """A matrix of polynomials times the Gram matrix of words."""
    columns = [[scalars.inner(a, b) for a in words] for b in words]
    return [
        [combined(list(zip(row, column, strict=True)), scalars, length) for column in columns]
        for row in matrix
    ]


@dataclass
class _Roots:
    """x^n - e_1 x^(n-1) + ... with its largest root, order by order."""

    sums: list[Polynomial]
    scalars: MotionScalars

    def __post_init__(self) -> None:
        self._starts = [_start(polynomial) for polynomial in self.sums]

    def largest(self, r: int) -> tuple[int, PowerSeries]:
        """The power of tau that it, the square of s_r, starts at, and the series behind it."""
        if len(self.sums) < 2 or self._starts[1] is None:
            raise NoSeries("nothing of it shows at this order")
        first, scalars = self._starts[1], self.scalars
        for j, start in enumerate(self._starts[2:], 2):
            if start is not None and start <= j * first:
                raise NoSeries(f"s{r} and s{r + 1} start at the same power of tau")
        e = self.sums

        def rule(n: int) -> Any:
            total = _at(e[1], first + n, scalars.zero)
            for j in range(2, len(e)):
                sign = 1 if j % 2 else -1
                start = self._starts[j]
                shift = j * first  # e_j/x^(j-1) = tau^(start_j - (j-1) first) ...
                if start is None or start - shift > n:
                    continue
                gain = start - shift
                for m in range(n - gain + 1):
                    term = _at(e[j], start + m, scalars.zero)
                    if term != 0:
                        total = total + inverses[j - 2][n - gain - m] * term * sign
            return scalars.normal(total)

        root = PowerSeries(rule, scalars.reciprocal)
        inverse = root.__rtruediv__(scalars.one)
        inverses = [inverse]
        for _ in range(3, len(e)):
            inverses.append(inverses[-1] * inverse)
        return first, root

    def divide_out(self, r: int) -> None:
        """Take the largest root out: e_j = e'_j + x e'_(j-1), from the last down."""
        first, root = self.largest(r)
        inverse = root.__rtruediv__(self.scalars.one)
        length, zero = len(self.sums[0]) - first, self.scalars.zero
        above: Polynomial = [zero] * length
        smaller: list[Polynomial] = []
        for polynomial in self.sums[:0:-1]:
            rest = [_at(polynomial, n, zero) - _at(above, n, zero) for n in range(length + first)]
            above = [zero] * length
            for n in range(length):
                total = zero
                for m in range(n + 1):
                    if rest[first + m] != 0:
                        total = total + inverse[n - m] * rest[first + m]
                above[n] = self.scalars.normal(total)
            smaller.insert(0, above)
        self.sums = smaller
        self._starts = [_start(polynomial) for polynomial in self.sums]


def _cleaned(sums: Sequence[Polynomial], scalars: MotionScalars) -> list[Polynomial]:
    """The sums, of floats without rounding: what is small beside powers of |e_1|."""
    if not isinstance(scalars.one, float):
        return list(sums)
    bound: Polynomial = [1.0, *([0.0] * (len(sums[0]) - 1))]
    found = [sums[0]]
    for polynomial in sums[1:]:
        bound = times(bound, [abs(c) for c in sums[1]], scalars, len(polynomial))
        pairs = zip(polynomial, bound, strict=True)
        found.append([0.0 if scalars.vanishes(c, size) else c for c, size in pairs])
    return found


def _start(polynomial: Polynomial) -> int | None:
    """The first power of tau that is there."""
    return next((n for n, c in enumerate(polynomial) if c != 0), None)


def _at(polynomial: Polynomial, n: int, zero: Any) -> Any:
    return polynomial[n] if n < len(polynomial) else zero
