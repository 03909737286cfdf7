"""A flow's expansion in tau through one order: readouts, loss, and the change of all that moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.flow.change import FlowChange
from derive.flow.expanded.flow_series import FlowSeries
from derive.flow.expanded.fractions import Variables, parts, variables_of
from derive.flow.expanded.printed import complex_text
from derive.flow.product_rule.engine import NotSmooth
from derive.flow.product_rule.exact import NewStart
from derive.flow.routes.registry import ROUTES, derived, read_off
from derive.flow.routes.route import Route
from derive.flow.statement.scalar import holds_imaginary
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem
from derive.jupyter import shown
from derive.observables.of_flows.flow_registry import flow_observables
from derive.observables.of_flows.vector_basis import vector_matrix
from derive.reading.arguments import of_kind

if TYPE_CHECKING:
    from derive.flow.product_rule.exact import ExactRing
    from derive.flow.product_rule.words import Word
    from derive.observables.of_flows.flow_observable import FlowObservable

FIRST = 4
"""Terms of every series in a notebook."""


@dataclass(frozen=True)
class PrintedTerm:
    """scalar x left right, the left word a column and the right one a row; a column alone where no "
    "``right``."""

    coefficient: str
    left: str
    right: str = ""


@dataclass(frozen=True)
class PrintedOrder:
    """The coefficient of tau**k of a matrix (``W0`` its multiple of W0) or of a vector."""

    k: int
    W0: str
    terms: tuple[PrintedTerm, ...]


@dataclass(frozen=True, eq=False)
class OrderSeries:
    """The coefficient of tau**k of a matrix (``multiple`` of W0, and outer products) or of a vector "
    "(words)."""

    k: int
    multiple: Any
    terms: tuple[tuple[tuple[Word, ...], Any], ...]
    points: tuple[Any, ...]
    ring: ExactRing
    variables: Variables

    @property
    def monomials(self) -> int:
        """How many monomials its coefficients have together, words as they are."""
        return sum(1 + len(part.numerator) for _, c in self.terms for part in parts(c, self.ring))


