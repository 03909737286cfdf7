"""Python: functions of + - * / ** alone, for numbers, numpy, torch, jax, mpmath and ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getsource
from typing import Any

from derive.series.assignment import Argument, Assignment, Record
from derive.series.expression import PYTHON, Expression, Name, Sum, without_sign
from derive.series.machine import floating, smooth
from derive.series.program import Function, typed_one
from derive.write.code.module import INDENT, WIDTH, Module, calls_functions, comment, used_names


def python(module: Module) -> str:
    """Source of the module; the same bytes on every machine."""
    head = [*comment(module.header, "#"), f'"""{module.doc}"""', ""]
    head += [line for name, value in module.constants for line in constant(name, value)]
    appendix = [module.appendix] if module.appendix else []
    helpers: list[Callable[..., Any]] = [smooth] * any(map(calls_functions, module.functions))
    helpers += [floating] * any(map(_takes_mappings, module.functions))
    if helpers:
        appendix.append("\n\n".join(["from typing import Any\n", *map(getsource, helpers)]))
    return "\n\n".join(["\n".join(head) + "\n", *map(function_source, module.functions), *appendix])


def function_source(function: Function) -> str:
    """Source of one function."""
    lines = [f"def {function.name}({', '.join(map(_argument, function.arguments))}):"]
    lines += _docstring(function.doc) if function.doc else []
    lines += [INDENT + line for line in _made_floating(function)]
    for assignment in _body(function):
        first, *rest = _expression(assignment.value, len(assignment.name) + 3)
        lines += [INDENT + line for line in (f"{assignment.name} = {first}", *rest)]
    lines += [INDENT + line for line in _returned(function.result)]
    return "\n".join(lines) + "\n"


def _takes_mappings(function: Function) -> bool:
    return any(argument.keys for argument in function.arguments)


def _made_floating(function: Function) -> list[str]:
    """Lines that make integers of fixed size floating where arguments are mappings."""
    if not _takes_mappings(function):
        return []
    return [f"{a.name} = floating({a.name})" for a in function.arguments]


def _body(function: Function) -> list[Assignment]:
    """The assignments, behind those that make integers of fixed size floating by a 1 of all arguments."""
    taken = [Name(a.name) for a in function.arguments if a.promoted and a.name in used_names(function)]
    if not taken or _takes_mappings(function):
        return list(function.body)
    one = typed_one(function.arguments)
    made = [Assignment(name.name, name / Name(one.name)) for name in taken]
    return [one, *made, *(assignment for assignment in function.body if assignment != one)]


def _argument(argument: Argument) -> str:
    return argument.name if argument.default is None else f"{argument.name}={argument.default}"


def _docstring(text: str) -> list[str]:
    """An indented docstring."""
    first, *rest = text.splitlines()
    lines = [INDENT + line if line else "" for line in rest]
    return [f'{INDENT}"""{first}', *lines, f'{INDENT}"""'] if rest else [f'{INDENT}"""{first}"""']


def constant(name: str, value: Any) -> list[str]:
    """``NAME = value``, broken into lines where it is long."""
    first, *rest = _literal(value, len(name) + 3)
    return [f"{name} = {first}", *rest]


def _literal(value: Any, start: int) -> list[str]:
    """A value as lines, the first of which begins at the column ``start``."""
    plain = _plain(value)
    if len(plain) + start <= WIDTH or not isinstance(value, tuple | dict):
        return [plain]
    if isinstance(value, dict):
        entries = [(f"{_plain(key)}: ", entry) for key, entry in value.items()]
    else:
        entries = [("", entry) for entry in value]
    lines: list[str] = []
    simple = not isinstance(value, dict) and not any(isinstance(entry, tuple | dict) for entry in value)
    for key, entry in entries:
        first, *rest = _literal(entry, len(INDENT + key))
        if simple and lines and len(lines[-1]) + len(first) + 2 <= WIDTH:
            lines[-1] += f" {first},"
        else:
            lines += [INDENT + line for line in (f"{key}{first}", *rest)]
            lines[-1] += ","
    return ["{" if isinstance(value, dict) else "(", *lines, "}" if isinstance(value, dict) else ")"]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"({', '.join(map(_plain, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain(key)}: {_plain(entry)}" for key, entry in value.items()) + "}"
    return "1e400" if value == float("inf") else repr(value)


def _returned(result: Any) -> list[str]:
    first, *rest = _value_lines(result, len("return "))
    return [f"return {first}", *rest]


def _expression(value: Expression, start: int) -> list[str]:
    """An expression on one line, or a sum that is too long for one, one term on a line in brackets."""
    text = PYTHON.text(value)
    sign, total = ("", value) if (positive := without_sign(value)) is None else ("-", positive)
    if start + len(text) <= WIDTH - len(INDENT) or not isinstance(total, Sum):
        return [text]
    terms = [PYTHON.text(total.terms[0])]
    for term in total.terms[1:]:
        operator, size = ("+", term) if (positive := without_sign(term)) is None else ("-", positive)
        terms.append(f"{operator} {PYTHON.text(size)}")
    return [f"{sign}(", *(INDENT + term for term in terms), ")"]


def _value_lines(result: Any, start: int) -> list[str]:
    """A result on one line where it is short, else with one value on a line."""
    if isinstance(result, Expression):
        return _expression(result, start)
    record = isinstance(result, Record)
    entries = result.entries if record else [(None, value) for value in result]
    lines: list[str] = []
    for key, value in entries:
        name = "" if key is None else f"{_plain(key)}: "
        first, *rest = _value_lines(value, len(INDENT + name))
        lines += [name + first, *rest]
        lines[-1] += ","
    opening, closing = ("{", "}") if record else ("(", ")")
    joined = " ".join(lines)
    plain = joined if len(entries) == 1 and not record else joined.removesuffix(",")
    if start + len(plain) + 2 <= WIDTH - 2 * len(INDENT) and len(lines) == len(entries):
        return [f"{opening}{plain}{closing}"]
    return [opening, *(INDENT + line for line in lines), closing]
