"""MATLAB and Octave: one function file whose local functions are called by name, element by element."""

from __future__ import annotations

from typing import Any

from derive.series.assignment import Record
from derive.series.expression import Expression, Syntax
from derive.series.program import Function
from derive.write.code.module import INDENT, Module, comment, key_text, local_names, renamed

TYPES = (
    "{name}('readout', tau, ...) calls a function by its name, and {name}('ORDER') gives a constant; the\n"
    "comment of each function stands above it. Arguments are arrays that broadcast against each other,\n"
    "mappings are structs. Several results are a cell array, or a struct by their names; indices are a name\n"
    "like at_0_1."
)
WORDS = """
break case catch classdef continue do else elseif end end_try_catch end_unwind_protect endfor
endfunction endif endswitch endwhile for function global if otherwise parfor persistent return spmd
switch try until unwind_protect unwind_protect_cleanup while varargin varargout nargin nargout
result exp log tanh sqrt
"""
RESERVED = frozenset(WORDS.split())


def matlab(module: Module) -> str:
    """Source of the function file; the same bytes on every machine."""
    types = TYPES.format(name=module.name)
    cases = [
        [f"{INDENT * 2}case '{name}'", f"{INDENT * 3}result = {_literal(value)};"]
        for name, value in module.constants
    ]
    cases += [
        [f"{INDENT * 2}case '{f.name}'", f"{INDENT * 3}result = {_called(f)}(varargin{{:}});"]
        for f in module.functions
    ]
    return "\n".join(
        [
            *comment(module.header, "%"),
            *comment(module.described(types), "%"),
            "",
            f"function result = {module.name}(name, varargin)",
            f"{INDENT}switch name",
            *(line for case in cases for line in case),
            f"{INDENT * 2}otherwise",
            f"{INDENT * 3}error('{module.name}: no function or constant %s', name);",
            f"{INDENT}end",
            "end",
            "",
            *map(_function, module.functions),
        ]
    )


def _called(function: Function) -> str:
    return f"{function.name}_of"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, tuple):
        return "{" + ", ".join(map(_literal, value)) + "}"
    if isinstance(value, dict):
        entries = (f"'{_field(key)}', {_cell(entry)}" for key, entry in value.items())
        return f"struct({', '.join(entries)})"
    return "Inf" if value == float("inf") else repr(value)


def _cell(value: Any) -> str:
    """A value of a field; a cell array in one more pair of braces, which ``struct`` takes off."""
    text = _literal(value)
    return f"{{{text}}}" if isinstance(value, tuple) else text


def _field(key: str | tuple[int, ...]) -> str:
    return key if isinstance(key, str) else f"at_{key_text(key).replace(',', '_')}"


def _spelled(name: str) -> str:
    return f"x{name}" if name.startswith("_") else name


def _function(function: Function) -> str:
    names = renamed(local_names(function), RESERVED, _spelled)
    syntax = Syntax(
        repr,
        lambda name: names[name],
        lambda mapping, key: f"{names[mapping]}.{key}",
        _power,
        " .* ",
        " ./ ",
        "{}({})".format,
    )
    lines = []
    for i, argument in enumerate(function.arguments):
        if argument.default is not None:
            lines.append(f"if nargin < {i + 1}, {names[argument.name]} = {argument.default}; end")
    lines += [f"{names[a.name]} = {syntax.text(a.value)};" for a in function.body]
    lines.append(f"result = {_value(function.result, syntax)};")
    given = ", ".join(names[a.name] for a in function.arguments)
    return "\n".join(
        [
            *comment(function.doc.splitlines(), "%"),
            f"function result = {_called(function)}({given})",
            *(INDENT + line for line in lines),
            "end",
            "",
        ]
    )


def _value(result: Any, syntax: Syntax) -> str:
    if isinstance(result, Expression):
        return syntax.text(result)
    if isinstance(result, Record):
        entries = []
        for key, value in result.entries:
            text = _value(value, syntax)
            entries.append(f"'{_field(key)}', {text if isinstance(value, Expression) else f'{{{text}}}'}")
        return f"struct({', '.join(entries)})"
    return f"{{{', '.join(_value(value, syntax) for value in result)}}}"


def _power(base: str, exponent: float) -> str:
    return f"sqrt({base})" if exponent == 0.5 else f"{base}.^{exponent}"
