"""The objects that state a learning problem in words: `Ensemble` and `Flow` (THEORY 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from derive.flow.statement.meaning import Meaning, meaning
from derive.jupyter import cell
from derive.reading.arguments import of_kind


@dataclass(frozen=True)
class Ensemble:
    """Networks: W0 of i.i.d. N(0, g^2/N) entries, and independent isotropic vectors of norm 1.

    ``overlaps`` gives exact overlaps by "f.w" (an exact number or a polynomial in the flow's parameters, as
    text); overlaps that are not listed vanish at N -> infinity and fluctuate between networks. ``g`` serves
    checks and simulation only: expansions keep it symbolic.
    """

    vectors: Sequence[str]
    overlaps: Mapping[str, str] = field(default_factory=dict)
    g: str | None = None

    def __post_init__(self) -> None:
        of_kind("vectors", self.vectors, (str, list, tuple), "names, as text or a sequence")
        of_kind("overlaps", self.overlaps, Mapping, "a mapping of overlaps to values")
        vectors = self.vectors.split(",") if isinstance(self.vectors, str) else self.vectors
        object.__setattr__(self, "vectors", tuple(str(name).strip() for name in vectors))
        object.__setattr__(self, "overlaps", {str(k): str(v) for k, v in self.overlaps.items()})
        object.__setattr__(self, "g", None if self.g is None else str(self.g))


@dataclass(frozen=True)
class Flow:
    """What is read out and what learns, in the language of `derive.flow.statement.parser`.

    Either ``loss``, of which everything in ``train`` (W, other vectors) descends the gradient, or
    ``velocity``: the rule itself for W, further matrices (which start at 0) and vectors. ``parameters`` are
    real symbols with the exact numbers that checks and simulations take. ``definitions`` are names for parts.
    Raises `FlowProblem`, a ValueError, where it makes no sense.

    >>> flow = Flow(Ensemble(["w", "m"]), {"z": "w' R m"}, loss="(zhat - z)^2/2", parameters={"zhat": "1"})
    >>> flow.meaning.velocity["W"].outers[0].left.vector
    'w'
    """

    ensemble: Ensemble
    readouts: Mapping[str, str]
    loss: str | None = None
    train: Sequence[str] = ("W",)
    velocity: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where each part stands in a file: "velocity W" -> "line 12"."""

    def __post_init__(self) -> None:
        of_kind("ensemble", self.ensemble, Ensemble, "an Ensemble")
        train = self.train.split(",") if isinstance(self.train, str) else self.train
        object.__setattr__(self, "train", tuple(str(name).strip() for name in train))
        for name in ("readouts", "velocity", "parameters", "definitions"):
            of_kind(name, getattr(self, name), Mapping, "a mapping of names to text")
            object.__setattr__(self, name, {str(k): str(v) for k, v in getattr(self, name).items()})
        _ = self.meaning

    @cached_property
    def meaning(self) -> Meaning:
        """Readouts, loss and velocities as sums of words."""
        return meaning(self)

    @property
    def values(self) -> dict[str, Fraction]:
        """The parameters' numbers."""
        return dict(self.meaning.values)

    def _repr_latex_(self) -> str:
        said = [*self.readouts.items(), *self.definitions.items()]
        said += [("loss", self.loss)] if self.loss is not None else []
        said += [(f"d{name}/dtau", text) for name, text in self.velocity.items()]
        rows = [rf"\texttt{{{_typed(str(left))}}} &= \texttt{{{_typed(str(right))}}}" for left, right in said]
        return cell(rows)


def _typed(text: str) -> str:
    """Text as it is, in LaTeX."""
    special = {"^": r"\char94 ", "\\": r"\char92 ", "~": r"\char126 "}
    return "".join(special.get(c, rf"\{c}" if c in "&%$#_{}" else c) for c in text)
