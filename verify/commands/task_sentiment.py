"""The body of ``verify task sentiment``."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import typer

from derive.command_line import UsageProblem
from verify.device import check_device
from verify.folders import prepare_folder, save
from verify.pictures import Pictures, finish
from verify.progress import labelled_progress
from verify.training.measures import RANKS, functional_rank
from verify.training.report import summary
from verify.training.run import CONVERGED
from verify.training.sentiment.data import ALLOWED, read_data
from verify.training.sentiment.result import EPOCHS, SentimentResult, prepare, sentiment_result

SECOND_LAYER = "weight_hh_l1"
"""The matrix of the paper's Fig. 5(a): recurrent weights of layer 2."""

SHOWN_RANKS = (0, 1, 2, 5, 10, 12, 20, 40, 80, 150)


def sentiment(
    data: Path | None,
    embeddings: Path | None,
    size: int,
    seeds: int,
    device: str,
    store: Path | None,
    out: Path | None,
    form: str,
    epochs: int = EPOCHS,
    rate: float | None = None,
) -> None:
    """Train LSTMs on the sentences at ``data`` and print how their changes can be truncated."""
    if data is None:
        raise UsageProblem(f"--data is missing; {ALLOWED}")
    check_device(device)
    if out is not None:
        prepare_folder(out)
    read = read_data(data)
    prepared = prepare(read, embeddings, 0)
    with labelled_progress("epochs") as progress:
        report = progress("training")
        results = [
            sentiment_result(
                prepared,
                size,
                seed,
                epochs,
                rate,
                device,
                store,
                lambda epoch, seed=seed: report(seed * epochs + epoch, seeds * epochs),  # type: ignore[misc]
            )
            for seed in range(seeds)
        ]
    content = sentiment_json(results, prepared.source)
    text = json.dumps(content, allow_nan=False)
    if out is not None:
        save(out, "task_sentiment.json", text + "\n")
    report_text = text if form == "json" else sentiment_text(results, prepared.source)
    if out is None:
        typer.echo(report_text)
        return
    from verify.papers.fig5 import fig5_files
    from verify.papers.style import FIGURE_FORMS

    finish(report_text, True, Pictures(out, "task_sentiment", FIGURE_FORMS, lambda: fig5_files(results[0])))


def sentiment_json(results: list[SentimentResult], source: str) -> dict[str, Any]:
    """The keys of the other tasks, for the second layer's recurrent weights, and the LSTM's own.

    "loss" is the training loss of every epoch, "initial_loss" the validation set's before the first;
    "truncation_loss" and the ranks belong to the joint truncation, on the validation set.
    """
    runs = []
    for result in results:
        course, cuts, second = result.course, result.truncation, result.spectra[SECOND_LAYER]
        losses = cuts.change_loss[:RANKS]
        below = np.flatnonzero(course.training_loss < CONVERGED * course.initial_loss)
        runs.append(
            {
                "g": None,
                "seed": result.seed,
                "convergence_epoch": int(below[0]) if len(below) else None,
                "norm": float(np.linalg.norm(second.change)),
                "singular_values": second.change.tolist(),
                "truncation_loss": _numbers(losses),
                "functional_rank": functional_rank(losses, losses[0]),
                "functional_rank_initial": functional_rank(losses, course.initial_loss),
                "shuffled_loss": _number(result.shuffled_loss / course.initial_loss),
                "initial_loss": course.initial_loss,
                "loss": _numbers(course.training_loss),
                "validation_loss": _numbers(course.validation_loss),
                "validation_accuracy": _numbers(course.validation_accuracy),
                "initial_accuracy": course.initial_accuracy,
                "ranks": list(cuts.ranks),
                "change_accuracy": _numbers(cuts.change_accuracy),
                "whole_accuracy": _numbers(cuts.whole_accuracy),
                "matrices": {
                    name: {
                        "change": spectra.change.tolist(),
                        "initial": spectra.initial.tolist(),
                        "whole": spectra.whole.tolist(),
                        "bulk_edges": list(spectra.edges),
                    }
                    for name, spectra in result.spectra.items()
                },
            }
        )
    mean, std = summary(runs)
    return {
        "task": "sentiment",
        "size": results[0].size,
        "runs": runs,
        "mean": mean,
        "std": std,
        "data": source,
        "learning_rate": results[0].rate,
    }


def sentiment_text(results: list[SentimentResult], source: str) -> str:
    """What Fig. 5 says, as a table for every network."""
    first = results[0]
    lines = [
        f"sentiment, two layers of {first.size} units, {first.epochs} epochs of adam, learning rate "
        f"{first.rate:.4g}",
        source,
    ]
    for result in results:
        course, cuts = result.course, result.truncation
        lines += [
            "",
            f"seed {result.seed}: validation accuracy {course.initial_accuracy:.3f} -> "
            f"{course.validation_accuracy[-1]:.3f} (largest {course.validation_accuracy.max():.3f}), "
            f"loss {course.initial_loss:.3f} -> {course.validation_loss[-1]:.3f}; training loss "
            f"{course.training_loss[-1]:.3f}",
            f"{'rank R':>8}{'W0 + dW at R':>16}{'W at R':>10}   (validation accuracy)",
        ]
        for rank in sorted({r for r in SHOWN_RANKS if r in cuts.ranks} | {cuts.ranks[-1]}):
            k = cuts.ranks.index(rank)
            lines.append(f"{rank:>8}{cuts.change_accuracy[k]:>16.3f}{cuts.whole_accuracy[k]:>10.3f}")
        lines.append("first singular values, stacked over gates: dW | W | edges of W0's bulk")
        for name, spectra in result.spectra.items():
            change, whole = (" ".join(f"{v:.2f}" for v in s[:6]) for s in (spectra.change, spectra.whole))
            low, high = spectra.edges
            lines.append(f"  {name:<13} {change} | {whole} | {low:.3f} {high:.3f}")
    return "\n".join(lines)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values]
