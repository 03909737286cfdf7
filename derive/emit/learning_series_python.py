"""A self-contained Python module of the Taylor series of overlaps and loss in learning time.

One function a quantity, a Horner sum in tau whose coefficients are polynomials in the symbols of
S(0) and in the reciprocals r0, r1, ... of the loss's denominators at tau = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from derive.algebra.horner import INDENT
from derive.algebra.polynomial_text import horner_lines, polynomial_text
from derive.emit.request import HEADER
from derive.overlaps.learning_series import LearningSeries
from derive.overlaps.problem import OverlapProblem

MODULE = '''\
# {header}
# Do not edit: the command above makes it again from INITIAL, the content of S.json.
"""Learning of the rank-1 filter task in overlap space, gradient flow through tau**{order}.

    h' = -h + (1/N) u v.h + m x,    y = z.h/N,    S = X^T X / N,    X = [z, v, m, u],

continuous time, loss int_0^infinity (y - y*)^2 dt after an impulse, y*(t) = A exp(-C t) cos(F t), all
four vectors learning: dX/dtau = -N dloss/dX from the overlaps INITIAL and the target TARGET.

Arguments: learning time ``tau`` (learning rate times epochs){symbols}. Only + - * / ** are used, so
that numbers, numpy arrays, torch tensors and mpmath all pass. Truncated after tau**{order}, valid inside
the radius of convergence. All quantities are dimensionless.
"""

ORDER = {order}
SYSTEM = "overlap"
OVERLAPS = {names}
INITIAL = {initial}
TARGET = {target}
'''


def learning_series_python(
    series: Mapping[str, LearningSeries],
    initial: Mapping[str, Any],
    decay: Any,
    amplitude: Any = 1,
    frequency: Any = 0,
) -> str:
    """Source of the module of `learning_series`'s result for the same arguments.

    Functions ``loss`` and ``sigma_zz``, ...; arguments tau and the symbols in alphabetical order. Raises
    ValueError for a symbol that cannot be an argument.
    """
    scalars = series["loss"].scalars
    for name in scalars.names:
        if iskeyword(name) or name == "tau":
            raise ValueError(f"{name}: allowed as names of symbols are those of Python arguments except tau")
    order, overlaps = series["loss"].order, OverlapProblem().names
    target = {"amplitude": str(amplitude), "decay": str(decay), "frequency": str(frequency)}
    words = [f"derive overlap --series {order} --evolve S.json --decay {_word(target['decay'])}"]
    words += [
        f"--{option} {_word(target[option])}"
        for option, usual in (("amplitude", "1"), ("frequency", "0"))
        if target[option] != usual
    ]
    head = MODULE.format(
        header=f"{HEADER} {' '.join(words)} --format python",
        order=order,
        symbols="".join(f", ``{name}``" for name in scalars.names),
        names=_brackets("()", [f'"{name}"' for name in overlaps]),
        initial=_brackets("{}", [f'"{name}": "{initial[name]}"' for name in overlaps]),
        target=_brackets("{}", [f'"{name}": "{value}"' for name, value in target.items()]),
    )
    return "\n\n".join([head, *(_function(series[name]) for name in ("loss", *overlaps))])


def _function(series: LearningSeries) -> str:
    scalars = series.scalars
    end = "_" if {"one", "s", *(f"r{k}" for k in range(9))} & set(scalars.names) else ""
    while any(name.endswith(end) for name in scalars.names if end):
        end += "_"
    one, total = f"one{end}", f"s{end}"
    variables = [*scalars.names, *(f"r{k}{end}" for k in range(len(scalars.denominators)))]

    def text(value: Any) -> str:
        return polynomial_text(scalars.terms(value), variables, one)

    terms = [text(coefficient) for coefficient in series.coefficients]
    if len(terms) == 1:
        terms = [f"({terms[0]}) * {one}"]
    sums = horner_lines(terms, "tau", total)
    used = {word for line in sums for word in line.replace("(", " ").replace(")", " ").split()}
    used = {word.split("**")[0] for word in used}
    body = [f"{one} = ({' * '.join(['tau', *scalars.names])})**0"]
    body += [
        f"{variables[len(scalars.names) + k]} = {one} / ({text(below)})"
        for k, below in enumerate(scalars.denominators)
        if variables[len(scalars.names) + k] in used
    ]
    if one not in used and len(body) == 1:
        body = []
    title = "The loss" if series.symbol == "loss" else f"The overlap {series.symbol.removeprefix('sigma_')}"
    head = [
        f"def {series.symbol}({', '.join(['tau', *scalars.names])}):",
        f'{INDENT}"""{title} after learning time tau, through tau**{series.order}."""',
    ]
    return "\n".join([*head, *(INDENT + line for line in (*body, *sums)), f"{INDENT}return {total}"]) + "\n"


def _word(text: str) -> str:
    from shlex import quote

    return quote(text)


def _brackets(pair: str, entries: list[str]) -> str:
    return "\n".join([pair[0], *(f"{INDENT}{entry}," for entry in entries), pair[1]])
