"""``verify flow``: the three levels hold for flows as they are, and a wrong sign in the engine is caught."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from in_process import run_here
from project import ROOT

import derive
from derive.flow.given.network import FlowInstance
from derive.flow.product_rule import engine
from derive.flow.statement import gradient
from verify.cli import main
from verify.flows.learning_rate import rate_checks
from verify.flows.own_series import order_checks, small_series
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
    checks = order_checks(derive.read_flow(path), order_of(path), 0.3)
    assert len(checks) > 2
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
            marks=[pytest.mark.slow] * (path not in QUICK or plant is exchanged_factors),
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


@pytest.mark.slow
def test_command(tmp_path):
    result = run_here(
        main, "verify", "flow", EXAMPLES / "weight_decay_from_start.toml", "--order", 4, "--size", 48,
        "--seeds", 2,
        "--quick", "--format", "json", "--out", tmp_path,
    )  # fmt: skip
    document = json.loads(result.stdout)
    assert result.returncode == 0, [check for check in document["checks"] if not check["passed"]]
    assert document["passed"]
    assert {"tau", "theory", "simulation", "checks", "order", "g"} <= document.keys()
    assert (tmp_path / "verify_flow_weight_decay_from_start.png").stat().st_size > 10_000
    kinds = " ".join(check["name"] for check in document["checks"])
    assert all(
        words in kinds for words in ("slope in tau", "slope in the learning rate", "slope in N", "median")
    )


def test_what_makes_no_sense(tmp_path):
    task = EXAMPLES / "gradient.toml"
    for arguments in (["--order", "1"], ["--g", "2"], ["--seeds", "0"], ["--size", "1"]):
        result = run_here(main, "verify", "flow", task, *arguments, "--out", tmp_path)
        assert (result.returncode, result.stderr.count("\n")) == (2, 1)
