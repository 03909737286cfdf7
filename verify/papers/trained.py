"""What the figures of trained networks get: the networks of a store and their measures, done where missing.

Full: N = 256, the published strengths, five networks each. Quick: N = 64 (learning does not depend on
N beyond that, figure ``size``), g = 0, 0.9, 1.8, three networks each.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.command_line import UsageProblem
from derive.write.files import write_atomically
from verify.device import NoRoom
from verify.training.jobs import train
from verify.training.layout import MEASURES
from verify.training.measures import Measures, measure
from verify.training.run import TrainedNetwork
from verify.training.tasks import TASKS

PAPERS_TASKS = ("flip-flop", "mante", "romo")
STRENGTHS = {name: TASKS[name].strengths for name in PAPERS_TASKS}
FEW_STRENGTHS = (0.0, 0.9, 1.8)
FULL_SIZE, QUICK_SIZE = 256, 64
FULL_SEEDS, QUICK_SEEDS = 5, 3

Report = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Trained:
    """``size`` and ``seeds`` None: those of ``quick`` or of the paper. ``epochs`` None: the paper's."""

    store: Path
    quick: bool
    size: int | None
    seeds: int | None
    device: str
    workers: int | None
    command: str
    progress: Callable[..., Report]
    epochs: int | None = None

    @property
    def neurons(self) -> int:
        return self.size or (QUICK_SIZE if self.quick else FULL_SIZE)

    @property
    def networks(self) -> int:
        """Networks for each strength."""
        return self.seeds or (QUICK_SEEDS if self.quick else FULL_SEEDS)

    def strengths(self, task: str) -> tuple[float, ...]:
        return FEW_STRENGTHS if self.quick else STRENGTHS[task]

    def runs(
        self,
        task: str,
        strengths: Iterable[float],
        seeds: Iterable[int] | None = None,
        size: int | None = None,
    ) -> list[TrainedNetwork]:
        """Trained networks by g and seed."""
        try:
            return train(
                TASKS[task],
                size or self.neurons,
                tuple(strengths),
                tuple(range(self.networks) if seeds is None else seeds),
                self.store,
                self.device,
                self.workers,
                report=self.progress(task, "network-epochs"),
                command=self.command,
                epochs=self.epochs,
            )
        except NoRoom as problem:  # groups are no option of figures
            other = f" of verify sweep --task {task} --store {self.store}" * ("--group" in str(problem))
            raise UsageProblem(f"{problem}{other}") from None

    def measured(self, runs: list[TrainedNetwork]) -> list[Measures]:
        """Their measures, kept in the store as well."""
        report = self.progress("measures", "networks")
        found = []
        for number, run in enumerate(runs, 1):
            found.append(kept_measures(self.store, run, self.device))
            report(number, len(runs))
        return found


def kept_measures(store: Path, run: TrainedNetwork, device: str = "cpu") -> Measures:
    """A network's measures on the usual number of trials, kept in the store from the first time on."""
    name = hashlib.sha256(repr((run.task, run.identity, run.settings)).encode()).hexdigest()[:16]
    path = store / MEASURES / f"{name}.json"
    if path.is_file():
        return _from_json(path.read_text(encoding="utf-8"))
    measures = measure(TASKS[run.task], run, device=device)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, _to_json(measures))
    return measures


def _to_json(measures: Measures) -> str:
    return json.dumps(
        {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in dataclasses.asdict(measures).items()}
    )


def _from_json(text: str) -> Measures:
    kept: dict[str, Any] = json.loads(text)
    arrays: dict[str, Any] = {k: np.array(v) for k, v in kept.items() if isinstance(v, list)}
    return Measures(**(kept | arrays))
