"""Fig. 11: which entries of the whole preconditioner are zero, visible, invisible; linear and erf."""

from __future__ import annotations

from typing import Any

from derive.overlaps.preconditioner import KINDS, whole_preconditioner
from derive.overlaps.problem import OverlapProblem
from derive.write.figures.overlap_figures import draw_pattern
from verify.papers.ger_barak.protocol import Drawing, Finding, Setting
from verify.papers.style import WIDTH


def draw(setting: Setting, plt: Any) -> Drawing:
    """Both patterns, ten by ten."""
    figure, axes = plt.subplots(1, 2, figsize=(2 * WIDTH, 0.9 * WIDTH))
    findings, numbers = [], {}
    for axis, name in zip(axes, ("linear", "erf"), strict=True):
        matrix = whole_preconditioner(OverlapProblem(nonlinearity=name))
        draw_pattern(axis, matrix)
        axis.set_title(name)
        kinds = [matrix.kind(a, b) for a in matrix.names for b in matrix.names]
        counts = {kind: kinds.count(kind) for kind in KINDS}
        listed = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        paper = "visible block of invisible entries" if name == "linear" else "visible entries in it too"
        findings.append(Finding(f"entries of G, {name}", paper, listed))
        numbers[name] = counts
    return Drawing(figure, findings, numbers)
