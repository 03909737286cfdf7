"""Adam on the mean logistic loss, in buckets of sentences of similar length; resumable by epoch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from derive.arrays import Array
from derive.write.files import write_atomically
from verify.training.sentiment.data import Sentences
from verify.training.sentiment.embedding import PADDING, Vocabulary
from verify.training.sentiment.model import SentimentNetwork

BATCH = 64
BUCKETS = 50  # batches sorted by length among each other before they are cut
TEST_BATCH = 256


@dataclass(frozen=True, eq=False)
class Encoded:
    """Sentences as lists of word numbers, and their labels."""

    words: list[list[int]]
    labels: torch.Tensor


@dataclass(frozen=True, eq=False)
class Course:
    """By epoch (epochs,), after it: mean training loss during it, validation loss and accuracy.

    ``initial_loss`` and ``initial_accuracy``: of the validation set before the first update.
    """

    training_loss: Array
    validation_loss: Array
    validation_accuracy: Array
    initial_loss: float
    initial_accuracy: float


def encode(sentences: Sentences, words: Vocabulary) -> Encoded:
    """Every sentence as the numbers of its words."""
    labels = torch.tensor(sentences.labels, dtype=torch.float32)
    return Encoded([words.encode(tokens) for tokens in sentences.tokens], labels)


def batches(data: Encoded, size: int, rng: np.random.Generator | None) -> Iterator[tuple[torch.Tensor, ...]]:
    """(words, lengths, labels) of every batch; shuffled by ``rng``, or in order of length."""
    lengths = np.array([len(words) for words in data.words])
    if rng is None:
        order = np.argsort(lengths, kind="stable")
        cuts = [order[k : k + size] for k in range(0, len(order), size)]
    else:
        order = rng.permutation(len(lengths))
        pools = [order[k : k + size * BUCKETS] for k in range(0, len(order), size * BUCKETS)]
        sorted_pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        cuts = [pool[k : k + size] for pool in sorted_pools for k in range(0, len(pool), size)]
        cuts = [cuts[k] for k in rng.permutation(len(cuts))]
    for cut in cuts:
        longest = int(lengths[cut].max())
        words = torch.tensor([data.words[k] + [PADDING] * (longest - lengths[k]) for k in cut])
        yield words, torch.tensor(lengths[cut]), data.labels[cut]


def judge(network: SentimentNetwork, data: Encoded, device: str = "cpu") -> tuple[float, float]:
    """Mean loss and accuracy, without dropout."""
    loss = right = 0.0
    network.eval()
    with torch.no_grad():
        for words, lengths, labels in batches(data, TEST_BATCH, None):
            logits, labels = network(words.to(device), lengths), labels.to(device)
            loss += float(binary_cross_entropy_with_logits(logits, labels, reduction="sum"))
            right += int(((logits > 0) == (labels > 0.5)).sum())
    return loss / len(data.words), right / len(data.words)


def train_network(
    network: SentimentNetwork,
    training: Encoded,
    validation: Encoded,
    epochs: int,
    rate: float,
    seed: int,
    device: str = "cpu",
    path: Path | None = None,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> Course:
    """Train ``network`` in place; with ``path`` every epoch is saved there and gone on from."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    initial = judge(network, validation, device)
    course = np.full((3, epochs), np.nan)
    done = 0 if path is None else _restore(path, parameters, optimizer, course)
    for epoch in range(done, epochs):
        on_epoch(epoch)
        network.train()
        total = 0.0
        with torch.random.fork_rng():
            torch.manual_seed(1_000_003 * seed + epoch)  # dropout's, so that an epoch is itself when resumed
            for words, lengths, labels in batches(training, BATCH, np.random.default_rng([seed, epoch])):
                optimizer.zero_grad(set_to_none=True)
                loss = binary_cross_entropy_with_logits(network(words.to(device), lengths), labels.to(device))
                loss.backward()
                optimizer.step()
                total += loss.item() * len(labels)
        course[:, epoch] = total / len(training.words), *judge(network, validation, device)
        if path is not None:
            _save(path, parameters, optimizer, course, epoch + 1)
    on_epoch(epochs)
    (training_loss, validation_loss, accuracy), (initial_loss, initial_accuracy) = course, initial
    return Course(training_loss, validation_loss, accuracy, initial_loss, initial_accuracy)


def _state(parameters: list[torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """Parameters and Adam's moments, in a fixed order (moments of 0 where there was no step yet)."""
    for parameter in parameters:
        if not optimizer.state[parameter]:
            optimizer.state[parameter] = {
                "step": torch.zeros(()),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
    moments = [optimizer.state[p][name] for p in parameters for name in ("step", "exp_avg", "exp_avg_sq")]
    return [*(parameter.data for parameter in parameters), *moments]


def _save(
    path: Path,
    parameters: list[torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    course: Array,
    epoch: int,
) -> None:
    stream = io.BytesIO()
    tensors = {f"tensor_{k}": t.cpu().numpy() for k, t in enumerate(_state(parameters, optimizer))}
    np.savez(stream, allow_pickle=False, epoch=np.array(epoch), course=course, **tensors)
    write_atomically(path, stream.getvalue())


def _restore(
    path: Path, parameters: list[torch.nn.Parameter], optimizer: torch.optim.Optimizer, course: Array
) -> int:
    """The epoch to go on with; 0 where there is no whole state of these shapes."""
    if not path.is_file():
        return 0
    try:
        with np.load(path, allow_pickle=False) as saved:
            content = {name: saved[name] for name in saved.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return 0
    tensors = _state(parameters, optimizer)
    stored = [content.get(f"tensor_{k}") for k in range(len(tensors))]
    if any(s is None or s.shape != tuple(t.shape) for s, t in zip(stored, tensors, strict=True)):
        return 0
    for array, tensor in zip(stored, tensors, strict=True):
        tensor.copy_(torch.from_numpy(np.asarray(array)))
    course[:] = content["course"]
    return int(content["epoch"])
