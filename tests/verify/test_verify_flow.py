"""``verify flow``: the three levels hold for flows as they are, and a wrong sign in the engine is caught."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from in_process import refusal, verify_here
from project import ROOT

import derive
from derive.exact.flows.flow_curve import limit_curve
from derive.flow.expanded.growth import coefficients
from derive.flow.given.network import FlowInstance
from derive.flow.product_rule import engine
from derive.flow.statement import gradient
from verify.flows.comparison import FlowComparison
from verify.flows.figure import flow_figure
from verify.flows.learning_rate import rate_checks
from verify.flows.outliers import EIGENVALUE, EQUATION
from verify.flows.own_series import order_checks, small_series
from verify.flows.sizes import SeriesInTime, SizeSamples, size_checks, size_samples
from verify.flows.torch_network import TorchNetwork

EXAMPLES = ROOT / "docs" / "flows"
EVERY = sorted(EXAMPLES.glob("*.toml"))
QUICK = [path for path in EVERY if path.stem not in ("two_frequencies", "frequency")]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_autograd_or_the_rule_is_the_velocity(path):
    """The engine's velocity (gradient by the word rule) against torch at a state that has moved."""
    flow = derive.read_flow(path)
    network, twin = FlowInstance.sample(flow, 12, 0.3, 4), TorchNetwork.sample(flow, 12, 0.3, 4)
    state = network.curve([0.05])[0]
    ours = network.velocity(state)
    theirs = twin.velocity({name: torch.from_numpy(part.copy()) for name, part in state.items()})
    for name, part in ours.items():
        assert abs(part - theirs[name].numpy()).max() < 1e-10 * max(1, abs(part).max())


def order_of(path):
    """Words of frequencies double or more each order."""
    return 3 if path in QUICK else 2


@pytest.mark.slow
@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_own_series(path):
    """Of all that moves as a slope: none is held by its rounding alone."""
    checks = order_checks(derive.read_flow(path), order_of(path), 0.3)
    assert len(checks) > 2
    assert all("slope in tau" in check.name or "the series ends" in check.reason for check in checks)
    assert [check for check in checks if not check.passed] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weight_decay", "momentum", "delay_memory", "feedback_alignment"])
def test_learning_rate(name):
    checks = rate_checks(derive.read_flow(EXAMPLES / f"{name}.toml"), 0.05, 12, 0.3)
    assert len(checks) > 2
    assert [check for check in checks if not check.passed] == []


def wrong_sign(monkeypatch):
    """R dW R with the wrong sign, W dW likewise."""
    true = engine.MatrixSeries.applied

    def wrong(self, i, vector, j, transposed):
        found = true(self, i, vector, j, transposed)
        return {word: -c if i else c for word, c in found.items()}

    monkeypatch.setattr(engine.MatrixSeries, "applied", wrong)


def exchanged_factors(monkeypatch):
    """The gradient of an overlap transposed."""
    monkeypatch.setattr(
        engine, "word_gradient", lambda overlap: [(b, a) for a, b in gradient.word_gradient(overlap)]
    )


def takes_overlaps_from_their_velocity(path):
    """Whether the engine uses the gradient of an overlap: nothing but outer products moves W."""
    return not derive.read_flow(path).meaning.velocity["W"].operators


PLANTED = [(path, wrong_sign) for path in EVERY]
PLANTED += [(path, exchanged_factors) for path in EVERY if takes_overlaps_from_their_velocity(path)]
QUICKLY_CAUGHT = [("weight_decay", wrong_sign), ("momentum", wrong_sign)]


def plain(series):
    """Without observables."""
    kept = {name: one for name, one in series.scalars.items() if name not in series.observables}
    return replace(series, scalars=kept, observables=())


@pytest.mark.parametrize(
    ("path", "plant"),
    [
        pytest.param(
            path,
            plant,
            marks=[] if (path.stem, plant) in QUICKLY_CAUGHT else pytest.mark.slow,
            id=f"{path.stem}-{plant.__name__}",
        )
        for path, plant in PLANTED
    ],
)
def test_what_is_wrong_in_the_engine_is_caught(path, plant, monkeypatch):
    """The plant changes a readout, the loss or W, and the checks of just those fail."""
    flow, order = derive.read_flow(path), order_of(path)
    right = plain(small_series(flow, order, 0.3))
    plant(monkeypatch)
    wrong = plain(small_series(flow, order, 0.3))
    changed = {
        name
        for name, true in right.tested.items()
        if not np.allclose(wrong.tested[name][: order + 1], true[: order + 1])
    }
    assert changed
    checks = order_checks(flow, order, 0.3, series=wrong)
    assert {check.name.split(":")[0] for check in checks if not check.passed} == changed


