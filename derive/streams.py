"""Standard output and error as they may be: closed, full, a broken pipe, not UTF-8."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys

PLAIN_SIGNS = {"─": "-", "━": "-", "│": "|", "±": "+-", "–": "-", "…": "...", "′": "'", "×": "x", "∞": "oo"}
FALLBACK = "derive.plain"


def prepare_streams() -> None:
    """Signs that an encoding lacks become ASCII; a closed output is noticed where it is written to."""
    codecs.register_error(FALLBACK, _plain)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for the rest of the process
    if sys.stdout is None:
        sys.stdout = _Closed()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=FALLBACK)


def drop_output() -> None:
    """Forget what is still to be written, so that the end of the process does not try again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())


def _plain(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    signs = problem.object[problem.start : problem.end]
    return "".join(PLAIN_SIGNS.get(sign, "?") for sign in signs), problem.end


class _Closed(io.TextIOBase):
    """A standard output that was closed before the command started."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "it is closed")

    def flush(self) -> None:
        """Nothing is kept."""
