"""The expansion of any one network in its named overlaps, as functions.

Nested sums in tau, whose coefficients are nested sums in the target and the overlaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import fmpq_mpoly

from derive.document.network_formula import CHANGE_FUNCTIONS, CHANGES, NetworkFormula, changes
from derive.series.assignment import Argument, Assignment, Record
from derive.series.exact_program import filled_sum, unit_definitions
from derive.series.expression import Entry, Expression, Name
from derive.series.horner import UNITS
from derive.series.program import Function, function
from derive.write.code.module import TYPES, Module
from derive.write.header import DO_NOT_EDIT

DOC = """\
One network of the fixed-point task before any average, gradient flow through tau**{order}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; learning: {train}. Exact for any W0, m and w of any size; a Taylor series, valid
inside its radius of convergence.

Arguments: learning time ``tau`` (learning rate times epochs), target ``zhat``, and ``overlaps``, a mapping
from the names in OVERLAPS to the network's numbers,

    ww_n = w' (B B')**n w,    mm_n = m' (B' B)**n m,    wm_n = w' B (B' B)**n m,    B = (I - W0)^-1,

a prime being the transpose. Changes are in the vectors a_0 = B' w, b_0 = B m, a_i = B' b_(i-1) and
b_j = B a_(j-1).
{types}
"""

RESULTS = {
    "C": "a mapping from (i, j) to C_ij",
    "kappa": "the tuple of kappa_i",
    "omega": "the tuple of omega_j",
}


def formula_module(formula: NetworkFormula, header: str) -> Module:
    """The module of the expansion; functions of (tau, zhat, overlaps)."""
    series: dict[str, dict[tuple[int, ...], Sequence[fmpq_mpoly]]] = {}
    for name, indices, coefficients in changes(formula.series):
        series.setdefault(name, {})[indices] = coefficients
    functions = [
        _function(formula, "readout", "The readout z.", {"s": formula.series.readout}, lambda s: s["s"])
    ]
    for name, of in series.items():
        variables = {"_".join([name, *map(str, indices)]): c for indices, c in of.items()}

        def result(values: Mapping[str, Expression], name: str = name, of: Any = of) -> Any:
            if name == "C":
                return Record(tuple(zip(of, values.values(), strict=True)))
            return tuple(values.values())

        title = f"{CHANGES[name]}: {RESULTS[name]}."
        functions.append(_function(formula, CHANGE_FUNCTIONS[name], title, variables, result))
    used = {key for f in functions for argument in f.arguments for key in argument.keys}
    constants = (
        ("ORDER", formula.order),
        ("SYSTEM", "fixed-point"),
        ("TRAIN", ",".join(formula.train)),
        ("OVERLAPS", tuple(name for name in formula.symbols[1:] if name in used)),
    )
    doc = DOC.format(order=formula.order, train=",".join(formula.train), types=TYPES)
    return Module(f"network_order_{formula.order}", (header, DO_NOT_EDIT), doc, constants, tuple(functions))


def _function(
    formula: NetworkFormula,
    name: str,
    title: str,
    series: Mapping[str, Sequence[fmpq_mpoly]],
    result: Callable[[Mapping[str, Expression]], Any],
) -> Function:
    """A function of several series, by accumulators: ``result`` makes of their values what it returns."""
    terms = {
        variable: {
            (k, *powers): c for k, part in enumerate(coefficients) for powers, c in part.to_dict().items()
        }
        for variable, coefficients in series.items()
    }
    present = {i for of in terms.values() for powers in of for i, n in enumerate(powers[1:]) if n}
    overlaps = [x for i, x in enumerate(formula.symbols) if (i in present and i) or x == "wm_0"]
    arguments = (Argument("tau"), Argument("zhat"), Argument("overlaps", keys=tuple(overlaps)))
    body = unit_definitions(arguments[:2], UNITS)
    body += [Assignment(x, Entry("overlaps", x)) for x in overlaps]
    body.append(Assignment("d", Name("zhat") - Name("wm_0")))
    variables = [Name("tau"), *map(Name, formula.symbols)]
    values = {}
    for variable, of in terms.items():
        lines, values[variable] = filled_sum(of, variables, UNITS, (), variable)
        body += lines
    return function(name, arguments, title, body, result(values))
