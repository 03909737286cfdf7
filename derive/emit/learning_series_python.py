"""A self-contained Python module of the Taylor series of overlaps and loss in learning time.

One function a quantity, a Horner sum in tau whose coefficients are polynomials in the symbols of
S(0) and in the reciprocals r0, r1, ... of the loss's denominators at tau = 0. A rational number p/q
is written in digits of base 2^52, p = 2^(52 k) (p_k + (p_(k-1) + ...)/2^52), and q likewise: every
integer is exact and below 2^53, and nothing overflows that the coefficient itself does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from derive.algebra.horner import BASE, INDENT, LARGEST, nested
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
        return _polynomial(scalars.terms(value), variables, one)

    terms = [text(coefficient) for coefficient in series.coefficients]
    sums = [f"{total} = {terms[-1]}" if len(terms) > 1 else f"{total} = ({terms[-1]}) * {one}"]
    for term in reversed(terms[:-1]):
        sums.append(f"{total} = {total} * tau" + (f" + {term}" if term != "0" else ""))
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


def _polynomial(terms: Mapping[tuple[int, ...], Any], variables: list[str], one: str) -> str:
    """Nested sums, the first variable outermost; ``terms`` from powers to rational numbers."""
    if not terms:
        return "0"
    if not variables:
        return _number(terms[()], one)
    parts: list[dict[tuple[int, ...], Any]] = [{} for _ in range(1 + max(powers[0] for powers in terms))]
    for powers, coefficient in terms.items():
        parts[powers[0]][powers[1:]] = coefficient
    return nested([_polynomial(part, variables[1:], one) for part in parts], variables[0])


def _number(value: Any, one: str) -> str:
    """p/q: an integer below 2^53 as it is, anything else on the typed ``one``."""
    above, below = abs(int(value.p)), int(value.q)
    if below == 1 and above < LARGEST:
        return str(above) if value.p >= 0 else f"(-{above})"
    (numerator, high), (denominator, low) = _digits(above, one), _digits(below, one)
    text = numerator if one in numerator else f"{one} * {numerator}"
    text += f" / {denominator}" if denominator != "1" else ""
    text += f" {'*' if high > low else '/'} {BASE}" * abs(high - low)
    return text if value.p >= 0 else f"(-{text})"


def _digits(value: int, one: str) -> tuple[str, int]:
    """A text and an exponent: value = text * BASE**exponent."""
    if value < LARGEST:
        return str(value), 0
    digits = []
    while value:
        value, digit = divmod(value, BASE)
        digits.append(digit)
    text = ""
    for digit in digits:
        text = f"({digit} + {text} / {BASE})" if text else f"{one} * {digit}"
    return text, len(digits) - 1


def _word(text: str) -> str:
    from shlex import quote

    return quote(text)


def _brackets(pair: str, entries: list[str]) -> str:
    return "\n".join([pair[0], *(f"{INDENT}{entry}," for entry in entries), pair[1]])
