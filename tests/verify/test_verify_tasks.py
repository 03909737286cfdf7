"""``verify`` for overlapping vectors and other trained parameters."""

import json
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from in_process import refusal, verify_here

from derive import FixedPointTask, Instance, expand, gradient_flow, moment
from derive import beta as symbol
from derive.document.request import Request
from derive.write.render import Rendering
from verify.checks.chain_series import chain_checks
from verify.checks.learning_rate import learning_rate_checks
from verify.checks.printed import next_terms, series_checks
from verify.comparison.request import parse_task
from verify.truth.flow_curve import limit_observables, network_observables
from verify.truth.networks import TIME_STEP, FixedPointNetwork, UnrolledNetwork
from verify.truth.precise_flow import chains
from verify.truth.precise_networks import precise_aligned_network
from verify.truth.setting import Setting
from verify.truth.theory import Theory, load_theory, theory_from_source

SUBSETS = [("m",), ("w",), ("m", "w"), ("W", "m"), ("W", "w"), ("W", "m", "w")]


def printed(order: int, rho: str, train: str, singular_values: int = 2) -> Theory:
    request = Request(order, singular_values, alignment=rho, train=train)
    return theory_from_source(Rendering(request).module, Path(request.stem))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "train", "rho", "g", "singular_values"),
    [
        (5, "W", "3/10", 0.6, 3),
        (4, "W", "-1/2", 0.0, 2),
        (4, "W", "1", 0.0, 2),
        (4, "W,m,w", "0", 0.6, 2),
        (5, "W,m", "0", 0.5, 3),
        (5, "W,w", "1/4", 0.5, 3),
        (3, "m,w", "1/4", 0.5, 1),
        (3, "m", "0", 0.5, 1),
        (5, "W,m,w", "3/10", 0.6, 3),
    ],
)
def test_every_printed_function_errs_at_the_next_order(order, train, rho, g, singular_values):
    task = parse_task(rho, train, 1.25)
    theory, setting = printed(order, rho, train, singular_values), Setting(g, 1.25, task)
    checks = series_checks(theory, setting)
    assert [(c.name, c.measured) for c in checks if not c.passed] == []
    names = ["readout", "loss", "sharpness", "readout with its error estimate"]
    if "W" in task.train:
        names += ["gradient_norm", "frobenius_norm", "A (g = 0)"]
        names += ["singular vectors"] * (train == "W,m,w" and rho == "0")
        if (train == "W,m,w" and rho == "0") or (rho != "0" and g and train in ("W", "W,m,w")):
            observed = ("readout", "loss", "gradient_norm", "frobenius_norm", "s1", "sharpness")
            names += [f"{name}_variance" for name in observed]
        names += [f"s{r}" for r in range(1, (singular_values if g else 2 - (rho == "1")) + 1)]
    assert {c.name.split(" of ")[1].split(":")[0] for c in checks} == set(names)
    # the first term left out is that of the next order
    longer = expand(task, order + 1).readout
    first = next_terms(theory, setting)["readout"].first
    coefficient = longer(1.0, 1.25, g) - longer.truncate(order)(1.0, 1.25, g)
    assert first == pytest.approx(coefficient, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("power", [1, 3, 5])
def test_a_wrong_coefficient_of_the_third_singular_value_gives_its_own_slope(power):
    theory, task = printed(5, "3/10", "W,m", 3), parse_task("3/10", "W,m", 1.25)

    def wrong(tau, zhat, g):
        *values, third = theory.functions["singular_values"](tau, zhat, g)
        return (*values, third + tau**power / 100)

    spoilt = replace(theory, functions={**theory.functions, "singular_values": wrong})
    failed = [c for c in series_checks(spoilt, Setting(0.6, 1.25, task)) if not c.passed]
    assert [c.name for c in failed] == ["series of s3: printed against limit flow"]
    assert failed[0].measured == pytest.approx(power, abs=0.01)


def test_an_instance_follows_its_own_series():
    checks = chain_checks(Setting(0.6, 1.0, parse_task("-1/2", "W,m,w", 1.0)), 8, 3)
    assert [c.name.split()[2] for c in checks] == ["readout", "W", "m", "w"]
    assert all(c.passed for c in checks)


@pytest.mark.slow
def test_the_module_for_a_symbolic_overlap_serves_every_number(tmp_path):
    task = parse_task("0.3", "W", 1.0)
    (tmp_path / "order_3_alignment.py").write_text(Rendering(Request(3, alignment="rho")).module)
    theory = load_theory(tmp_path, 3, task)
    assert theory.observables(0.1, 1.0, 0.5) == pytest.approx(
        printed(3, "3/10", "W").observables(0.1, 1.0, 0.5), rel=1e-13
    )
    assert all(c.passed for c in series_checks(theory, Setting(0.5, 1.0, task)))
    (tmp_path / "order_3_alignment_3over10.py").write_text(Rendering(Request(3, alignment="3/10")).module)
    assert load_theory(tmp_path, 3, task).path.stem == "order_3_alignment_3over10"


def test_the_network_has_the_overlaps_of_general_moments():
    rho, beta = Fraction(3, 10), 1 / (1 - 0.6**2)
    a, b = chains(precise_aligned_network(0.6, rho, 6), 4)
    for i, j in ((0, 0), (0, 1), (1, 1), (0, 3), (2, 3)):
        n = i + j
        word = ["B", "B'"] * (n // 2 + 1) if n % 2 == 0 else ["B"] + ["B'", "B"] * ((n + 1) // 2)
        expected = float(moment(word).subs(symbol, beta)) * float(rho if n % 2 else 1)
        assert float(a[i] @ a[j]) == pytest.approx(expected, rel=1e-13)
        assert float(b[i] @ b[j]) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("train", [("W",), *SUBSETS])
def test_torch_trains_what_is_named(train):
    instance = Instance.sample(12, 0.6, 1, 0.4)
    R = np.linalg.inv(np.eye(12) - instance.W0)
    a, b = R.T @ instance.w, R @ instance.m
    expected = {"W": np.outer(a, b), "m": a, "w": b}
    for kind in (FixedPointNetwork, UnrolledNetwork):
        network = kind(instance, train=train)
        network().backward()
        for name, gradient in expected.items():
            found = getattr(network, name).grad
            if name not in train:
                assert found is None
            else:
                # the unrolled network's transient is below rounding for this W0
                assert np.allclose(found.numpy(), gradient, rtol=0, atol=1e-12)


def test_the_unrolled_gradients_are_plain_autograd_through_time():
    instance = Instance.sample(20, 0.8, 1, -0.3)
    network = UnrolledNetwork(instance, train=("W", "m", "w"))
    network().backward()
    W, m, w = (torch.tensor(x, requires_grad=True) for x in (instance.W0, instance.m, instance.w))
    x = torch.zeros(20, dtype=torch.float64)
    for _ in range(network.steps):
        x = x + TIME_STEP * (-x + W @ x + m)
    (w @ x).backward()
    for plain, parameter in zip((W, m, w), (network.W, network.m, network.w), strict=True):
        assert torch.allclose(plain.grad, parameter.grad, rtol=0, atol=1e-13)


@pytest.mark.parametrize("alignment", [0.3, -1.0])
def test_vectors_are_drawn_with_their_overlap(alignment):
    plain, drawn = Instance.sample(40, 0.6, 7), Instance.sample(40, 0.6, 7, alignment)
    assert np.array_equal(plain.W0, drawn.W0)
    assert np.array_equal(plain.m, drawn.m)
    # one or two roundings of a sum of 40 terms
    assert drawn.w @ drawn.m == pytest.approx(alignment, abs=1e-15)
    assert drawn.w @ drawn.w == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("arguments", [(5, 0.5, 0, 1.1), (5, 0.5, 0, -2.0), (1, 0.5, 0, 0.3)])
def test_overlaps_that_no_network_has_are_refused(arguments):
    with pytest.raises(ValueError, match="alignment"):
        Instance.sample(*arguments)


@pytest.mark.parametrize("train", [("W",), *SUBSETS])
def test_the_reduced_flow_is_that_of_the_full_network(train):
    task = FixedPointTask(train=train, alignment="-1/2")
    instance, tau = Instance.sample(40, 0.6, 3, -0.5), np.array([0.05, 0.3])
    found = network_observables(instance, Setting(0.6, 0.8, task), tau)
    flow = gradient_flow(instance, 0.8, tau, train=train)
    # steps of 1e-12 and 1e-13; sixteen chain vectors leave less than that
    assert found.values["readout"] == pytest.approx(flow.readout, abs=1e-10)
    assert found.values["s2"] == pytest.approx(flow.singular_values(2)[:, 1], abs=1e-10)
    inverse = np.eye(40) - instance.W0 - flow.change[1]
    a = np.linalg.solve(inverse.T, instance.w + flow.readout_change[1])
    b = np.linalg.solve(inverse, instance.m + flow.input_change[1])
    rates = {"W": (a @ a) * (b @ b), "m": a @ a, "w": b @ b}
    assert found.curvature[1] == pytest.approx(sum(rates[name] for name in train), rel=1e-9)


@pytest.mark.parametrize("train", SUBSETS)
def test_the_limit_is_what_its_series_says_at_early_times(train):
    order, task = 5, FixedPointTask(train=train, alignment="3/10")
    readout = expand(task, order).readout
    rate = readout.truncate(1)(1.0, 1.0, 0.5) - 0.3
    tau = np.array([0.05, 0.1]) / rate  # in a time of the task's own
    early, late = np.abs(
        limit_observables(Setting(0.5, 1.0, task), tau).values["readout"] - readout(tau, 1.0, 0.5)
    )
    assert early > 1e-11  # above the steps' error
    assert np.log2(late / early) == pytest.approx(order + 1, abs=0.5)  # the next term at these times


@pytest.mark.parametrize("g", [0.0, 0.6])
@pytest.mark.parametrize("train", [("W",), ("W", "m"), ("m", "w")])
def test_descent_leaves_flow_in_proportion_to_the_learning_rate(train, g):
    checks = learning_rate_checks(Setting(g, 1.0, FixedPointTask(train=train, alignment="1/4")), 20, 0.1)
    assert [c.name.split()[2] for c in checks] == ["readout", *train]
    assert [c.name for c in checks if not c.passed] == []


run = partial(verify_here, "--quick", "--seeds", 2, "--order", 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alignment", "train", "arguments"),
    [
        ("3/10", "W,m,w", ["--zhat", "1", "--size", "64", "--epochs", "12"]),
        ("0", "m,w", ["--zhat", "1", "--size", "48", "--epochs", "12"]),
        ("-1/2", "W", ["--zhat", "0.5", "--size", "32", "--epochs", "12", "--g", "0"]),
    ],
)
def test_the_command_verifies_the_task(alignment, train, arguments, tmp_path):
    request = Request(3, alignment=alignment, train=train)
    (tmp_path / f"{request.stem}.py").write_text(Rendering(request).module)
    folders = ["--generated", tmp_path, "--out", tmp_path / "figures"]
    done = run("--alignment", alignment, "--train", train, *arguments, *folders, "--format", "json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["request"]["alignment"] == alignment
    assert report["request"]["train"] == train.split(",")
    assert all(check["passed"] for check in report["checks"])
    names = [check["name"] for check in report["checks"]]
    assert len(names) == len(set(names))
    assert any(name.startswith("network size") for name in names)
    assert any(name.startswith("s2: mean") for name in names) == ("W" in train)
    assert Path(report["figure"]).name.startswith(f"verify_{request.stem}_N_")


@pytest.mark.slow
def test_a_module_of_another_task_fails(tmp_path):
    module = Rendering(Request(3, alignment="1/4")).module
    (tmp_path / "order_3_alignment_3over10.py").write_text(module)
    arguments = ["--alignment", "3/10", "--zhat", "1", "--size", "32", "--epochs", "6"]
    done = run(*arguments, "--generated", tmp_path, "--out", tmp_path / "figures")
    assert done.returncode == 1
    assert "FAIL  series of readout: printed against limit flow" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--alignment 1.1", "--alignment 1.1: allowed is a number from -1 to 1"),
        ("--alignment rho", "--alignment rho: allowed is a number from -1 to 1"),
        ("--alignment nan", "--alignment nan: allowed is a number from -1 to 1"),
        ("--alignment 0.3 --zhat 0.3", "allowed is zhat > 3/10"),
        ("--alignment 0.7", "--zhat 0.5: the readout starts at w.m = 7/10; allowed is zhat > 7/10"),
        ("--train ,", "--train is empty: allowed is a non-empty subset of W, m, w"),
        ("--train W,x", "--train x: allowed is a non-empty subset of W, m, w"),
        ("--train m", "derive --order 3 --train m --out"),
        ("--alignment -0.25 --train W,m", "derive --order 3 --alignment -1/4 --train W,m --out"),
    ],
)
def test_tasks_that_make_no_sense(arguments, said, tmp_path):
    assert said in refusal(run(*arguments.split(), "--generated", tmp_path))
    assert not any(tmp_path.iterdir())


def test_a_target_that_the_flow_never_reaches(tmp_path):
    (tmp_path / "order_3_alignment_minus1.py").write_text(Rendering(Request(3, alignment="-1")).module)
    # W stays w w^T times a number, z rises to 0 at most
    refusal(run("--alignment", "-1", "--g", "0", "--generated", tmp_path))
