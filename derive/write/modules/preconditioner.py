"""The whole preconditioner of an overlap system as a function."""

from __future__ import annotations

from derive.document.overlaps.overlap_words import description
from derive.overlaps.preconditioner import WholePreconditioner
from derive.series.assignment import Argument
from derive.series.program import Function
from derive.write.code.module import Module
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.overlap import RING, combined, shaped

DOC = """\
Whole preconditioner: {title} (Ger and Barak 2026).

    dsigma/dtau = -G dL/dsigma    over the overlaps NAMES, the loss-visible ones first.

Overlaps are a mapping from names to values, ``sigma["zm"]``. {types}
"""


def preconditioner_module(matrix: WholePreconditioner, header: str) -> Module:
    """The module of one function of the overlaps."""
    names = matrix.names
    rows = tuple(tuple(shaped(combined(matrix.entry(a, b)), a) for b in names) for a in names)
    given = (Argument("sigma", keys=tuple(matrix.problem.names)),)
    function = Function("preconditioner", given, "G over NAMES, a tuple of rows.", (), rows)
    constants = (("NAMES", tuple(names)), ("VISIBLE", tuple(matrix.visible)))
    doc = DOC.format(title=description(matrix.problem), types=RING)
    return Module("preconditioner", (header, DO_NOT_EDIT), doc, constants, (function,), types=RING)
