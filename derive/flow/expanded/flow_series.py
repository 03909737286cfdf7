"""A truncated Taylor series in tau whose coefficients are exact in a flow's parameters, beta and g."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.flow.expanded.fractions import Fraction, Variables
from derive.flow.expanded.printed import fraction_text
from derive.series.taylor import TaylorSeries

if TYPE_CHECKING:
    import sympy

    from derive.jupyter import Row
    from derive.series.program import Function


@dataclass(frozen=True, repr=False)
class FlowSeries(TaylorSeries):
    """sum_k c_k tau**k with exact real coefficients in the parameters, beta and g.

    Indexing gives sympy expressions in the package's symbols where it has one of that name (derive.zhat,
    derive.beta, derive.rho, derive.g), else in ``sympy.Symbol(name)``. Called with tau, the parameters in the
    flow's order and g, it gives numbers, on any type.
    """

    symbol: str
    coefficients: tuple[Fraction, ...]
    variables: Variables

    def __len__(self) -> int:
        return len(self.coefficients)

    def text(self, k: int) -> str:
        """Coefficient k in Python syntax."""
        return fraction_text(self.coefficients[k], self.variables)

    def coefficient(self, k: int) -> sympy.Expr:
        """Coefficient k as a sympy expression."""
        return as_sympy(self.text(k))

    def _truncated(self, order: int) -> FlowSeries:
        return replace(self, coefficients=self.coefficients[: order + 1])

    def program(self, name: str = "series", doc: str = "") -> Function:
        """The function of (tau, parameters in the flow's order, g)."""
        from derive.flow.expanded.program import series_function

        return series_function(self.coefficients, self.variables, name, doc)

    def __call__(self, tau: Any, *values: Any) -> Any:
        """The truncated sum at learning time ``tau``; ``values`` as in `program`, on any type."""
        return self._function(tau, *values)

    def row(self, left: str = "") -> Row:
        """What Jupyter shows of it, behind its name."""
        import sympy

        stem, typed = self.symbol.partition("_")[0], self.symbol.replace("_", r"\_")
        short = len(stem.rstrip("0123456789")) == 1
        name = sympy.latex(sympy.Symbol(self.symbol)) if short else rf"\mathtt{{{typed}}}"
        return super().row(left or name)


def as_sympy(text: str) -> sympy.Expr:
    """A coefficient's text as a sympy expression, by the house's own parser."""
    import sympy

    from derive.reading import formula, parse
    from derive.series.symbols import beta, rho, tau, zhat

    functions = {"exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh, "sqrt": sympy.sqrt}
    tree = parse.parse(text, functions=dict.fromkeys(functions, 1), limits=None)
    symbols = {"beta": beta, "rho": rho, "tau": tau, "zhat": zhat, "I": sympy.I}
    return formula.as_sympy(tree, symbols, functions)
