"""The objects that state a learning problem in words: `Ensemble` and `Flow` (THEORY 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from derive.flow.statement.meaning import Meaning, meaning
from derive.jupyter import cell
from derive.reading.arguments import of_kind


@dataclass(frozen=True)
class Ensemble:
    """Networks: W0 of i.i.d. N(0, g^2/N) entries, and independent isotropic vectors of norm 1.

    ``overlaps`` gives exact overlaps by "f.w" (an exact number or a polynomial in the flow's parameters, as
    text); overlaps that are not listed vanish at N -> infinity and fluctuate between networks. ``g`` serves
    checks and simulation only: expansions keep it symbolic. Numbers are taken by their text, "0.6" for 0.6.
    Raises TypeError for what is neither text nor a number.
    """

    vectors: Sequence[str]
    overlaps: Mapping[str, Any] = field(default_factory=dict)
    g: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors", _names("vectors", self.vectors))
        object.__setattr__(self, "overlaps", _texts("overlaps", self.overlaps))
        object.__setattr__(self, "g", None if self.g is None else _text("g", self.g))

    def __hash__(self) -> int:
        return hash((self.vectors, frozenset(self.overlaps.items()), self.g))


@dataclass(frozen=True)
class Flow:
    """What is read out and what learns, in the language of `derive.flow.statement.parser`.

    Either ``loss``, of which everything in ``train`` (W, other vectors) descends the gradient, or
    ``velocity``: the rule itself for W, further matrices (which start at 0) and vectors. ``parameters`` are
    real symbols with the exact numbers that checks and simulations take. ``definitions`` are names for parts.
    Raises `FlowProblem`, a ValueError, where it makes no sense, TypeError as `Ensemble`.

    >>> flow = Flow(Ensemble(["w", "m"]), {"z": "w' R m"}, loss="(zhat - z)^2/2", parameters={"zhat": "1"})
    >>> flow.meaning.velocity["W"].outers[0].left.vector
    'w'
    """

    ensemble: Ensemble
    readouts: Mapping[str, str]
    loss: str | None = None
    train: Sequence[str] = ("W",)
    velocity: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where each part stands in a file: "velocity W" -> "line 12"."""

    def __post_init__(self) -> None:
        of_kind("ensemble", self.ensemble, Ensemble, "an Ensemble")
        object.__setattr__(self, "train", _names("train", self.train))
        for name in ("readouts", "velocity", "parameters", "definitions"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if self.loss is not None:
            object.__setattr__(self, "loss", _text("loss", self.loss))
        of_kind("title", self.title, str, "text")
        _ = self.meaning

    def __hash__(self) -> int:
        return hash((self.ensemble, self.loss, self.train, *map(tuple, (self.readouts, self.velocity))))

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


def _names(name: str, given: Any) -> tuple[str, ...]:
    """Names from text with commas or from a sequence of them. Raises TypeError."""
    of_kind(name, given, (str, list, tuple), "names, as text or a sequence")
    names = given.split(",") if isinstance(given, str) else given
    return tuple(_text(name, one).strip() for one in names)


def _texts(name: str, given: Any) -> dict[str, str]:
    """A mapping of names to text. Raises TypeError."""
    of_kind(name, given, Mapping, "a mapping of names to text")
    return {_text(name, key): _text(f"{name} {key}", value) for key, value in given.items()}


def _text(name: str, given: Any) -> str:
    """Text, or a number or formula by its own text. Raises TypeError for what has none."""
    if given is None or isinstance(given, bool | bytes | Mapping | list | tuple | set):
        raise TypeError(f"{name} {str(given)[:60]!r}: allowed is text, or a number")
    return str(given)


def _typed(text: str) -> str:
    """Text as it is, in LaTeX."""
    special = {"^": r"\char94 ", "\\": r"\char92 ", "~": r"\char126 "}
    return "".join(special.get(c, rf"\{c}" if c in "&%$#_{}" else c) for c in text)
