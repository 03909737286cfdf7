"""How long learning takes, how far the weights move, and what shuffling W0 costs (paper, section 3).

Let delta = z/zhat be the part of the way that is done: the loss is L0 (1 - delta)^2, so 5% of it are
left at delta = 1 - sqrt(0.05), and all is done at delta = 1. With theta the scaled clock of THEORY 3,
delta(theta) = z/zhat rises from 0 and is inverted as a series; d theta/d ttilde = 1 - delta then gives

    beta^2 tau*   = integral of theta'(delta)/(1 - delta),           tau* the time at which delta is reached,
    |W - W0|      = its series in theta at theta(delta),
    path length   = integral of |a| |b| ds,   mean of |dW/dtau| over [0, tau*] = path length/tau*,

and with W0 replaced by an independent copy after learning (its resolvent averages to 1 against all else)

    z = (w.a) C (1 - X C)^-1 (b.m),     w.a_i = m.b_i = nu_{i/2} (i even),   X_ji = b_j.a_i = nu_{(i+j+1)/2}
    (i + j odd), all others 0.

At first order and delta = 1 these are the printed formulas: tau* = 1/beta^2, |dW| = zhat/beta, the
growth rate zhat beta, and the shuffled loss L0 g^4 (2 - g^2)^2. W alone learns; m, w independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import fmpq_poly

from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.large_n import LargeN
from derive.flow.packing import ZERO, packed, unpacked
from derive.flow.spectrum import square_root
from derive.reading.arguments import of_kind, real_values, whole
from derive.series.coefficient import Coefficient, Term
from derive.series.power_series import product
from derive.series.series import Series, check_strength
from derive.series.taylor import TaylorSeries
from derive.words.moments import scaled_odd_moment

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function

ONE = fmpq_poly([1])


@dataclass(frozen=True, repr=False)
class ProgressSeries(TaylorSeries):
    """prefactor * sum_k delta^k c_k, a series in delta = z/zhat, the part of the way that is done.

    ``in_tau`` is the same series with beta^2 tau in the place of delta.
    """

    in_tau: Series
    variable = "delta"

    @property
    def symbol(self) -> str:  # type: ignore[override]
        """The series' name."""
        return self.in_tau.symbol

    def __len__(self) -> int:
        return len(self.in_tau)

    def terms(self, k: int) -> list[Term]:
        """The terms of the coefficient of delta^k; none has a denominator."""
        return self._without_rate(k).terms(k)[0]

    def text(self, k: int) -> str:
        """The coefficient of delta^k in Python syntax, in ``zhat`` and ``beta``."""
        return self._without_rate(k).text(k)

    def _without_rate(self, k: int) -> Series:
        """A series whose coefficient k is that of delta^k: without the beta^2k of (beta^2 tau)^k."""
        return replace(self.in_tau, beta_power=self.in_tau.beta_power - 2 * k)

    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of delta^k in ``zhat`` and ``beta``."""
        import sympy

        from derive.series.symbols import beta

        return sympy.expand(self.in_tau[k] / (1 if self.in_tau.at_g0 else beta ** (2 * k)))

    def program(self, name: str = "series", doc: str = "") -> Function:
        """The truncated sum as a function of (delta, zhat, g)."""
        return self.in_tau.program(name, doc, time="delta")

    def __call__(self, delta: Any, zhat: Any, g: Any = 0) -> Any:
        """The truncated sum at 0 <= delta <= 1, target ``zhat`` and strength ``g``."""
        check_strength(g)
        real_values("delta", delta)
        real_values("zhat", zhat)
        return self._function(delta, zhat, g)

    def _truncated(self, order: int) -> ProgressSeries:
        return ProgressSeries(self.in_tau.truncate(order))


class LearningEnd:
    """Series in delta through delta^order: time, weight change, gradient, and loss after shuffling.

    Raises ValueError unless W alone learns, with m and w independent.
    """

    def __init__(self, task: FixedPointTask, order: int, limit: LargeN | None = None) -> None:
        of_kind("task", task, FixedPointTask, "a FixedPointTask")
        if task.train != ("W",) or task.alignment != 0:
            raise ValueError("the end of learning: allowed are W alone learning and alignment 0")
        self.order, self.g0 = whole("order", order), task.g0
        if limit is not None:  # the chain of the task, where it is at hand
            self._limit = limit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LearningEnd) and (self.order, self.g0) == (other.order, other.g0)

    def __hash__(self) -> int:
        return hash((self.order, self.g0))

    def __getstate__(self) -> dict[str, Any]:
        return {"order": self.order, "g0": self.g0}

    def __repr__(self) -> str:
        return f"<LearningEnd through delta**{self.order}{' at g = 0' if self.g0 else ''}>"

    def _repr_latex_(self) -> str:
        from derive.jupyter import shown

        named = {
            r"\tau^{*}": self.time,
            r"\lVert W - W_0 \rVert": self.weight_change,
            r"\ell": self.path_length,
            r"\langle \lVert dW/d\tau \rVert \rangle": self.mean_gradient_norm,
            r"z_{\mathrm{shuffled}}": self.shuffled_readout,
            r"(L/L_0)_{\mathrm{shuffled}}": self.shuffled_loss,
        }
        rows = [series.row(left).first(3) for left, series in named.items()]
        return shown(
            rows, r"an entry such as \texttt{x.time}", r"$\delta = z/\hat{z}$, the part that is done"
        )

    @cached_property
    def _limit(self) -> LargeN:
        return LargeN(self.order, self.g0)

    @cached_property
    def time(self) -> ProgressSeries:
        """tau* (learning rate times epochs), at which delta is reached; infinite at delta = 1."""
        return self._series("tau*", 0, -2, self._time)

    @cached_property
    def weight_change(self) -> ProgressSeries:
        """|W - W0|_F at delta."""
        return self._series("|dW|", 1, -1, self._at(square_root(self._limit.squared_norm_in_clock)))

    @cached_property
    def path_length(self) -> ProgressSeries:
        """Length of the path of W from 0 to tau*: at least the weight change."""
        return self._series("path", 1, -1, self._path)

    @cached_property
    def mean_gradient_norm(self) -> ProgressSeries:
        """|dW/dtau| averaged over [0, tau*], through delta^(order - 1)."""
        quotient: list[fmpq_poly] = []
        time, path = self._time[1:], self._path[1:]
        for n, value in enumerate(path):
            total = sum((time[n - i] * x for i, x in enumerate(quotient)), start=ZERO)
            quotient.append(value - total)  # time[0] = 1
        return self._series("<|dW/dtau|>", 1, 1, quotient)

    @cached_property
    def shuffled_readout(self) -> ProgressSeries:
        """z after W0 is replaced by an independent copy, at delta."""
        return self._series("z shuffled", 1, -2, self._at(self._shuffled_in_clock))

    @cached_property
    def shuffled_loss(self) -> ProgressSeries:
        """Loss after shuffling over the initial loss, (1 - z/zhat)^2."""
        square = ONE if self.g0 else fmpq_poly([1, -2, 1])  # 1/beta^2
        left = [-(x * square) for x in self._at(self._shuffled_in_clock)]
        left[0] = left[0] + 1
        return self._series("L/L0 shuffled", 0, 0, product(left, left))

    def _series(
        self, symbol: str, zhat_power: int, beta_power: int, packed: Sequence[fmpq_poly]
    ) -> ProgressSeries:
        scaled: tuple[Coefficient, ...] = unpacked(packed, self._stride)
        return ProgressSeries(Series(symbol, zhat_power, beta_power, scaled, self.g0))

    @cached_property
    def _stride(self) -> int:
        """More than any degree in g^2 that arises.

        M_n and N_n are of degree n - 1 at most, and so z_n, and what is read off at theta^n or delta^n
        before shuffling, of degree n/2. A factor X of the shuffled readout adds 1 and costs theta^2, so that
        it is of degree n - 1/2, and its loss of n + 3.
        """
        return self.order + 5

    @cached_property
    def _powers(self) -> list[list[fmpq_poly]]:
        """[n][k]: coefficient of delta^k in theta^n, from delta = z(theta)/zhat."""
        z = packed(self._limit.readout_in_clock, self._stride)
        size = self.order + 1
        powers = [[ZERO] * size for _ in range(size)]
        powers[0][0] = ONE
        for k in range(1, size):
            for n in range(2, k + 1):
                powers[n][k] = sum((powers[1][i] * powers[n - 1][k - i] for i in range(1, k)), start=ZERO)
            known = sum((z[n] * powers[n][k] for n in range(2, k + 1)), start=ZERO)
            powers[1][k] = (ONE if k == 1 else ZERO) - known
        return powers

    def _at(self, in_clock: Sequence[fmpq_poly]) -> list[fmpq_poly]:
        """A series in theta at theta(delta)."""
        values = packed(in_clock[: self.order + 1], self._stride)
        return [
            sum((F * self._powers[n][k] for n, F in enumerate(values) if not F.is_zero()), start=ZERO)
            for k in range(self.order + 1)
        ]

    @cached_property
    def _time(self) -> list[fmpq_poly]:
        result, rate = [ZERO], ZERO
        for k in range(1, self.order + 1):
            rate = rate + self._powers[1][k] * k  # times the geometric series of 1/(1 - delta)
            result.append(rate / k)
        return result

    @cached_property
    def _path(self) -> list[fmpq_poly]:
        gradient = self._limit.squared_length_in_clock("a")
        return self._at([ZERO, *(F / (n + 1) for n, F in enumerate(gradient[: self.order]))])

    @cached_property
    def _shuffled_in_clock(self) -> list[fmpq_poly]:
        """z after shuffling, divided by zhat/beta^2: row * C (1 - X C)^-1 * column, in scaled variables."""
        below = ONE if self.g0 else fmpq_poly([1, -1])  # 1/beta
        size = self.order
        nu = [ZERO] + [self._moment(scaled_odd_moment(n)) for n in range(1, size + 2)]
        outer = [(ONE if i == 0 else nu[i // 2] * below) if i % 2 == 0 else ZERO for i in range(size)]
        C = self._limit.chain.C
        # y = C (1 - X C)^-1 column is found order by order: y = C column + C X y
        inner = [x * below * below for x in nu]
        result: list[list[fmpq_poly]] = []
        images: list[list[fmpq_poly]] = []
        for n in range(size + 1):
            row = [ZERO] * size
            for power in range(1, n + 1):
                image = outer if power == n else images[n - power]
                for (i, j), value in C[power].items():
                    if image[j]:
                        row[i] += value * image[j]
            result.append(row)
            images.append(
                [
                    sum((inner[(j + k + 1) // 2] * x for k, x in enumerate(row) if (j + k) % 2 and x), ZERO)
                    for j in range(size - n)
                ]
            )
        return [sum((x * y for x, y in zip(outer, row, strict=True)), start=ZERO) for row in result]

    def _moment(self, polynomial: fmpq_poly) -> fmpq_poly:
        return fmpq_poly([polynomial[0]]) if self.g0 else polynomial
