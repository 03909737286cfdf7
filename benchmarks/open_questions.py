"""What the paper leaves open: other optimizers, W alone, independent bits, GD against Adam at equal loss.

Trains flip-flop networks into a store, all settings below at g = 0 and 0.9; `networks_table.py` prints
them. Interrupt it at will: the same command goes on.

    python benchmarks/open_questions.py STORE [--size 64] [--seeds 1]
    python benchmarks/networks_table.py STORE > docs/results/open_questions.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from verify.training import TASKS, train

STRENGTHS = (0.0, 0.9)
W_ALONE = ("W",)
CASES = (
    ("flip-flop", {"epochs": 1000}),
    ("flip-flop", {"epochs": 1500, "optimizer": "sgd", "rate": 0.05}),
    ("flip-flop", {"epochs": 1500, "optimizer": "momentum", "rate": 0.005}),
    ("flip-flop", {"epochs": 1000, "train": W_ALONE}),
    ("flip-flop", {"epochs": 1500, "train": W_ALONE, "optimizer": "sgd", "rate": 0.1}),
    ("flip-flop-bits", {"epochs": 1000}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    for name, settings in CASES:
        for g in STRENGTHS:
            runs = train(TASKS[name], asked.size, (g,), range(asked.seeds), asked.store, **settings)
            for run in runs:
                print(
                    name, settings, f"g = {g}, seed {run.identity.seed}: {run.convergence_epoch}", flush=True
                )


if __name__ == "__main__":
    main()
