"""C99 in doubles: one file that needs no header and no library but for exp, log, tanh; C++ too."""

from __future__ import annotations

import re
from typing import Any

from derive.series.assignment import leaves
from derive.series.expression import Expression, Syntax
from derive.series.program import Function
from derive.write.code.module import (
    INDENT,
    Module,
    block,
    calls_functions,
    comment,
    entry_names,
    function_names,
    local_names,
    renamed,
    used_names,
)

TYPES = (
    "All numbers are doubles. A function of one result returns it; another fills the array ``result``\n"
    "in the order that its comment gives. A mapping is an array in the order of the names there."
)
WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while asm bool catch class delete explicit export false friend mutable namespace new
operator private protected public template this throw true try typename using virtual and or not xor
result main nullptr constexpr alignas alignof decltype noexcept static_assert thread_local wchar_t
concept requires typeof abs acos asin atan cbrt ceil cos cosh erf exp fabs floor gamma hypot index
j0 j1 jn log pow round sin sinh sqrt tan tanh trunc y0 y1 yn root integer_power abort copysign exit exp2
expm1 finite fmax fmin fmod fork free frexp isinf isnan linux log10 log1p log2 malloc modf nan printf
puts remainder signbit significand unix
"""
RESERVED = frozenset(WORDS.split())

POWER = """\
static double integer_power(double base, int exponent)
{
    double power = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2)
            power *= base;
        base *= base;
    }
    return power;
}
"""

ROOT = """\
/* The square root by Newton's steps; not a number for a negative argument. */
static double root(double x)
{
    double scale = 1, guess;
    int step;
    if (x == 0 || (x > 0 && x - x != 0))
        return x;
    if (!(x > 0))
        return (x - x) / (x - x);
    for (; x >= 4; x /= 4)
        scale *= 2;
    for (; x < 1; x *= 4)
        scale /= 2;
    guess = 1 + (x - 1) / 3;
    for (step = 0; step < 5; step++)
        guess = (guess + x / guess) / 2;
    return guess * scale;
}
"""


def c(module: Module) -> str:
    """Source of the module; the same bytes on every machine."""
    called = function_names(module, RESERVED)
    heads = [_head(function, called[function.name]) for function in module.functions]
    functions = [_function(f, head) for f, head in zip(module.functions, heads, strict=True)]
    helpers = [POWER] * any(re.search(r"\binteger_power\(", text) for text in functions)
    helpers += [ROOT] * any(re.search(r"\broot\(", text) for text in functions)
    return "\n".join(
        [
            *comment(module.header, "//"),
            *block(module.described(TYPES), "/* ", " */"),
            "",
            *["#include <math.h>\n"] * any(map(calls_functions, module.functions)),
            *(line for name, value in module.constants for line in _constant(name, value)),
            "",
            *helpers,
            '#ifdef __cplusplus\nextern "C" {\n#endif\n',
            *(f"{head};" for head in heads),
            "",
            *functions,
            "#ifdef __cplusplus\n}\n#endif\n",
        ]
    )


def _constant(name: str, value: Any) -> list[str]:
    if isinstance(value, int | float) and abs(value) != float("inf"):
        return [f"#define {name} {value!r}"]
    return block([f"{name} = {value}"], "/* ", " */")


def _names(function: Function) -> dict[str, str]:
    return renamed(local_names(function), RESERVED)


def _head(function: Function, name: str) -> str:
    names = _names(function)
    given = [f"{'const double *' if a.keys else 'double '}{names[a.name]}" for a in function.arguments]
    one = isinstance(function.result, Expression)
    given += [] if one else ["double *result"]
    return f"{'double' if one else 'void'} {name}({', '.join(given)})"


def _function(function: Function, head: str) -> str:
    names = _names(function)
    places = {(a.name, key): i for a in function.arguments for i, key in enumerate(a.keys)}
    syntax = Syntax(
        _number,
        lambda name: names[name],
        lambda mapping, key: f"{names[mapping]}[{places[mapping, key]}]",
        _power,
        call="{}({})".format,
    )
    used, known = used_names(function), {a.name for a in function.arguments}
    lines = [f"(void){names[a.name]};" for a in function.arguments if a.name not in used]
    for assignment in function.body:
        kind = "" if assignment.name in known else "double "
        known.add(assignment.name)
        lines.append(f"{kind}{names[assignment.name]} = {syntax.text(assignment.value)};")
    doc = function.doc.splitlines()
    doc += ["", *(f"{a.name}: {', '.join(a.keys)}" for a in function.arguments if a.keys)]
    if isinstance(function.result, Expression):
        lines.append(f"return {syntax.text(function.result)};")
    else:
        values = list(leaves(function.result))
        lines += [f"result[{i}] = {syntax.text(value)};" for i, value in enumerate(values)]
        doc.append(f"result, {len(values)} numbers: {', '.join(entry_names(function.result))}")
    while doc and not doc[-1]:
        doc.pop()
    said = block(doc, "/* ", " */") if doc else []
    return "\n".join([*said, head, "{", *(INDENT + line for line in lines), "}", ""])


def _number(value: float) -> str:
    return repr(float(value))


def _power(base: str, exponent: float) -> str:
    if exponent == 0.5:
        return f"root({base})"
    return (
        f"({base} * {base})"
        if exponent == 2 and base.isidentifier()
        else f"integer_power({base}, {exponent})"
    )
