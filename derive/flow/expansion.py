"""A flow's expansion in tau through one order: readouts, loss, and the change of all that moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.flow.change import Change
from derive.flow.fractions import Fraction, Variables, parts, variables_of
from derive.flow.printed import complex_text, fraction_text
from derive.flow.routes import ROUTES, Route, derived
from derive.flow.statement.scalar import holds_imaginary
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class FlowSeries:
    """sum_k c_k tau**k with exact real coefficients in the parameters, beta and g."""

    symbol: str
    coefficients: tuple[Fraction, ...]
    variables: Variables
    variable: str = "tau"

    @property
    def order(self) -> int:
        """The highest power."""
        return len(self.coefficients) - 1

    def __len__(self) -> int:
        return len(self.coefficients)

    def text(self, k: int) -> str:
        """Coefficient k in Python syntax."""
        return fraction_text(self.coefficients[k], self.variables)

    def texts(self) -> list[str]:
        """All coefficients."""
        return [self.text(k) for k in range(len(self))]

    def __getitem__(self, k: int) -> sympy.Expr:
        """Coefficient k as a sympy expression."""
        return as_sympy(self.text(k))

    def __repr__(self) -> str:
        return f"{self.symbol} = " + " + ".join(f"({self.text(k)})*tau**{k}" for k in range(len(self)))

    def __call__(self, tau: Any, *values: Any) -> Any:
        """The truncated sum; the parameters by name in the flow's order, then g, as the emitted function."""
        from derive.flow.values import series_value

        return series_value(self, tau, *values)

    def _repr_latex_(self) -> str:
        import sympy

        terms = [(k, self[k]) for k in range(len(self)) if self.coefficients[k].numerator]
        powers = [rf"\left({sympy.latex(c)}\right)\tau^{{{k}}}" for k, c in terms]
        left = sympy.latex(sympy.Symbol(self.symbol))
        rest = rf"O(\tau^{{{len(self)}}})"
        return f"${left} = {' + '.join([*powers, rest])}$"


@dataclass(frozen=True)
class PrintedTerm:
    """scalar x left right, the left word a column and the right one a row; a column alone where no ``right``."""

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
class FlowExpansion:
    """What a flow does through tau**order at N -> infinity; ``route`` says how it was derived.

    Raises FlowProblem, a ValueError, where it cannot be expanded.
    """

    flow: Flow
    order: int
    routes: Sequence[Route] = field(default=ROUTES, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.order, bool) or not isinstance(self.order, int) or self.order < 1:
            raise FlowProblem(f"order {self.order!r}: allowed are integers >= 1")
        _ = self.change
        if self.loss is not None:
            self._check_real("loss", self.change.loss or ())

    @cached_property
    def change(self) -> Change:
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
    def series(self) -> dict[str, FlowSeries]:
        """Readouts and loss by name."""
        return dict(self.readouts) | ({"loss": self.loss} if self.loss is not None else {})

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


def as_sympy(text: str) -> sympy.Expr:
    """A coefficient's text as a sympy expression, by the house's own parser."""
    import sympy

    from derive.series import formula, parse
    from derive.series.symbols import beta, tau, zhat

    functions = {"exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh, "sqrt": sympy.sqrt}
    tree = parse.parse(text, functions=dict.fromkeys(functions, 1), limits=None)
    symbols = {"beta": beta, "tau": tau, "zhat": zhat, "I": sympy.I}
    return formula.as_sympy(tree, symbols, functions)


def _by_length(words: tuple[tuple[str, str], ...]) -> tuple[Any, ...]:
    return sum(len(letters) for letters, _ in words), tuple(len(letters) for letters, _ in words), words
