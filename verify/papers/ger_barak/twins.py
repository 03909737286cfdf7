"""Twins (Figs. 4d-f, 9, 10): pairs of one start learn A or B, then both C; what tells which it was?

All twins learn at once in the Gaussian closure, as published; a batch of trials is drawn at each epoch and
shared by all that learn its task.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from derive.arrays import Array
from derive.command_line import UsageProblem
from derive.overlaps.batches.published import (
    decision_batch,
    flip_flop_batch,
    published_teacher,
    teacher_inputs,
)
from derive.overlaps.batches.rank_one_closure import RankOneClosure
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials
from derive.overlaps.visibility import visible_overlaps
from verify.folders import save
from verify.papers.ger_barak.protocol import FigureSetting

PROBLEM = OverlapProblem(nonlinearity="erf")
PAIRS, TRIALS, DURATION, DT = 10, 128, 20.0, 0.05
EPOCHS, RATE, RATE_OF_C = 30_000, 0.01, 0.001
LEARNED, SLOWER = 0.015, 5.0  # the loss below which A and B are learned five times more slowly
TRAINING_PAIRS, SPLITS, PENALTY = 8, 50, 1.0
KEPT = 500  # epochs between two states that are kept


@dataclass(frozen=True, eq=False)
class Twins:
    """S at the start, after A or B, after C, shape (3, 2 pairs, 4, 4), the first half having learned A;
    losses of every epoch, (E, 2 pairs), of both stages; starts drawn that were no Gram matrices."""

    overlaps: Array
    first: Array
    second: Array
    rejected: float


def random_starts(count: int, seed: int) -> tuple[Array, float]:
    """S, (count, 4, 4): six overlaps |N(0, 0.4)|, norms from U(0.5, 2); and the part that was thrown away.

    Published starts are not all positive semidefinite; no network has those overlaps: they are drawn anew.
    """
    random = np.random.default_rng(seed)
    kept: list[Array] = []
    drawn = 0
    while len(kept) < count:
        drawn += 1
        S = np.zeros((4, 4))
        rows, columns = np.triu_indices(4, 1)
        S[rows, columns] = np.abs(0.4 * random.standard_normal(6))
        S = S + S.T + np.diag(random.uniform(0.5, 2, 4))
        if np.linalg.eigvalsh(S)[0] >= 0:
            kept.append(S)
    return np.array(kept), 1 - count / drawn


def descend(S: Array, derivatives: Array, rate: Array) -> Array:
    """One epoch of every network, (B, 4, 4), each at its own rate, (B,)."""
    step = np.eye(4) - rate[:, None, None] * (derivatives + np.swapaxes(derivatives, 1, 2))
    return np.asarray(np.swapaxes(step, 1, 2) @ S @ step)


@dataclass
class TwinsUnderWay:
    """How far the twins are: S now, rates of the first stage, losses so far, ends of stages; ``done`` epochs
    of both stages together."""

    S: Array
    rate: Array
    losses: Array
    ends: Array
    rejected: float
    done: int = 0


@cache
def learn_twins(setting: FigureSetting, seed: int = 0) -> Twins:
    """The published protocol, run once for both figures; quick: 16 trials, steps of 0.1, 3000 epochs.

    Kept in the setting's folder every 500 epochs; what is there is gone on with.
    """
    epochs, trials = setting.epochs or setting.number(EPOCHS, 3000), setting.number(TRIALS, 16)
    dt = DT if not setting.quick else 0.1
    name = f"overlap-twins-{epochs}-{trials}-{dt:g}-{seed}.npz"
    kept = None if setting.folder is None else setting.folder / name
    run = _begun(kept, epochs, seed)
    advance = setting.progress("twins", 2 * epochs)
    for _ in range(run.done):
        advance()
    while run.done < 2 * epochs:
        stage, epoch = divmod(run.done, epochs)
        random = np.random.default_rng((seed, stage + 1, epoch))
        if stage == 0:
            _learn_first(run, random, epoch, trials, dt)
        else:
            _learn_teacher(run, random, epoch, trials, dt)
        run.done += 1
        if run.done % epochs == 0:
            run.ends[stage + 1] = run.S
        if kept is not None and (run.done % KEPT == 0 or run.done == 2 * epochs):
            _keep(kept, run)
        advance()
    return Twins(run.ends, run.losses[0], run.losses[1], run.rejected)


def batches_of_a_and_b(random: np.random.Generator, trials: int, dt: float) -> list[WeightedTrials]:
    """Trials of task A, a flip-flop with quick pulses, and of task B, a decision."""
    steps = round(DURATION / dt)
    return [
        flip_flop_batch(random, trials, dt, steps, gaps=(1.0, 2.0), amplitude=1.0, pulse=2.0),
        decision_batch(random, trials, dt, steps),
    ]


def _learn_first(run: TwinsUnderWay, random: np.random.Generator, epoch: int, trials: int, dt: float) -> None:
    """An epoch of the first stage: the first half of the networks learns A, the other B."""
    tasks = batches_of_a_and_b(random, trials, dt)
    inputs, targets, weights = (
        np.repeat([getattr(task, part)[:, :, 0] for task in tasks], PAIRS, axis=0)
        for part in ("inputs", "targets", "weights")
    )
    value, D = RankOneClosure(PROBLEM).on_own(run.S, dt, inputs, targets, weights)
    run.losses[0, epoch] = value
    run.rate = np.where(value < LEARNED, np.minimum(run.rate, RATE / SLOWER), run.rate)
    run.S = descend(run.S, D, run.rate)


def _learn_teacher(
    run: TwinsUnderWay, random: np.random.Generator, epoch: int, trials: int, dt: float
) -> None:
    """An epoch of the second stage: all learn C, the answer of the published teacher."""
    steps, closure = round(DURATION / dt), RankOneClosure(PROBLEM)
    inputs = teacher_inputs(random, trials, dt, steps)[None, :, :, 0]
    weights = np.full((1, trials, steps), dt / trials)
    targets = closure.outputs(published_teacher(PROBLEM)[None], dt, inputs)
    run.losses[1, epoch], D = closure.on_own(run.S, dt, inputs, targets, weights)
    run.S = descend(run.S, D, np.full(2 * PAIRS, RATE_OF_C))


def _begun(kept: Path | None, epochs: int, seed: int) -> TwinsUnderWay:
    """What is kept, or the start."""
    if kept is not None and kept.is_file():
        try:
            with np.load(kept, allow_pickle=False) as found:
                named = {name: found[name] for name in found.files}
            rejected, done = float(named.pop("rejected")), int(named.pop("done"))
            return TwinsUnderWay(**named, rejected=rejected, done=done)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile):
            raise UsageProblem(f"{kept}: not a run of twins that was kept; remove it to begin anew") from None
    starts, rejected = random_starts(PAIRS, seed)
    S = np.concatenate([starts, starts])
    ends = np.array([S, S, S])
    return TwinsUnderWay(S, np.full(2 * PAIRS, RATE), np.empty((2, epochs, 2 * PAIRS)), ends, rejected)


def _keep(path: Path, run: TwinsUnderWay) -> None:
    stream = io.BytesIO()
    np.savez(stream, **vars(run))
    save(path.parent, path.name, stream.getvalue())


def decoding(
    overlaps: Array, names: tuple[str, ...], noise: float, reading: float = 0.0, seed: int = 0
) -> tuple[float, float]:
    """How often a network of a pair not seen in training is told A or B from the named overlaps: mean and
    standard error over the splits. Standardised logistic regression; ``noise``, in standard deviations, is
    added to what it is trained on. Every overlap is read with an error of standard deviation ``reading``.
    """
    features = np.array([[S[PROBLEM.pairs[name]] for name in names] for S in overlaps])
    labels = np.repeat([1.0, -1.0], PAIRS)
    random, found = np.random.default_rng(seed), []
    for _ in range(SPLITS):
        order = random.permutation(PAIRS)
        seen = features + reading * random.standard_normal(features.shape) if reading else features
        chosen = np.isin(np.tile(np.arange(PAIRS), 2), order[:TRAINING_PAIRS])
        mean, scale = seen[chosen].mean(axis=0), seen[chosen].std(axis=0)
        standard = (seen - mean) / np.where(scale > 0, scale, 1)
        training = standard[chosen] + noise * random.standard_normal((chosen.sum(), len(names)))
        weights = _logistic(training, labels[chosen])
        values = labels[~chosen] * (standard[~chosen] @ weights[1:] + weights[0])
        found.append(np.mean(np.where(values == 0, 0.5, values > 0)))
    return float(np.mean(found)), float(np.std(found) / np.sqrt(SPLITS))


def groups() -> dict[str, tuple[str, ...]]:
    """The visible and the invisible overlaps."""
    visible = visible_overlaps(PROBLEM)
    return {"visible": visible, "invisible": tuple(n for n in PROBLEM.names if n not in visible)}


def _logistic(features: Array, labels: Array) -> Array:
    """Intercept and weights of the logistic regression with a quadratic penalty of 1/2 on the weights."""
    from scipy.optimize import minimize

    design = np.hstack([np.ones((len(features), 1)), features])

    def objective(weights: Array) -> tuple[float, Array]:
        margin = labels * (design @ weights)
        value = np.logaddexp(0, -margin).sum() + PENALTY / 2 * np.sum(weights[1:] ** 2)
        slope = -design.T @ (labels / (1 + np.exp(np.clip(margin, -500, 500))))
        slope[1:] += PENALTY * weights[1:]
        return float(value), slope

    result = minimize(objective, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(result.x)
