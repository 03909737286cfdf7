"""The languages that functions are printed in: one line each, with how the names of their files end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.write.code.module import Module


@dataclass(frozen=True)
class Language:
    """What prints a module, and the ending of its file's name."""

    printer: Callable[[Module], str]
    ending: str

    def __call__(self, module: Module) -> str:
        """The source. Raises `CannotHold` for a module that the language cannot say."""
        return self.printer(module)


def _in(name: str) -> Callable[[Module], str]:
    def write(module: Module) -> str:
        text: str = getattr(import_module(f"derive.write.code.{name}"), name)(module)
        return text

    return write


LANGUAGES: dict[str, Language] = {
    "python": Language(_in("python"), ".py"),
    "c": Language(_in("c"), ".c"),
    "matlab": Language(_in("matlab"), ".m"),
    "javascript": Language(_in("javascript"), ".mjs"),
    "mathematica": Language(_in("mathematica"), ".wl"),
}
"""By the name of the format."""


def in_languages(build: Callable[[str, str], Module]) -> Mapping[str, Callable[[str], str]]:
    """What a document's ``modules`` are: ``build`` makes a module of a language and a header."""

    def printed(language: str) -> Callable[[str], str]:
        return lambda header: LANGUAGES[language](build(language, header))

    return {language: printed(language) for language in LANGUAGES}
