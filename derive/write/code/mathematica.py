"""Mathematica: definitions, exact for exact arguments."""

from __future__ import annotations

from typing import Any

from derive.series.assignment import Argument, Record
from derive.series.expression import Expression, Syntax
from derive.series.program import Function
from derive.write.code.module import INDENT, Module, block, function_names, key_text, local_names, renamed

TYPES = (
    "Integers are exact: exact arguments give exact results, and symbols expressions. Names have no\n"
    "underscore (frobeniusNorm); constants begin with ``the`` (theOrder). Several results are a list, or an\n"
    "association by their names; mappings are associations."
)


def mathematica(module: Module) -> str:
    """Source of the package; the same bytes on every machine."""
    constants = [_spelled(f"the_{name.lower()}") for name, _ in module.constants]
    called = function_names(module, constants, _spelled)
    return "\n".join(
        [
            *(line for text in module.header for line in block([text], "(* ", " *)")),
            *block(module.described(TYPES), "(* ", " *)"),
            "",
            *(
                f"{name} = {_literal(value)};"
                for name, (_, value) in zip(constants, module.constants, strict=True)
            ),
            "",
            *(_function(function, called[function.name]) for function in module.functions),
        ]
    )


def _spelled(name: str) -> str:
    """Without underscores, and not beginning with a capital, as Mathematica's own names do."""
    first, *rest = [part for part in name.split("_") if part] or ["x"]
    joined = first + "".join(part[0].upper() + part[1:] for part in rest)
    return f"v{joined}" if joined[0].isupper() else joined


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "{" + ", ".join(map(_literal, value)) + "}"
    if isinstance(value, dict):
        return "<|" + ", ".join(f"{_literal(key)} -> {_literal(x)}" for key, x in value.items()) + "|>"
    return "Infinity" if value == float("inf") else _number(value)


def _function(function: Function, name: str) -> str:
    names = renamed(local_names(function), (), _spelled)
    syntax = Syntax(
        _number,
        lambda name: names[name],
        lambda mapping, key: f'{names[mapping]}["{key}"]',
        _power,
        call=lambda name, argument: f"{name.capitalize()}[{argument}]",
    )

    def argument(of: Argument) -> str:
        return f"{names[of.name]}_" + (f":{of.default}" if of.default is not None else "")

    given = {a.name for a in function.arguments}
    inside = [names[name] for name in local_names(function) if name not in given]
    lines = [f"{names[a.name]} = {syntax.text(a.value)};" for a in function.body]
    lines.append(_value(function.result, syntax))
    head = f"{name}[{', '.join(map(argument, function.arguments))}] :="
    return "\n".join(
        [
            *(block(function.doc.splitlines(), "(* ", " *)") if function.doc else []),
            f"{head} Module[{{{', '.join(inside)}}},",
            *(INDENT + line for line in lines),
            "]",
            "",
        ]
    )


def _value(result: Any, syntax: Syntax) -> str:
    if isinstance(result, Expression):
        return syntax.text(result)
    if isinstance(result, Record):
        entries = (f"{_key(key)} -> {_value(value, syntax)}" for key, value in result.entries)
        return "<|" + ", ".join(entries) + "|>"
    return "{" + ", ".join(_value(value, syntax) for value in result) + "}"


def _key(key: str | tuple[int, ...]) -> str:
    return f'"{key}"' if isinstance(key, str) else f"{{{key_text(key)}}}"


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    digits, _, exponent = repr(value).partition("e")
    return f"{digits}*^{int(exponent)}" if exponent else digits


def _power(base: str, exponent: float) -> str:
    return f"Sqrt[{base}]" if exponent == 0.5 else f"{base}^{exponent}"
