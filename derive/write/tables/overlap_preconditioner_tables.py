"""The whole preconditioner as plain text and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from derive.overlaps.preconditioner import WholePreconditioner
from derive.write.tables.overlap_text import WIDTH, description, overlap_sum

SIGNS = {"zero": ".", "visible": "v", "invisible": "i", "mixed": "x"}


def preconditioner_text(matrix: WholePreconditioner) -> str:
    """The pattern of G, a sign for each kind of entry, then every nonzero entry once."""
    names = matrix.names
    invisible = len(names) - len(matrix.visible)
    lines = [
        f"Whole preconditioner: {description(matrix.problem)} (Ger and Barak 2026)",
        "",
        f"dsigma/dtau = -G dL/dsigma over all {len(names)} overlaps: {len(matrix.visible)} loss-visible, "
        f"then {invisible} loss-invisible.",
        "G is symmetric. Entries: . zero, v made of visible overlaps, i of invisible ones, x of both.",
        "",
    ]
    width = max(map(len, names))
    lines.append(" ".join([" " * width, *(name.rjust(width) for name in names)]).rstrip())
    for a in names:
        lines.append(" ".join([a.rjust(width), *(SIGNS[matrix.kind(a, b)].rjust(width) for b in names)]))
    lines.append("")
    for i, a in enumerate(names):
        for b in names[i:]:
            if matrix.entry(a, b):
                left = f"  G[{a},{a}]" if a == b else f"  G[{a},{b}] = G[{b},{a}]"
                line = f"{left} = {overlap_sum(matrix.entry(a, b))}"
                lines += textwrap.wrap(line, WIDTH, subsequent_indent="      ", break_long_words=False)
    return "\n".join(lines) + "\n"


def preconditioner_json(matrix: WholePreconditioner) -> str:
    """Keys: system, vectors, names, visible, symbols, preconditioner, kinds; rows in the order of names."""
    problem, names = matrix.problem, matrix.names
    document: dict[str, Any] = {
        "system": "overlap preconditioner",
        "rank": problem.rank,
        "inputs": problem.inputs,
        "outputs": problem.outputs,
        "nonlinearity": problem.nonlinearity,
        "frozen": list(problem.frozen),
        "vectors": list(problem.vectors),
        "symbols": {"sigma_ab": "overlap a.b/N of the columns a and b of X"},
        "names": list(names),
        "visible": list(matrix.visible),
        "preconditioner": [[overlap_sum(matrix.entry(a, b)) or "0" for b in names] for a in names],
        "kinds": [[matrix.kind(a, b) for b in names] for a in names],
    }
    return json.dumps(document, indent=2) + "\n"
