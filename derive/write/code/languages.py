"""The languages that functions are printed in: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.write.code.module import Module


def _in(name: str) -> Callable[[Module], str]:
    def write(module: Module) -> str:
        text: str = getattr(import_module(f"derive.write.code.{name}"), name)(module)
        return text

    return write


LANGUAGES: dict[str, Callable[[Module], str]] = {
    name: _in(name) for name in ("python", "c", "matlab", "javascript", "mathematica")
}
"""By the name of the format. Raises `CannotHold` for a module that the language cannot say."""

ENDINGS = {"python": ".py", "c": ".c", "matlab": ".m", "javascript": ".mjs", "mathematica": ".wl"}
"""How the names of files end."""


def in_languages(build: Callable[[str, str], Module]) -> Mapping[str, Callable[[str], str]]:
    """What a document's ``modules`` are: ``build`` makes a module of a language and a header."""

    def printed(language: str) -> Callable[[str], str]:
        return lambda header: LANGUAGES[language](build(language, header))

    return {language: printed(language) for language in LANGUAGES}
