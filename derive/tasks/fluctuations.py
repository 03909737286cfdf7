"""What networks of size N differ by, as series in learning time (THEORY 8)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from derive.flow.fixed_point_task import TRAINABLE, FixedPointTask
from derive.observables.readout_variance import variance_coefficients
from derive.observables.variance import covariance_between_times, covariance_series
from derive.series.series import Series

if TYPE_CHECKING:
    from derive.flow.fluctuating import FluctuatingLimit
    from derive.observables.observable import Observable


def fluctuates(task: FixedPointTask) -> bool:
    """Whether variances have series: W alone learns or all three do."""
    return task.train in (("W",), TRAINABLE)


@dataclass(frozen=True)
class Fluctuations:
    """Between networks of size N whose m and w have norm 1, to leading order in 1/N; through tau^order.

    An alignment other than 0 is exact in every network; one of 0 is that of vectors drawn independently.
    Raises ValueError where one of m and w learns and the other does not.
    """

    task: FixedPointTask
    order: int

    def __post_init__(self) -> None:
        if not fluctuates(self.task):
            raise ValueError(
                f"fluctuations with {','.join(self.task.train)} learning: allowed are W or W,m,w"
            )

    def variance(self, observable: Observable) -> Series:
        """N Var of an observable. Raises ValueError for one without a series."""
        return self.covariance(observable, observable)

    def covariance(self, left: Observable, right: Observable) -> Series:
        """N Cov of two observables at one learning time."""
        return covariance_series(left, right, self._limit, self._alignment)

    def covariance_between_times(self, left: Observable, right: Observable) -> tuple[Series, ...]:
        """N Cov(left at tau, right at tau'): series in tau, the j-th multiplies tau'^j, j = 0..order."""
        return covariance_between_times(left, right, self._limit, self._alignment)

    @property
    def _alignment(self) -> Fraction | str | None:
        return None if self._independent else self.task.alignment

    @cached_property
    def readout_variance(self) -> Series:
        """N Var z; of the paper's task by a route of its own that serves high orders."""
        if self._independent and self.task.train == ("W",):
            scaled = variance_coefficients(self.order, self.task.g0)
            return Series("N Var z", 0, 1, scaled, self.task.g0)
        from derive.observables.readout import READOUT

        return self.variance(READOUT)

    @cached_property
    def readout_bias(self) -> Series:
        """N (E z - z): the mean over networks minus the limit, at order 1/N. For W alone learning.

        Raises ValueError for other tasks.
        """
        from derive.observables.readout_bias import bias_coefficients

        if not self._independent or self.task.train != ("W",):
            raise ValueError(
                f"the bias with alignment {self.task.alignment}, {','.join(self.task.train)} learning: "
                "allowed is alignment 0, W"
            )
        return Series("N (E z - z)", 1, 2, bias_coefficients(self.order, self.task.g0), self.task.g0)

    @property
    def _independent(self) -> bool:
        return bool(self.task.alignment == 0)

    @cached_property
    def _limit(self) -> FluctuatingLimit:
        if self._independent:
            from derive.flow.fluctuating import FluctuatingLimit
            from derive.flow.large_n import LargeN

            return FluctuatingLimit(LargeN(self.order, self.task.g0, self.task.train))
        from derive.flow.aligned_large_n import AlignedLargeN
        from derive.flow.fluctuating_overlaps import FluctuatingOverlaps

        return FluctuatingOverlaps(AlignedLargeN(self.order, self.task.g0, self.task.train))
