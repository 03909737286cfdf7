"""``derive overlap --evolve`` and ``--start``: running descent; its curve as a document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem, reason
from derive.commands.overlap_space.noise import noisy
from derive.commands.overlap_space.run import Learning
from derive.commands.progress import progress_bar

if TYPE_CHECKING:
    from derive.document.model import Document
    from derive.document.overlaps.learning_curve import LearnedOverlaps
    from derive.overlaps.descent import OverlapCurve

SLOW = 2e7  # neurons times trials times steps times epochs above which a progress bar is worth it
DEAR = 4e9  # the same, above which the exact limit is not run unless asked for: two minutes or more
GAUSS_HERMITE = 8  # nodes a dimension unless others are asked for
POINTS = range(8, 13)  # powers of two above rank 1: unless others are asked for the largest that is not dear


def learned_document(learning: Learning) -> tuple[Document | None, str]:
    """What is learned, and a complaint where the loss left the finite numbers: then what was before, if
    anything."""
    from derive.overlaps.descent import LossNotFinite

    try:
        return _document(_learned(learning)), ""
    except LossNotFinite as failure:
        before = None if failure.curve is None else _document(_of_curve(learning, failure.curve, {}))
        return before, f"{failure}; every entry before it is kept"
    except ValueError as problem:  # numpy's LinAlgError is one
        raise UsageProblem(reason(problem)) from None


def _document(learned: LearnedOverlaps) -> Document:
    from derive.document.overlaps.learning_curve import learning_document

    def draw() -> Any:
        from derive.write.figures.overlap_figures import learning_figure

        return learning_figure(learned)

    return learning_document(learned, draw)


def _learned(learning: Learning) -> LearnedOverlaps:
    if learning.noise is not None:
        return noisy(learning, learning.noise)
    direct = {"direct": _direct(learning)} if learning.direct else {}
    curve, facts = _curve(learning)
    facts |= direct
    return _of_curve(learning, curve, facts)


def _of_curve(learning: Learning, curve: OverlapCurve, facts: dict[str, Any]) -> LearnedOverlaps:
    from derive.document.overlaps.learning_curve import LearnedOverlaps

    return LearnedOverlaps(curve.problem, learning.learning_rate, curve.loss, curve.overlaps, facts=facts)


def losses(learning: Learning) -> Iterator[Any]:
    """The loss of every epoch, exact for a linear network, else the Gaussian closure's."""
    from itertools import repeat

    from derive.overlaps.batches.linear_task import LinearTask
    from derive.overlaps.closure import GaussianClosure
    from derive.overlaps.discrete_filter import DiscreteFilter

    problem, linear = learning.problem, learning.problem.nonlinearity == "linear"
    if linear and learning.samples is not None:
        return repeat(DiscreteFilter(problem, learning.batches.batch(0).dt, learning.samples))
    kind = LinearTask if linear else GaussianClosure
    if learning.batches.fixed:
        return repeat(kind(problem, learning.batches.batch(0)))
    return (kind(problem, task) for task in learning.batches.tasks())


def _curve(learning: Learning) -> tuple[OverlapCurve, dict[str, Any]]:
    """The curve, and what a nonlinear network's output says about how it was made."""
    from derive.overlaps.descent import curve_of, descend_batches

    def closed() -> OverlapCurve:
        states = descend_batches(problem, losses(learning), learning.S, learning.learning_rate)
        return curve_of(problem, states, learning.epochs)

    problem = learning.problem
    if problem.nonlinearity == "linear":
        return closed(), {}
    limit = learning.limit or _affordable(learning)
    if limit == "closure":
        if problem.nonlinearity == "relu":
            return _rectified(learning)
        return closed(), {"limit": "closure"}
    curve, accuracy = _exact_limit(learning)
    return curve, {"limit": "exact", "accuracy": accuracy}


def _affordable(learning: Learning) -> str:
    """exact, or closure with a line that says why: the exact limit is too dear."""
    work = _work(learning, _nodes(learning))
    if work <= DEAR:
        return "exact"
    sys.stderr.write(
        f"derive: the exact limit takes {work:.1e} steps of a neuron (above {DEAR:.0e}); this is the "
        "Gaussian closure, --limit exact asks for the limit all the same\n"
    )
    return "closure"


def _rectified(learning: Learning) -> tuple[OverlapCurve, dict[str, Any]]:
    """The closure of a ReLU, whose neurons have means."""
    from derive.overlaps.rectified_closure import RectifiedClosure, rectified_curve

    problem = learning.problem
    closures = (RectifiedClosure(problem, task) for task in learning.batches.tasks())
    curve, means = rectified_curve(problem, closures, learning.S, learning.learning_rate, learning.epochs)
    named = {name: means[:, k].tolist() for k, name in enumerate(problem.vectors)}
    return curve, {"limit": "closure", "means": named}


def _nodes(learning: Learning) -> int:
    """Those asked for, or the usual ones."""
    if learning.nodes is not None:
        return learning.nodes
    if learning.problem.size == 4:
        return GAUSS_HERMITE
    return max((n for n in POINTS if _work(learning, n) <= DEAR), default=POINTS[0])


def _work(learning: Learning, nodes: int) -> float:
    """Neurons times trials times steps times epochs of both quadrature rules."""
    task, size = learning.batches.batch(0), learning.problem.size
    neurons = nodes**size + (nodes - 1) ** size if size == 4 else 2 * 2**nodes
    if size == 4 and learning.problem.nonlinearity != "relu":
        neurons //= 2  # an odd phi: a node and its mirror image learn as one
    return float(neurons) * task.trials * task.steps * max(learning.epochs, 1)


def _exact_limit(learning: Learning) -> tuple[OverlapCurve, float]:
    """The curve of the quadrature neurons, and its distance from a coarser or another rule."""
    import numpy as np

    from derive.overlaps.neurons import gauss_hermite_neurons, neuron_curve, quasi_random_neurons

    problem, nodes = learning.problem, _nodes(learning)
    if problem.size == 4:
        rules = [gauss_hermite_neurons(problem, learning.S, count) for count in (nodes, nodes - 1)]
    else:
        rules = [quasi_random_neurons(problem, learning.S, 2**nodes, seed) for seed in (0, 1)]
    curves = []
    with progress_bar("learning", None, wanted=_work(learning, nodes) > SLOW) as advance:
        for rule in rules:
            tasks = learning.batches.tasks()
            rate, epochs = learning.learning_rate, learning.epochs
            curves.append(neuron_curve(problem, tasks, rule, rate, epochs, advance))
    difference = np.abs(curves[0].overlaps - curves[1].overlaps).max()
    return curves[0], float(difference)


def _direct(learning: Learning) -> dict[str, Any]:
    """Descent on the visible overlaps themselves: the loss and these overlaps."""
    from derive.overlaps.visibility import visible_overlaps
    from derive.overlaps.visible_descent import visible_descent

    problem = learning.problem
    if problem.nonlinearity == "relu":
        raise ValueError(
            "--direct with --nonlinearity relu: allowed are linear, erf and tanh (the neurons of a ReLU have "
            "means, which are no overlaps of the network)"
        )
    states = visible_descent(problem, losses(learning), learning.S, learning.learning_rate)
    kept = list(islice(states, learning.epochs + 1))
    overlaps = {name: [float(S[problem.pairs[name]]) for _, S in kept] for name in visible_overlaps(problem)}
    return {"loss": [value for value, _ in kept], "overlaps": overlaps}
