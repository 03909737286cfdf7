"""Working precision of flint's balls, set for a block and restored after it.

The precision is a number of the whole process, not of a thread: a thread that sets it holds a lock until
it has restored it, so that threads with different orders do not cut off each other's series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TypeVar

from flint import ctx

MOST_BITS = 2**17
Result = TypeVar("Result")

_CONTEXT = RLock()


@contextmanager
def working_precision(bits: int, length: int | None = None) -> Iterator[None]:
    """``bits`` of precision and, for power series, ``length`` coefficients."""
    with _CONTEXT:
        before = ctx.prec, ctx.cap
        try:
            ctx.prec, ctx.cap = bits, length or ctx.cap
            yield
        finally:
            ctx.prec, ctx.cap = before


def at_sufficient_precision(compute: Callable[[], Result], bits: int) -> Result:
    """``compute()`` at ``bits`` of precision, doubled as long as it raises ArithmeticError, to MOST_BITS."""
    while True:
        try:
            with working_precision(bits):
                return compute()
        except ArithmeticError:
            bits *= 2
            if bits > MOST_BITS:
                raise
