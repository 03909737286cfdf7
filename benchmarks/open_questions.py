"""What the paper leaves open: other optimizers, W alone, independent bits, optimizers at equal loss.

Trains flip-flop networks into a store; `networks_table.py` prints them, `projection_picture.py` draws
where dW lies along training. Every network is trained to its end, and once more with the same trials up to
the epoch at which the mean of `WINDOW` losses first falls below a part of the first loss: these are the
networks at equal loss. Interrupt it at will: the same command goes on.

    python benchmarks/open_questions.py STORE [--size 256] [--seeds 1] [--first 0]
    python benchmarks/networks_table.py STORE > docs/results/open_questions.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from verify.training import TASKS, train
from verify.training.run import TrainedNetwork

W_ALONE = ("W",)
WINDOW = 20  # epochs
EQUAL = (0.05, 0.02)
CASES = (
    ("flip-flop", (0.9,), {"epochs": 400}),
    ("flip-flop", (0.9,), {"epochs": 800, "optimizer": "sgd", "rate": 0.05}),
    ("flip-flop", (0.0,), {"epochs": 400}),
    ("flip-flop", (0.0, 0.9), {"epochs": 400, "train": W_ALONE}),
    ("flip-flop-bits", (0.0, 0.9), {"epochs": 400}),
    ("flip-flop", (0.9,), {"epochs": 800, "train": W_ALONE, "optimizer": "sgd", "rate": 0.3}),
    ("flip-flop", (0.9,), {"epochs": 800, "optimizer": "momentum", "rate": 0.005}),
    ("flip-flop", (0.0,), {"epochs": 3000, "train": W_ALONE, "optimizer": "sgd", "rate": 1.0}),
)


def epoch_at(run: TrainedNetwork, part: float) -> int | None:
    """The epoch after which the mean of the last losses is below a part of the first one; None: never."""
    means = np.convolve(run.loss, np.ones(WINDOW) / WINDOW, "valid") / run.initial_loss
    below = np.flatnonzero(means < part)
    return int(below[0]) + WINDOW if len(below) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    chosen = range(asked.first, asked.first + asked.seeds)
    for name, strengths, settings in CASES:
        for g in strengths:
            grid = {"size": asked.size, "g": (g,), "store": asked.store, "workers": 1}
            for run in train(TASKS[name], seeds=chosen, **grid, **settings):
                seeds = (run.identity.seed,)
                epochs = [epoch_at(run, part) for part in EQUAL]
                for length in epochs:
                    if length is not None and length < settings["epochs"]:
                        train(TASKS[name], seeds=seeds, **grid, **{**settings, "epochs": length})
                print(
                    name, settings, f"g = {g}, seed {seeds[0]}: {run.convergence_epoch}, {epochs}", flush=True
                )


if __name__ == "__main__":
    main()
