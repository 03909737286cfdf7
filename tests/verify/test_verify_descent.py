"""torch's networks and their training against linear algebra, flow, and each other."""

import math
from dataclasses import replace

import numpy as np
import pytest

import derive
from derive import limit
from derive.command_line import UsageProblem
from verify.checks.agreement import unrolled_check
from verify.checks.sizes import SizeDeviations, ensemble, measure_deviations, size_check
from verify.comparison.request import Experiment
from verify.comparison.schedule import Schedule, schedule
from verify.truth.descent import descend
from verify.truth.flow_curve import CHAIN_LENGTH, limit_observables
from verify.truth.networks import FixedPointNetwork, UnrolledNetwork
from verify.truth.setting import Setting
from verify.truth.simulation import Simulation, simulate


def experiment(g: float = 0.6, zhat: float = 0.5, **changes: object) -> Experiment:
    values: dict[str, object] = {
        "size": 40,
        "seeds": 2,
        "epochs": 20,
        "learning_rate": None,
        "times": None,
        "ensemble": {},
    }
    return Experiment(Setting(g, zhat), **{**values, **changes})  # type: ignore[arg-type]


def trained(asked: Experiment, plan: Schedule) -> Simulation:
    return simulate(asked.setting, asked.size, asked.seeds, plan.learning_rate, plan.epochs)


def test_observables_of_a_run() -> None:
    instance = derive.Instance.sample(30, 0.6, seed=2)
    run = descend(FixedPointNetwork(instance), 0.5, 0.02, 12)
    exact = np.linalg.svd(run.W - instance.W0, compute_uv=False)
    # s2 is found to the rounding of s1
    assert run.observables["s1"][-1] == pytest.approx(exact[0], abs=1e-14)
    assert run.observables["s2"][-1] == pytest.approx(exact[1], abs=1e-14)
    assert run.observables["frobenius_norm"][-1] == pytest.approx(np.linalg.norm(exact), abs=1e-14)
    assert run.observables["loss"][0] == pytest.approx((0.5 - run.observables["readout"][0]) ** 2 / 2)


def test_values_between_epochs_err_at_the_fourth_order() -> None:
    instance = derive.Instance.sample(30, 0.6, seed=2)
    errors = []
    for epochs in (10, 20):
        run = descend(FixedPointNetwork(instance), 0.5, 0.01, epochs)
        thinned = replace(
            run, tau=run.tau[::2], observables={name: v[::2] for name, v in run.observables.items()}
        )
        errors.append(abs(thinned.at(run.tau[3:4])["readout"][0] - run.observables["readout"][3]))
    # a step of 0.02 in tau, curve of unit scale: 0.02^4, times at most 5/384
    assert max(errors) < 0.02**4


def test_divergence_is_nan_and_not_an_exception() -> None:
    run = descend(UnrolledNetwork(derive.Instance.sample(20, 0.6, seed=2)), 2.0, 50.0, 12)
    assert math.isnan(run.observables["loss"][-1])
    assert np.all(np.isnan(run.at(run.tau)["readout"]))


@pytest.mark.parametrize(("size", "g"), [(40, 0.6), (60, 0.9)])
def test_unrolled_and_fixed_point_agree_within_the_transient(size: int, g: float) -> None:
    asked = experiment(size=size, g=g)
    check = unrolled_check(asked.setting, trained(asked, schedule(asked)))
    assert check.passed
    if g > 0.8:  # here the transient is what is seen, not rounding
        assert check.measured > 1e-11


def test_a_shorter_trial_breaks_the_transients_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = experiment(seeds=1)
    monkeypatch.setattr(UnrolledNetwork, "steps", 20)
    simulation = trained(asked, schedule(asked))
    monkeypatch.undo()
    assert not unrolled_check(asked.setting, simulation).passed


