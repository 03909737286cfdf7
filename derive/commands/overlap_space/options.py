"""The options of ``derive overlap``, which its function lists; those of networks are `verify`'s too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.commands.overlap_space.start import DEFAULT_SIZE
from derive.commands.overlap_space.task import SAMPLINGS, STEPS, TASKS
from derive.write.writers import curve_formats, formula_formats

LIMITS = ("closure", "exact")
NONLINEARITY_NAMES = ("linear", "erf", "tanh", "relu")

Rank = Annotated[str, typer.Option(metavar="R", help="Rank of the connectivity, R >= 1.")]
Inputs = Annotated[str, typer.Option(metavar="P", help="Input channels.")]
Outputs = Annotated[str, typer.Option(metavar="Q", help="Output channels.")]
Nonlinearity = Annotated[
    str, typer.Option(metavar="|".join(NONLINEARITY_NAMES), help="Single-neuron nonlinearity.")
]
Frozen = Annotated[str, typer.Option(metavar="A,B,...", help="Vectors that do not learn, e.g. m or u1,u2.")]
Form = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="|".join(dict.fromkeys((*formula_formats("torch"), *curve_formats()))),
        help="What to print: text unless given; of learning (--evolve, --start) "
        f"{', '.join(curve_formats())}, json unless given.",
        autocompletion=lambda: list(dict.fromkeys((*formula_formats("torch"), *curve_formats()))),
    ),
]

Whole = Annotated[
    bool,
    typer.Option(
        "--whole-preconditioner",
        help="Print G over all overlaps, visible and invisible; also as a picture.",
    ),
]
Evolve = Annotated[
    Path | None,
    typer.Option(metavar="JSON", help='Learn from these named overlaps, e.g. {"zm": 0.3, ...}.'),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="random|balanced|JSON",
        help="Instead of --evolve: the overlaps of a random network of N neurons, of one with zu = vm and "
        "zv = mu, or a file.",
    ),
]
Size = Annotated[str | None, typer.Option(metavar="N", help=f"Neurons of the random start; {DEFAULT_SIZE}.")]
Seed = Annotated[
    str | None,
    typer.Option(metavar="S", help="Of the random start, the batches of --task and the noise of paths; 0."),
]
Decay = Annotated[
    str | None, typer.Option(metavar="C", help="Target impulse response A exp(-C t) cos(F t), C > 0.")
]
Amplitude = Annotated[str, typer.Option(metavar="A", help="A of the target.")]
Frequency = Annotated[str, typer.Option(metavar="F", help="F of the target, radians a unit time.")]
Target = Annotated[
    Path | None,
    typer.Option(metavar="JSON", help="Target impulse response, one number a time step."),
]
Teacher = Annotated[
    Path | None,
    typer.Option(metavar="JSON", help="Target: the response of the network of these overlaps."),
]
TaskName = Annotated[
    str | None,
    typer.Option(
        "--task",
        metavar="|".join((*TASKS, "FILE.npz")),
        help="Learn from batches of trials: as published, or the arrays inputs (batch, T, P), targets and "
        "mask (batch, T, Q) of a file.",
    ),
]
Batch = Annotated[
    str | None, typer.Option(metavar="B", help="Trials of a batch of --task; 10, decision and teacher 128.")
]
FixedBatch = Annotated[
    bool, typer.Option("--fixed-batch", help="The same batch of --task at every epoch, not a new one.")
]
Sampling = Annotated[
    str,
    typer.Option(
        metavar="|".join(SAMPLINGS),
        help="Times at which the target is sampled: n DT, n = 1..T, or T points from 0 to T DT.",
    ),
]
Dt = Annotated[str, typer.Option(metavar="DT", help="Euler step of the network, 0 < DT < 2.")]
Steps = Annotated[
    str | None, typer.Option(metavar="T", help=f"Time steps; {STEPS}, or as many as the target has.")
]
LearningRate = Annotated[str, typer.Option(metavar="LR", help="The network of N neurons learns with N*LR.")]
Epochs = Annotated[str, typer.Option(metavar="E", help="Epochs of gradient descent.")]
LabelNoise = Annotated[
    str | None,
    typer.Option(
        metavar="SIGMA",
        help="Standard deviation of an error on every target sample, drawn anew each epoch: mean and "
        "deviation of the overlaps to second order. Linear networks.",
    ),
]
Paths = Annotated[
    str | None, typer.Option(metavar="P", help="With --label-noise: P networks with sampled noise, exactly.")
]
Direct = Annotated[
    bool,
    typer.Option("--direct", help="Also descent on the visible overlaps themselves, no preconditioner."),
]
Limit = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(LIMITS),
        help="Nonlinear networks: the Gaussian closure, or N = infinity by quadrature; by default the second "
        "unless it is too dear.",
    ),
]
Nodes = Annotated[
    str | None,
    typer.Option(
        metavar="n", help="Gauss-Hermite nodes a dimension; 8. Above rank 1 2**n points; 12, less where dear."
    ),
]
Series = Annotated[
    str | None,
    typer.Option(
        metavar="K",
        help="With --evolve: Taylor series in learning time through tau**K, continuous-time filter, "
        "rank 1; the file's values may be symbols (strings).",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask about equations of many vectors.")]
Solutions = Annotated[
    bool, typer.Option("--solutions", help="All zero-loss overlaps of the target a exp(-c t), rank 1.")
]
