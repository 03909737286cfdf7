"""What a store holds: how runs of one kind are identified and laid out in its groups.

Two kinds are kept: simulations of the linear task (`SIMULATIONS`) and trained networks
(`verify.training.layout`). Locking, adding, recovering and repairing are the same for both
(`verify.sweeps.store`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from verify.simulators.run import FACTS, SimulatedRun
from verify.sweeps.grid import RunKey

CURVES = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss")
Columns = dict[str, tuple[tuple[str, ...], np.ndarray]]
"""By name the dimensions after ``run``, and the values of one run; one is ``loss``, over ``epoch``."""


class RunLayout(Protocol):
    """One kind of runs: ``holds`` is its name in a store, ``coordinates`` identify a run of a group.

    ``later`` are coordinates that came after the first stores, with what the runs of groups without them
    were. ``beside``: what else the folder of a store may have in it, such as states of unfinished runs.
    """

    holds: str
    made_by: str
    coordinates: tuple[str, ...]
    later: Mapping[str, Any]
    beside: tuple[str, ...]

    def group(self, key: Any) -> str:
        """The key's group, as KIND/N_SIZE."""

    def columns(self, key: Any, run: Any) -> Columns:
        """Everything that is kept of a run, the coordinates among it."""

    def keys(self, kind: str, size: int, columns: Mapping[str, np.ndarray]) -> Iterator[Any]:
        """The keys of a group's runs from its coordinates."""


FIRST_COORDINATES = ("g", "zhat", "seed", "learning_rate", "epochs", "precision")
"""What stores of version 1 say of a run of a group."""

SECOND_COORDINATES = ("tolerance", "eigenvalue_stride", "matrix_free")
"""What version 2 added."""

LATER: Mapping[str, Any] = {"momentum": 0.0, "nesterov": False}
"""What version 3 added, and what all runs were before."""


class Simulations:
    """Runs of the simulators, by `RunKey`."""

    holds, made_by = "simulations", "verify sweep"
    coordinates: tuple[str, ...] = (*FIRST_COORDINATES, *SECOND_COORDINATES, *LATER)
    later = LATER
    beside: tuple[str, ...] = ()

    def group(self, key: RunKey) -> str:
        return f"{key.simulator}/N_{key.size}"

    def columns(self, key: RunKey, run: SimulatedRun) -> Columns:
        eigenvalues = np.stack([run.eigenvalues.real, run.eigenvalues.imag], axis=-1)
        columns: Columns = {name: ((), np.asarray(getattr(key, name))) for name in self.coordinates}
        columns |= {name: (("epoch",), getattr(run, name)) for name in CURVES}
        columns |= {
            "singular_values": (("epoch", "mode"), run.singular_values),
            "eigenvalue_epoch": (("look",), run.eigenvalue_epochs.astype(float)),
            "eigenvalues": (("look", "outlier", "part"), eigenvalues),
            "left": (("neuron", "factor"), run.left),
            "strengths": (("factor",), run.strengths),
            "right": (("neuron", "factor"), run.right),
        }
        facts = {name: run.facts.get(name, np.nan) for name in FACTS}
        return columns | {name: ((), np.asarray(value)) for name, value in facts.items()}

    def keys(self, kind: str, size: int, columns: Mapping[str, np.ndarray]) -> Iterator[RunKey]:
        for row in zip(*(columns[name].tolist() for name in self.coordinates), strict=True):
            said = dict(zip(self.coordinates, row, strict=True))
            said["dtype"] = f"float{said.pop('precision')}"
            yield RunKey(simulator=kind, size=size, **said)


SIMULATIONS = Simulations()
