"""The languages that functions are printed in: one line each."""

from __future__ import annotations

from collections.abc import Callable

from derive.write.code.module import Module
from derive.write.code.python import python

LANGUAGES: dict[str, Callable[[Module], str]] = {"python": python}
"""By the name of the format. Raises `CannotHold` for a module that the language cannot say."""

ENDINGS = {"python": ".py"}
