"""The body of ``verify task`` for the networks of Eqs. 2 and 3."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from verify.commands.training_flags import check_vectors
from verify.device import check_device
from verify.folders import prepare_folder, save
from verify.pictures import Pictures, finish
from verify.progress import labelled_progress
from verify.training.jobs import train
from verify.training.measures import Measures, measure
from verify.training.projection import explained
from verify.training.report import json_report, record, text_report
from verify.training.run import TrainedNetwork
from verify.training.settings import settings_for
from verify.training.tasks import TASKS
from verify.training.tasks.task import Task


def train_and_measure(
    name: str,
    size: int,
    strengths: Sequence[float],
    seeds: int,
    device: str,
    store: Path | None,
    workers: int | None,
    group: int | None,
    out: Path | None,
    form: str,
    command: str,
    **asked: Any,
) -> None:
    """Train, measure, print; with ``out`` write the JSON and a figure there. Raises UsageProblem."""
    task = TASKS[name]
    check_vectors(size, task)
    check_device(device)
    if out is not None:
        prepare_folder(out)
    with labelled_progress("network-epochs") as progress:
        runs = train(
            task,
            size,
            strengths,
            range(seeds),
            store,
            device,
            workers,
            group,
            report=progress("training"),
            command=command,
            **asked,
        )
        measured = _measured(task, runs, device, progress("measuring", "networks"))
    records = [
        record(run, measures, explained(task, run)) for run, measures in zip(runs, measured, strict=True)
    ]
    json_text = json_report(name, size, records)
    if out is not None:
        save(out, f"task_{name}.json", json_text + "\n")
    settings = settings_for(task, size, strengths[0], **asked)
    heading = (
        f"{name}, N = {size}, {settings.epochs} epochs of {settings.optimizer}, learning rate "
        f"{settings.rate:.4g}, {', '.join(settings.train)} learning, {settings.nonlinearity}"
    )
    report_text = json_text if form == "json" else text_report(heading, records)
    if out is None:
        typer.echo(report_text)
        return
    from verify.papers.style import FIGURE_FORMS
    from verify.papers.task import task_figure

    drawn = Pictures(out, f"task_{name}", FIGURE_FORMS, lambda: task_figure(task, runs, measured))
    finish(report_text, True, drawn)


def _measured(task: Task, runs: Sequence[TrainedNetwork], device: str, report: Any) -> list[Measures]:
    measured = []
    for number, run in enumerate(runs, 1):
        measured.append(measure(task, run, device=device))
        report(number, len(runs))
    return measured
