"""``verify task``: the paper's nonlinear networks, trained and measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import UsageProblem, one_of, takes, whole_number
from verify.commands.simulation_options import FORMATS, Form
from verify.commands.training_flags import (
    NETWORK_TASKS,
    NONLINEARITIES,
    OPTIMIZERS,
    strengths,
    training_settings,
)

NAMES = (*NETWORK_TASKS, "sentiment")


def task(
    name: Annotated[
        str, typer.Argument(metavar="|".join(NAMES), help="Which task.", autocompletion=lambda: list(NAMES))
    ],
    size: Annotated[str, takes("N", "Neurons.")] = "256",
    g: Annotated[str | None, takes("G1,G2,...", "Strengths of W0, >= 0; 0,0.9.")] = None,
    seeds: Annotated[str | None, takes("S", "Networks for each g; 3.")] = None,
    epochs: Annotated[str | None, takes("E", "Updates; default: the paper's.")] = None,
    optimizer: Annotated[str | None, takes("|".join(OPTIMIZERS), "Default: the paper's.")] = None,
    learning_rate: Annotated[
        str | None, takes("LR", "Default: adam 0.05/N, sgd 0.05, momentum 0.005.")
    ] = None,
    train: Annotated[str | None, takes("W,m,w", "What learns: a non-empty subset of W, m, w.")] = None,
    nonlinearity: Annotated[str | None, takes("|".join(NONLINEARITIES), "Default: the task's.")] = None,
    clip: Annotated[str | None, takes("C", "Largest norm of a network's gradient; default: none.")] = None,
    device: Annotated[str, takes("cpu|cuda", "Where to train.")] = "cpu",
    store: Annotated[
        Path | None, takes("DIR", "Folder of trained networks; those it has are not trained again.")
    ] = None,
    workers: Annotated[
        str | None, takes("W", "Groups of networks side by side; default: one a core.")
    ] = None,
    group: Annotated[str | None, takes("K", "Networks in one computation; 8, on a GPU 64.")] = None,
    data: Annotated[
        Path | None,
        takes("FILE", "sentiment: SST-2's folder or tsv, or vaderSentiment's archive."),
    ] = None,
    embeddings: Annotated[
        Path | None,
        takes("FILE", "sentiment: GloVe's text file; default: from the training set."),
    ] = None,
    out: Annotated[Path | None, takes("DIR", "Folder for the report (JSON) and a figure.")] = None,
    form: Form = "text",
) -> None:
    """Train networks on a task, many as one computation, and measure what learning did to W.

    Convergence, |dW|, singular values, loss over the rank of dW, functional rank, shuffled W0
    (Schuessler et al. 2020, Figs. 1 and 2). With --store an interrupted command goes on where it was.
    """
    from verify.extras import need_extra

    one_of("task", name, NAMES)
    one_of("--format", form, FORMATS)
    neurons = whole_number("--size", size, 2)
    count = whole_number("--seeds", seeds if seeds is not None else ("1" if name == "sentiment" else "3"), 1)
    one_of("--device", device, ("cpu", "cuda"))
    if name == "sentiment":
        refuse_for_sentiment(
            g=g,
            optimizer=optimizer,
            train=train,
            nonlinearity=nonlinearity,
            clip=clip,
            workers=workers,
            group=group,
        )
        need_extra("torch")
        from verify.commands.task_sentiment import sentiment

        asked = training_settings(epochs, learning_rate)
        sentiment(data, embeddings, neurons, count, device, store, out, form, **asked)
        return
    for option, value in (("--data", data), ("--embeddings", embeddings)):
        if value is not None:
            raise UsageProblem(f"{option} {value}: allowed with the task sentiment, not with {name}")
    values = strengths("0,0.9" if g is None else g)
    asked = training_settings(epochs, learning_rate, optimizer, train, nonlinearity, clip)
    side_by_side = None if workers is None else whole_number("--workers", workers, 1)
    at_once = None if group is None else whole_number("--group", group, 1)
    need_extra("torch", *(("xarray", "zarr") if store is not None else ()), *(("matplotlib",) if out else ()))
    from verify.commands.task_networks import train_and_measure

    train_and_measure(
        name, neurons, values, count, device, store, side_by_side, at_once, out, form,
        " ".join(["verify", *sys.argv[1:]]), **asked,
    )  # fmt: skip


def refuse_for_sentiment(**options: str | None) -> None:
    """The options that mean nothing for the LSTM."""
    for option, value in options.items():
        if value is not None:
            raise UsageProblem(
                f"--{option} {value}: not for the task sentiment; allowed are --size, --seeds, --epochs, "
                "--learning-rate, --device, --data, --embeddings, --store"
            )
