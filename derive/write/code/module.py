"""What a file of code holds, whatever its language: a header, a description, constants and functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.series.assignment import Record, leaves
from derive.series.expression import Expression, SmoothCall, names, parts
from derive.series.program import Function

INDENT = "    "
WIDTH = 100
TYPES = (
    "Arguments broadcast against each other. Only + - * / ** are used, so that numbers, numpy arrays,\n"
    "torch tensors, jax, mpmath and ball arithmetic all pass."
)

SMOOTH_TYPES = TYPES.replace(
    "Only + - * / ** are used, so", "Only + - * / ** and exp, log, tanh are used, so"
)


@dataclass(frozen=True)
class Module:
    """``name`` is the file's stem, which MATLAB calls its function by.

    ``header`` holds the lines of the first comment, the command that made the file first. ``types`` is the
    sentence of ``doc`` that says what Python's functions take. Values of ``constants`` are numbers, texts,
    and tuples and dictionaries of such. ``appendix`` is text of the language itself behind the functions.
    """

    name: str
    header: tuple[str, ...]
    doc: str
    constants: tuple[tuple[str, Any], ...]
    functions: tuple[Function, ...]
    appendix: str = ""
    types: str = TYPES

    def described(self, types: str) -> list[str]:
        """The lines of the description, with what the functions of another language take."""
        return self.doc.replace(self.types, types).rstrip("\n").splitlines()


def comment(lines: Sequence[str], sign: str) -> list[str]:
    """Lines behind the sign of a comment."""
    return [f"{sign} {line}".rstrip() for line in lines]


def block(lines: Sequence[str], opening: str, closing: str, indent: str = "") -> list[str]:
    """Lines between the signs of a comment, which are broken where they stand inside."""
    start, end = opening.strip(), closing.strip()
    inner = [line.replace(end, " ".join(end)).replace(start[:2], " ".join(start[:2])) for line in lines]
    first, *rest = inner or [""]
    margin = " " * len(opening)
    found = [f"{indent}{opening}{first}", *(f"{indent}{margin}{line}".rstrip() for line in rest)]
    found[-1] += closing
    return found


def renamed(
    words: Iterable[str], reserved: Collection[str] = (), spelled: Callable[[str], str] = str
) -> dict[str, str]:
    """Each name as a language takes it: spelled its way, no reserved word, no two the same."""
    found: dict[str, str] = {}
    for word in words:
        if word not in found:
            name = spelled(word)
            while name in reserved or name in found.values():
                name += "_" if spelled("a_a") == "a_a" else "x"
            found[word] = name
    return found


def function_names(
    module: Module, reserved: Collection[str] = (), spelled: Callable[[str], str] = str
) -> dict[str, str]:
    """What the module's functions are called in a language, no two the same."""
    return renamed((function.name for function in module.functions), reserved, spelled)


def local_names(function: Function) -> list[str]:
    """Arguments and variables, each once, in the order in which they are first given a value."""
    given = [argument.name for argument in function.arguments]
    return list(dict.fromkeys([*given, *(assignment.name for assignment in function.body)]))


def used_names(function: Function) -> set[str]:
    """The names that occur in the function's expressions."""
    found = {name for assignment in function.body for name in names(assignment.value)}
    return found | {name for leaf in leaves(function.result) for name in names(leaf)}


def calls_functions(function: Function) -> bool:
    """Whether exp, log or tanh stand in the function's expressions."""

    def holds(node: Expression) -> bool:
        return isinstance(node, SmoothCall) or any(map(holds, parts(node)))

    nodes = [assignment.value for assignment in function.body]
    return any(map(holds, [*nodes, *leaves(function.result)]))


def key_text(key: str | tuple[int, ...]) -> str:
    """A key of a record as text: indices joined by commas."""
    return key if isinstance(key, str) else ",".join(map(str, key))


def entry_names(result: Any, prefix: str = "") -> list[str]:
    """What each expression of a result is called: keys, or places from 0 on, one behind the other."""
    if isinstance(result, Record):
        keys = [key_text(key) for key, _ in result.entries]
        values = [value for _, value in result.entries]
        entries = list(zip([f"[{key}]" for key in keys] if prefix else keys, values, strict=True))
    elif isinstance(result, tuple):
        entries = [(f"[{i}]", value) for i, value in enumerate(result)]
    else:
        return [prefix]
    return [name for key, value in entries for name in entry_names(value, prefix + key)]
