"""A user's script, as mypy --strict sees it (.ci/run) and as it runs: what public functions take and give."""

from fractions import Fraction
from typing import assert_type

import numpy as np

import derive
from derive import limit
from derive.exact.closed_form.solution import ClosedForm
from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import Curve
from derive.flow.connectivity import WeightedWords
from derive.flow.expanded.flow_series import FlowSeries
from derive.overlaps.gram_flow import GramFlow


def main() -> None:
    """Numbers, lists and arrays where numbers are asked for; text or numbers in a flow."""
    expansion = derive.expand(derive.FixedPointTask(alignment=Fraction(3, 10), train="W,m"), order=4)
    assert_type(expansion, derive.Expansion)
    assert_type(expansion.readout, derive.Series)
    assert_type(expansion.singular_values[0], derive.Series)
    assert_type(expansion.W[2], WeightedWords)
    derive.expand(derive.FixedPointTask(alignment=0.3, train=["W", "m"]), 2).readout(0.1, 0.5, 0.6)
    modes = derive.expand(derive.MatrixTask([[1, 0], [0, 2]]), 3)
    assert_type(modes, derive.MatrixExpansion)
    flow = derive.Flow(
        derive.Ensemble(["w", "m"], overlaps={"w.m": Fraction(1, 3)}, g=0.6),
        readouts={"z": "w' R m"},
        velocity={"W": "eps R' w m' R' - lam (W - W0)"},
        definitions={"eps": "zhat - z"},
        parameters={"zhat": 1.5, "lam": "1/10"},
    )
    of_flow = derive.expand(flow, 3)
    assert_type(of_flow, derive.FlowExpansion)
    assert_type(of_flow.readouts["z"], FlowSeries)
    assert_type(limit.curve(0.6, 1.0, np.linspace(0.1, 1, 5)), Curve)
    curve = limit.learning_curve(0.6, 1.0)
    assert_type(curve, LearningCurve)
    closed = derive.closed_form(0.6, nodes=4)
    assert_type(closed, ClosedForm)
    for times in (0.3, [0.1, 0.3], np.array([0.1, 0.3])):
        for numbers in (
            curve.readout(times),
            curve.loss(times),
            curve.frobenius_norm(times),
            closed.readout(times),
        ):
            assert numbers.shape == np.shape(times)
    network = derive.Instance.sample(20, 0.5, 1)
    assert len(derive.instance_series(network, 1.0, 3).readout) == 4
    assert_type(derive.gram_flow(derive.OverlapProblem(rank=2)), GramFlow)
    assert derive.outliers(0.6, 1.0, [0.1])[0].ndim == 1


if __name__ == "__main__":
    main()
