"""``derive outliers``: the limit and one given network, in every format."""

import csv
import io
import json

import numpy as np
import pytest
from in_process import derive_here
from numpy.testing import assert_allclose

import derive
from derive import Instance, gradient_flow, instance_outliers, network_outliers
from derive.exact.network_curve import NetworkLearning

G, ZHAT = 0.5, 2.0
UNIT = (1 - G * G) ** 2


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run(*arguments) -> (exit status, output, complaint), in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        done = derive_here("outliers", *arguments)
        return done.returncode, done.stdout, done.stderr

    return call


def save(path, network):
    np.savez(path, W0=network.W0, m=network.m, w=network.w)


def network_with_outliers():
    """One learning network whose W has left the disc by ttilde = 0.3 (seed 1)."""
    return Instance.sample(60, G, 1)


@pytest.mark.slow
def test_limit_in_every_format(run):
    arguments = ["--g", "0.5", "--zhat", "2", "--times", "0.4,0.1,0.2"]
    document = json.loads(run(*arguments, "--format", "json")[1])
    expected = derive.outliers(G, ZHAT, np.array([0.1, 0.2, 0.4]) * UNIT)
    assert document["ttilde"] == [0.4, 0.1, 0.2]
    assert [len(x) for x in document["outliers"]] == [1, 0, 1]
    for found, exact in zip(document["outliers"], (expected[2], expected[0], expected[1]), strict=True):
        assert [complex(*pair) for pair in found] == exact.tolist()
    assert (document["disc"], document["radius"], document["neurons"]) == (G, pytest.approx(1.02 * G), None)
    rows = list(csv.reader(io.StringIO(run(*arguments, "--format", "csv")[1])))
    assert rows[0] == ["ttilde", "re1", "im1"]
    assert rows[2] == ["0.1", "", ""]
    assert float(rows[1][1]) == document["outliers"][0][0][0]
    text = run(*arguments)[1]
    assert "0.83941" in text
    assert "none" in text


def test_at_g_0_all_eigenvalues_that_are_not_0_are_listed(run):
    """Both of A's (Eq. 9): mean +- split/sqrt(3), whose product is the determinant."""
    document = json.loads(run("--g", "0", "--zhat", "1", "--times", "0.01", "--format", "json")[1])
    expansion = derive.expand(derive.FixedPointTask(), 7)
    mean, split = (series(0.01, 1.0) for series in expansion.eigenvalues_g0)
    values = [complex(*pair) for pair in document["outliers"][0]]
    # truncated after tau^7
    assert_allclose(values, [mean + split / np.sqrt(3), mean - split / np.sqrt(3)], rtol=1e-9)


def test_network_follows_its_own_flow():
    network = network_with_outliers()
    times = np.array([0.0, 0.2, 0.3, 0.5]) * UNIT
    flow = gradient_flow(network, ZHAT, times)
    for found, exact in zip(NetworkLearning(network, ZHAT).changes(times), flow.change, strict=True):
        assert_allclose(found, exact, atol=1e-9)
    result = network_outliers(network, ZHAT, times)
    assert [len(x) for x in result.values] == [0, 0, 1, 1]


def test_network_agrees_with_the_equation_of_its_outliers():
    """det(1 - C Gamma) = 0 with C from the network's own Taylor series: another route to both."""
    network, order = network_with_outliers(), 14
    tau = 0.06 * UNIT  # inside the radius of convergence, 0.19 or so at N -> infinity
    zhat = 3.0
    series = derive.instance_series(network, zhat, order)
    C = np.zeros((order, order))
    for (i, j), coefficients in series.C.items():
        C[i, j] = np.polynomial.polynomial.polyval(tau, coefficients)
    a, b = network.chains(order)
    [change] = NetworkLearning(network, zhat).changes(np.array([tau]))
    error = np.linalg.norm(a.T @ C @ b - change) / np.linalg.norm(change)
    assert error < 1e-5
    scaled = Instance(network.W0 / 8, network.m, network.w)  # a smaller disc, so that there is one to compare
    [change] = NetworkLearning(scaled, zhat).changes(np.array([0.3]))
    left, values, right = np.linalg.svd(change)
    result = network_outliers(scaled, zhat, [0.3])
    basis_a, basis_b = scaled.chains(6)
    C = np.linalg.pinv(basis_a.T) @ (left * values @ right) @ np.linalg.pinv(basis_b)
    assert len(result.values[0]) >= 1
    # six chain vectors leave (g beta)^6 of the change or less
    assert_allclose(result.values[0], instance_outliers(scaled, C, result.radius), rtol=1e-4)


