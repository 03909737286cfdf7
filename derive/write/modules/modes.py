"""The functions of the modes of a target, with the readout that they recombine to."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from derive.document.modes_request import (
    mode_fluctuations,
    mode_observables,
    modes_validity,
    whole_variances,
)
from derive.document.request import Request
from derive.observables.singular_values import is_singular_value
from derive.series.assignment import Argument, Assignment
from derive.series.expression import Expression, Name, Number
from derive.series.expression import total as sum_of
from derive.series.horner import BASE
from derive.series.program import Function, function, typed_one
from derive.series.series import Series
from derive.series.series_program import definitions, summed
from derive.tasks.modes import MatrixExpansion
from derive.write.code.module import TYPES, Module
from derive.write.header import AGAIN
from derive.write.modules.docstrings import WIDTH, sentence
from derive.write.modules.expansion import series_docstring, singular_values_function

DO_NOT_EDIT = f"{AGAIN} from TARGET, the content of TARGET.json."

DOC = """\
The fixed-point task with several inputs and outputs, gradient flow through tau**{order}{limit}.

A linear network x' = -x + W x + sqrt(N) M u with orthonormal inputs M (N x p) and readouts Wout (N x q),
Z = Wout^T (I - W)^-1 M, learns the target Zhat (q x p), loss |Zhat - Z|**2/2; only W learns. W(0) = W0 has
i.i.d. entries of variance g**2/N.

TARGET is Zhat. MODES are its singular modes (zhat, u, v), Zhat = sum of zhat u v^T, as the nearest double
precision numbers, without those of zhat = 0. Each mode learns like the task with one input and one
output (Schuessler et al. 2020), whose functions are those named mode_..., of (tau, zhat, g).

{validity}

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), connectivity strength ``g``. All quantities are dimensionless.
{types}{sorted}
"""

SORTED = " But ``singular_values`` sorts, and takes numbers only."

FUNCTIONS = '''\
def readout({arguments}):
    """Z(tau), a tuple of rows: the sum over the modes of mode_readout(tau, zhat, g) u v^T."""
    modes = [(mode_readout(tau, zhat, g), u, v) for zhat, u, v in MODES]
    zero = 0 * (tau * g)
    return tuple(
        tuple(sum((z * u[i] * v[j] for z, u, v in modes), zero) for j in range(len(TARGET[0])))
        for i in range(len(TARGET))
    )


def loss({arguments}):
    """|Zhat - Z|**2/2, the sum over the modes."""
    return sum((mode_loss(tau, zhat, g) for zhat, _, _ in MODES), 0 * (tau * g))


def frobenius_norm({arguments}):
    """|W - W0|, the root of the sum of the modes' squares."""
    return sum((mode_frobenius_norm(tau, zhat, g) ** 2 for zhat, _, _ in MODES), 0 * (tau * g)) ** 0.5


def singular_values({arguments}):
    """Those of mode_singular_values of all modes together, largest first, a tuple.

    A large mode may have further ones above the last of a small mode. Numbers only; for arrays take
    mode_singular_values of each mode.
    """
    values = [s for zhat, _, _ in MODES for s in mode_singular_values(tau, zhat, g)]
    return tuple(sorted(values, reverse=True))
'''


VARIANCES = {
    "loss_variance": '''

def loss_variance({arguments}):
    """N times the variance of the loss between networks of size N: the sum over the modes."""
    return sum((mode_loss_variance(tau, zhat, g) for zhat, _, _ in MODES), 0 * (tau * g))
''',
    "frobenius_norm_variance": '''

def frobenius_norm_variance({arguments}):
    """N times the variance of |W - W0| between networks of size N, for tau > 0: the modes' own, weighted."""
    norms = [(mode_frobenius_norm(tau, zhat, g) ** 2, zhat) for zhat, _, _ in MODES]
    zero = 0 * (tau * g)
    weighted = sum((norm * mode_frobenius_norm_variance(tau, zhat, g) for norm, zhat in norms), zero)
    return weighted / sum((norm for norm, _ in norms), zero)
