"""The networks of a store as a table: what the page on the paper's networks quotes.

    python benchmarks/networks_table.py STORE [--trials 512] > docs/results/networks.csv

A line a network, by task, settings, g and seed: epoch of convergence, |dW|, functional ranks, shuffled
loss, singular values of dW, truncation loss over L0, and the parts of |dW|^2 in the spans of
`verify.training.projection`. An empty field: there is no value (not converged, no such rank).
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from verify.papers.trained import kept_measures
from verify.training import TASKS
from verify.training.measures import TEST_TRIALS, measure
from verify.training.projection import SPANS, explained
from verify.training.report import SCALARS, record
from verify.training.store import read_runs

SHOWN = 8
SETTINGS = ("optimizer", "rate", "train", "nonlinearity", "epochs")
LAST = 50  # epochs of the mean loss at the end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--trials", type=int, default=TEST_TRIALS)
    asked = parser.parse_args()
    numbered = range(1, SHOWN + 1)
    header = ["task", "size", "g", "seed", *SETTINGS, *SCALARS, "end_loss"]
    header += [f"s{k}" for k in numbered] + [f"loss_at_rank_{k}" for k in numbered]
    header += [f"explained_by_{span.replace(' ', '_')}" for span in SPANS]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(header)
    runs = read_runs(asked.store)
    for run in sorted(runs, key=lambda r: (r.task, repr(r.settings), r.identity.g, r.identity.seed)):
        task, settings = TASKS[run.task], run.settings
        few = asked.trials != TEST_TRIALS
        measures = measure(task, run, asked.trials) if few else kept_measures(asked.store, run)
        found = record(run, measures, explained(task, run))
        parts = {**vars(settings), "train": " ".join(settings.train)}
        values = [run.task, run.identity.size, run.identity.g, run.identity.seed]
        values += [parts[name] for name in SETTINGS] + [found[name] for name in SCALARS]
        values.append(np.mean(run.loss[-LAST:]) / run.initial_loss)
        values += found["singular_values"][:SHOWN]
        values += [at and at / run.initial_loss for at in found["truncation_loss"][1 : SHOWN + 1]]
        values += [(found["explained"] or {}).get(span) for span in SPANS]
        table.writerow([_cell(value) for value in values])


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
