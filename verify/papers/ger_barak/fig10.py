"""Fig. 10 (and 4f): which task a twin learned first, read at the start, after it, after C."""

from __future__ import annotations

from typing import Any

from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding
from verify.papers.ger_barak.twins import decoding, groups, learn_twins
from verify.papers.style import BLUE, ORANGE, WIDTH, letter

STAGES = ("start", "after A or B", "after C")
READINGS = (  # noise of the training, in standard deviations; error of every overlap, and what it is called
    (0.0, 0.0, "training noise 0"),
    (0.3, 0.0, "training noise 0.3"),
    (0.0, 0.1, "reading error 0.1"),
    (0.0, 0.3, "reading error 0.3"),
)


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Accuracy by stage from visible and from invisible overlaps: the two published noises of the training,
    and, beyond the paper, overlaps that are read with an error."""
    twins = learn_twins(setting)
    figure, axes = plt.subplots(1, len(READINGS), figsize=(1.8 * WIDTH, 2.5), sharey=True)
    findings, numbers = [], {}
    for index, (axis, (noise, reading, called)) in enumerate(zip(axes, READINGS, strict=True)):
        for shift, (group, colour) in enumerate(zip(groups(), (BLUE, ORANGE), strict=True)):
            found = [decoding(overlaps, groups()[group], noise, reading) for overlaps in twins.overlaps]
            means, errors = zip(*found, strict=True)
            position = [k + 0.3 * shift - 0.15 for k in range(len(STAGES))]
            axis.bar(position, means, 0.3, yerr=errors, color=colour, label=group)
            listed = ", ".join(f"{stage} {mean:.2f}" for stage, mean in zip(STAGES, means, strict=True))
            paper = "after C at chance" if group == "visible" else "after C above chance"
            told = "-" if reading else paper
            findings.append(Finding(f"A or B from {group} overlaps, {called}", told, listed))
            numbers[f"{group}, {called if reading else format(noise, 'g')}"] = list(means)
        axis.axhline(0.5, color="0.5", lw=0.8)
        axis.set_xticks(range(len(STAGES)), STAGES)
        axis.set_title(called)
        letter(axis, index)
    axes[0].set_ylabel("read right")
    axes[0].legend()
    return Drawing(figure, findings, numbers)
