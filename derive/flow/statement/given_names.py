"""What vectors, parameters, readouts may be called, so that nothing printed has the name of another thing."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from itertools import combinations, product

from derive.flow.statement.parser import RESERVED
from derive.flow.statement.scalar import Scalar, holds_imaginary

HELPER = "smooth"  # a function of emitted code
CONSTANTS = ("ORDER", "SYSTEM", "ROUTE", "PARAMETERS")  # of emitted code
KEYS = ("loss", "W", "symbols", "readouts", "parameters", "order", "title", HELPER, *CONSTANTS)
LONGEST = 40


def name_problem(kind: str, name: str) -> str | None:
    """Why a vector, parameter, readout ... may not have this name; None where it may."""
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name) or len(name) > LONGEST:
        return f"{name!r}: allowed are names of letters a-z, digits and _ that are no keyword of Python"
    held = name in KEYS if kind == "readout" else kind == "parameter" and name == HELPER
    if name in RESERVED or held:
        return f"{name!r} has a meaning of its own (as {', '.join(RESERVED)}): allowed are other names"
    return None


def doubly_named(readouts: Mapping[str, Scalar], vectors: Iterable[str]) -> tuple[str, str] | None:
    """A readout or vector that makes a printed name mean two things, and why: z_re, ntk_z_y, A_u_v."""
    for name, value in readouts.items():
        for part in (f"{name}_re", f"{name}_im"):
            if part in readouts and holds_imaginary(value):
                return f"readout {part}", f"{part!r} is a part of the complex {name}: allowed are other names"
    names, columns = list(readouts), list(vectors)
    kernels = [(name,) for name in names] + list(combinations(names, 2))
    for kind, prefix, groups in (
        ("readout", "ntk", kernels),
        ("vector", "A", list(product(columns, columns))),
    ):
        made: dict[str, tuple[str, ...]] = {}
        for group in groups:
            entry = "_".join((prefix, *group))
            if made.setdefault(entry, group) != group:
                return (
                    f"{kind} {group[-1]}",
                    f"{entry} is of {' and '.join(made[entry])} too: allowed are other names",
                )
    return None
