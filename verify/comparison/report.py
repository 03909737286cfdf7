"""A comparison as text for a reader and as JSON for a program; checks likewise."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from derive.observables.registry import observables
from verify.checks.check import Check
from verify.checks.statistics import judged_groups
from verify.comparison.comparison import SimulationComparison
from verify.comparison.request import Experiment
from verify.truth.flow_curve import Values

MOST_ENTRIES = 6
"""Tables of so many entries of a target matrix at most; JSON has all."""


def text_report(comparison: SimulationComparison, figure: Path) -> str:
    """Tables over ttilde, the checks with their reasons, and the figure's path."""
    experiment, plan, setting = comparison.experiment, comparison.plan, comparison.setting
    lines = [
        f"order {comparison.theory.order}, {experiment.text}, {experiment.seeds} seeds, "
        f"{plan.epochs} epochs of learning rate {plan.learning_rate:.6g} (ttilde = {setting.unit:.6g} tau)",
        f"series: {comparison.theory.path}; judged where its next terms are small, elsewhere only drawn",
    ]
    titles = {known.name: known.title for known in observables(setting.task, setting.singular_values)}
    for names in judged_groups(setting).values():
        for name in names[:MOST_ENTRIES]:
            lines += ["", titles.get(name, f"readout {name}"), *_table(comparison, name)]
    lines += ["", "checks", *check_lines(comparison.checks)]
    failed = sum(not check.passed for check in comparison.checks)
    verdict = "all checks passed" if not failed else f"{failed} of {len(comparison.checks)} checks failed"
    return "\n".join([*lines, "", f"{verdict}; figure: {figure}"])


def check_lines(checks: Sequence[Check]) -> list[str]:
    """Two lines a check: what was found, and why it may be so far off."""
    lines, reason = [], ""
    for check in checks:
        lines.append(
            f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}, expected "
            f"{check.expected:.6g}, tolerance {check.tolerance:.2g}"
        )
        lines.append(f"      {'as above' if check.reason == reason else check.reason}")
        reason = check.reason
    return lines


def _table(comparison: SimulationComparison, name: str) -> list[str]:
    """One observable at the shown times."""
    simulators = comparison.mean
    rows = [
        f"{'ttilde':>8}  {'series':>13}         {'N = infinity':>13}"
        + "".join(f"  {simulator.replace('_', ' '):>24}" for simulator in simulators)
    ]
    for k, time in enumerate(comparison.plan.ttilde):
        simulated = "".join(
            f"  {comparison.mean[s][name][k]:>12.6g} ± {comparison.deviation[s][name][k]:<9.3g}"
            for s in simulators
        )
        judged = "judged" if comparison.judgement.judged[name][k] else "drawn"
        row = (
            f"{time:>8.4g}  {comparison.series[name][k]:>13.6g} {judged:<6}  "
            f"{comparison.limit[name][k]:>13.6g}{simulated}"
        )
        rows.append(row.rstrip())
    return rows


def json_report(comparison: SimulationComparison, figure: Path) -> str:
    """The same as one JSON object; numbers that are not finite become null."""
    experiment, plan, setting = comparison.experiment, comparison.plan, comparison.setting
    of_matrix: dict[str, Any] = {}
    if setting.shape:
        of_matrix = {"target": setting.array.tolist(), "figures": [str(figure)]}

    def table(values: Values) -> dict[str, Any]:
        if setting.shape:
            return {name: _numbers(values[name]) for name in comparison.limit}
        scalars = {name: _numbers(values[name]) for name in ("readout", "loss", "frobenius_norm")}
        return scalars | {"singular_values": [_numbers(values["s1"]), _numbers(values["s2"])]}

    return json.dumps(
        {
            "request": {
                "order": comparison.theory.order,
                "size": experiment.size,
                "g": setting.g,
                "zhat": setting.zhat,
                "alignment": str(setting.task.alignment),
                "train": list(setting.task.train),
                "seeds": experiment.seeds,
                "epochs": plan.epochs,
                "learning_rate": plan.learning_rate,
                **_momentum(experiment),
            },
            "passed": comparison.passed,
            "checks": [check.json() for check in comparison.checks],
            **of_matrix,
            "ttilde": plan.ttilde.tolist(),
            "theory": table(comparison.series),
            "judged": {name: comparison.judgement.judged[name].tolist() for name in comparison.series},
            "limit": table(comparison.limit),
            "simulation": {
                "mean": {name: table(values) for name, values in comparison.mean.items()},
                "std": {name: table(values) for name, values in comparison.deviation.items()},
            },
            "figure": str(figure),
        },
        indent=2,
        allow_nan=False,
    )


def _momentum(experiment: Experiment) -> dict[str, Any]:
    method = experiment.method
    return {"momentum": method.mu, "nesterov": method.nesterov} if method.mu else {}


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]
