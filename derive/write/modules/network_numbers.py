"""The Taylor coefficients of one given network as functions of learning time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from derive.document.network_formula import CHANGE_FUNCTIONS, CHANGES, changes
from derive.document.network_numbers import NetworkNumbers
from derive.series.assignment import Argument, Assignment, Record
from derive.series.expression import Name, Number
from derive.series.program import Function, function, typed_one
from derive.write.code.module import TYPES, Module
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.docstrings import sentence

DOC = """\
One network of {size} neurons, gradient flow of the fixed-point task through tau**{order}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target ZHAT, loss
(ZHAT - z)**2/2; learning: {train}. No limit is taken; Taylor series, valid inside the radius of convergence.

Entry k of a list multiplies tau**k, tau = learning rate times epochs; in double precision. The change
of W is in the vectors a_0 = B' w, b_0 = B m, a_i = B' b_(i-1), b_j = B a_(j-1), B = (I - W0)^-1, a prime
being the transpose.
{types}
"""

SERIES = '''
def series(coefficients, tau):
    """The sum of coefficients[k] * tau**k."""
    total = coefficients[-1] * tau**0
    for coefficient in coefficients[-2::-1]:
        total = total * tau + coefficient
    return total
'''
OBSERVABLE = '''
def {name}(tau):
    """{title}"""
    return series({constant}, tau)
'''
SINGULAR_VALUES = "The leading singular values of W - W0, a tuple; s_r through tau**(ORDER + 2 - 2*r)."
TUPLE = '''
def singular_values(tau):
    """{title}"""
    return tuple(series(coefficients, tau) for coefficients in SINGULAR_VALUES)
'''
CHANGE = '''
def {name}(tau):
    """{title}, as a mapping from indices."""
    return {{indices: series(coefficients, tau) for indices, coefficients in {constant}.items()}}
'''


def numbers_module(report: NetworkNumbers, header: str, language: str = "python") -> Module:
    """The coefficients and functions of tau.

    In Python the functions sum over the lists of coefficients; other languages have the sums written out.
    """
    series = report.series
    tables: dict[str, dict[Any, tuple[float, ...]]] = {}
    for name, indices, coefficients in changes(series):
        key = indices if len(indices) > 1 else indices[0]
        tables.setdefault(name, {})[key] = tuple(map(float, coefficients))
    values = tuple(map(tuple, report.singular_values))
    constants: list[tuple[str, Any]] = [
        ("ORDER", series.order),
        ("SYSTEM", "fixed-point"),
        ("SIZE", report.size),
        ("ZHAT", series.target),
        ("TRAIN", ",".join(series.train)),
    ]
    titles = {o.name: f"{sentence(o.title)}, zhat = ZHAT." for o, _ in report.observables}
    doc = DOC.format(size=report.size, order=series.order, train=",".join(series.train), types=TYPES)
    if language == "python":
        constants += [(name.upper(), tuple(column)) for name, column in report.named.items()]
        constants += [("SINGULAR_VALUES", values), *((name.upper(), of) for name, of in tables.items())]
        parts = [SERIES]
        parts += [OBSERVABLE.format(name=n, title=t, constant=n.upper()) for n, t in titles.items()]
        parts.append(TUPLE.format(title=SINGULAR_VALUES))
        for name in tables:
            words = {"name": CHANGE_FUNCTIONS[name], "title": CHANGES[name], "constant": name.upper()}
            parts.append(CHANGE.format(**words))
        functions: list[Function] = []
    else:
        parts = []
        functions = [
            summed_function(name, titles[name], {"s": column}) for name, column in report.named.items()
        ]
        columns = {f"s{r}": column for r, column in enumerate(values, 1)}
        functions.append(summed_function("singular_values", SINGULAR_VALUES, columns, list(columns)))
        for name, of in tables.items():
            keys = {key: "_".join([name, *map(str, key if isinstance(key, tuple) else (key,))]) for key in of}
            title = f"{CHANGES[name]}."
            columns = {keys[key]: column for key, column in of.items()}
            functions.append(summed_function(CHANGE_FUNCTIONS[name], title, columns, keys))
    appendix = "\n".join(parts).lstrip("\n")
    return Module("network", (header, DO_NOT_EDIT), doc, tuple(constants), tuple(functions), appendix)


def summed_function(
    name: str,
    title: str,
    columns: Mapping[str, Sequence[float]],
    shape: dict[Any, str] | list[str] | None = None,
) -> Function:
    """A function of tau that returns one sum, a tuple of sums, or sums by their indices."""
    tau, given = Name("tau"), (Argument("tau"),)
    body = [typed_one(given)]
    for accumulator, column in columns.items():
        body.append(Assignment(accumulator, Number(float(column[-1]))))
        for coefficient in reversed(column[:-1]):
            body.append(Assignment(accumulator, Number(float(coefficient)) + tau * Name(accumulator)))
    result: Any = Name(next(iter(columns)))
    if isinstance(shape, dict):
        keys = {key if isinstance(key, tuple) else (key,): accumulator for key, accumulator in shape.items()}
        result = Record.of({key: Name(accumulator) for key, accumulator in keys.items()})
    elif shape is not None:
        result = tuple(map(Name, shape))
    return function(name, given, title, body, result)
