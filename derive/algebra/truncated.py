"""What every truncated power series with exact coefficients can do, whatever its coefficients are made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import sympy


class Truncated(Sequence["sympy.Expr"]):
    """sum_k c_k x^k + O(x^(order + 1)): a sequence of the c_k as sympy expressions.

    ``variable`` names x. A subclass gives the order, and each coefficient as an expression and as text.
    """

    variable: str = "tau"

    @property
    @abstractmethod
    def order(self) -> int:
        """The highest power through which the series is exact."""

    @abstractmethod
    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of the k-th power, 0 <= k <= order, as a sympy expression."""

    @abstractmethod
    def text(self, k: int) -> str:
        """The same in Python syntax; zero: ``0``."""

    def __len__(self) -> int:
        return self.order + 1

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

    def as_expr(self) -> sympy.Expr:
        """The whole series as one sympy expression in its variable and those of the coefficients."""
        import sympy

        x = sympy.Symbol(self.variable, positive=True)
        return sum((c * x**k for k, c in enumerate(self)), start=sympy.Integer(0))

    def known_through(self, order: int) -> int:
        """``order``, where the series can be truncated to it. Raises ValueError elsewhere."""
        if not 0 <= order <= self.order:
            raise ValueError(f"cannot truncate to order {order}: allowed are 0..{self.order}")
        return order

    def __str__(self) -> str:
        texts = [(k, self.text(k)) for k in range(len(self))]
        body = " + ".join(f"({text})*{self.variable}**{k}" for k, text in texts if text != "0")
        return f"{body or '0'} + O({self.variable}**{self.order + 1})"

    def _repr_latex_(self) -> str:
        import sympy

        variable = sympy.latex(sympy.Symbol(self.variable))
        return rf"${sympy.latex(self.as_expr())} + O\left({variable}^{{{self.order + 1}}}\right)$"