''',
}


def modes_module(
    expansion: MatrixExpansion, request: Request, header: str, language: str = "python"
) -> Module:
    """The module for one request.

    In Python the functions of the whole target loop over MODES; other languages have them written out, but
    for ``singular_values``, which sorts.
    """
    g0 = request.g0
    looped = language == "python"
    doc = DOC.format(
        order=expansion.order,
        limit=" at g = 0" if g0 else "",
        validity=textwrap.fill(modes_validity(expansion), WIDTH),
        types=TYPES,
        sorted=SORTED if looped else "",
    )
    modes = tuple(
        (mode.zhat, tuple(mode.left.tolist()), tuple(mode.right.tolist())) for mode in expansion.modes
    )
    constants = (
        ("ORDER", expansion.order),
        ("SYSTEM", "fixed-point modes"),
        ("TARGET", tuple(map(tuple, expansion.task.target.tolist()))),
        ("MODES", modes),
    )
    printed = mode_observables(expansion)
    functions = [
        o.series.program(f"mode_{o.name}", series_docstring(f"{sentence(o.title)} of one mode", [o]))
        for o in [*printed, *mode_fluctuations(expansion)]
        if not is_singular_value(o.name)
    ]
    values = [o for o in printed if is_singular_value(o.name)]
    functions.append(singular_values_function("mode_singular_values", values))
    if not looped:
        functions += _whole_target(expansion)
    whole = FUNCTIONS + "".join(VARIANCES[name] for name in whole_variances(expansion) if expansion.modes)
    return Module(
        "modes",
        (header, DO_NOT_EDIT),
        doc,
        constants if looped else constants[:-1],
        tuple(functions),
        whole.format(arguments="tau, g=0" if g0 else "tau, g") if looped else "",
    )


def _whole_target(expansion: MatrixExpansion) -> list[Function]:
    """The functions of (tau, g) that sum over the modes, written out."""
    rows, columns = expansion.task.target.shape
    given = (Argument("tau"), Argument("g", 0 if expansion.task.g0 else None))
    scalar = expansion.scalar

    def total(name: str, title: str, result: Callable[..., Any], *series: Series) -> Function:
        body: list[Assignment] = []
        values: list[list[Name]] = [[] for _ in series]
        one = Name("one")
        for k, mode in enumerate(expansion.modes, 1):
            body += [Assignment("zhat", Number(mode.zhat)), *definitions(series[0], given)[2:]]
            for letter, x, found in zip("zn", series, values, strict=False):
                lines, value = summed(x)
                body += [*lines, Assignment(f"{letter}{k}", value)]
                found.append(Name(f"{letter}{k}"))
        units = [typed_one(given), Assignment("small", one / BASE)]
        return function(name, given, title, [*units, *body], result(*values))

    def matrix(values: list[Name]) -> Any:
        def entry(i: int, j: int) -> Expression:
            terms = (
                value * Number(float(mode.left[i])) * Number(float(mode.right[j]))
                for value, mode in zip(values, expansion.modes, strict=True)
                if mode.left[i] and mode.right[j]
            )
            return sum_of(*terms)

        return tuple(tuple(entry(i, j) for j in range(columns)) for i in range(rows))

    def weighted(variances: list[Name], norms: list[Name]) -> Any:
        squares = [x * x for x in norms]
        above = sum_of(*(v * x for v, x in zip(variances, squares, strict=True)))
        return above / sum_of(*squares)

    functions = [
        total("readout", "Z(tau), the rows: the sum over the modes of z u v^T.", matrix, scalar.readout),
        total("loss", "|Zhat - Z|**2/2, the sum over the modes.", lambda z: sum_of(*z), scalar.loss),
        total(
            "frobenius_norm",
            "|W - W0|, the root of the sum of the modes' squares.",
            lambda z: sum_of(*(x * x for x in z)) ** 0.5,
            scalar.frobenius_norm,
        ),
    ]
    if expansion.modes and whole_variances(expansion):
        of = {x.name: x.series for x in mode_fluctuations(expansion)}
        title = "N times the variance of the loss between networks of size N: the sum over the modes."
        functions.append(total("loss_variance", title, lambda z: sum_of(*z), of["loss_variance"]))
        title = "N times the variance of |W - W0| between networks of size N, for tau > 0."
        norms = of["frobenius_norm_variance"], scalar.frobenius_norm
        functions.append(total("frobenius_norm_variance", title, weighted, *norms))
    return functions
