"""The expansion of any one network in its named overlaps, as a self-contained Python module.

Horner sums in tau, whose coefficients are nested sums in the target and the overlaps.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from flint import fmpq_mpoly

from derive.document.network_formula import CHANGE_FUNCTIONS, CHANGES, NetworkFormula, changes
from derive.series.horner import INDENT
from derive.series.polynomial_text import polynomial_text, sum_lines

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""One network of the fixed-point task before any average, gradient flow through tau**{order}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; learning: {train}. Exact for any W0, m and w of any size; a Taylor series, valid
inside its radius of convergence.

Arguments: learning time ``tau`` (learning rate times epochs), target ``zhat``, and ``overlaps``, a mapping
from the names in OVERLAPS to the network's numbers,

    ww_n = w' (B B')**n w,    mm_n = m' (B' B)**n m,    wm_n = w' B (B' B)**n m,    B = (I - W0)^-1,

a prime being the transpose. Changes are in the vectors a_0 = B' w, b_0 = B m, a_i = B' b_(i-1) and
b_j = B a_(j-1). Only + - * / ** are used, so that numbers, numpy arrays, torch tensors and mpmath all pass.
"""

ORDER = {order}
SYSTEM = "fixed-point"
TRAIN = "{train}"
OVERLAPS = (
{names}
)
'''
RESULTS = {
    "C": "a mapping from (i, j) to C_ij",
    "kappa": "the list of kappa_i",
    "omega": "the list of omega_j",
}


def formula_python(formula: NetworkFormula) -> str:
    """Source of the module; the same bytes on every machine."""
    series: dict[str, dict[tuple[int, ...], Sequence[fmpq_mpoly]]] = {}
    for name, indices, coefficients in changes(formula.series):
        series.setdefault(name, {})[indices] = coefficients
    functions = [_function(formula, "readout", "The readout z.", {"s": formula.series.readout}, "s")]
    for name, of in series.items():
        variables = {"_".join([name, *map(str, indices)]): c for indices, c in of.items()}
        if name == "C":
            entries = (f"{indices}: {x}" for indices, x in zip(of, variables, strict=True))
            result = "{" + ", ".join(entries) + "}"
        else:
            result = f"[{', '.join(variables)}]"
        title = f"{CHANGES[name]}: {RESULTS[name]}."
        functions.append(_function(formula, CHANGE_FUNCTIONS[name], title, variables, result))
    used = set(re.findall(r"\w+_\d+", "\n".join(functions)))
    names = ", ".join(f'"{name}"' for name in formula.symbols[1:] if name in used) + ","
    head = MODULE.format(
        header=formula.header("python"),
        order=formula.order,
        train=",".join(formula.train),
        names=textwrap.fill(names, 100, initial_indent=INDENT, subsequent_indent=INDENT),
    )
    return "\n\n".join([head, *functions])


def _function(
    formula: NetworkFormula,
    name: str,
    title: str,
    variables: Mapping[str, Sequence[fmpq_mpoly]],
    result: str,
) -> str:
    """A function that fills each of ``variables`` with its series and returns ``result``."""
    lines: list[str] = []
    for variable, coefficients in variables.items():
        parts = [polynomial_text(c.to_dict(), formula.symbols, "one") for c in coefficients]
        lines += sum_lines(parts, "tau", variable)
    used = set(re.findall(r"\w+", "\n".join(lines)))
    overlaps = [x for x in formula.symbols[1:] if x in used or x == "wm_0"]
    setup = [f'{x} = overlaps["{x}"]' for x in overlaps]
    setup.append("d = zhat - wm_0")
    if "one" in used:
        setup.append(f"one = ({' * '.join(['tau', 'zhat', *overlaps])})**0")
    lines = [f'"""{title}"""', *setup, *lines, f"return {result}"]
    return "\n".join([f"def {name}(tau, zhat, overlaps):", *(INDENT + line for line in lines)]) + "\n"
