"""What the commands of overlap space share: checking options, saving figures, printing checks."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem, one_of, real_number, whole_number
from derive.commands.overlap_space.options import NONLINEARITY_NAMES
from verify.folders import prepare_folder
from verify.pictures import Pictures, finish

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem
    from verify.checks.check import Check

FORMATS = ("text", "json")
TASK_NAMES = ("filter", "flip-flop", "decision")
EXTRA = ("torch", "matplotlib")


def checked(
    rank: str, nonlinearity: str, task_name: str, form: str, learning_rate: str
) -> tuple[OverlapProblem, float]:
    one_of("--format", form, FORMATS)
    one_of("--nonlinearity", nonlinearity, NONLINEARITY_NAMES)
    one_of("--task", task_name, TASK_NAMES)
    if nonlinearity == "linear" and task_name != "filter":
        raise UsageProblem(f"--task {task_name}: allowed with a nonlinear network only (--nonlinearity tanh)")
    whole = whole_number("--rank", rank, 1)
    rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
    from derive.overlaps.problem import OverlapProblem

    return OverlapProblem(whole, nonlinearity=nonlinearity), rate


def prepare(out: Path) -> None:
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise UsageProblem(
            f'{", ".join(missing)} not installed; install with: pip install "derive-rnn[verify]"'
        )
    prepare_folder(out)


def report(
    form: str, lines: list[str], checks: list[Check], numbers: dict[str, Any], pictures: Pictures
) -> None:
    """Print, then draw; exit 1 where a check failed."""
    passed = all(check.passed for check in checks)
    if form == "json":
        document = {
            "passed": passed,
            "checks": [check.json() for check in checks],
            **numbers,
            "figures": [str(path) for path in pictures.paths],
        }
        text = json.dumps(document, indent=2, default=float)
    else:
        lines += ["", "checks"]
        for check in checks:
            lines.append(
                f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}, expected "
                f"{check.expected:.6g}, tolerance {check.tolerance:.2g}"
            )
            lines.append(f"      {check.reason}")
        verdict = "all checks passed" if passed else "a check failed"
        text = "\n".join([*lines, "", f"{verdict}; figures: {', '.join(map(str, pictures.paths))}"])
    finish(text, passed, pictures)
