"""What a route hands back: readouts, loss, and the change of everything that moves, order by order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.flow.product_rule.words import Word, Words

if TYPE_CHECKING:
    from derive.flow.product_rule.exact import ExactRing
    from derive.flow.product_rule.limit_scalars import LimitScalars
    from derive.flow.statement.meaning import Meaning
    from derive.flow.statement.scalar import Scalar


@dataclass(frozen=True)
class MatrixOrder:
    """The coefficient of one power of tau: ``multiple`` x W0 + the sum of scalar x left right^T."""

    multiple: Any
    terms: Mapping[tuple[Word, Word], Any]


@dataclass(frozen=True, eq=False)
class FlowChange:
    """Entry k of a list multiplies tau**k, k = 0..order; scalars are elements of ``scalars.ring``.

    ``matrix`` and ``vector`` give the list of a matrix (k = 1..order) or of a vector by its name, ``scalar``
    the list of any scalar of the language.
    """

    route: str
    order: int
    meaning: Meaning
    scalars: LimitScalars
    readouts: Mapping[str, Sequence[Any]]
    loss: Sequence[Any] | None
    matrix: Callable[[str], Sequence[MatrixOrder]]
    vector: Callable[[str], Sequence[Words]]
    scalar: Callable[[Scalar], Sequence[Any]]

    @property
    def ring(self) -> ExactRing:
        """What the scalars are elements of."""
        return self.scalars.ring
