"""Fig. 6: all ten overlaps when A has been learned for the second and the third time, against the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import visible_overlaps
from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding
from verify.papers.ger_barak.sequence import run
from verify.papers.style import BLUE, ORANGE, WIDTH, letter


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """A2 against A1 and A3 (learned with noisy targets) against A1."""
    problem = OverlapProblem()
    _, phases = run(setting)
    visible = visible_overlaps(problem)
    ends = {name: problem.named(phases[k].overlaps[-1]) for name, k in (("A1", 0), ("A2", 2), ("A3", 4))}
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.7))
    for index, (axis, later) in enumerate(zip(axes, ("A2", "A3"), strict=True)):
        for names, colour, label in (
            (visible, BLUE, "visible"),
            ([n for n in problem.names if n not in visible], ORANGE, "invisible"),
        ):
            axis.plot(
                [ends["A1"][n] for n in names],
                [ends[later][n] for n in names],
                "o",
                color=colour,
                label=label,
            )
        low, high = axis.get_xlim()
        axis.plot([low, high], [low, high], color="0.7", lw=0.8, zorder=0)
        axis.set(xlabel="end of A1", ylabel=f"end of {later}")
        letter(axis, index)
    axes[0].legend()

    def change(later: str, names: Any) -> float:
        return float(np.sqrt(np.mean([(ends[later][n] - ends["A1"][n]) ** 2 for n in names])))

    hidden = [n for n in problem.names if n not in visible]
    findings = [
        Finding(
            "A2 against A1, visible, root mean square", "on the diagonal", f"{change('A2', visible):.1e}"
        ),
        Finding("A2 against A1, invisible", "off it", f"{change('A2', hidden):.1e}"),
        Finding("A3 (noisy) against A1, visible", "on the diagonal", f"{change('A3', visible):.1e}"),
        Finding("A3 (noisy) against A1, invisible", "further off", f"{change('A3', hidden):.1e}"),
    ]
    return Drawing(figure, findings, {"overlaps": ends})
