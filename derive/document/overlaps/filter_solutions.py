"""All zero-loss overlaps of the rank-1 filter task as a document (Ger and Barak 2026)."""

from __future__ import annotations

from derive.document.model import Document, Lines, Section
from derive.overlaps.filter_formula import filter_solutions

TITLES = {
    "continuous": "Zero loss for y*(t) = a exp(-c t), c != 1, continuous time",
    "euler": "Euler steps of dt, target a exp(-c n dt), output after each step n = 1, 2, ...",
}


def solutions_document() -> Document:
    """Both families: of continuous time and of Euler steps."""
    found = {"continuous": filter_solutions(), "euler": filter_solutions(euler=True)}
    lines = []
    for time, family in found.items():
        lines += [TITLES[time], *(f"  {name} = {value}" for name, value in family.values.items())]
        lines.append(
            f"  dimension {family.dimension} among the 4 visible overlaps, {family.dimension + 6} among "
            f"all 10, 4N - {4 - family.dimension} among the weights of N neurons"
        )
    return Document(
        ("overlap", "--solutions"),
        "overlap_solutions",
        "",
        (Section((Lines(lambda: lines),)),),
        facts={
            time: {
                "values": {name: str(value) for name, value in family.values.items()},
                "visible_dimension": family.dimension,
                "overlap_dimension": family.dimension + 6,
            }
            for time, family in found.items()
        },
    )
