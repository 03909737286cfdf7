"""Docstrings as Markdown: examples become code, stars stay stars."""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^>>> .*\n?(?:^(?!\s*$).*\n?)*", re.MULTILINE)


class PlainDocstrings(griffe.Extension):
    """The project's docstrings are plain text with code in backticks and doctests."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """A docstring whose examples are fenced and whose stars outside of code are escaped."""
    parts, last = [], 0
    for example in EXAMPLE.finditer(text):
        parts += [escaped(text[last : example.start()]), f"```pycon\n{example[0].rstrip()}\n```\n"]
        last = example.end()
    return "".join([*parts, escaped(text[last:])])


def escaped(text: str) -> str:
    return "".join(
        piece if piece.startswith("`") else piece.replace("*", r"\*")
        for piece in re.split(r"(``.*?``|`[^`]*`)", text, flags=re.DOTALL)
    )
