"""``verify modes``: learning of a target matrix held against what ``derive modes`` printed."""

import json

import mpmath
import numpy as np
import pytest
from in_process import run_here
from numpy.testing import assert_allclose

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

import torch

from derive import MatrixTask, expand
from derive.cli import main as derive_main
from verify.cli import main as verify_main
from verify.truth.descent import descend
from verify.truth.flow_curve import limit_observables
from verify.truth.matrix_instance import MatrixInstance, limit_instance
from verify.truth.networks import FixedPointNetwork, UnrolledNetwork
from verify.truth.precise_flow import flow_state
from verify.truth.precise_networks import network_in_doubles, precise_matrix_network
from verify.truth.reduced_flow import block_reduction
from verify.truth.setting import Setting

TARGET = np.array([[0.5, 0.2], [-0.1, 0.4], [0.3, 0.1]])
SMALL = ("--order", "3", "--quick", "--size", "64", "--seeds", "2", "--epochs", "8")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run(main, *arguments) -> (exit status, output, complaint), in an empty folder with TARGET.json."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "TARGET.json").write_text(json.dumps(TARGET.tolist()))
    (tmp_path / "generated").mkdir()

    def call(main, *arguments):
        done = run_here(main, main.__module__.split(".")[0], "modes", "TARGET.json", *arguments)
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.fixture
def module(run, tmp_path):
    """The printed module of order 3, where it is looked for."""
    path = tmp_path / "generated" / "modes_order_3.py"
    status, _, complaint = run(
        derive_main, "--order", "3", "--format", "python", "--out", str(path.relative_to(tmp_path))
    )
    assert status == 0, complaint
    return path


@pytest.mark.slow
def test_every_check_passes_and_is_reported(run, module, tmp_path):
    status, output, complaint = run(verify_main, *SMALL, "--format", "json")
    assert status == 0, output + complaint
    report = json.loads(output)
    assert report["passed"]
    names = [check["name"] for check in report["checks"]]
    assert len(names) == len(set(names))
    for part in (
        "printed modes",
        "series of Z",
        "series of s4",
        "learning rate: W",
        "network size",
        "Z: mean of",
    ):
        assert any(name.startswith(part) for name in names)
    for truth in ("the exact limit", "the printed series"):
        for simulator in ("unrolled", "fixed_point"):
            assert any(f"mean of {simulator} against {truth}" in name for name in names)
    observables = {"Z[1,1]", "Z[3,2]", "loss", "frobenius_norm", "s1", "s2"}
    assert observables <= report["theory"].keys() & report["limit"].keys()
    assert len(report["simulation"]["mean"]["unrolled"]["Z[1,1]"]) == len(report["ttilde"])
    assert (tmp_path / "figures" / "modes.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("(-3 + t)", "(-3.03 + t)", "FAIL  series of Z"),
        ("return tuple(sorted(values", "return tuple(1.001 * s for s in sorted(values", "FAIL  series of s1"),
        ("MODES = (\n    (\n        0.", "MODES = (\n    (\n        1.01 * 0.", "FAIL  printed modes"),
    ],
)
def test_what_is_wrong_in_the_module_is_found(run, module, right, wrong, found):
    source = module.read_text()
    assert right in source
    module.write_text(source.replace(right, wrong, 1))
    status, output, _ = run(verify_main, *SMALL)
    assert status == 1
    assert found in output


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "is missing"),
        ("def (", "cannot be used (SyntaxError"),
        ('ORDER = 3\nSYSTEM = "fixed-point"\nTARGET = MODES = ()\n', "holds no modes"),
        (("ORDER = 3", "ORDER = 4"), "holds order 4"),
        (("(0.5, 0.2)", "(0.5, 0.3)"), "another target"),
    ],
)
def test_another_module_names_the_command_that_makes_it(run, module, tmp_path, source, message):
    if source is None:
        module.unlink()
    else:
        module.write_text(source if isinstance(source, str) else module.read_text().replace(*source))
    status, output, complaint = run(verify_main, *SMALL)
    assert (status, output, len(complaint.splitlines())) == (2, "", 1)
    assert message in complaint
    command = "derive modes TARGET.json --order 3 --format python --out generated/modes_order_3.py"
    assert command in complaint
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--order 0", "--order 0: allowed are integers >= 1"),
        ("--size 5", "--size 5: allowed are integers >= 6"),
        ("--g 1", "0 <= g < 1"),
        ("--seeds 0", "--seeds 0"),
        ("--epochs x", "--epochs x"),
        ("--format xml", "text, json"),
        ("--order 3 --out /proc/nowhere", "--out /proc/nowhere"),
    ],
)
def test_requests_that_make_no_sense(run, module, arguments, message):
    status, output, complaint = run(verify_main, *arguments.split())
    assert (status, output, len(complaint.splitlines())) == (2, "", 1)
    assert message in complaint


