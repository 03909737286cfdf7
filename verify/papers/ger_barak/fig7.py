"""Fig. 7: A-B-A-B-A under Adam (1e-3 a weight): all overlaps over the epochs."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import visible_overlaps
from derive.write.figures.curve_figures import CYCLE
from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding
from verify.papers.ger_barak.sequence import run, shade, trace
from verify.papers.style import WIDTH, letter


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Visible overlaps on the left, invisible ones on the right."""
    problem = OverlapProblem()
    plan, phases = run(setting, adam=True)
    visible = visible_overlaps(problem)
    hidden = [name for name in problem.names if name not in visible]
    figure, axes = plt.subplots(1, 2, figsize=(1.2 * WIDTH, 2.7))
    for index, (axis, names) in enumerate(zip(axes, (visible, hidden), strict=True)):
        for name, colour in zip(names, CYCLE, strict=False):
            axis.plot(trace(phases, problem.pairs[name]), lw=1, color=colour, label=name)
        shade(axis, plan)
        axis.set(xlabel="epoch", ylabel="overlap")
        axis.set_ylim(top=1.3 * axis.get_ylim()[1])
        axis.legend(ncols=3, loc="upper right")
        letter(axis, index)

    def change(phase: int, names: Any) -> float:
        moved = [
            phases[phase].overlaps[-1][problem.pairs[n]] - phases[0].overlaps[-1][problem.pairs[n]]
            for n in names
        ]
        return float(np.sqrt(np.mean(np.square(moved))))

    K = np.abs(phases[-1].K[-1] - phases[0].K[0]) / np.abs(phases[0].K[0])
    findings = [
        Finding("A2 against A1, visible, root mean square", "returns", f"{change(2, visible):.1e}"),
        Finding("A2 against A1, invisible", "does not return", f"{change(2, hidden):.1e}"),
        Finding("A3 against A1, visible", "returns", f"{change(4, visible):.1e}"),
        Finding("A3 against A1, invisible", "does not return", f"{change(4, hidden):.1e}"),
        Finding("entries of K, largest relative change", "not conserved", f"{K.max():.2f}"),
        Finding("largest loss at the end of a phase", "-", f"{max(p.loss[-1] for p in phases):.1e}"),
    ]
    numbers = {"overlaps": [problem.named(phase.overlaps[-1]) for phase in phases]}
    return Drawing(figure, findings, numbers)
