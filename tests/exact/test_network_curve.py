"""The exact learning curve of one given network against the flow and descent of all its weights."""

import csv
import io
import json
from functools import partial

import numpy as np
import pytest
from in_process import derive_here, refusal

from derive import Instance, gradient_flow
from derive.exact.network_curve import NetworkLearning
from derive.observables.instance_series import instance_series
from derive.radius.comparison import network_comparison

FLOW_TOLERANCE = 2.3e-14  # of a step, relative: the least that the integrator takes


run = partial(derive_here, "curve")


def _network(size, g, seed):
    """A network whose m and w overlap and are not of norm 1."""
    drawn = Instance.sample(size, g, seed)
    return Instance(drawn.W0, 0.9 * drawn.m, 0.7 * drawn.w + 0.4 * drawn.m)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    network = _network(40, 0.6, 2)
    file = tmp_path_factory.mktemp("network") / "network.npz"
    np.savez(file, W0=network.W0, m=network.m, w=network.w)
    return file


@pytest.mark.parametrize("vectors", [False, True])
@pytest.mark.parametrize(("size", "zhat"), [(1, 1.0), (5, -0.8), (40, 1.5)])
def test_curve_is_the_flow_of_the_full_network(size, zhat, vectors):
    network = _network(size, 0.6, 2)
    learning = NetworkLearning(network, zhat, train="W,m,w" if vectors else "W")
    times = np.array([0.3, 0.8, 1.2, 2.0]) * learning.learning().time_to(0.05)
    curve = learning.curve(times)
    flow = gradient_flow(network, zhat, times, FLOW_TOLERANCE, ("W", "m", "w") if vectors else ("W",))
    # the flow is integrated to 3e-14 a step; errors grow where the curve is steep
    assert curve.readout == pytest.approx(flow.readout, abs=1e-10)
    assert curve.frobenius_norm == pytest.approx(np.linalg.norm(flow.change, axis=(1, 2)), abs=1e-10)
    values = np.linalg.svd(flow.change, compute_uv=False)[:, :2]
    assert curve.singular_values[:, : values.shape[1]] == pytest.approx(values, abs=1e-10)
    assert curve.accuracy < 1e-11


def test_command_prints_the_curve_of_the_file(path):
    arguments = ("--network", path, "--zhat", "1.5")
    document = json.loads(run(*arguments, "--times", "0.1,0.4", "--format", "json").stdout)
    flow = gradient_flow(_network(40, 0.6, 2), 1.5, np.array([0.1, 0.4]), FLOW_TOLERANCE, ("W",))
    assert document["readout"] == pytest.approx(flow.readout, abs=1e-10)
    assert document["neurons"] == 40
    inside = json.loads(
        run(*arguments, "--times", document["radius"] / 5, "--order", 20, "--format", "json").stdout
    )
    assert inside["series"]["20"] == pytest.approx(inside["readout"], abs=1e-12)  # 5^-20 and rounding
    assert "of one network of 40 neurons" in run(*arguments).stdout


def test_radius_is_that_of_the_series():
    """Ratios of coefficients at a singularity (tau - tau_*)^(-1/4): -1/radius (1 - (3/4)/k + ...)."""
    network, order = _network(40, 0.6, 2), 40
    found = network_comparison(NetworkLearning(network, 0.5), np.array([0.0, 0.1]), 1).singularities
    assert found.radius == -found.backward < 0.9 * abs(found.pair)
    series = instance_series(network, 0.5, order).readout
    ratio = series[order] / series[order - 1] / (1 - 0.75 / order)
    assert -1 / ratio == pytest.approx(found.radius, rel=0.01)


def test_strength_sets_the_scale_of_the_times(path):
    """ttilde = tau/(1 - g^2)^2."""
    tau = json.loads(run("--network", path, "--zhat", 1, "--times", 0.4096, "--format", "json").stdout)
    scaled = json.loads(
        run("--network", path, "--zhat", 1, "--g", 0.6, "--times", 1, "--format", "json").stdout
    )
    assert scaled["readout"] == pytest.approx(tau["readout"], rel=1e-12)


def test_descent_is_that_of_all_weights(path):
    network, rate, W = _network(40, 0.6, 2), 0.03, np.zeros((40, 40))
    rows = list(
        csv.DictReader(
            io.StringIO(
                run(
                    *("--network", path, "--zhat", 1.5, "--learning-rate", rate),
                    *("--epochs", 12, "--format", "csv"),
                ).stdout
            )
        )
    )
    for row in rows:
        R = np.linalg.inv(np.eye(40) - network.W0 - W)
        z = network.w @ R @ network.m
        assert float(row["readout"]) == pytest.approx(z, rel=1e-11)
        W = W + rate * (1.5 - z) * np.outer(R.T @ network.w, R @ network.m)


@pytest.mark.slow
def test_figure(path, tmp_path):
    for options in ((), ("--learning-rate", 0.02, "--epochs", 20)):
        out = tmp_path / "curve.png"
        arguments = ("--network", path, "--zhat", -1, *options, "--format", "png", "--out", out)
        assert run(*arguments).returncode == 0
        assert out.read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_one_line(path, tmp_path):
    start = str(NetworkLearning(_network(40, 0.6, 2), 9.0).reduction.readout)
    np.savez(tmp_path / "zero.npz", W0=np.zeros((2, 2)), m=np.ones(2), w=np.zeros(2))
    np.savez(tmp_path / "singular.npz", W0=np.eye(2), m=np.ones(2), w=np.ones(2))
    file, bad = str(path), []
    bad.append((("--network", file), "--zhat is needed with --network"))
    bad.append((("--network", file, "--zhat", "0"), "--zhat 0: allowed is a number other than 0"))
    bad.append((("--network", file, "--zhat", start), "the readout starts at"))
    bad.append((("--network", file, "--zhat", "1", "--alignment", "0.5"), "--network goes without"))
    bad.append((("--network", file, "--zhat", "1", "--certified"), "--network goes without"))
    bad.append((("--network", file, "--zhat", "1", "--g", "2"), "--g 2: allowed is 0 <= G < 1"))
    bad.append((("--network", file, "--zhat", "1", "--tolerance", "1e-15"), "cannot be met"))
    bad.append((("--network", "none.npz", "--zhat", "1"), "No such file"))
    bad.append((("--network", str(tmp_path / "zero.npz"), "--zhat", "1"), "m or w is zero"))
    bad.append((("--network", str(tmp_path / "singular.npz"), "--zhat", "1"), "I - W0 is singular"))
    for arguments, message in bad:
        assert message in refusal(derive_here("curve", *arguments))
