"""What ``verify`` and ``verify modes`` do alike: compare, draw, report, and exit 1 where a check failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.comparison.request import Experiment
    from verify.truth.modes_theory import ModesTheory
    from verify.truth.theory import Theory


def hold_against_simulations(
    experiment: Experiment, theory: Theory | ModesTheory, out: Path, stem: str, form: str
) -> None:
    """Print the report in the format ``form`` and write the figure OUT/``stem``.png. Raises UsageProblem."""
    from verify.comparison.comparison import compare
    from verify.comparison.figure import comparison_figure
    from verify.comparison.report import json_report, text_report
    from verify.comparison.request import check_reach
    from verify.comparison.schedule import schedule
    from verify.folders import prepare_folder
    from verify.pictures import Pictures, finish
    from verify.progress import progress_bars

    check_reach(experiment.setting)
    plan = schedule(experiment)
    prepare_folder(out)
    with progress_bars() as progress:
        comparison = compare(experiment, plan, theory, progress)
    pictures = Pictures(out, stem, ("png",), lambda: {"png": comparison_figure(comparison)})
    print_as = json_report if form == "json" else text_report
    finish(print_as(comparison, pictures.paths[0]), comparison.passed, pictures)