def test_sizes_show_a_wrong_series():
    """Every printed observable has a median and a slope in N, and a series twice as large fails."""
    flow, counts = derive.read_flow(EXAMPLES / "feedforward_chain.toml"), {24: 160, 48: 80, 96: 40}
    expansion = derive.FlowExpansion(flow, 4)
    printed = {**expansion.series, **expansion.observables}
    point = {EQUATION: [float(EIGENVALUE)]}
    series = {
        name: SeriesInTime(np.array(coefficients(one, [1.0, *point.get(name, [])], 0.6)), 0.45)
        for name, one in printed.items()
    }
    samples = size_samples(flow, series, 0.1, counts, 0.6)
    checks = size_checks(samples, series)
    assert len(checks) == 2 * len(series)
    assert [check for check in checks if not check.passed] == []
    doubled = {name: SeriesInTime(2 * one.coefficients, one.radius) for name, one in series.items()}
    names = {check.name.split(":")[0] for check in size_checks(samples, doubled) if not check.passed}
    assert names == set(series)


@pytest.mark.slow
def test_outlier_of_the_curve():
    """W's largest eigenvalue at the end of learning, where the limit's curve has an outlier."""
    flow, tau, counts = derive.read_flow(EXAMPLES / "gradient.toml"), 0.24, {64: 96, 128: 48, 256: 16}
    (limit,) = limit_curve(flow, [tau]).outliers[0]
    assert abs(limit) > 1.4 * 0.6
    values = []
    for size, count in counts.items():
        networks = [TorchNetwork.sample(flow, size, 0.6, 1000 * size + seed) for seed in range(count)]
        Ws = [network.flowed([tau], 20)[0]["W"].numpy() for network in networks]
        values.append(np.array([abs(np.linalg.eigvals(W)).max() for W in Ws]))
    samples = SizeSamples(tuple(counts), {"outlier": tau}, {"outlier": values})
    checks = size_checks(samples, {"outlier": SeriesInTime(np.array([abs(limit), 0.0, 0.0]), 1.0)})
    assert len(checks) == 2
    assert [check for check in checks if not check.passed] == []


def test_a_series_is_good_through_the_time_at_which_its_rest_is_one_percent():
    """Of 1/(1 - tau): tau^(K+1)/(1 - tau) is left out of (1 - tau^(K+1))/(1 - tau)."""
    geometric = SeriesInTime(np.ones(6), 1.0)
    assert geometric.good_until(0.9) == pytest.approx((0.01 / 1.01) ** (1 / 6), abs=0.9 / 1000)
    assert SeriesInTime(np.array([0.0, 1.0, 0.0, 0.0]), 1.0).good_until(0.9) == 0.9


def test_every_printed_series_has_a_panel(monkeypatch):
    """With the networks' band; the series is in sight while it is good, though networks run away later."""
    from matplotlib import pyplot as plt

    expansion = derive.FlowExpansion(derive.read_flow(EXAMPLES / "gradient.toml"), 3)
    printed = expansion.series | dict(expansion.observables)
    tau = np.linspace(0.0, 0.9, 10)
    series = {name: SeriesInTime(np.array([0.0, 1.0, -2.0, 4.0]), 0.5) for name in printed}
    mean = {name: np.where(tau < 0.7, 0.5 + tau, 300.0) for name in printed}
    comparison = FlowComparison(
        expansion, 16, 0.3, 3, 0.1, tau, series, mean, dict.fromkeys(printed, 0.1 * tau), {"z": 0.5}, ()
    )
    monkeypatch.setattr(plt, "close", lambda figure: None)
    assert flow_figure(comparison)[:4] == b"\x89PNG"
    axes = plt.gcf().axes
    monkeypatch.undo()
    assert [axis.get_title().split(" at x")[0] for axis in axes] == list(printed)
    for axis, name in zip(axes, printed, strict=True):
        low, high = axis.get_ylim()
        good = [series[name](time) for time in np.linspace(0, comparison.good_until[name])]
        assert low <= min(good)
        assert max(good) <= high < 4
        assert len(axis.collections) == 1
    plt.close("all")


@pytest.mark.slow
def test_command(tmp_path):
    result = verify_here("flow", EXAMPLES / "weight_decay_from_start.toml", "--order", 4, "--size", 48,
        "--seeds", 2,
        "--quick", "--format", "json", "--out", tmp_path,
    )  # fmt: skip
    document = json.loads(result.stdout)
    assert result.returncode == 0, [check for check in document["checks"] if not check["passed"]]
    assert document["passed"]
    assert {"tau", "theory", "simulation", "checks", "order", "g", "radius", "good_until"} <= document.keys()
    expansion = derive.FlowExpansion(derive.read_flow(EXAMPLES / "weight_decay_from_start.toml"), 4)
    printed = {*expansion.series, *expansion.observables}
    assert {"z", "s1", "ntk_z", EQUATION} < printed
    for curves in (document["theory"], document["simulation"]["mean"], document["simulation"]["std"]):
        assert curves.keys() == printed
    assert document["good_until"].keys() == printed
    assert (tmp_path / "verify_flow_weight_decay_from_start.png").stat().st_size > 10_000
    kinds = " ".join(check["name"] for check in document["checks"])
    assert all(
        words in kinds for words in ("slope in tau", "slope in the learning rate", "slope in N", "median")
    )


def test_what_makes_no_sense(tmp_path):
    task = EXAMPLES / "gradient.toml"
    for arguments in (["--order", "1"], ["--g", "2"], ["--seeds", "0"], ["--size", "1"]):
        refusal(verify_here("flow", task, *arguments, "--out", tmp_path))
