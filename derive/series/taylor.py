"""What every truncated Taylor series of the house is: a sequence of sympy expressions that prints itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

if TYPE_CHECKING:
    import sympy


def compiled(source: str) -> Callable[..., Any]:
    """The function ``series`` that emitted lines define."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    function: Callable[..., Any] = namespace["series"]
    return function


class TaylorSeries(Sequence["sympy.Expr"]):
    """sum_k c_k x^k through x^order; entry k is c_k (no factorial), a sympy expression.

    A subclass says what the coefficients are: ``coefficient``, ``text``, ``truncate`` and the length.
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
    def _truncated(self, order: int) -> Self: ...

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
        if not -len(self) <= index < len(self):
            raise IndexError(f"coefficient {index} of a series of order {self.order}")
        return self.coefficient(index % len(self))

    def truncate(self, order: int) -> Self:
        """The same series through x^order only. Raises ValueError above the known order."""
        if not 0 <= order <= self.order:
            raise ValueError(f"cannot truncate to order {order}: allowed are 0..{self.order}")
        return self._truncated(order)

    def as_expr(self) -> sympy.Expr:
        """The whole series as one sympy expression."""
        import sympy

        x = sympy.Symbol(self.variable, positive=True)
        return sum((c * x**k for k, c in enumerate(self)), start=sympy.Integer(0))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.symbol}, order={self.order})"

    def __str__(self) -> str:
        terms = [(k, self.text(k)) for k in range(len(self))]
        body = " + ".join(f"({text})*{self.variable}**{k}" for k, text in terms if text != "0")
        return f"{body or '0'} + O({self.variable}**{self.order + 1})"

    def _repr_latex_(self) -> str:
        import sympy

        x = sympy.latex(sympy.Symbol(self.variable))
        return rf"${sympy.latex(self.as_expr())} + O\left({x}^{{{self.order + 1}}}\right)$"
