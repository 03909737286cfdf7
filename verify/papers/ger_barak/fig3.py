"""Fig. 3: A-B-A-B, then A with noise: what is visible returns, what is not remembers, noise erases."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.noise.fading import fading, rate_limit
from derive.overlaps.noise.moments import noisy_curve
from derive.overlaps.problem import Matrix, OverlapProblem
from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding, filter_task
from verify.papers.ger_barak.sequence import NOISE, NOISY_RATE, PAIRS, A, run, shade, trace
from verify.papers.style import BLACK, BLUE, COLOURS, GREEN, ORANGE, WIDTH, letter


def norm_of_K(S: Matrix, covariance: Matrix | None = None) -> float:
    """|K|/N = sqrt(tr(J S J S)), or its root mean square where S is a mean with a covariance."""
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    squares = S**2 if covariance is None else S**2 + np.diagonal(covariance).reshape(S.shape)
    return float(np.sqrt(np.sum(np.outer(signs, signs) * squares)))


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """vu, uu and three entries of K of the network; mean and deviation by theory in the noisy phase."""
    problem = OverlapProblem()
    plan, phases = run(setting)
    noisy, before = plan[-1], phases[-2].overlaps[-1]
    loss = LinearTask(problem, filter_task(problem, A))
    theory = noisy_curve(loss, before, NOISY_RATE, NOISE, noisy.epochs)
    fade = fading(loss, phases[2].overlaps[-1], NOISY_RATE, NOISE)
    limit = rate_limit(loss, phases[2].overlaps[-1])
    K = np.concatenate([phase.K for phase in phases])
    figure, axes = plt.subplots(1, 3, figsize=(1.4 * WIDTH, 2.5))
    start = sum(stretch.epochs + 1 for stretch in plan[:-1])
    for axis, name, colour in ((axes[0], "vu", BLUE), (axes[1], "uu", ORANGE)):
        pair = problem.pairs[name]
        axis.plot(trace(phases, pair), color=colour)
        mean, deviation = theory.overlaps[:, *pair], theory.deviation[:, *pair]
        epochs = start + np.arange(len(mean))
        axis.plot(epochs, mean, "--", color=BLACK, lw=0.9, label="mean by theory")
        axis.fill_between(epochs, mean - deviation, mean + deviation, color=GREEN, alpha=0.35, lw=0)
        axis.set(xlabel="epoch", ylabel=rf"$\sigma_{{{name}}}$")
        axis.legend(loc=(0.35, 0.03))
    for k, (pair, colour) in enumerate(zip(PAIRS, COLOURS, strict=False)):
        axes[2].plot(K[:, k], color=colour, label=rf"$K_{{{pair[0]},{pair[1]}}}$")
    axes[2].set(xlabel="epoch", ylabel="entries of K")
    axes[2].legend(loc=(0.45, 0.19))
    for index, axis in enumerate(axes):
        shade(axis, plan)
        letter(axis, index)

    def change(phase: int, name: str) -> float:
        pair = problem.pairs[name]
        return float(abs(phases[phase].overlaps[-1][pair] - phases[0].overlaps[-1][pair]))

    kept = np.abs(phases[3].K[-1] - phases[0].K[0]).max()
    norms = [norm_of_K(S) for S in (phases[4].overlaps[0], phases[4].overlaps[-1])]
    pair = problem.pairs["uu"]
    distance = abs(phases[4].overlaps[-1][pair] - theory.overlaps[-1][pair]) / theory.deviation[-1][pair]
    findings = [
        Finding("vu (visible), A2 against A1", "returns", f"{change(2, 'vu'):.1e}"),
        Finding("uu (invisible), A2 against A1", "does not return", f"{change(2, 'uu'):.1e}"),
        Finding("K entries through A B A B without noise, largest change", "conserved", f"{kept:.1e}"),
        Finding("|K| after the noisy A, part left", "changes with noise", f"{norms[1] / norms[0]:.3f}"),
        Finding(
            "lifetime of K, theory, epochs",
            "-",
            f"{fade.lifetime:.0f} (noise {NOISE:g}, rate {NOISY_RATE:g})",
        ),
        Finding(
            "part of K left after the noisy phase, exp(-epochs/lifetime)",
            "-",
            f"{np.exp(-noisy.epochs / fade.lifetime):.3f}",
        ),
        Finding(
            "the same from mean and covariance to second order",
            "-",
            f"{norm_of_K(theory.overlaps[-1], theory.covariance) / norms[0]:.3f}",
        ),
        Finding("rate of the noisy phase and limit of stability at A2", "-", f"{NOISY_RATE:g}, {limit:.4f}"),
        Finding("uu after the noisy A, from theory, in its deviations", "-", f"{distance:.1f}"),
    ]
    numbers = {
        "phases": [stretch.name for stretch in plan],
        "epochs": [stretch.epochs for stretch in plan],
        "overlaps": [problem.named(phase.overlaps[-1]) for phase in phases],
        "K": [phase.K[-1].tolist() for phase in phases],
        "lifetime": fade.lifetime,
    }
    return Drawing(figure, findings, numbers)
