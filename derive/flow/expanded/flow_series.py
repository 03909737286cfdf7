"""A truncated Taylor series in tau whose coefficients are exact in a flow's parameters, beta and g."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.flow.expanded.fractions import Fraction, Variables
from derive.flow.expanded.printed import fraction_text
from derive.jupyter import Row, shown

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function


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

    def program(self, name: str, doc: str = "") -> Function:
        """The function of (tau, parameters in the flow's order, g)."""
        from derive.flow.expanded.program import series_function

        return series_function(self.coefficients, self.variables, name, doc)

    def __call__(self, tau: Any, *values: Any) -> Any:
        """The truncated sum at learning time ``tau``; ``values`` as in `program`, on any type."""
        return self._program(tau, *values)

    @cached_property
    def _program(self) -> Function:
        return self.program(self.symbol)

    def row(self) -> Row:
        """What Jupyter shows of it."""
        import sympy

        terms = [
            (self[k], rf"\tau^{{{k}}}" if k > 1 else r"\tau" * k)
            for k in range(len(self))
            if self.coefficients[k].numerator
        ]
        stem, typed = self.symbol.partition("_")[0], self.symbol.replace("_", r"\_")
        short = len(stem.rstrip("0123456789")) == 1
        name = sympy.latex(sympy.Symbol(self.symbol)) if short else rf"\mathtt{{{typed}}}"
        return Row(name, terms, rf"O\left(\tau^{{{len(self)}}}\right)")

    def _repr_latex_(self) -> str:
        return shown([self.row()], r"\texttt{print} it")


def as_sympy(text: str) -> sympy.Expr:
    """A coefficient's text as a sympy expression, by the house's own parser."""
    import sympy

    from derive.reading import formula, parse
    from derive.series.symbols import beta, tau, zhat

    functions = {"exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh, "sqrt": sympy.sqrt}
    tree = parse.parse(text, functions=dict.fromkeys(functions, 1), limits=None)
    symbols = {"beta": beta, "tau": tau, "zhat": zhat, "I": sympy.I}
    return formula.as_sympy(tree, symbols, functions)
