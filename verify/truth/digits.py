"""mpmath's number of digits, set for a block by one thread at a time: it is one for the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import mpmath

_CONTEXT = RLock()


@contextmanager
def working_digits(digits: int) -> Iterator[None]:
    """``digits`` of working precision of mpmath; restored after the block."""
    with _CONTEXT, mpmath.workdps(digits):
        yield
