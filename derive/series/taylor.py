"""What every truncated Taylor series of the house is: a sequence of sympy expressions that prints itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import index as whole_index
from typing import TYPE_CHECKING, Any, Self, overload

from derive.reading.fields import Fields

if TYPE_CHECKING:
    import sympy

    from derive.jupyter import Row
    from derive.series.program import Function


class TaylorSeries(Fields, Sequence["sympy.Expr"]):
    """sum_k c_k x^k through x^order; entry k is c_k (no factorial), a sympy expression.

    A subclass says what the coefficients are: ``coefficient``, ``text``, ``program``, ``_truncated`` and the
    length. Series are values: equal ones compare equal, and they can be copied and pickled.
    """

    symbol: str
    variable = "tau"

    @abstractmethod
    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of x^k, 0 <= k <= order."""

    @abstractmethod
    def text(self, k: int) -> str:
        """The same in Python syntax."""

    @abstractmethod
    def program(self, name: str = "series", doc: str = "") -> Function:
        """The truncated sum as a function, in the little language that every format prints from."""

    @abstractmethod
    def _truncated(self, order: int) -> Self: ...

    @cached_property
    def _function(self) -> Function:
        return self.program()

    def texts(self) -> list[str]:
        """All coefficients in Python syntax, from x^0 on."""
        return [self.text(k) for k in range(len(self))]

    @property
    def order(self) -> int:
        """The highest power through which the series is exact."""
        return len(self) - 1

    @overload
    def __getitem__(self, index: int) -> sympy.Expr: ...
    @overload
    def __getitem__(self, index: slice) -> list[sympy.Expr]: ...
    def __getitem__(self, index: int | slice) -> sympy.Expr | list[sympy.Expr]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        k = whole_index(index)
        if not -len(self) <= k < len(self):
            raise IndexError(f"coefficient {k} of a series of order {self.order}")
        return self.coefficient(k % len(self))

    def truncate(self, order: int) -> Self:
        """The same series through x^order only. Raises ValueError above the known order."""
        if not 0 <= order <= self.order:
            raise ValueError(f"cannot truncate to order {order}: allowed are 0..{self.order}")
        return self._truncated(order)

    def as_expr(self) -> sympy.Expr:
        """The whole series as one sympy expression; sympy's own functions take the series itself too."""
        import sympy

        x = sympy.Symbol(self.variable, positive=True)
        return sum((c * x**k for k, c in enumerate(self)), start=sympy.Integer(0))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.symbol}, order={self.order})"

    def __str__(self) -> str:
        terms = [(k, self.text(k)) for k in range(len(self))]
        body = " + ".join(f"({text})*{self.variable}**{k}" for k, text in terms if text != "0")
        return f"{body or '0'} + O({self.variable}**{self.order + 1})"

    def _terms(self) -> Iterator[tuple[int, sympy.Expr]]:
        """The coefficients that are not zero, from the lowest power on."""
        return ((k, c) for k, c in enumerate(self) if c != 0)

    def row(self, left: str = "") -> Row:
        """What Jupyter shows of it, behind ``left``."""
        from derive.jupyter import Row

        terms = [(c, _power(self.variable, k)) for k, c in self._terms()]
        return Row(left, terms, rf"O\left({_power(self.variable, len(self))}\right)")

    def _repr_latex_(self) -> str:
        from derive.jupyter import shown

        return shown([self.row()], r"\texttt{print} it")

    def _sympy_(self) -> sympy.Expr:
        """What sympy asks an object for: ``sympy.diff(series, derive.tau)``, ``series * x`` work."""
        return self.as_expr()

    # sympy's printers ask an object for these; they print the terms by rising powers

    def _latex(self, printer: Any) -> str:
        from derive.jupyter import joined, times

        text = ""
        for k, coefficient in self._terms():
            text = joined(text, times(coefficient, _power(self.variable, k), printer.doprint))
        return joined(text, rf"O\left({_power(self.variable, len(self))}\right)")

    def _pretty(self, printer: Any) -> Any:
        import sympy
        from sympy.printing.pretty.stringpict import prettyForm

        x = sympy.Symbol(self.variable)
        forms = [printer._print(c * x**k) for k, c in self._terms()]
        forms.append(printer._print(sympy.Order(x ** (self.order + 1))))
        return prettyForm.__add__(*forms)

    def _sympystr(self, printer: Any) -> str:
        return str(self)

    def _sympyrepr(self, printer: Any) -> str:
        return repr(self)


def _power(name: str, k: int) -> str:
    """LaTeX of the k-th power; nothing for k = 0."""
    import sympy

    return sympy.latex(sympy.Symbol(name) ** k) if k else ""
