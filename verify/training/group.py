"""Networks of one size and one learning rate trained as one computation, resumable at any epoch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from derive.write.files import write_atomically
from verify.training.batches import Batches
from verify.training.networks import Identity, Networks, initial_network
from verify.training.run import KEPT_RANK, RECORDS, Run
from verify.training.settings import Settings
from verify.training.tasks.task import Task
from verify.training.update import Update

SAVED_EVERY = 100  # epochs


class Group:
    """Training of several networks from their first epoch, or from the saved state at ``path``."""

    def __init__(
        self,
        task: Task,
        identities: Sequence[Identity],
        settings: Settings,
        device: str = "cpu",
        path: Path | None = None,
    ) -> None:
        self.task, self.identities, self.settings, self.path = task, tuple(identities), settings, path
        dtype = {"float32": torch.float32, "float64": torch.float64}[settings.dtype]
        starts = [initial_network(task, identity) for identity in identities]
        self.networks = Networks(task, starts, device, dtype)
        self.start = self.networks.weights[:, : self.networks.size].clone()
        self.batches = Batches(task, self.identities, device, dtype)
        self.update = Update(self.networks, settings, self.batches(0)[0].shape[1])
        self.epoch = 0
        self.every = max(1, settings.epochs // RECORDS)
        looks = -(-settings.epochs // self.every)
        count, size = len(self.networks), self.networks.size
        rank = min(KEPT_RANK, size)
        self.arrays = {
            "loss": np.full((count, settings.epochs), np.nan),
            "norms": np.full((count, looks), np.nan),
            "strengths": np.full((count, looks, rank), np.nan),
            "left": np.full((count, looks, size, rank), np.nan, np.float32),
            "right": np.full((count, looks, size, rank), np.nan, np.float32),
        }
        if path is not None and path.is_file():
            self._restore(path)

    def run(self, on_epoch: Callable[[], None] = lambda: None) -> list[Run]:
        """Train to the last epoch; one Run a network."""
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

    def _run(self, index: int) -> Run:
        return Run(
            self.task.name,
            self.identities[index],
            self.settings,
            recorded=self.every * np.arange(self.arrays["norms"].shape[1]),
            end=self.networks.network(index),
            **{name: values[index] for name, values in self.arrays.items()},
        )

    def _tensors(self) -> list[torch.Tensor]:
        optimizer = self.update.optimizer
        slots = [tensor for slot in optimizer.state for tensor in slot]
        return [self.networks.weights, self.networks.readout, optimizer.count, *slots]

    def _save(self) -> None:
        if self.path is None:
            return
        stream = io.BytesIO()
        tensors = {f"tensor_{k}": tensor.cpu().numpy() for k, tensor in enumerate(self._tensors())}
        np.savez(stream, allow_pickle=False, epoch=np.array(self.epoch), **tensors, **self.arrays)
        write_atomically(self.path, stream.getvalue())

    def _restore(self, path: Path) -> None:
        """A file that is damaged or of another shape is left alone: training starts anew."""
        try:
            with np.load(path, allow_pickle=False) as saved:
                content = {name: saved[name] for name in saved.files}
        except (OSError, ValueError, zipfile.BadZipFile):
            return
        tensors = self._tensors()
        if any(
            content.get(f"tensor_{k}", np.empty(0)).shape != tuple(tensor.shape)
            for k, tensor in enumerate(tensors)
        ):
            return
        for k, tensor in enumerate(tensors):
            tensor.copy_(torch.from_numpy(content[f"tensor_{k}"]))
        for name in self.arrays:
            self.arrays[name] = content[name]
        self.epoch = int(content["epoch"])
