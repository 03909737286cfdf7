"""Failed learning (the paper's supplement): loss and leading eigenvalues of W over epochs.

The authors' learning rates, eta beta^2 = 0.002 for zhat = 2 and 0.001 for zhat = 4, g 0.6 and 0.8,
N = 256. A rate is stable at the minimum that gradient flow finds only below the critical rate
eta_c = 2/h (THEORY 4). Grey: real parts of the five leading eigenvalues of network 0, W0's bulk
among them, by descent with the whole matrix.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from derive import limit
from verify.papers.context import Context, key
from verify.papers.style import BLACK, BLUE, RED, Pyplot, letters, line_legend
from verify.simulators import sample_instance

RATES = {2.0: 0.002, 4.0: 0.001}
EPOCHS = 200
SIZE = 256
LEADING = 5
LARGEST = 1.35
CASES = ((2.0, 0.6), (2.0, 0.8), (4.0, 0.6), (4.0, 0.8))
STRIDE = 4
LEAST_LOSS = 1e-12


def draw(context: Context, plt: Pyplot) -> Figure:
    """Each network a line of its own; the same descent at N = infinity in black."""
    size = min(SIZE, context.size)
    keys = [
        key(g, zhat, seed, RATES[zhat], EPOCHS, size, STRIDE)
        for zhat, g in CASES
        for seed in range(context.seeds)
    ]
    data = context.runs("divergence", keys)
    figure, axes = plt.subplots(2, 4, figsize=(7.0, 3.7), sharex=True, sharey="row")
    epochs = np.arange(EPOCHS + 1)
    for column, (zhat, g) in enumerate(CASES):
        runs = data.isel(run=slice(column * context.seeds, (column + 1) * context.seeds))
        unit, rate = (1 - g * g) ** 2, RATES[zhat]
        critical = limit.learning_curve(g, zhat).critical_rate / unit
        exact = limit.limit_descent(g, zhat, rate * unit, EPOCHS)
        top, bottom = axes[0, column], axes[1, column]
        order_3 = context.published.observables(rate * unit * epochs, zhat, g)["loss"]
        order_k = context.ours.observables(rate * unit * epochs, zhat, g)["loss"]
        for k in range(context.seeds):
            top.semilogy(epochs, np.maximum(runs.loss.values[k], LEAST_LOSS), color=BLUE, lw=0.9, alpha=0.75)
            look = runs.eigenvalue_epoch.values[k]
            eigenvalues = np.abs(runs.eigenvalues.values[k])  # nan where there is none
            for r in range(2):
                bottom.plot(look, eigenvalues[:, r], color=(BLUE, RED)[r], marker=".", ms=2.2, lw=0)
        top.semilogy(
            epochs[: len(exact.readout)],
            np.maximum((zhat - exact.readout) ** 2 / 2, LEAST_LOSS),
            color=BLACK,
            lw=1.1,
        )
        for values, style in ((order_3, ":"), (order_k, (0, (5, 2)))):
            shown = values > LEAST_LOSS
            first_wrong = int(np.argmin(shown)) or len(shown)
            top.semilogy(epochs[:first_wrong], values[:first_wrong], color="0.45", ls=style, lw=1.1)
        looks, leading = leading_eigenvalues(size, g, zhat, rate * unit)
        bottom.plot(looks, leading, color="0.6", lw=0.8, zorder=1)
        bottom.axhline(1, color=BLACK, lw=0.7)
        bottom.axhline(g, color="0.5", lw=0.7, ls="--")
        top.set_title(
            rf"$\hat z = {zhat:g}$, $g = {g:g}$" "\n" rf"$\eta/\eta_c = {rate / critical:.2g}$", pad=8
        )
        bottom.set_xlabel("epoch")
        bottom.set_xlim(0, EPOCHS)
    axes[0, 0].set_ylabel(r"loss $L$")
    axes[0, 0].set_ylim(1e-7, 1e3)
    axes[1, 0].set_ylabel(r"leading eigenvalues of $W$")
    axes[1, 0].set_ylim(0.45, LARGEST)
    letters(axes)
    line_legend(
        figure,
        [
            (rf"networks, $N = {size}$", {"color": BLUE, "lw": 1}),
            (r"exact descent, $N = \infty$", {"color": BLACK, "lw": 1.1}),
            ("published, order 3", {"color": "0.45", "ls": ":", "lw": 1.1}),
            (f"series, order {context.ours.order}", {"color": "0.45", "ls": (0, (5, 2)), "lw": 1.1}),
            (r"first outlier, $|\lambda|$", {"color": BLUE, "marker": ".", "ls": ""}),
            (r"second outlier, $|\lambda|$", {"color": RED, "marker": ".", "ls": ""}),
            (r"leading $\mathrm{Re}\,\lambda$, network 0", {"color": "0.6", "lw": 0.8}),
            (r"radius $g$ of $W_0$", {"color": "0.5", "ls": "--", "lw": 0.7}),
        ],
        4,
    )
    return figure


def leading_eigenvalues(size: int, g: float, zhat: float, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Epochs (looks,) and real parts (looks, `LEADING`), descending, of W's eigenvalues in network 0.

    Descent at the fixed point with the whole matrix; nan from where it leaves the finite numbers.
    """
    instance = sample_instance(size, g, 0)
    W, identity = instance.W0.copy(), np.eye(size)
    looks = np.arange(0, EPOCHS + 1, STRIDE)
    found = np.full((len(looks), LEADING), np.nan)
    for epoch in range(EPOCHS + 1):
        if epoch % STRIDE == 0:
            found[epoch // STRIDE] = np.sort(np.linalg.eigvals(W).real)[::-1][:LEADING]
        resolvent = identity - W
        forward, backward = np.linalg.solve(resolvent, instance.m), np.linalg.solve(resolvent.T, instance.w)
        W += rate * (zhat - instance.w @ forward) * np.outer(backward, forward)
        if not np.isfinite(W).all() or np.abs(W).max() > 1 / np.finfo(float).eps:
            break
    return looks, found
