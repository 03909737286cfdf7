"""How trained networks stand in a store of `verify.sweeps.store`.

    STORE/                              attributes: verify_store, holds = "networks", versions, commands
      TASK.OPTIMIZER.PARTS.PHI/N_SIZE/  one group a task, way of training and size; dimension ``run``
        g, seed, learning_rate, epochs, precision (bits), clip (0: none)      (run,)
        loss (run, epoch), recorded, norms (run, look)
        strengths (run, look, mode), left, right (run, look, neuron, mode)    dW along training
        end_W (run, neuron, presynaptic), end_m (run, input, neuron), end_w (run, neuron, output)
      states/                           the last saved epoch of every network in training
      measures/                         what figures have measured

PARTS are what is trained, like W-m-w, PHI is the nonlinearity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from verify.sweeps.layout import Columns
from verify.training.networks import Identity
from verify.training.run import TrainedNetwork
from verify.training.settings import Settings

STATES, MEASURES, SENTIMENT = "states", "measures", "sentiment"
CURVES = {
    "loss": ("epoch",),
    "recorded": ("look",),
    "norms": ("look",),
    "strengths": ("look", "mode"),
    "left": ("look", "neuron", "mode"),
    "right": ("look", "neuron", "mode"),
}
END = {"W": ("neuron", "presynaptic"), "m": ("input", "neuron"), "w": ("neuron", "output")}


@dataclass(frozen=True)
class NetworkKey:
    """What identifies a trained network: the same key is the same network."""

    task: str
    identity: Identity
    settings: Settings

    def __str__(self) -> str:
        size, g, seed = self.identity.size, self.identity.g, self.identity.seed
        return f"{self.task}, N = {size}, g = {g:g}, seed {seed}"


class NetworksLayout:
    """`RunLayout` of trained networks, by `NetworkKey`."""

    holds, made_by = "networks", "verify sweep --task"
    coordinates: tuple[str, ...] = ("g", "seed", "learning_rate", "epochs", "precision", "clip")
    later: Mapping[str, Any] = MappingProxyType({})
    beside: tuple[str, ...] = (STATES, MEASURES, SENTIMENT)

    def group(self, key: NetworkKey) -> str:
        settings = key.settings
        kind = ".".join((key.task, settings.optimizer, "-".join(settings.train), settings.nonlinearity))
        return f"{kind}/N_{key.identity.size}"

    def columns(self, key: NetworkKey, run: TrainedNetwork) -> Columns:
        settings = key.settings
        values = (
            key.identity.g,
            key.identity.seed,
            settings.rate,
            settings.epochs,
            int(settings.dtype.removeprefix("float")),
            settings.clip or 0.0,
        )
        columns: Columns = {n: ((), np.asarray(v)) for n, v in zip(self.coordinates, values, strict=True)}
        columns |= {name: (dimensions, getattr(run, name)) for name, dimensions in CURVES.items()}
        return columns | {f"end_{name}": (dims, getattr(run.end, name)) for name, dims in END.items()}

    def keys(self, kind: str, size: int, columns: Mapping[str, np.ndarray]) -> Iterator[NetworkKey]:
        task, optimizer, parts, nonlinearity = kind.rsplit(".", 3)
        for g, seed, rate, epochs, precision, clip in zip(
            *(columns[name] for name in self.coordinates), strict=True
        ):
            settings = Settings(
                int(epochs),
                optimizer,
                float(rate),
                tuple(parts.split("-")),
                nonlinearity,
                None if clip == 0 or math.isnan(clip) else float(clip),
                f"float{precision}",
            )
            yield NetworkKey(task, Identity(size, float(g), int(seed)), settings)


NETWORKS = NetworksLayout()
