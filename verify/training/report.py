"""Trained networks and their measures as the JSON of ``verify task`` and as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from verify.training.measures import Measures
from verify.training.projection import SPANS, Explained
from verify.training.run import TrainedNetwork

SCALARS = (
    "convergence_epoch",
    "norm",
    "functional_rank",
    "functional_rank_initial",
    "shuffled_loss",
    "initial_loss",
)
TITLES = {
    "convergence_epoch": "converged at",
    "norm": "|dW|",
    "functional_rank": "rank",
    "functional_rank_initial": "rank (L0)",
    "shuffled_loss": "shuffled/L0",
    "initial_loss": "L0",
}
SHOWN_VALUES = 8
WIDTH = 17


def record(run: TrainedNetwork, measures: Measures, chain: Explained | None = None) -> dict[str, Any]:
    """One network's entry of the JSON's "runs"; numbers that are not finite become None.

    A network that never converged has no functional rank: no part of its change solves the task.
    "explained": parts of |dW|^2 in the spans of `verify.training.projection`, at the last look.
    """
    learned = run.convergence_epoch is not None
    parts = [] if chain is None or not len(chain.both) else chain.both[-1]
    return {
        "g": run.identity.g,
        "seed": run.identity.seed,
        "convergence_epoch": run.convergence_epoch,
        "norm": _number(measures.norm),
        "singular_values": _numbers(measures.singular_values),
        "truncation_loss": _numbers(measures.truncation_loss),
        "functional_rank": measures.functional_rank if learned else None,
        "functional_rank_initial": measures.functional_rank_initial if learned else None,
        "shuffled_loss": _number(measures.shuffled_loss),
        "initial_loss": _number(run.initial_loss),
        "loss": _numbers(run.loss),
        "explained_variance": _numbers(measures.explained_variance),
        "finite": run.finite,
        "explained": dict(zip(SPANS, map(float, parts), strict=False)) or None,
    }


def summary(records: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Mean and population standard deviation over seeds, by g; None where a network has no value.

    The published points are these: shown only where every network has converged.
    """
    mean: dict[str, Any] = {}
    std: dict[str, Any] = {}
    for g in dict.fromkeys(each["g"] for each in records):
        chosen = [each for each in records if each["g"] == g]
        name = "null" if g is None else f"{g:g}"
        mean[name], std[name] = {}, {}
        for key in (*SCALARS, "singular_values", "truncation_loss"):
            values = [each[key] for each in chosen]
            complete = None not in [number for value in values for number in _as_list(value)]
            mean[name][key] = np.mean(values, axis=0).tolist() if complete else None
            std[name][key] = np.std(values, axis=0).tolist() if complete else None
    return mean, std


def json_report(task: str, size: int | None, records: Sequence[dict[str, Any]], **more: Any) -> str:
    """The JSON document."""
    mean, std = summary(records)
    content = {"task": task, "size": size, "runs": list(records), "mean": mean, "std": std, **more}
    return json.dumps(content, allow_nan=False)


def text_report(heading: str, records: Sequence[dict[str, Any]]) -> str:
    """A line a network, then mean and deviation over seeds for every g, then singular values of dW."""
    mean, std = summary(records)
    lines = [heading, "", f"{'g':>5} {'seed':>5}" + "".join(f" {TITLES[key]:>{WIDTH}}" for key in SCALARS)]
    for each in records:
        row = "".join(f" {_cell(key, each[key]):>{WIDTH}}" for key in SCALARS)
        lines.append(f"{_strength(each['g']):>5} {each['seed']:>5}{row}")
    lines += ["", "mean and standard deviation over seeds (none: a network has no value)"]
    for name, values in mean.items():
        row = "".join(f" {_with_deviation(values[key], std[name][key]):>{WIDTH}}" for key in SCALARS)
        lines.append(f"{name:>5} {'':>5}{row}")
    lines += ["", f"mean over seeds of the first {SHOWN_VALUES} singular values of dW"]
    for name, values in mean.items():
        lines.append(f"{name:>5}  {_shown(values['singular_values'], 1.0)}")
    lines += ["", "mean over seeds of the loss of W0 + dW at rank R = 0, 1, ..., over L0"]
    for name, values in mean.items():
        lines.append(f"{name:>5}  {_shown(values['truncation_loss'], values['initial_loss'])}")
    if any(each.get("explained") for each in records):
        lines += ["", f"part of |dW|^2 in the spans of the linear theory: {', '.join(SPANS)}"]
        for each in records:
            parts = "  ".join(f"{value:.3f}" for value in (each["explained"] or {}).values())
            lines.append(f"{_strength(each['g']):>5} {each['seed']:>5}  {parts or 'none'}")
    return "\n".join(lines)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_number(value) for value in values]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(values: list[float] | None, unit: float) -> str:
    if values is None:
        return "none"
    return "  ".join(f"{value / unit:.3g}" for value in values[:SHOWN_VALUES])


def _strength(g: float | None) -> str:
    return "-" if g is None else f"{g:g}"


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "not converged" if key == "convergence_epoch" else "none"
    return f"{value:.4g}"


def _with_deviation(mean: float | None, deviation: float | None) -> str:
    return "none" if mean is None else f"{mean:.3g} +- {deviation:.2g}"
