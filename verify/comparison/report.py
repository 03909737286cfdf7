"""A comparison as text for a reader and as JSON for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from verify.checks.judging import Values, judged_names
from verify.comparison.comparison import Comparison

TITLES = {
    "readout": "readout z",
    "loss": "loss (zhat - z)^2/2",
    "s1": "first singular value of W - W0",
    "s2": "second singular value of W - W0",
}


def text_report(comparison: Comparison, figure: Path) -> str:
    """Tables over ttilde, the checks with their reasons, and the figure's path."""
    request, plan = comparison.request, comparison.plan
    lines = [
        f"order {request.order}, N = {request.size}, g = {request.g:g}, zhat = {request.zhat:g}, "
        f"{request.task_text}{request.seeds} seeds, "
        f"{plan.epochs} epochs of learning rate {plan.learning_rate:.6g} "
        f"(ttilde = {request.beta_squared:.6g} tau)",
        f"series: {comparison.theory.path}; judged where its next terms are small, elsewhere only drawn",
    ]
    for name in judged_names(request.task):
        lines += [
            "",
            TITLES[name],
            f"{'ttilde':>8}  {'series':>13}         {'N = infinity':>13}"
            + "".join(f"  {simulator.replace('_', ' '):>24}" for simulator in comparison.mean),
        ]
        for k, time in enumerate(plan.ttilde):
            simulated = "".join(
                f"  {comparison.mean[s][name][k]:>12.6g} ± {comparison.deviation[s][name][k]:<9.3g}"
                for s in comparison.mean
            )
            judged = "judged" if comparison.judgement.judged[name][k] else "drawn"
            row = (
                f"{time:>8.4g}  {comparison.series[name][k]:>13.6g} {judged:<6}  "
                f"{comparison.limit[name][k]:>13.6g}{simulated}"
            )
            lines.append(row.rstrip())
    lines += ["", "checks"]
    reason = ""
    for check in comparison.checks:
        lines.append(
            f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}, expected "
            f"{check.expected:.6g}, tolerance {check.tolerance:.2g}"
        )
        lines.append(f"      {'as above' if check.reason == reason else check.reason}")
        reason = check.reason
    failed = sum(not check.passed for check in comparison.checks)
    verdict = "all checks passed" if not failed else f"{failed} of {len(comparison.checks)} checks failed"
    return "\n".join([*lines, "", f"{verdict}; figure: {figure}"])


def json_report(comparison: Comparison, figure: Path) -> str:
    """The same as one JSON object; numbers that are not finite become null."""
    request, plan = comparison.request, comparison.plan
    return json.dumps(
        {
            "request": {
                "order": request.order,
                "size": request.size,
                "g": request.g,
                "zhat": request.zhat,
                "alignment": str(request.task.alignment),
                "train": list(request.task.train),
                "seeds": request.seeds,
                "epochs": plan.epochs,
                "learning_rate": plan.learning_rate,
            },
            "passed": comparison.passed,
            "checks": [check.json() for check in comparison.checks],
            "ttilde": plan.ttilde.tolist(),
            "theory": _observables(comparison.series),
            "judged": {name: comparison.judgement.judged[name].tolist() for name in comparison.series},
            "limit": _observables(comparison.limit),
            "simulation": {
                "mean": {name: _observables(values) for name, values in comparison.mean.items()},
                "std": {name: _observables(values) for name, values in comparison.deviation.items()},
            },
            "figure": str(figure),
        },
        indent=2,
        allow_nan=False,
    )


def _observables(values: Values) -> dict[str, Any]:
    return {
        "readout": _numbers(values["readout"]),
        "loss": _numbers(values["loss"]),
        "frobenius_norm": _numbers(values["frobenius_norm"]),
        "singular_values": [_numbers(values["s1"]), _numbers(values["s2"])],
    }


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]