def test_both_networks_have_the_gradient_of_theory_4():
    """dW/dtau = R^T Wout (Zhat - Z) M^T R^T, by autograd through the solve and through time."""
    instance = MatrixInstance.sample(12, 0.3, TARGET.shape, 0)
    R = np.linalg.inv(np.eye(12) - instance.W0)
    Z = instance.w @ R @ instance.m
    expected = R.T @ instance.w.T @ (TARGET - Z) @ instance.m.T @ R.T
    others = []
    for kind in (FixedPointNetwork, UnrolledNetwork):
        network = kind(instance, train=("W", "m", "w"))
        readout = network()
        assert_allclose(readout.detach().numpy(), Z, atol=1e-12)
        ((torch.as_tensor(TARGET) - readout) ** 2).sum().div(2).backward()
        assert_allclose(-network.W.grad.numpy(), expected, atol=1e-12)
        others.append(np.hstack([network.m.grad.numpy(), network.w.grad.numpy().T]))
    assert_allclose(*others, atol=1e-12)


@pytest.mark.slow
def test_flows_agree():
    """Full matrices, blocks of chain vectors and small steps of descent; all at a third of the radius."""
    instance, tau = MatrixInstance.sample(50, 0.5, TARGET.shape, 1), 0.1
    state = flow_state(network_in_doubles(instance), TARGET, tau, 12)
    reduced, C, _ = block_reduction(instance).flow(TARGET, np.array([tau / 2, tau]))
    assert_allclose(reduced[1], state.Z, atol=1e-7)
    assert_allclose(np.linalg.norm(C[1]), np.linalg.norm(state.change), rtol=1e-7)
    runs = [descend(FixedPointNetwork(instance), TARGET, tau / n, n) for n in (200, 400)]
    ends = [np.array([run.observables[f"Z[{i},{j}]"][-1] for i in (1, 2, 3) for j in (1, 2)]) for run in runs]
    assert_allclose(2 * ends[1] - ends[0], state.Z.ravel(), atol=1e-6)  # learning rate extrapolated to 0


@pytest.mark.slow
@pytest.mark.parametrize("g", [0.0, 0.5])
def test_three_limits_agree(g):
    """Mode by mode, the limit network of all modes in doubles, and the same with many digits."""
    tau = 0.1
    modes = tuple((mode.zhat, mode.left, mode.right) for mode in expand(MatrixTask(TARGET), 1).modes)
    setting = Setting(g, tuple(map(tuple, TARGET.tolist())), modes=modes)
    values = limit_observables(setting, np.array([tau])).values
    by_modes = np.array([values[f"Z[{i},{j}]"][0] for i in (1, 2, 3) for j in (1, 2)]).reshape(3, 2)
    state = flow_state(network_in_doubles(limit_instance(g, 8, TARGET.shape)), TARGET, tau, 12)
    assert_allclose(state.Z, by_modes, atol=1e-9)
    assert_allclose(np.linalg.norm(state.change), values["frobenius_norm"][0], rtol=1e-9)
    precise = flow_state(precise_matrix_network(g, 6, TARGET.shape), TARGET, mpmath.mpf(tau), 8).Z
    assert_allclose(precise.astype(float), by_modes, atol=1e-7)  # (tau/radius)^12 and ^16