@pytest.mark.parametrize("zhat", [0.5, 2.0])
def test_the_reduced_instance_learns_as_the_full_one(zhat: float) -> None:
    instance = derive.Instance.sample(60, 0.6, seed=0)
    tau = np.array([0.1, 0.3, 1.0]) * (1 - 0.36) ** 2
    full = derive.gradient_flow(instance, zhat, tau)
    path = limit.learning_path(limit.instance_reduction(instance, CHAIN_LENGTH))
    curve = limit.LearningCurve(path, zhat)
    # the flow is integrated at tolerance 1e-13 a step; its steep part multiplies errors by about 1e3
    assert curve.readout(tau) == pytest.approx(full.readout, abs=1e-9)
    assert curve.singular_values(tau, 2) == pytest.approx(full.singular_values(2), abs=1e-9)


def test_at_g_zero_the_chain_closes_with_two_vectors() -> None:
    instance = derive.Instance.sample(300, 0.0, seed=0)
    reduction = limit.instance_reduction(instance, CHAIN_LENGTH)
    assert reduction.size == 2
    run = limit.descent(reduction, 0.5, 0.1, 6, keep=True)
    full = descend(FixedPointNetwork(instance), 0.5, 0.1, 6)
    assert run.singular_values()[:, 1] == pytest.approx(full.observables["s2"], abs=1e-14)


@pytest.mark.slow
def test_instances_approach_the_limit_with_the_root_of_the_size() -> None:
    # sizes and seeds are fixed; the tolerance is three standard errors of the fit
    tau = np.array([0.1, 0.2]) * (1 - 0.36) ** 2
    deviations = measure_deviations(Setting(0.6, 0.5), tau, {64: 60, 128: 30, 256: 15})
    check = size_check(deviations, Setting(0.6, 0.5))
    assert check.passed
    # var z(0) = beta/N for independent m and w; 105 instances know c to about 7%, taken three times
    assert deviations.at_size("readout", 1)[0] == pytest.approx(math.sqrt(1 / 0.64), rel=0.25)


def test_a_deviation_that_does_not_shrink_fails() -> None:
    sizes = np.array([128, 256, 512, 1024])
    for slope, passed in ((-0.5, True), (-0.35, False), (0.0, False)):
        rms = {"readout": sizes[:, None] ** slope}
        deviations = SizeDeviations(np.array([0.05]), sizes, 20480 // sizes * 4, rms)
        assert size_check(deviations, Setting(0.0, 0.5)).passed == passed


def test_the_ensemble() -> None:
    assert ensemble(0.6, quick=False) == {128: 160, 256: 80, 512: 40, 1024: 20, 2048: 10}
    assert min(ensemble(0.9, quick=False)) >= 512
    assert len(ensemble(0.99, quick=True)) >= 3


def test_the_default_schedule_reaches_the_last_time_shown() -> None:
    plan = schedule(experiment(epochs=60))
    assert plan.ttilde[-1] == pytest.approx(plan.learning_rate * 60 / (1 - 0.36) ** 2)
    loss = limit_observables(Setting(0.6, 0.5), np.array([plan.ttilde[-1] * (1 - 0.36) ** 2])).values["loss"][
        0
    ]
    assert 0.05 <= loss / 0.125 < 0.1


def test_times_out_of_reach_say_so() -> None:
    with pytest.raises(UsageProblem, match="allowed"):
        schedule(experiment(times=(0.1, 5.0), learning_rate=0.01))
    with pytest.raises(UsageProblem, match="epochs or more"):
        schedule(experiment(times=(0.3,), zhat=4.0, epochs=2))


def test_simulations_are_the_same_every_time() -> None:
    asked = experiment(seeds=2, epochs=3)
    plan = Schedule(np.array([0.01]), 0.01, 3)
    first, second = trained(asked, plan), trained(asked, plan)
    for simulator in ("unrolled", "fixed_point"):
        for a, b in zip(first.runs[simulator], second.runs[simulator], strict=True):
            assert np.array_equal(a.W, b.W)
