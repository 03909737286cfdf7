"""A polynomial of flint in Python syntax."""

from __future__ import annotations

from flint import fmpq_mpoly


def flint_text(polynomial: fmpq_mpoly) -> str:
    """A polynomial of flint in Python syntax, expanded: what sympy reads, not for numbers.

    >>> from flint import Ordering, fmpq_mpoly_ctx
    >>> x, y = fmpq_mpoly_ctx.get(["x", "y"], Ordering.lex).gens()
    >>> flint_text((x - y / 2) ** 2)
    'x**2 - x*y + 1/4*y**2'
    """
    return str(polynomial).replace("^", "**")
