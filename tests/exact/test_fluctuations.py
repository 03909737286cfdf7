"""Error bars from theory: against published values, perturbed networks, closed values and random networks."""

import json
from functools import partial

import numpy as np
import pytest
from in_process import derive_here, refusal

import derive
from derive import limit
from derive.exact.closed_form.solution import closed_form
from derive.exact.fluctuations.covariance import covariances, overlap_covariance
from derive.exact.fluctuations.deviations import deviations
from derive.exact.fluctuations.response import ResponseCurve

G, BETA = 0.6, 1 / (1 - 0.36)


@pytest.mark.parametrize(
    ("g", "zhat", "ttilde", "theory"),
    [
        (0.6, 0.5, [0, 0.25, 0.5, 0.75, 1], [0.06250, 0.05151, 0.04525, 0.04060, 0.03540]),
        (0.6, 2.0, [0.15], [0.0904]),
        (0.0, 1.0, [1.0], [0.00274]),
    ],
)
def test_published_values(g, zhat, ttilde, theory):
    """THEORY 8, N = 400, to the digits printed there."""
    digits = 4 if zhat == 2 else 5
    assert deviations(g, zhat, ttilde, 400).values["readout"].round(digits).tolist() == theory


@pytest.mark.parametrize("norms", ["exact", "average"])
def test_before_learning(norms):
    """N Var z = beta, N Var h = 4 beta^2 (mu_2 - mu_1^2), mu_2 = beta^4, without mu_1^2 for average norms."""
    found = deviations(G, 0.7, [0.0], 100, norms=norms).values
    spread = BETA**4 - (BETA**2 if norms == "exact" else 0)
    assert found["readout"][0] == pytest.approx(np.sqrt(BETA / 100), rel=1e-12)
    assert found["loss"][0] == pytest.approx(0.7 * np.sqrt(BETA / 100), rel=1e-12)
    assert found["sharpness"][0] == pytest.approx(2 * BETA * np.sqrt(spread / 100), rel=1e-12)
    assert found["frobenius_norm"][0] == 0


def perturbed_network(form, change, kind, k):
    """The 2n-network whose m sees the weight r_k, or the overlap c_k across, changed; w stays."""
    x, r = form.spectrum.nodes, form.spectrum.weights
    across, seen = np.zeros_like(r), r.copy()
    if kind == "weight":
        seen[k] += change
    else:
        across[k] = change
    m = np.concatenate([across / np.sqrt(r), np.sqrt(seen)])
    w = np.concatenate([np.sqrt(r), np.zeros_like(r)])
    return derive.Instance(np.diag(1 - 1 / np.sqrt(np.tile(x, 2))), m=m, w=w)


@pytest.mark.parametrize("zhat", [0.5, 2.0])
def test_derivatives_are_those_of_perturbed_networks(zhat):
    """Central differences of the exact curve of the perturbed 2n-network, from its own overlaps."""
    form = closed_form(G, 4)
    tau = np.array([0.03, 0.08, 0.11, 0.2])
    found = ResponseCurve(form, zhat).responses(tau, 2)
    step = 1e-6
    for kind, offset, share in (("weight", 0, 0.5), ("across", 4, 1.0)):  # of r_k, m has half
        for k in range(4):
            curves = [
                limit.NetworkLearning(perturbed_network(form, sign * step, kind, k), zhat).curve(tau)
                for sign in (1, -1)
            ]
            for name, by in found.by.items():
                above, below = (curve.values[name] for curve in curves)
                slope, size = (above - below) / (2 * step), np.abs(by).max()
                np.testing.assert_allclose(share * by[:, offset + k], slope, rtol=0, atol=2e-7 * size)
            slope = (curves[0].singular_values - curves[1].singular_values) / (2 * step)
            by = share * found.by_singular[..., offset + k]
            np.testing.assert_allclose(by, slope, rtol=0, atol=2e-7 * np.abs(found.by_singular).max())


def test_learning_time():
    """The time to 5% of the initial loss, by the same differences."""
    form, zhat, step = closed_form(G, 4), 1.0, 1e-5
    by = ResponseCurve(form, zhat).time_response(0.05)
    for kind, offset, share in (("weight", 0, 0.5), ("across", 4, 1.0)):
        for k in range(4):
            networks = (perturbed_network(form, sign * step, kind, k) for sign in (1, -1))
            above, below = (limit.NetworkLearning(x, zhat).learning().time_to(0.05) for x in networks)
            slope = (above - below) / (2 * step)
            assert share * by[offset + k] == pytest.approx(slope, abs=1e-6 * np.abs(by).max())


