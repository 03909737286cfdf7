"""Networks of one size and one learning rate trained as one computation, resumable at any epoch."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from derive.write.files import write_atomically
from verify.training.batches import BLOCK, FreshTrials
from verify.training.networks import Identity, Networks, initial_network
from verify.training.run import KEPT_RANK, TrainedNetwork, look_every, looks
from verify.training.settings import Settings
from verify.training.tasks.task import Task
from verify.training.update import Update

SAVED_EVERY = 100  # epochs
DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


class TrainingGroup:
    """Training of several networks from their first epoch, or from the one saved in the folder ``states``."""

    def __init__(
        self,
        task: Task,
        identities: Sequence[Identity],
        settings: Settings,
        device: str = "cpu",
        states: Path | None = None,
    ) -> None:
        self.task, self.identities, self.settings, self.states = task, tuple(identities), settings, states
        dtype = {"float32": torch.float32, "float64": torch.float64}[settings.dtype]
        starts = [initial_network(task, identity) for identity in identities]
        self.networks = Networks(task, starts, device, dtype)
        self.start = self.networks.weights[:, : self.networks.size].clone()
        self.batches = FreshTrials(task, self.identities, device, dtype)
        self.update = Update(self.networks, settings, self.batches(0)[0].shape[1])
        self.epoch = 0
        self.every = look_every(settings.epochs)
        records = looks(settings.epochs)
        count, size = len(self.networks), self.networks.size
        rank = min(KEPT_RANK, size)
        self.arrays = {
            "loss": np.full((count, settings.epochs), np.nan),
            "norms": np.full((count, records), np.nan),
            "strengths": np.full((count, records, rank), np.nan),
            "left": np.full((count, records, size, rank), np.nan, np.float32),
            "right": np.full((count, records, size, rank), np.nan, np.float32),
        }
        if states is not None:
            self._restore(states)

    def run(self, on_epoch: Callable[[], None] = lambda: None) -> list[TrainedNetwork]:
        """Train to the last epoch; one TrainedNetwork a network."""
        losses: list[torch.Tensor] = []
        first = self.epoch
        while self.epoch < self.settings.epochs:
            if self.epoch % self.every == 0:
                self._look(self.epoch // self.every)
            losses.append(self.update(self.batches(self.epoch)).clone())
            self.epoch += 1
            on_epoch()
            if self.epoch % SAVED_EVERY == 0 or self.epoch == self.settings.epochs:
                self.arrays["loss"][:, first : self.epoch] = torch.stack(losses, 1).double().cpu().numpy()
                losses, first = [], self.epoch
                self._save()
        return [self._run(index) for index in range(len(self.networks))]

    def _look(self, look: int) -> None:
        """dW^T is in the weights, so that its left vectors are the right ones of dW."""
        change = self.networks.weights[:, : self.networks.size] - self.start
        self.arrays["norms"][:, look] = torch.linalg.matrix_norm(change).double().cpu().numpy()
        if not torch.isfinite(change).all():
            return
        right, strengths, left = torch.linalg.svd(change)
        rank = self.arrays["strengths"].shape[-1]
        self.arrays["strengths"][:, look] = strengths[:, :rank].double().cpu().numpy()
        self.arrays["right"][:, look] = right[:, :, :rank].cpu().numpy()
        self.arrays["left"][:, look] = left[:, :rank].mT.cpu().numpy()

    def _run(self, index: int) -> TrainedNetwork:
        return TrainedNetwork(
            self.task.name,
            self.identities[index],
            self.settings,
            recorded=self.every * np.arange(self.arrays["norms"].shape[1]),
            end=self.networks.network(index),
            **{name: values[index] for name, values in self.arrays.items()},
        )

    def _tensors(self) -> list[torch.Tensor]:
        """What training changes, each with a leading network axis; the count of steps is the epoch."""
        optimizer = self.update.optimizer
        slots = [tensor for slot in optimizer.state for tensor in slot]
        return [self.networks.weights, self.networks.readout, *slots]

    def _save(self) -> None:
        if self.states is None:
            return
        for index, identity in enumerate(self.identities):
            content = {f"tensor_{k}": t[index].cpu().numpy() for k, t in enumerate(self._tensors())}
            content |= {name: values[index] for name, values in self.arrays.items()}
            stream = io.BytesIO()
            np.savez(stream, allow_pickle=False, epoch=np.array(self.epoch), **content)
            write_atomically(
                state_path(self.states, self.task.name, identity, self.settings), stream.getvalue()
            )

    def _restore(self, states: Path) -> None:
        """Networks go on where all of them have the same epoch; otherwise training starts anew."""
        paths = [state_path(states, self.task.name, each, self.settings) for each in self.identities]
        if len({saved_epoch(path) for path in paths}) > 1:
            return
        try:
            content = [dict(np.load(path, allow_pickle=False).items()) for path in paths]
        except DAMAGED:
            return
        tensors = self._tensors()
        for index, saved in enumerate(content):
            shapes = {f"tensor_{k}": tuple(tensor[index].shape) for k, tensor in enumerate(tensors)}
            shapes |= {name: values[index].shape for name, values in self.arrays.items()}
            if {name: saved[name].shape for name in shapes if name in saved} != shapes:
                return
        for index, saved in enumerate(content):
            for k, tensor in enumerate(tensors):
                tensor[index].copy_(torch.from_numpy(saved[f"tensor_{k}"]))
            for name, values in self.arrays.items():
                values[index] = saved[name]
        self.epoch = int(content[0]["epoch"])
        self.update.optimizer.count.fill_(self.epoch)


def network_bytes(task: Task, size: int, settings: Settings) -> int:
    """Memory of one network of a group in training, in bytes.

    States and adjoints, with a copy of one of them; weights, gradient, two moments and a start; a block of
    trials.
    """
    steps = task.trials(np.random.default_rng(0), 1).inputs.shape[1]
    states = 3 * steps * task.batch * (size + task.inputs)
    trials = BLOCK * steps * task.batch * (task.inputs + 2 * task.outputs)
    entries = states + 5 * size * (size + task.inputs + task.outputs) + trials
    return int(entries * int(settings.dtype.removeprefix("float")) // 8)


def state_path(states: Path, task: str, identity: Identity, settings: Settings) -> Path:
    """Where a network in training keeps its last saved epoch."""
    digest = hashlib.sha256(repr((task, identity, settings)).encode()).hexdigest()[:16]
    return states / f"{digest}.npz"


def saved_epoch(path: Path) -> int:
    """The epoch of a saved state; 0 where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as saved:
            return int(saved["epoch"])
    except DAMAGED:
        return 0
