"""The options of ``derive overlap``, which its function lists; those of networks are `verify`'s too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from derive.command_line import takes
from derive.commands.overlap_space.start import DEFAULT_SIZE
from derive.commands.overlap_space.task import SAMPLINGS, STEPS, TASKS
from derive.write.writers import curve_formats, formula_formats

LIMITS = ("closure", "exact")
NONLINEARITY_NAMES = ("linear", "erf", "tanh", "relu")

Rank = Annotated[str, takes("R", "Rank of the connectivity, R >= 1.")]
Inputs = Annotated[str, takes("P", "Input channels.")]
Outputs = Annotated[str, takes("Q", "Output channels.")]
Nonlinearity = Annotated[str, takes("|".join(NONLINEARITY_NAMES), "Single-neuron nonlinearity.")]
Frozen = Annotated[str, takes("A,B,...", "Vectors that do not learn, e.g. m or u1,u2.")]


def form_option() -> Any:
    """The option ``--format``, of which the formats are known when the command is made."""
    choices = list(dict.fromkeys((*formula_formats("torch"), *curve_formats())))
    return typer.Option(
        "--format",
        metavar="|".join(choices),
        help="What to print: text unless given; of learning (--evolve, --start) "
        f"{', '.join(curve_formats())}, json unless given.",
        autocompletion=lambda: choices,
    )


Whole = Annotated[
    bool,
    typer.Option(
        "--whole-preconditioner",
        help="Print G over all overlaps, visible and invisible; also as a picture.",
    ),
]
Evolve = Annotated[Path | None, takes("JSON", 'Learn from these named overlaps, e.g. {"zm": 0.3, ...}.')]
Start = Annotated[
    str | None,
    takes(
        "random|balanced|JSON",
        "Instead of --evolve: the overlaps of a random network of N neurons, of one with zu = vm and "
        "zv = mu, or a file.",
    ),
]
Size = Annotated[str | None, takes("N", f"Neurons of the random start; {DEFAULT_SIZE}.")]
Seed = Annotated[
    str | None, takes("S", "Of the random start, the batches of --task and the noise of paths; 0.")
]
Decay = Annotated[str | None, takes("C", "Target impulse response A exp(-C t) cos(F t), C > 0.")]
Amplitude = Annotated[str, takes("A", "A of the target.")]
Frequency = Annotated[str, takes("F", "F of the target, radians a unit time.")]
Target = Annotated[Path | None, takes("JSON", "Target impulse response, one number a time step.")]
Teacher = Annotated[Path | None, takes("JSON", "Target: the response of the network of these overlaps.")]
TaskName = Annotated[
    str | None,
    takes(
        "|".join((*TASKS, "FILE.npz")),
        "Learn from batches of trials: as published, or the arrays inputs (batch, T, P), targets and "
        "mask (batch, T, Q) of a file.",
        "--task",
    ),
]
Batch = Annotated[str | None, takes("B", "Trials of a batch of --task; 10, decision and teacher 128.")]
FixedBatch = Annotated[
    bool, typer.Option("--fixed-batch", help="The same batch of --task at every epoch, not a new one.")
]
Sampling = Annotated[
    str,
    takes(
        "|".join(SAMPLINGS),
        "Times at which the target is sampled: n DT, n = 1..T, or T points from 0 to T DT.",
    ),
]
Dt = Annotated[str, takes("DT", "Euler step of the network, 0 < DT < 2.")]
Steps = Annotated[str | None, takes("T", f"Time steps; {STEPS}, or as many as the target has.")]
LearningRate = Annotated[str, takes("LR", "The network of N neurons learns with N*LR.")]
Epochs = Annotated[str, takes("E", "Epochs of gradient descent.")]
LabelNoise = Annotated[
    str | None,
    takes(
        "SIGMA",
        "Standard deviation of an error on every target sample, drawn anew each epoch: mean and "
        "deviation of the overlaps to second order. Linear networks.",
    ),
]
Paths = Annotated[str | None, takes("P", "With --label-noise: P networks with sampled noise, exactly.")]
Direct = Annotated[
    bool,
    typer.Option("--direct", help="Also descent on the visible overlaps themselves, no preconditioner."),
]
Limit = Annotated[
    str | None,
    takes(
        "|".join(LIMITS),
        "Nonlinear networks: the Gaussian closure, or N = infinity by quadrature; by default the second "
        "unless it is too dear.",
    ),
]
Nodes = Annotated[
    str | None,
    takes("n", "Gauss-Hermite nodes a dimension; 8. Above rank 1 2**n points; 12, less where dear."),
]
Series = Annotated[
    str | None,
    takes(
        "K",
        "With --evolve: Taylor series in learning time through tau**K, continuous-time filter, "
        "rank 1; the file's values may be symbols (strings).",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask about equations of many vectors.")]
Solutions = Annotated[
    bool, typer.Option("--solutions", help="All zero-loss overlaps of the target a exp(-c t), rank 1.")
]