def test_late_times_keep_their_digits():
    """log(zhat - z) falls as -h tau, and its derivatives so become linear in tau."""
    found = ResponseCurve(closed_form(G, 6), 1.0)
    tau = np.array([1.0, 2.0, 3.0])
    error = found.curve.error(tau)
    assert error[2] < 1e-18
    ratio = found.responses(tau, 1).by["readout"] / error[:, None]
    np.testing.assert_allclose(ratio[2] - ratio[1], ratio[1] - ratio[0], rtol=1e-9)


def test_covariances_between_times():
    """Symmetric and positive; on its diagonal the variances."""
    form = closed_form(G, 6)
    found = ResponseCurve(form, 0.5).responses(np.array([0.1, 0.2, 0.3]), 1)
    matrix = covariances(found.by["readout"], found.by["readout"], overlap_covariance(form.spectrum.weights))
    assert np.all(np.linalg.eigvalsh(matrix) > 0)
    unit = (1 - G**2) ** 2
    deviation = deviations(G, 0.5, np.array([0.1, 0.2, 0.3]) / unit, 1).values["readout"]
    np.testing.assert_allclose(np.sqrt(np.diag(matrix)), deviation, rtol=1e-12)


@pytest.mark.slow
def test_random_networks():
    """200 networks of 200 neurons: the ratio of variances is 1 within 4.5 of its own deviations,
    (2/199)^(1/2), and the O(1/N) that leading order leaves (`verify` goes to larger sizes)."""
    count, size, zhat, ttilde = 200, 200, 0.5, np.array([0.25, 0.75])
    values = []
    for seed in range(count):
        random = np.random.default_rng(seed)
        W0 = random.standard_normal((size, size)) * (G / size**0.5)
        m, w = random.standard_normal((2, size)) / size**0.5
        network = derive.Instance(W0, m=m / np.linalg.norm(m), w=w / np.linalg.norm(w))
        path = limit.learning_path(limit.instance_reduction(network, 10))
        learning = limit.LearningCurve(path, zhat)
        tau = ttilde * (1 - G * G) ** 2
        values.append([*learning.readout(tau), *learning.singular_values(tau)[:, 0]])
    found = deviations(G, zhat, ttilde, size)
    theory = [*found.values["readout"], *found.singular_values[:, 0]]
    ratio = np.var(values, axis=0, ddof=1) / np.square(theory)
    assert np.all(np.abs(ratio - 1) < 4.5 * (2 / (count - 1)) ** 0.5 + 30 / size), ratio


run = partial(derive_here, "curve", "--g", "0.6", "--zhat", "0.5")


@pytest.mark.slow
def test_printed(tmp_path):
    options = ("--times", "0.25,0.5", "--size", "400", "--norms", "average")
    printed = json.loads(run(*options, "--format", "json").stdout)
    found = deviations(G, 0.5, [0.25, 0.5], 400, norms="average")
    assert printed["readout_std"] == found.values["readout"].tolist()
    assert printed["loss_std"] == found.values["loss"].tolist()
    assert printed["singular_values_std"] == found.singular_values.T.tolist()
    assert (printed["size"], printed["norms"]) == (400, "average")
    table = run(*options, "--format", "csv").stdout.splitlines()
    column = table[0].split(",").index("readout_std")
    assert float(table[1].split(",")[column]) == found.values["readout"][0]
    text = run(*options).stdout
    assert f"{found.values['readout'][0]:.2e}" in text
    assert "N (1 - g)^2 < 10" in run("--times", "0.25", "--size", "20").stdout
    picture = tmp_path / "bands.png"
    assert run("--size", "400", "--format", "png", "--out", picture).returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("--size", "0"), "--size 0: allowed are integers >= 1"),
        (("--size", "9", "--norms", "unit"), "--norms unit: allowed are exact, average"),
        (("--size", "9", "--certified"), "--size 9 goes without --network, --learning-rate, --certified"),
        (("--size", "9", "--covariance", "readout"), "--covariance readout: allowed are two observables A,B"),
        (
            ("--size", "9", "--covariance", "readout,W"),
            "observable W: allowed are readout, loss, gradient_norm",
        ),
        (("--covariance", "readout,loss"), "--covariance readout,loss: allowed are two observables A,B"),
    ],
)
def test_refusals(arguments, allowed):
    assert allowed in refusal(run(*arguments))
