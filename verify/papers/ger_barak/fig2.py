"""Fig. 2b-g: two networks of one function; noise on the activity does not part them, learning does."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.arrays import Array
from derive.overlaps.descent import descent_curve
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import moved_network, sample_network
from verify.overlaps.low_rank import train
from verify.papers.ger_barak.protocol import (
    DT,
    EPOCHS,
    RATE,
    SIZE,
    Drawing,
    FigureSetting,
    Finding,
    filter_loss,
    filter_task,
    theta_one,
    theta_two,
)
from verify.papers.style import BLACK, BLUE, ORANGE, WIDTH, letter

PERTURBED_EPOCHS, ACTIVITY_NOISE, NEURONS = 300, 0.5, (10, 11, 12, 13)


def simulate(X: Array, inputs: Array, noise: Array | float = 0.0) -> tuple[Array, Array]:
    """Activity of the watched neurons (T, 4), output (T,); ``noise`` (T, N) is added to h each step."""
    z, v, m, u = X.T
    h, count = np.zeros(len(X)), len(X)
    activity, outputs = [], []
    for n, x in enumerate(inputs):
        h = h + DT * (-h + u * (v @ h) / count + m * x)
        if not isinstance(noise, float):
            h = h + noise[n]
        activity.append(h[list(NEURONS)])
        outputs.append(z @ h / count)
    return np.array(activity), np.array(outputs)


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Overlaps, activity, output with noise, output after learning, learning curves."""
    problem = OverlapProblem()
    size, epochs = setting.number(SIZE, 100), setting.number(EPOCHS, 300)
    S = theta_one()
    other = theta_two(S)
    X = sample_network(problem, S, size, 0)
    networks = [X, moved_network(X, other)]
    step = setting.progress("networks", 2 * epochs)
    trained = [train(problem, one, filter_task(problem), RATE, epochs, step) for one in networks]
    early = [train(problem, one, filter_task(problem), RATE, PERTURBED_EPOCHS) for one in networks]
    theory = [descent_curve(problem, filter_loss(problem), overlaps, RATE, epochs) for overlaps in (S, other)]
    random = np.random.default_rng(1)
    inputs = random.standard_normal(400)
    noise = ACTIVITY_NOISE * random.standard_normal((400, size))
    quiet = [simulate(one, inputs) for one in networks]
    noisy = [simulate(one, inputs, noise) for one in networks]
    learned = [simulate(training.X, inputs) for training in early]

    def apart(pair: list[tuple[Array, Array]], which: int) -> float:
        first, second = pair[0][which], pair[1][which]
        return float(np.sqrt(np.mean((first - second) ** 2) / np.mean(first**2)))

    figure, axes = plt.subplots(2, 3, figsize=(1.5 * WIDTH, 4.4))
    names = list(problem.names)
    position = np.arange(len(names))
    for k, (overlaps, colour) in enumerate(zip((S, other), (BLUE, ORANGE), strict=True)):
        values = [overlaps[problem.pairs[name]] for name in names]
        axes[0, 0].bar(position + 0.4 * k, values, 0.4, color=colour, label=rf"$\theta_{k + 1}$")
        axes[0, 1].plot(quiet[k][0][:, 0], color=colour)
        axes[0, 2].plot(quiet[k][1], color=colour, lw=(3, 1)[k])
        axes[1, 0].plot(noisy[k][1], color=colour, lw=(3, 1)[k])
        axes[1, 1].plot(learned[k][1], color=colour, lw=(3, 1)[k])
        axes[1, 2].plot(trained[k].loss, color=colour, lw=4, alpha=0.5)
        axes[1, 2].plot(theory[k].loss, "--", color=BLACK, lw=0.8)
    axes[0, 0].set_xticks(position + 0.2, names, rotation=90)
    axes[0, 0].legend()
    titles = ("overlaps", "$h_{10}$", "output", "output, noise on $h$", "output, 300 epochs later", "loss")
    for index, (axis, title) in enumerate(zip(axes.ravel(), titles, strict=True)):
        letter(axis, index)
        axis.set_ylabel(title)
    for axis in (*axes[0, 1:], *axes[1, :2]):
        axis.set_xlabel("step of white noise input")
    axes[1, 2].set(xlabel="epoch", yscale="log")
    between = max(np.abs(a.loss - b.loss).max() for a, b in zip(trained, theory, strict=True))
    findings = [
        Finding("outputs before learning, relative difference", "identical", f"{apart(quiet, 1):.1e}"),
        Finding(
            "activity h_10..13 before learning, relative difference", "differs", f"{apart(quiet, 0):.2f}"
        ),
        Finding(
            "outputs with N(0, 0.5) on every h, relative difference",
            "not told apart",
            f"{apart(noisy, 1):.1e}",
        ),
        Finding("outputs after 300 epochs, relative difference", "told apart", f"{apart(learned, 1):.2f}"),
        Finding("learning curves: network from theory, loss", "on top of each other", f"{between:.1e}"),
    ]
    numbers = {
        "loss": [training.loss.tolist() for training in trained],
        "overlaps": [problem.named(S), problem.named(other)],
    }
    return Drawing(figure, findings, numbers)
