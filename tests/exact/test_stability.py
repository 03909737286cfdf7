"""The stability limit of descent, and what descent does around it (THEORY 4)."""

import numpy as np
import pytest
from in_process import derive_here
from slow_cases import slow_but

from derive import Instance, limit
from derive.exact.stability import (
    critical_rate,
    large_target_constant,
    limit_outcome,
    reduced_outcome,
    reduction_critical_rate,
)

PUBLISHED = [  # g, zhat, eta_c beta^2
    (0.6, 4.0, 0.00060583),
    (0.8, 4.0, 0.00012157),
    (0.6, 2.0, 0.0092569),
    (0.8, 2.0, 0.0020700),
    (0.0, 1.0, 0.24886),
]


@pytest.mark.parametrize(("g", "zhat", "value"), PUBLISHED)
def test_critical_learning_rate(g, zhat, value):
    assert critical_rate(g, zhat) / (1 - g * g) ** 2 == pytest.approx(value, rel=6e-5)


@pytest.mark.parametrize("g", [0.0, 0.6, 0.95])
def test_large_targets(g):
    """eta_c beta^2 = constant/(zhat^2 beta)^2, with corrections 1/(zhat sqrt(beta))^2."""
    beta = 1 / (1 - g * g)
    values = [critical_rate(g, zhat) * beta**2 * (zhat**2 * beta) ** 2 for zhat in (30.0, 100.0)]
    assert values[1] == pytest.approx(large_target_constant(g), rel=2e-2)
    assert abs(values[1] / large_target_constant(g) - 1) < abs(values[0] / large_target_constant(g) - 1)


def test_linear_stability_of_the_minimum_that_flow_finds():
    """Started a little off that minimum, descent returns below eta_c and leaves above."""
    g, zhat = 0.6, 1.0
    reduction = limit.limit_reduction(g, 16)
    curve = limit.learning_curve(g, zhat)
    C = curve.path.change(np.array(curve.length * (1 - 1e-7)))
    n = reduction.size

    def off_target(multiple, epochs=60):
        change = C.copy()
        for _ in range(epochs):
            system = np.eye(n) - reduction.transfer @ change
            beta = np.linalg.solve(system, reduction.beta)
            alpha = np.linalg.solve(np.eye(n) - (change @ reduction.transfer).T, reduction.alpha)
            error = zhat - reduction.readout - reduction.alpha @ change @ beta
            change = change + multiple * curve.critical_rate * error * np.outer(alpha, beta)
        return abs(error)

    assert off_target(0.9) < 1e-9
    assert off_target(1.1) > 1e-6


def test_runs_that_fail_in_the_paper():
    """THEORY 4: eta beta^2 = 0.001 at zhat = 4 overshoots to 4.78 at g = 0.6, and crosses the pole, to
    -15, at g = 0.8."""
    mild = limit_outcome(0.6, 4.0, 0.001 * 0.64**2, 600)
    assert mild.name == "flatter minimum"
    assert mild.highest == pytest.approx(4.78, abs=0.01)
    wild = limit_outcome(0.8, 4.0, 0.001 * 0.36**2, 600)
    assert wild.crossings > 0
    assert wild.lowest == pytest.approx(-15, abs=0.1)


@pytest.mark.parametrize(
    ("multiple", "names"),
    slow_but(
        [(0.5, {"smooth"})],
        [(0.5, {"smooth"}), (0.8, {"smooth", "overshoot"}), (1.5, {"flatter minimum"})],
        several=True,
    ),
)
def test_real_networks_behave_alike(multiple, names):
    """Five networks of 200 neurons, each at a multiple of its own eta_c."""
    found = set()
    for seed in range(5):
        reduction = limit.instance_reduction(Instance.sample(200, 0.6, seed), 24)
        rate = multiple * reduction_critical_rate(reduction, 2.0)
        found.add(reduced_outcome(reduction, 2.0, rate, 800).name)
    assert found <= names


@pytest.mark.slow
def test_chaotic_runs_are_marked_in_every_format(tmp_path):
    """A run that crosses the pole and one below eta_c: rounding decides about the first one's end alone."""
    import csv
    import io
    import json

    given = ["stability", "--g", "0.8", "--zhat", "4", "--multiples", "0.5,10", "--epochs", "600"]
    texts = {form: derive_here(*given, "--format", form).stdout for form in ("text", "json", "csv")}
    document = json.loads(texts["json"])
    records = document if isinstance(document, list) else next(v for v in document.values() if v)
    calm, wild = (record["chaotic"] for record in records)
    rows = list(csv.DictReader(io.StringIO(texts["csv"])))
    assert (calm, wild) == (False, True)
    assert [row["chaotic"].lower() for row in rows] == ["false", "true"]
    assert "chaotic" in texts["text"].splitlines()[0]
