"""The expansion of the fixed-point task in learning time, and what is read off it.

Series in tau at N -> infinity (THEORY 4; Schuessler et al. 2020, Eq. 7 and 10-15): the observables of
`derive.observables`, and W - W0 = sum_k W_k tau^k/k! as outer products of words in B, B^T on m, w.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from derive.flow.connectivity import Connectivity
from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.large_n import LargeN, vector_offset
from derive.observables.frobenius_norm import FROBENIUS_NORM
from derive.observables.gradient_norm import GRADIENT_NORM
from derive.observables.loss import LOSS
from derive.observables.readout import READOUT
from derive.observables.sharpness import SHARPNESS
from derive.observables.singular_values import singular_value
from derive.reading.arguments import of_kind
from derive.reading.fields import Fields
from derive.series.coefficient import Coefficient
from derive.series.series import Series
from derive.tasks.series_groups import (
    AMatrix,
    SingularValues,
    SingularVector,
    SingularVectors,
    expansion_latex,
)
from derive.tasks.summed import summed
from derive.words.words import OuterProduct, Word, chain_word

if TYPE_CHECKING:
    from derive.flow.aligned_large_n import AlignedLargeN
    from derive.flow.instance import Instance
    from derive.observables.instance_series import ChainSeries
    from derive.observables.learning_end import LearningEnd
    from derive.observables.observable import Observable
    from derive.observables.outlier_equation import OutlierEquation
    from derive.tasks.fluctuations import Fluctuations


@dataclass(frozen=True)
class Expansion(Fields):
    """The expansion of a task through tau^order. Every observable is derived when first asked for.

    ``singular_value_count`` is the number of singular values listed (2 unless asked otherwise).
    """

    task: FixedPointTask
    order: int
    singular_value_count: int = 2

    def __post_init__(self) -> None:
        of_kind("task", self.task, FixedPointTask, "a FixedPointTask")

    @cached_property
    def _limit(self) -> LargeN | AlignedLargeN:
        return self._large_n(self.task.g0)

    @cached_property
    def _limit_g0(self) -> LargeN | AlignedLargeN:
        return self._limit if self.task.g0 else self._large_n(True)

    def _large_n(self, g0: bool) -> LargeN | AlignedLargeN:
        if self._alignment is None:
            return LargeN(self.order, g0, self.task.train)
        from derive.flow.aligned_large_n import AlignedLargeN

        return AlignedLargeN(self.order, g0, self.task.train)

    @property
    def _independent(self) -> LargeN | None:
        return self._limit if isinstance(self._limit, LargeN) else None

    @property
    def _alignment(self) -> Fraction | str | None:
        """None for independent m and w."""
        return None if self.task.alignment == 0 else self.task.alignment

    def _series(
        self, symbol: str, zhat_power: int, beta_power: int, scaled: tuple[Coefficient, ...]
    ) -> Series:
        return Series(symbol, zhat_power, beta_power, scaled, self.task.g0, self._alignment)

    def series(self, observable: Observable) -> Series:
        """The series of an observable (`derive.observables.registry`), derived when first asked for.

        Raises ValueError for one that has no series with exact coefficients.
        """
        if observable.name not in self._derived:
            scaled = tuple(observable.expanded(self._limit))
            series = self._series(observable.symbol, observable.zhat_power, observable.beta_power, scaled)
            offset = observable is READOUT and self._alignment is not None
            self._derived[observable.name] = replace(series, offset=True) if offset else series
        return self._derived[observable.name]

    @cached_property
    def _derived(self) -> dict[str, Series]:
        return {}

    def _repr_latex_(self) -> str:
        return expansion_latex(self.task, self.order, self.singular_value_count, self.series)

    @property
    def readout(self) -> Series:
        """z(tau) (Eq. 13, 15)."""
        return self.series(READOUT)

    @property
    def loss(self) -> Series:
        """L(tau) = (zhat - z)^2/2, truncated as a series of its own."""
        return self.series(LOSS)

    @property
    def gradient_norm(self) -> Series:
        """Frobenius norm of dW/dtau: (zhat - z) |a| |b| (Eq. 6; Eq. 12 at 0); zero where W is frozen."""
        return self.series(GRADIENT_NORM)

    @cached_property
    def fluctuations(self) -> Fluctuations:
        """Variances and covariances between networks of size N (THEORY 8). Raises ValueError as it does."""
        from derive.tasks.fluctuations import Fluctuations

        return Fluctuations(self.task, self.order)

    @property
    def sharpness(self) -> Series:
        """h = |dz/dW|^2 (plus |dz/dm|^2, |dz/dw|^2 where they learn), dz/dtau = (zhat - z) h.

        Where W alone learns, h = |a|^2 |b|^2. At the minimum the loss has the one nonzero Hessian
        eigenvalue h, so gradient descent at learning rate eta is stable there for eta h < 2.
        """
        return self.series(SHARPNESS)

    @property
    def frobenius_norm(self) -> Series:
        """|W - W0|_F."""
        return self.series(FROBENIUS_NORM)

    @property
    def singular_values(self) -> SingularValues:
        """s_1 >= s_2 >= ... of W - W0; s_r = O(tau^(2r-1)) (Eq. 14)."""
        count = self.singular_value_count
        self._limit.singular_values(count)  # all of them from one chain
        return SingularValues(self.series(singular_value(r)) for r in range(1, count + 1))

    @cached_property
    def a_matrix(self) -> AMatrix:
        """The 2x2 matrix A of W - W0 = [w m] A [w m]^T at g = 0 (Eq. 9, 10).

        At g = 0 a_i and b_j are w or m by parity, so A collects the chain coordinates C_ij.
        """
        limit = self._limit_g0

        def entry(i_odd: int, j_odd: int) -> Series:
            zhat_power = 1 + (i_odd + j_odd) % 2
            name = f"A{1 + i_odd}{2 - j_odd}"
            if isinstance(limit, LargeN):
                of_parity = limit.summed_connectivity(i_odd, j_odd, zhat_power)
                return Series(name, zhat_power, 0, of_parity, at_g0=True)
            scaled = summed(
                self.order,
                self._alignment is not None,
                (
                    (1 + i + j - zhat_power, limit.connectivity(i, j))
                    for i in range(i_odd, self.order, 2)
                    for j in range(j_odd, self.order - i, 2)
                ),
            )
            return Series(name, zhat_power, 0, scaled, at_g0=True, alignment=self._alignment)

        return AMatrix(((entry(0, 1), entry(0, 0)), (entry(1, 1), entry(1, 0))))

    @cached_property
    def eigenvalues_g0(self) -> tuple[Series, Series]:
        """Eigenvalues of W - W0 at g = 0, W alone learning: mean and split, lambda = mean +- split/sqrt(3).

        They are those of A, A11 +- sqrt(A12 A21) with A11 = A22 (Eq. 9, 10). For an order below 3 the
        split, which starts at tau^2, is derived from A through tau^(order + 1) all the same. Raises
        ValueError for other tasks.
        """
        if self.task.train != ("W",) or self._alignment is not None:
            raise ValueError("eigenvalues at g = 0: allowed is W alone learning, alignment 0")
        from derive.observables.eigenvalues import eigenvalues_of

        longer = Expansion(FixedPointTask(g0=True), max(self.order, 2) + 1)
        return eigenvalues_of(longer.a_matrix, self.order)

    @cached_property
    def outlier_equation(self) -> OutlierEquation:
        """D(lambda, tau), whose roots with |lambda| > g are the outliers of W (THEORY 4).

        Raises ValueError unless W alone learns, with m and w independent.
        """
        from derive.observables.outlier_equation import outlier_equation

        return outlier_equation(self.task, self.order, self._independent)

    @cached_property
    def learning_end(self) -> LearningEnd:
        """Time, weight change, gradient and loss after shuffling as series in delta = z/zhat.

        Raises ValueError unless W alone learns, with m and w independent.
        """
        from derive.observables.learning_end import LearningEnd

        return LearningEnd(self.task, self.order, self._independent)

    @cached_property
    def W(self) -> Connectivity:
        """W(tau) - W0 as outer products of words (Eq. 7, 11)."""
        if self.task.g0:
            (a11, a12), (a21, a22) = self.a_matrix
            w, m = Word((), "w"), Word((), "m")
            entries = [(w, w, a11), (w, m, a12), (m, w, a21), (m, m, a22)]
            return Connectivity(
                self.order, tuple((OuterProduct(left, right), series) for left, right, series in entries)
            )
        pairs = [(i, n - i) for n in range(self.order) for i in range(n + 1)]
        return Connectivity(
            self.order,
            tuple(
                (
                    OuterProduct(chain_word("a", i), chain_word("b", j)),
                    self._series(f"C{i}{j}", 1 + i + j, -2 - i - j, self._limit.connectivity(i, j)),
                )
                for i, j in pairs
            ),
        )

    @cached_property
    def singular_vectors(self) -> SingularVectors:
        """Singular vectors of W - W0 to the singular values that do not vanish (THEORY 4).

        Raises ValueError where m and w overlap, or one of them learns and the other does not.
        """
        if self._alignment is not None:
            raise ValueError(f"singular vectors with alignment {self.task.alignment}: allowed is alignment 0")
        assert isinstance(self._limit, LargeN)
        result = []
        for index, (vector, norm) in enumerate(self._limit.singular_vectors(self.singular_value_count)):
            coordinates = []
            for j, scaled in enumerate(vector):
                d = j - index
                zhat_power = vector_offset(d)
                beta_power = -d if d >= 0 else (3 * -d + zhat_power) // 2
                coordinates.append(self._series(f"v{j}", zhat_power, beta_power, scaled))
            squared = self._series("|v|^2", 0, 1 + 3 * index, norm)
            result.append(SingularVector(tuple(coordinates), squared))
        return SingularVectors(result)

    def evaluate(self, instance: Instance, zhat: float) -> ChainSeries:
        """The same expansion of one given network at finite N, from its own overlaps (THEORY 2).

        Exact Taylor coefficients of gradient flow of that network, as numbers, through the same
        order; m, w and W0 are arbitrary, and neither g nor the alignment of the task enters.
        """
        from derive.observables.instance_series import instance_series

        return instance_series(instance, zhat, self.order, self.task.train)

    def vector(self, name: str) -> Connectivity:
        """m(tau) - m or w(tau) - w as words, where it learns (THEORY 4).

        Raises ValueError for a name other than m and w, or one that does not learn.
        """
        if name not in ("m", "w") or name not in self.task.train:
            learning = ", ".join(self.task.train)
            raise ValueError(f"the change of {name}: allowed are those of m and w that learn ({learning} do)")
        side, limit = ("a" if name == "m" else "b"), self._limit
        if not self.task.g0:
            series = [
                Series(f"{name}{i}", 1 + i, -2 - i, limit.vector(name, i), alignment=self._alignment)
                for i in range(self.order)
            ]
            return Connectivity(self.order, tuple((chain_word(side, i), x) for i, x in enumerate(series)))
        entries = []
        for parity in (0, 1):
            of_parity = range(parity, self.order, 2)
            parts = ((i - parity, limit.vector(name, i)) for i in of_parity)
            scaled = summed(self.order, self._alignment is not None, parts)
            word = Word((), chain_word(side, parity).vector)
            entries.append((word, self._series(f"{name}{word}", 1 + parity, 0, scaled)))
        return Connectivity(self.order, tuple(entries))
