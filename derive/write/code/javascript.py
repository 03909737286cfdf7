"""JavaScript: an ES module of functions of numbers."""

from __future__ import annotations

import json
from typing import Any

from derive.series.assignment import Argument, Record
from derive.series.expression import Expression, Syntax
from derive.series.program import Function
from derive.write.code.module import (
    INDENT,
    Module,
    block,
    comment,
    function_names,
    key_text,
    local_names,
    renamed,
)

TYPES = (
    "Arguments and results are numbers; several results are an array, or an object by their names; indices\n"
    'are a name like "0,1".'
)
WORDS = """
arguments await break case catch class const continue debugger default delete do else enum eval
export extends false finally for function if implements import in instanceof interface let new null
package private protected public return static super switch this throw true try typeof undefined var
void while with yield Math NaN Infinity
"""
RESERVED = frozenset(WORDS.split())


def javascript(module: Module) -> str:
    """Source of the module; the same bytes on every machine."""
    called = function_names(module, RESERVED)
    return "\n".join(
        [
            *comment(module.header, "//"),
            *block(module.described(TYPES), "/* ", " */"),
            "",
            *(f"export const {name} = {_literal(value)};" for name, value in module.constants),
            "",
            *(_function(function, called[function.name]) for function in module.functions),
        ]
    )


def _literal(value: Any) -> str:
    return "Infinity" if value == float("inf") else json.dumps(value)


def _function(function: Function, name: str) -> str:
    names = renamed(local_names(function), RESERVED)
    syntax = Syntax(
        name=lambda name: names[name],
        number=_number,
        entry=lambda mapping, key: f'{names[mapping]}["{key}"]',
        power=_power,
        call="Math.{}({})".format,
    )

    def argument(of: Argument) -> str:
        return names[of.name] + (f" = {of.default}" if of.default is not None else "")

    known, lines = {a.name for a in function.arguments}, []
    for assignment in function.body:
        kind = "" if assignment.name in known else "let "
        known.add(assignment.name)
        lines.append(f"{kind}{names[assignment.name]} = {syntax.text(assignment.value)};")
    lines.append(f"return {_value(function.result, syntax)};")
    return "\n".join(
        [
            *(block(function.doc.splitlines(), "/** ", " */") if function.doc else []),
            f"export function {name}({', '.join(map(argument, function.arguments))}) {{",
            *(INDENT + line for line in lines),
            "}",
            "",
        ]
    )


def _value(result: Any, syntax: Syntax) -> str:
    if isinstance(result, Expression):
        return syntax.text(result)
    if isinstance(result, Record):
        entries = (f'"{key_text(key)}": {_value(value, syntax)}' for key, value in result.entries)
        return "{ " + ", ".join(entries) + " }"
    return f"[{', '.join(_value(value, syntax) for value in result)}]"


def _number(value: float) -> str:
    return repr(value)


def _power(base: str, exponent: float) -> str:
    return f"Math.sqrt({base})" if exponent == 0.5 else f"({base} ** {exponent})"
