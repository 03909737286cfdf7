"""The Taylor coefficients of one given network as a self-contained Python module."""

from __future__ import annotations

import textwrap
from typing import Any

from derive.document.network_formula import CHANGE_FUNCTIONS, CHANGES, changes
from derive.document.network_numbers import NetworkNumbers
from derive.observables.observable import Observable
from derive.series.horner import INDENT

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""One network of {size} neurons, gradient flow of the fixed-point task through tau**{order}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target ZHAT, loss
(ZHAT - z)**2/2; learning: {train}. No limit is taken; Taylor series, valid inside the radius of convergence.

Entry k of a list multiplies tau**k, tau = learning rate times epochs; in double precision. The change
of W is in the vectors a_0 = B' w, b_0 = B m, a_i = B' b_(i-1), b_j = B a_(j-1), B = (I - W0)^-1, a prime
being the transpose. The functions take numbers, numpy arrays, torch tensors and mpmath.
"""

ORDER = {order}
SYSTEM = "fixed-point"
SIZE = {size}
ZHAT = {zhat}
TRAIN = "{train}"
'''
FUNCTIONS = '''

def series(coefficients, tau):
    """The sum of coefficients[k] * tau**k."""
    total = coefficients[-1] * tau**0
    for coefficient in coefficients[-2::-1]:
        total = total * tau + coefficient
    return total
'''
OBSERVABLE_FUNCTION = '''

def {name}(tau):
    """{title}, zhat = ZHAT."""
    return series({constant}, tau)
'''
SINGULAR_VALUES = '''

def singular_values(tau):
    """The leading singular values of W - W0, a tuple; s_r through tau**(ORDER + 2 - 2*r)."""
    return tuple(series(coefficients, tau) for coefficients in SINGULAR_VALUES)
'''
CHANGE_FUNCTION = '''

def {function}(tau):
    """{title}, as a mapping from indices."""
    return {{indices: series(coefficients, tau) for indices, coefficients in {name}.items()}}
'''


def numbers_python(report: NetworkNumbers, header: str) -> str:
    """Source of a module that holds the coefficients and functions of tau."""
    series = report.series
    head = MODULE.format(
        header=header,
        size=report.size,
        order=series.order,
        train=",".join(series.train),
        zhat=repr(series.target),
    )
    lines = [f"{name.upper()} = {_tuple(values)}" for name, values in report.named.items()]
    values = "".join(f"{INDENT}{_tuple(v, INDENT)},\n" for v in report.singular_values)
    lines.append(f"SINGULAR_VALUES = (\n{values})")
    tables: dict[str, list[str]] = {}
    for name, indices, coefficients in changes(series):
        key = indices if len(indices) > 1 else indices[0]
        tables.setdefault(name, []).append(f"{INDENT}{key}: {_tuple(coefficients, INDENT)},\n")
    functions = FUNCTIONS + "".join(
        OBSERVABLE_FUNCTION.format(
            name=o.name, title=f"{o.title[0].upper()}{o.title[1:]}", constant=o.name.upper()
        )
        for o, _ in report.observables
    )
    functions += SINGULAR_VALUES
    for name, entries in tables.items():
        lines.append(f"{name.upper()} = {{\n{''.join(entries)}}}")
        functions += CHANGE_FUNCTION.format(
            function=CHANGE_FUNCTIONS[name], title=CHANGES[name], name=name.upper()
        )
    return head + "\n".join(lines) + "\n" + functions


def _tuple(values: Any, indent: str = "") -> str:
    text = "".join(f"{float(x)!r}, " for x in values)
    inner = indent + INDENT
    filled = textwrap.fill(text, 100, initial_indent=inner, subsequent_indent=inner, break_on_hyphens=False)
    return f"(\n{filled}\n{indent})"


def _observable(o: Observable) -> str:
    title = f"{o.title[0].upper()}{o.title[1:]}"
    return OBSERVABLE_FUNCTION.format(name=o.name, title=title, constant=o.name.upper())
