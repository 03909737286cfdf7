"""A flow's expansion in tau through one order: readouts, loss, and the change of all that moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from derive.flow.change import FlowChange
from derive.flow.expanded.flow_series import FlowSeries
from derive.flow.expanded.fractions import parts, variables_of
from derive.flow.product_rule.engine import NotSmooth
from derive.flow.product_rule.new_start import NewStart, NoSeries
from derive.flow.routes.registry import ROUTES, derived, network_book, not_smooth, read_off
from derive.flow.routes.route import Route
from derive.flow.statement.scalar import Parameter, holds_imaginary
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem
from derive.jupyter import shown
from derive.observables.of_flows.flow_observable import is_spared
from derive.observables.of_flows.flow_registry import flow_observables
from derive.observables.of_flows.vector_basis import vector_matrix
from derive.reading.arguments import of_kind
from derive.reading.fields import Fields
from derive.tasks.flow_words import PrintedWords

if TYPE_CHECKING:
    from derive.flow.given.network import FlowInstance
    from derive.flow.product_rule.overlap_book import NamedOverlap, OverlapBook
    from derive.observables.of_flows.flow_observable import FlowObservable

MOST_TERMS = 4000
"""Of an observable in named overlaps."""
MOST_QUOTIENTS = 1300
"""Outer products of W, all orders together, up to which kernels and squared velocities are quotients in a
minute."""
MOST_IN_VARIABLE = 1000
"""Terms of a coefficient that is a function of one more variable."""
FIRST = 4
"""Terms of every series in a notebook."""


@dataclass(frozen=True, repr=False)
class FlowExpansion(Fields, PrintedWords):
    """What a flow does through tau**order at N -> infinity; ``route`` says how it was derived.

    ``singular_value_count`` is how many singular values of W - W0 are read off. With ``named_overlaps`` no
    limit is taken: the coefficients are formulas in the overlaps of one network's words, whatever W0, the
    vectors and their size.

    Raises FlowProblem, a ValueError, where it cannot be expanded.
    """

    flow: Flow
    order: int
    routes: Sequence[Route] = field(default=ROUTES, compare=False)
    singular_value_count: int = 2
    named_overlaps: bool = False

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
        return derived(self.flow, self.order, self.routes, self.book)

    @cached_property
    def book(self) -> OverlapBook | None:
        """The names of the overlaps, where these are named."""
        return network_book(self.flow) if self.named_overlaps else None

    @cached_property
    def overlaps(self) -> tuple[NamedOverlap, ...]:
        """The overlaps that the coefficients of any series may hold; none in the limit."""
        _ = self._read_off
        return () if self._wider_book is None else tuple(self._wider_book.entries)

    @cached_property
    def _wider_book(self) -> OverlapBook | None:
        """All names, those of the last observables too, which are functions of one more variable; asked for
        once the others are known."""
        return None if self.book is None else self.book.copied()

    @cached_property
    def further(self) -> list[str]:
        """The variables of such observables."""
        observables = flow_observables(self.flow.meaning, self.singular_value_count)
        return [o.variable for o in observables if o.variable and o.name in self.observables]

    @property
    def overlap_words(self) -> dict[str, str]:
        """What the names of overlaps mean: w' B m, and "re" or "im" before a complex one."""
        return {
            overlap.name: f"{overlap.part} {overlap.left}' ".lstrip()
            + self.column((overlap.letters, overlap.right))
            for overlap in self.overlaps
        }

    def overlap_values(self, network: FlowInstance, **variables: float) -> dict[str, float]:
        """The numbers that the names of overlaps stand for in one network.

        ``variables`` are what observables are functions of, as x; without it, its overlaps are left out.
        """
        overlaps, book = self.overlaps, self._wider_book
        if book is None:
            return {}
        known, found = {**network.parameters, **variables}, dict[str, float]()
        scalars = replace(network, parameters=known).scalars
        for point in book.points:  # in the book's order: a letter means a point by its place
            if not isinstance(point, Parameter) or point.name in known:
                scalars.point(point)
        for overlap in overlaps:
            used = {ord(c) - ord("a") for c in overlap.letters.lower() if c != "z"}
            if max(used, default=-1) >= len(scalars.points):
                continue
            value = complex(scalars.inner(("", overlap.left), (overlap.letters, overlap.right)))
            found[overlap.name] = value.imag if overlap.part == "im" else value.real
        return found

    @property
    def route(self) -> str:
        """The name of the route."""
        return self.change.route

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

    @property
    def observables(self) -> Mapping[str, FlowSeries]:
        """What is read off beside readouts and loss, by name: norms, singular values, tangent kernels.

        Those of `derive.observables.of_flows.flow_registry` that have a series with exact coefficients.
        """
        return self._read_off[0]

    @property
    def singular_values(self) -> tuple[FlowSeries, ...]:
        """s_1 >= s_2 >= ... of W - W0, as far as they have series; `absent` says why others have none."""
        names = [f"s{r}" for r in range(1, self.singular_value_count + 1)]
        return tuple(self.observables[name] for name in names if name in self.observables)

    @property
    def absent(self) -> Mapping[str, str]:
        """Why observables have no such series, by name."""
        return self._read_off[1]

    @cached_property
    def _read_off(self) -> tuple[dict[str, FlowSeries], dict[str, str]]:
        found: dict[str, FlowSeries] = {}
        absent: dict[str, str] = {}
        taken = {*self.readouts, *self.flow.meaning.readouts, *self.flow.meaning.velocity}
        for observable in flow_observables(self.flow.meaning, self.singular_value_count):
            if is_spared(observable, found):
                continue
            if observable.name in taken:
                absent[observable.name] = "a readout, or what moves, has this name"
                continue
            try:
                found[observable.name] = self._series(observable)
            except NoSeries as problem:
                absent[observable.name] = str(problem)
            except NotSmooth as problem:
                absent[observable.name] = not_smooth(self.flow.meaning, problem.scalar)
            except FlowProblem as problem:
                absent[observable.name] = str(problem)
        return found, absent

    @cached_property
    def _shorter(self) -> FlowChange:
        """The change through the highest order whose outer products are few; all of it without quotients."""
        if self.named_overlaps or not self.change.ring.quotients or "W" not in self.flow.meaning.velocity:
            return self.change
        return self.change if self._reach == self.order else derived(self.flow, self._reach, self.routes)

    @cached_property
    def _reach(self) -> int:
        """The highest order through which the outer products of W are few."""
        counts = accumulate(len(one.terms) for one in self.change.matrix("W"))
        return max(1, sum(count <= MOST_QUOTIENTS for count in counts))

    def _series(self, observable: FlowObservable) -> FlowSeries:
        if observable.variable:
            return self._series_in_variable(observable)
        change = self.change if observable.scalar is None else self._shorter

        def read(change: FlowChange) -> FlowSeries:
            fractions = tuple(parts(value, change.ring)[0] for value in observable.series(change))
            return FlowSeries(observable.name, fractions, variables_of(change.ring))

        try:
            series = read(change)
        except NewStart:  # a division or a root that the flow itself has no need of
            series = read_off(self.flow, change.order, read, self.routes, book=self.book)
        if self.named_overlaps and sum(len(c.numerator) for c in series.coefficients) > MOST_TERMS:
            raise NoSeries(f"it has more than {MOST_TERMS} terms in the overlaps")
        return series

    def _series_in_variable(self, observable: FlowObservable) -> FlowSeries:
        """A series in a ring of its own, through the highest order of few terms."""

        def read(change: FlowChange) -> FlowSeries:
            fractions = [parts(value, change.ring)[0] for value in observable.series(change)]
            known = [len(fraction.numerator) <= MOST_IN_VARIABLE for fraction in fractions]
            length = known.index(False) if False in known else len(known)
            return FlowSeries(observable.name, tuple(fractions[:length]), variables_of(change.ring))

        further, book = (observable.variable,), self._wider_book
        return read_off(self.flow, self._reach, read, self.routes, book=book, further=further)

    @cached_property
    def at_g0(self) -> Mapping[str, FlowSeries]:
        """At g = 0: A_u_v of W = sum A_u_v u v', and e1, e2, ..., the symmetric sums of its eigenvalues.

        By name, A_w_m and eigenvalue_sum_1; see `derive.observables.of_flows.vector_basis`.
        """
        if "W" not in self.flow.meaning.velocity or self.named_overlaps:
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

    def __repr__(self) -> str:
        title = f" {self.flow.title!r}" if self.flow.title else ""
        return f"<FlowExpansion of the flow{title} through tau**{self.order}: {', '.join(self.series)}>"

    def _repr_latex_(self) -> str:
        rows = [series.row().first(FIRST) for series in self.series.values()]
        note = f"order {self.order}, by the route: {self.route}"
        return shown(rows, r"one of \texttt{x.series}; also \texttt{x.matrix()}", note)

    @property
    def series(self) -> dict[str, FlowSeries]:
        """Readouts and loss by name."""
        return dict(self.readouts) | ({"loss": self.loss} if self.loss is not None else {})

    def _check_real(self, name: str, values: Sequence[Any]) -> None:
        if any(parts(value, self.change.ring)[1].numerator for value in values):
            where = next(place for place in self.flow.meaning.parts if place.startswith(name))
            raise FlowProblem(
                f"{where}: the {name} is complex: allowed are real ones (re, im and abs give them)"
            )
