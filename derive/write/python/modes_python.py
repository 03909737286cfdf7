"""A self-contained Python module of the modes of a target, with the readout they recombine to."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from derive.document.modes_request import mode_observables, modes_validity
from derive.document.request import Request
from derive.observables.singular_values import is_singular_value
from derive.series.horner import INDENT, function_source
from derive.tasks.modes import MatrixExpansion
from derive.write.python.python_function import WIDTH
from derive.write.python.python_module import series_docstring, singular_values_source

MODULE = '''\
# {header}
# Do not edit: the command above makes it again from TARGET, the content of TARGET.json.
"""The fixed-point task with several inputs and outputs, gradient flow through tau**{order}{limit}.

A linear network x' = -x + W x + sqrt(N) M u with orthonormal inputs M (N x p) and readouts Wout (N x q),
Z = Wout^T (I - W)^-1 M, learns the target Zhat (q x p), loss |Zhat - Z|**2/2; only W learns. W(0) = W0 has
i.i.d. entries of variance g**2/N.

TARGET is Zhat. MODES are its singular modes (zhat, u, v), Zhat = sum of zhat u v^T, as the nearest double
precision numbers, without those of zhat = 0. Each mode learns like the task with one input and one
output (Schuessler et al. 2020), whose functions are those named mode_..., of (tau, zhat, g).

{validity}

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), connectivity strength ``g``. Only + - * / ** are used, so that numbers, numpy
arrays, torch tensors, mpmath and ball arithmetic all pass; but ``singular_values`` sorts, and takes
numbers only. All quantities are dimensionless.
"""

ORDER = {order}
SYSTEM = "fixed-point modes"
TARGET = {target}
MODES = {modes}
'''

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
    """Leading singular values of W - W0 of all modes together, largest first, a tuple.

    Numbers only; for arrays take mode_singular_values of each mode.
    """
    values = [s for zhat, _, _ in MODES for s in mode_singular_values(tau, zhat, g)]
    return tuple(sorted(values, reverse=True))
'''


def modes_python(expansion: MatrixExpansion, request: Request, header: str) -> str:
    """Source of the module for one request; the same bytes on every machine."""
    g0 = request.g0
    head = MODULE.format(
        header=header,
        order=expansion.order,
        limit=" at g = 0" if g0 else "",
        validity=textwrap.fill(modes_validity(expansion), WIDTH),
        target=_lines(map(_tuple, expansion.task.target.tolist())),
        modes=_lines(
            f"({mode.zhat!r}, {_tuple(mode.left.tolist())}, {_tuple(mode.right.tolist())})"
            for mode in expansion.modes
        ),
    )
    printed = mode_observables(expansion)
    scalars = [
        function_source(
            f"mode_{o.name}",
            o.series,
            series_docstring(f"{o.title[0].upper()}{o.title[1:]} of one mode", [o]),
        )
        for o in printed
        if not is_singular_value(o.name)
    ]
    values = singular_values_source("mode_singular_values", [o for o in printed if is_singular_value(o.name)])
    functions = FUNCTIONS.format(arguments="tau, g=0" if g0 else "tau, g")
    return "\n\n".join([head, *scalars, values, functions])


def _tuple(numbers: list[float]) -> str:
    """Each number by the shortest decimals that read back as it."""
    return repr(tuple(numbers))


def _lines(entries: Iterable[str]) -> str:
    """A tuple with one entry a line."""
    lines = [f"{INDENT}{entry}," for entry in entries]
    return "\n".join(["(", *lines, ")"]) if lines else "()"
