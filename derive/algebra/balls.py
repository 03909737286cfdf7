"""Working precision of flint's balls, set for a block and restored after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flint import ctx


@contextmanager
def working_precision(bits: int, length: int | None = None) -> Iterator[None]:
    """``bits`` of precision and, for power series, ``length`` coefficients."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, length or ctx.cap
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before
