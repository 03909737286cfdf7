"""What is learned, and where: the strength g of W0, the target, what learns and how m and w overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.flow.fixed_point_task import FixedPointTask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derive import Instance
    from verify.truth.matrix_instance import MatrixInstance

PAPERS_TASK = FixedPointTask()
"""W alone learns, m and w are independent."""

NEARBY = 1.07
"""A target nearby is this much farther from z(0)."""

Mode = tuple[float, tuple[float, ...], tuple[float, ...]]
"""(zhat, u, v): the part zhat u v^T of a target (THEORY 4)."""


@dataclass(frozen=True)
class Setting:
    """One target at one strength g, 0 <= g < 1.

    ``target`` is zhat, or the rows of the matrix Zhat, outputs x inputs, which W alone learns; then
    ``modes`` are its singular modes, largest zhat first. ``task`` says what learns and w.m.
    """

    g: float
    target: float | tuple[tuple[float, ...], ...]
    task: FixedPointTask = PAPERS_TASK
    modes: tuple[Mode, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.target, int | float):
            object.__setattr__(self, "modes", ((self.target, (1.0,), (1.0,)),))

    @property
    def shape(self) -> tuple[int, ...]:
        """() for a number, (outputs, inputs) for a matrix."""
        return () if isinstance(self.target, int | float) else (len(self.target), len(self.target[0]))

    @property
    def zhat(self) -> float:
        """The target, of several modes the largest."""
        return self.modes[0][0]

    @property
    def start(self) -> float:
        """z(0) = w.m at N -> infinity; 0 for a matrix."""
        return float(self.task.alignment)

    @property
    def unit(self) -> float:
        """beta^2 = 1/(1 - g^2)^2, the factor from tau to ttilde."""
        return (1 - self.g**2) ** -2

    @property
    def singular_values(self) -> int:
        """How many singular values of W - W0 are followed: two, of a matrix as many as it has modes."""
        return len(self.modes) if self.shape else 2

    @property
    def every_size_is_the_limit(self) -> bool:
        """At g = 0 all happens in the plane of m and w, whose overlap is exact where it is given."""
        return self.g == 0 and self.task.alignment != 0

    @property
    def array(self) -> NDArray[Any]:
        """The target as an array of doubles of its ``shape``."""
        import numpy as np

        return np.array(self.target, dtype=float)

    def nearby(self) -> Setting:
        """A target `NEARBY` times as far from z(0)."""
        if isinstance(self.target, int | float):
            return replace(self, target=self.start + NEARBY * (self.target - self.start))
        rows = tuple(tuple(NEARBY * x for x in row) for row in self.target)
        return replace(self, target=rows, modes=tuple((NEARBY * zhat, u, v) for zhat, u, v in self.modes))

    def sample(self, size: int, seed: int) -> Instance | MatrixInstance:
        """The network of ``size`` neurons with this seed."""
        from derive import Instance
        from verify.truth.matrix_instance import MatrixInstance

        if self.shape:
            return MatrixInstance.sample(size, self.g, (self.shape[0], self.shape[1]), seed)
        return Instance.sample(size, self.g, seed, self.start)


def observable_names(shape: Sequence[int], singular_values: int) -> tuple[str, ...]:
    """What is followed of a readout of this shape, () or (outputs, inputs)."""
    entries = (
        [f"Z[{i + 1},{j + 1}]" for i in range(shape[0]) for j in range(shape[1])] if shape else ["readout"]
    )
    return (*entries, "loss", "frobenius_norm", *(f"s{r + 1}" for r in range(singular_values)))
