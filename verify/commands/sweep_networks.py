"""The body of ``verify sweep --task``: grids of trained networks on the workers of a cluster."""

from __future__ import annotations

from pathlib import Path

import typer

from derive.command_line import UsageProblem, one_of, whole_number
from verify.commands.training_flags import NETWORK_TASKS, check_vectors, strengths, training_settings
from verify.device import check_device
from verify.progress import labelled_progress, say
from verify.sweeps.cluster import check_scheduler
from verify.training.jobs import keys_for
from verify.training.store import networks_store
from verify.training.sweep import Cluster, sweep
from verify.training.tasks import TASKS

SIZE, SEEDS = "256", "5"


def sweep_networks(
    task: str,
    size: str | None,
    g: str | None,
    seeds: str | None,
    device: str,
    store: Path,
    repair: bool,
    scheduler: str | None,
    workers: int | None,
    command: str,
    group: str | None = None,
    **settings: str | None,
) -> None:
    """Train the networks of a grid that the store lacks. Raises UsageProblem."""
    names = list(dict.fromkeys(one_of("--task", name, NETWORK_TASKS) for name in task.split(",")))
    sizes = list(
        dict.fromkeys(whole_number("--size", part, 2) for part in (SIZE if size is None else size).split(","))
    )
    count = whole_number("--seeds", SEEDS if seeds is None else seeds, 1)
    given = None if g is None else strengths(g)
    asked = training_settings(**settings)
    at_once = None if group is None else whole_number("--group", group, 1)
    one_of("--device", device, ("cpu", "cuda"))
    wanted = []
    for name in names:
        for neurons in sizes:
            check_vectors(neurons, TASKS[name])
            keys = keys_for(TASKS[name], neurons, given or TASKS[name].strengths, range(count), **asked)
            wanted += [(TASKS[name], key) for key in keys]
    if scheduler is None:
        check_device(device)
    elif not store.exists():
        check_scheduler(scheduler)
    cluster = Cluster(scheduler, workers, at_once, device)
    with networks_store(store, command, repair) as opened:
        for line in opened.repaired:
            say(line)
        there = sum(key in opened for _, key in wanted)
        with labelled_progress("network-epochs") as progress:
            failures = sweep(wanted, opened, cluster, progress("training"), say)
    typer.echo(f"{store}: {len(wanted) - there - len(failures)} networks added, {there} were there")
    if failures:
        key, reason = failures[0]
        raise UsageProblem(f"{len(failures)} networks could not be trained, the first: {key}: {reason}")
