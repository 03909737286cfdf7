"""The whole preconditioner as a Python module of one function, on plain arithmetic."""

from __future__ import annotations

from derive.document.overlap_words import description
from derive.overlaps.preconditioner import WholePreconditioner

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""Whole preconditioner: {title} (Ger and Barak 2026).

    dsigma/dtau = -G dL/dsigma    over the overlaps NAMES, the loss-visible ones first.

Overlaps are a mapping from names to values, ``sigma["zm"]``. Only + and * are used, so that numbers,
arrays, tensors and sympy expressions all pass.
"""

NAMES = {names}
VISIBLE = NAMES[:{visible}]


def preconditioner(sigma):
    """G over NAMES, a list of rows."""
    return [
{rows}
    ]
'''


def preconditioner_python(matrix: WholePreconditioner, header: str) -> str:
    """Source of the module; the same bytes on every machine."""
    names = "(\n" + "".join(f'    "{name}",\n' for name in matrix.names) + ")"
    rows = []
    for a in matrix.names:
        rows.append(f"        [  # {a}")
        rows += [f"            {_total(matrix.entry(a, b))}," for b in matrix.names]
        rows.append("        ],")
    return MODULE.format(
        header=header,
        title=description(matrix.problem),
        names=names,
        visible=len(matrix.visible),
        rows="\n".join(rows),
    )


def _total(overlaps: dict[str, int]) -> str:
    return " + ".join((f"{c} * " if c != 1 else "") + f'sigma["{n}"]' for n, c in overlaps.items()) or "0"