@dataclass(frozen=True, eq=False)
class FlowExpansion:
    """What a flow does through tau**order at N -> infinity; ``route`` says how it was derived.

    ``singular_values`` are how many of W - W0 are read off.

    Raises FlowProblem, a ValueError, where it cannot be expanded.
    """

    flow: Flow
    order: int
    routes: Sequence[Route] = field(default=ROUTES, repr=False)
    singular_values: int = 2

    def __post_init__(self) -> None:
        of_kind("flow", self.flow, Flow, "a Flow")
        if isinstance(self.order, bool) or not isinstance(self.order, int) or self.order < 1:
            raise FlowProblem(f"order {self.order!r}: allowed are integers >= 1")
        _ = self.change
        if self.loss is not None:
            self._check_real("loss", self.change.loss or ())

    @cached_property
    def change(self) -> FlowChange:
        """The series as the route gives them."""
        return derived(self.flow, self.order, self.routes)

    @property
    def route(self) -> str:
        """The name of the route."""
        return self.change.route

    @cached_property
    def variables(self) -> Variables:
        """What the coefficients are in."""
        return variables_of(self.change.ring)

    @cached_property
    def readouts(self) -> Mapping[str, FlowSeries]:
        """By name; a complex readout z as z_re and z_im."""
        found: dict[str, FlowSeries] = {}
        for name, coefficients in self.change.readouts.items():
            both = [parts(value, self.change.ring) for value in coefficients]
            real = tuple(re for re, _ in both)
            if not holds_imaginary(self.flow.meaning.readouts[name]):
                found[name] = FlowSeries(name, real, self.variables)
                continue
            if not any(im.numerator for _, im in both):
                found[name] = FlowSeries(name, real, self.variables)
                continue
            found[f"{name}_re"] = FlowSeries(f"{name}_re", real, self.variables)
            found[f"{name}_im"] = FlowSeries(f"{name}_im", tuple(im for _, im in both), self.variables)
        return found

    @cached_property
    def loss(self) -> FlowSeries | None:
        """The loss, where there is one."""
        if self.change.loss is None:
            return None
        fractions = tuple(parts(value, self.change.ring)[0] for value in self.change.loss)
        return FlowSeries("loss", fractions, self.variables)

    @property
    def frobenius_norm_squared(self) -> FlowSeries | None:
        """|W - W0|_F^2; None where a multiple of W0 makes it grow with N, or words are too many."""
        return self.observables.get("frobenius_norm_squared")

    @cached_property
    def observables(self) -> Mapping[str, FlowSeries]:
        """What is read off beside readouts and loss, by name: norms, singular values, tangent kernels.

        Those of `derive.observables.of_flows.flow_registry` that have a series with exact coefficients.
        """
        found: dict[str, FlowSeries] = {}
        taken = {*self.readouts, *self.flow.meaning.readouts, *self.flow.meaning.velocity}
        for observable in flow_observables(self.flow.meaning, self.singular_values):
            if observable.name in taken:
                continue
            try:
                series = self._read_off(observable)
            except (ZeroDivisionError, NotSmooth, FlowProblem):  # a root of a sum, say
                continue
            if series is not None:
                found[observable.name] = series
        return found

    def _read_off(self, observable: FlowObservable) -> FlowSeries | None:
        def read(change: FlowChange) -> FlowSeries | None:
            values = observable.series(change)
            if values is None:
                return None
            fractions = tuple(parts(value, change.ring)[0] for value in values)
            return FlowSeries(observable.name, fractions, variables_of(change.ring))

        try:
            return read(self.change)
        except NewStart:  # a division or a root that the flow itself has no need of
            return read_off(self.flow, self.order, read, self.routes)

    @cached_property
    def at_g0(self) -> Mapping[str, FlowSeries]:
        """At g = 0: A_u_v of W = sum A_u_v u v', and e1, e2, ..., the symmetric sums of its eigenvalues.

        By name, A_w_m and eigenvalue_sum_1; see `derive.observables.of_flows.vector_basis`.
        """
        if "W" not in self.flow.meaning.velocity:
            return {}

        def read(change: FlowChange) -> dict[str, FlowSeries]:
            found, ring = vector_matrix(change), change.ring
            named = {f"A_{a}_{b}": values for (a, b), values in found.entries.items()}
            named |= {f"eigenvalue_sum_{n}": values for n, values in enumerate(found.sums, 1)}
            return {
                name: FlowSeries(name, tuple(parts(c, ring)[0] for c in values), variables_of(ring))
                for name, values in named.items()
            }

        try:
            return read_off(self.flow, self.order, read, self.routes, g0=True)
        except FlowProblem:  # something that is not smooth at g = 0 alone
            return {}

    def _repr_latex_(self) -> str:
        rows = [series.row().first(FIRST) for series in self.series.values()]
        note = f"order {self.order}, by the route: {self.route}"
        return shown(rows, r"one of \texttt{x.series}; also \texttt{x.matrix()}", note)

    @property
    def series(self) -> dict[str, FlowSeries]:
        """Readouts and loss by name."""
        return dict(self.readouts) | ({"loss": self.loss} if self.loss is not None else {})

    def order_series(self, name: str) -> list[OrderSeries]:
        """What moves, order by order, k = 1..order, as elements: W, another matrix, or a vector."""
        change = self.change
        points = tuple(change.scalars.points)
        found: list[tuple[Any, dict[tuple[Word, ...], Any]]]
        if name in self.flow.meaning.vectors:
            found = [(None, {(word,): c for word, c in words.items()}) for words in change.vector(name)]
        else:
            found = []
            for order in change.matrix(name):
                terms: dict[tuple[Word, ...], Any] = {}
                for pair, c in order.terms.items():
                    terms[pair] = c
                found.append((order.multiple, terms))
        return [
            OrderSeries(
                k,
                multiple,
                tuple(sorted(terms.items(), key=lambda item: _by_length(item[0]))),
                points,
                change.ring,
                self.variables,
            )
            for k, (multiple, terms) in enumerate(found, 1)
        ]

    def matrix(self, name: str = "W") -> list[PrintedOrder]:
        """The change of W or of another matrix, k = 1..order."""
        printed = []
        for k, found in enumerate(self.change.matrix(name), 1):
            terms = tuple(
                PrintedTerm(self.text(c), self.column(left), self.row(right))
                for (left, right), c in sorted(found.terms.items(), key=lambda item: _by_length(item[0]))
            )
            printed.append(PrintedOrder(k, self.text(found.multiple), terms))
        return printed

    def vector(self, name: str) -> list[PrintedOrder]:
        """The change of a vector, k = 1..order."""
        return [
            PrintedOrder(
                k,
                "0",
                tuple(
                    PrintedTerm(self.text(c), self.column(word))
                    for word, c in sorted(words.items(), key=lambda item: _by_length((item[0],)))
                ),
            )
            for k, words in enumerate(self.change.vector(name), 1)
        ]

    def text(self, value: Any) -> str:
        """An element, complex ones too, in Python syntax."""
        return complex_text(*parts(value, self.change.ring), self.variables)

    @cached_property
    def points(self) -> list[str]:
        """The points c of the resolvents that the flow reads, as text."""
        scalars = self.change.scalars
        return [self.text(point).replace(" ", "") for point in scalars.points]

    @property
    def resolvents(self) -> list[str]:
        """B and B(c), as they are printed."""
        return [self.letter(chr(ord("a") + number)) for number in range(len(self.points))]

    def letter(self, code: str) -> str:
        """One letter as it is printed: B, B', B(c), W0."""
        number = ord(code.lower()) - ord("a")
        if code.lower() == "z":
            name = "W0"
        else:
            point = self.points[number]
            name = "B" if point == "1" else f"B({point})"
        return name + "'" * code.isupper()

    def column(self, word: tuple[str, str]) -> str:
        """A column word, e.g. B' w."""
        letters, vector = word
        return " ".join([*(self.letter(code) for code in letters), vector])

    def row(self, word: tuple[str, str]) -> str:
        """The transpose, e.g. w' B."""
        letters, vector = word
        return " ".join([f"{vector}'", *(self.letter(code.swapcase()) for code in reversed(letters))])

    def _check_real(self, name: str, values: Sequence[Any]) -> None:
        if any(parts(value, self.change.ring)[1].numerator for value in values):
            where = next(place for place in self.flow.meaning.parts if place.startswith(name))
            raise FlowProblem(
                f"{where}: the {name} is complex: allowed are real ones (re, im and abs give them)"
            )


def _by_length(words: tuple[Word, ...]) -> tuple[Any, ...]:
    return sum(len(letters) for letters, _ in words), tuple(len(letters) for letters, _ in words), words
