"""The Taylor coefficients of one given network as text, JSON, LaTeX and Python (THEORY 2)."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from shlex import quote
from typing import Any

from derive.document.network_formula import CHANGE_FUNCTIONS, CHANGES, MEANING, changes, changes_json
from derive.document.request import HEADER
from derive.flow.instance import Instance
from derive.observables.instance_series import InstanceSeries, instance_series
from derive.series.horner import INDENT
from derive.write.latex.latex import MACROS
from derive.write.latex.latex_layout import Group, display, power
from derive.write.latex.latex_series import TAU, remainder
from derive.write.latex.network_formula_latex import chain_preamble, change_macro
from derive.write.tables.table_document import records_text

LATEX_DIGITS = 8
LATEX_TERMS = 3  # on a line
SYMBOLS = {name: MEANING[name] for name in ("tau", "B", "a_i", "b_j")}

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


def readout(tau):
    """The readout z."""
    return series(READOUT, tau)


def loss(tau):
    """The loss (ZHAT - z)**2/2."""
    return series(LOSS, tau)


def gradient_norm(tau):
    """The Frobenius norm of dW/dtau."""
    return series(GRADIENT_NORM, tau)


def frobenius_norm(tau):
    """The Frobenius norm of W - W0."""
    return series(FROBENIUS_NORM, tau)


def singular_values(tau):
    """The leading singular values of W - W0, a tuple; s_r through tau**(ORDER + 2 - 2*r)."""
    return tuple(series(coefficients, tau) for coefficients in SINGULAR_VALUES)
'''
CHANGE_FUNCTION = '''

def {function}(tau):
    """{title}, as a mapping from indices."""
    return {{indices: series(coefficients, tau) for indices, coefficients in {name}.items()}}
'''


@dataclass(frozen=True)
class NetworkNumbers:
    """The series of one network read from ``file``, and its leading singular values."""

    file: str
    size: int
    series: InstanceSeries
    singular_values: list[list[float]]

    @property
    def named(self) -> dict[str, list[float]]:
        """The scalar series by name, no zero of them negative."""
        names = ("readout", "loss", "gradient_norm", "frobenius_norm")
        return {name: [x + 0.0 for x in getattr(self.series, name)] for name in names}

    def header(self, form: str) -> str:
        """The provenance line."""
        series, words = self.series, ["derive network", quote(self.file)]
        words += ["--order", str(series.order), "--zhat", repr(series.target)]
        if series.train != ("W",):
            words += ["--train", ",".join(series.train)]
        if len(self.singular_values) != min(2, (series.order + 3) // 4):
            words += ["--singular-values", str(len(self.singular_values))]
        return f"{HEADER} {' '.join(words)} --format {form}"


def network_numbers(
    instance: Instance, file: str, order: int, zhat: float, train: tuple[str, ...], count: int
) -> NetworkNumbers:
    """Expand. Raises ValueError where I - W0 is singular, nothing is learned or a number overflows."""
    series = instance_series(instance, zhat, order, train)
    if series.readout[0] == zhat:
        raise ValueError(f"the readout starts at zhat = {zhat}, nothing is learned; allowed are others")
    report = NetworkNumbers(file, instance.size, series, [])
    if not all(isfinite(x) for column in report.named.values() for x in column):
        raise ValueError(f"order {order}: coefficients overflow; allowed are lower orders")
    values = series.singular_values(count) if series.C else [[0.0]] * count
    return replace(report, singular_values=[[x + 0.0 for x in value] for value in values])


def numbers_json(report: NetworkNumbers) -> str:
    """Keys: order, system, limit, network, size, zhat, train, symbols, readout, loss, gradient_norm,
    frobenius_norm, singular_values; C, kappa, omega where they learn. Entry k multiplies tau**k.
    """
    document = {
        "order": report.series.order,
        "system": "fixed-point",
        "limit": "none",
        "network": report.file,
        "size": report.size,
        "zhat": report.series.target,
        "train": list(report.series.train),
        "symbols": SYMBOLS,
        **report.named,
        "singular_values": report.singular_values,
        **changes_json(report.series, float),
    }
    return json.dumps(document, indent=2) + "\n"


def numbers_text(report: NetworkNumbers) -> str:
    """Two tables over k: the scalars, and the coordinates of what learns."""
    series = report.series
    columns = report.named | {f"s{r}": values for r, values in enumerate(report.singular_values, 1)}
    parts = [
        f"{report.file}: a network of {report.size} neurons, target {series.target:g}, "
        f"expansion through tau**{series.order}",
        f"What learns: {', '.join(series.train)}",
        *(f"  {name:<4} {meaning}" for name, meaning in SYMBOLS.items()),
        "",
        "Coefficients of tau**k (s_r is known through tau**(order + 2 - 2r)):",
        _table(columns, series.order),
    ]
    shown: dict[str, dict[str, Any]] = {}
    for name, indices, coefficients in changes(series):
        shown.setdefault(name, {})["_".join([name, *map(str, indices)])] = coefficients
    for name, of in shown.items():
        parts += [f"{CHANGES[name]}, coefficients of tau**k:", _transposed(of, series.order)]
    return "\n".join(parts)


def _table(columns: dict[str, Any], order: int) -> str:
    records = [
        {"k": k} | {name: f"{values[k]:.10g}" if k < len(values) else "" for name, values in columns.items()}
        for k in range(order + 1)
    ]
    return records_text(records)


def _transposed(rows: dict[str, Any], order: int) -> str:
    records = [
        {"": name} | {f"k = {k}": f"{values[k]:.8g}" for k in range(1, order + 1)}
        for name, values in rows.items()
    ]
    return records_text(records)


def numbers_latex(report: NetworkNumbers) -> str:
    """Macros and displayed series with LATEX_DIGITS digits, for \\input under amsmath."""
    lefts = (r"\drvz(\drvtau)", r"\drvloss(\drvtau)", r"\drvgradient", r"\drvnorm")
    named = [(left, name, values) for left, (name, values) in zip(lefts, report.named.items(), strict=True)]
    named += [(rf"\drvs_{{{r}}}", f"s{r}", values) for r, values in enumerate(report.singular_values, 1)]
    named += [
        (change_macro(n, i), "-".join([n, *map(str, i)]), list(c)) for n, i, c in changes(report.series)
    ]
    extra = {macro: MACROS[macro] for macro in (r"\drvloss", r"\drvgradient", r"\drvnorm", r"\drvs")}
    lines = chain_preamble(report.header("latex"), report.series.train, extra)
    for left, name, values in named:
        groups = [
            Group("", ((c < 0, _decimal(abs(c))),), power(TAU, k)) for k, c in enumerate(values) if c != 0
        ]
        rest = remainder(TAU, len(values) - 1)
        label = f"eq:network-{report.size}-{name.replace('_', '-')}"
        lines.append(display(left, groups, label, LATEX_TERMS, remainder=rest if groups else ""))
    return "\n".join(lines)


def _decimal(value: float) -> str:
    digits, _, exponent = f"{Decimal(value):.{LATEX_DIGITS - 1}e}".partition("e")
    power_of_ten = int(exponent)
    if -3 <= power_of_ten < LATEX_DIGITS:
        return f"{value:.{LATEX_DIGITS - 1 - power_of_ten}f}"
    return rf"{digits} \cdot 10^{{{power_of_ten}}}"


def numbers_python(report: NetworkNumbers) -> str:
    """Source of a module that holds the coefficients and functions of tau."""
    series = report.series
    head = MODULE.format(
        header=report.header("python"),
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
    functions = FUNCTIONS
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