@pytest.mark.slow
def test_large_networks_approach_the_limit():
    g = 0.3
    tau = np.array([0.6 * (1 - g * g) ** 2])
    limit = derive.outliers(g, ZHAT, tau)[0][0].real

    def deviation(size, seeds):
        values = [network_outliers(Instance.sample(size, g, s), ZHAT, tau).values[0][0] for s in range(seeds)]
        return np.sqrt(np.mean(np.abs(np.array(values) - limit) ** 2))

    # N^(-1/2): a factor 2; two root mean squares over 16 seeds put 25 % on it
    assert 1.3 < deviation(60, 16) / deviation(240, 16) < 3.2


def test_network_on_the_command_line(run, tmp_path):
    network = network_with_outliers()
    save(tmp_path / "network.npz", network)
    arguments = ["--g", "0.5", "--zhat", "2", "--network", "network.npz"]
    document = json.loads(run(*arguments, "--times", "0.3,0.5", "--format", "json")[1])
    radius = np.abs(np.linalg.eigvals(network.W0)).max()
    assert document["neurons"] == 60
    assert document["disc"] == pytest.approx(radius)
    W = network.W0 + gradient_flow(network, ZHAT, [0.5 * UNIT]).change[0]
    eigenvalues = np.linalg.eigvals(W)
    expected = eigenvalues[np.abs(eigenvalues) > 1.02 * radius]
    assert_allclose([complex(*x) for x in document["outliers"][1]], expected, rtol=1e-8)
    assert "a network of N = 60" in run(*arguments, "--until", "0.5")[1]
    # without --g the times are tau
    arguments = ["--zhat", "2", "--network", "network.npz", "--times", str(0.5 * UNIT), "--format", "json"]
    assert_allclose(json.loads(run(*arguments)[1])["outliers"][0], document["outliers"][1], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("network", [None, Instance.sample(30, 0.5, 0)])
def test_figure(run, tmp_path, network):
    pytest.importorskip("matplotlib")
    arguments = ["--g", "0.5", "--zhat", "2", "--times", "0.1,0.3", "--format", "png"]
    if network is not None:
        save(tmp_path / "network.npz", network)
        arguments += ["--network", "network.npz"]
    pictures = []
    for name in ("a.png", "b.png"):
        assert run(*arguments, "--out", name)[0] == 0
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--zhat 2", "--g and --zhat are needed"),
        ("--g 1 --zhat 2", "0 <= G < 1"),
        ("--g 0.5 --zhat 0", "a number > 0"),
        ("--g 0.5 --zhat 2 --times 1,x", "a list of numbers >= 0"),
        ("--g 0.5 --zhat 2 --times=-1", "a list of numbers >= 0"),
        ("--g 0.5 --zhat 2 --times 1 --until 2", "one of them"),
        ("--g 0.5 --zhat 2 --until 0", "a number > 0"),
        ("--g 0.5 --zhat 2 --format xml", "text, json, csv, png"),
        ("--g 0.5 --zhat 2 --format png", "--out"),
        ("--g 0.5 --zhat 2 --network missing.npz", "missing.npz: No such file"),
        ("--g 0.5 --zhat 2 --network singular.npz", "I - W0 is singular"),
        ("--g 0.5 --zhat 2 --network nothing.npz", "m or w is zero"),
        ("--g 0.5 --zhat 1 --network starts.npz", "the readout starts at 1.0"),
    ],
)
def test_bad_input_is_one_line(run, tmp_path, arguments, message):
    save(tmp_path / "singular.npz", Instance(np.eye(2), np.ones(2), np.ones(2)))
    save(tmp_path / "nothing.npz", Instance(np.zeros((2, 2)), np.zeros(2), np.ones(2)))
    save(tmp_path / "starts.npz", Instance(np.zeros((2, 2)), np.array([1.0, 0.0]), np.array([1.0, 0.0])))
    before = set(tmp_path.iterdir())
    status, output, complaint = run(*arguments.split())
    assert (status, output, len(complaint.splitlines())) == (2, "", 1)
    assert message in complaint
    assert set(tmp_path.iterdir()) == before
