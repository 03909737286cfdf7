"""A new observable is a file and an entry of the registry: every format, the limit, one network, the exact
curve and the checks of verify have it. And every observable there is, in all of them."""

import json
import re
import types

import numpy as np
import pytest
from in_process import derive_here

from derive import FixedPointTask, Instance, expand, gradient_flow, instance_series, limit
from derive.exact.state import CurveState
from derive.observables import registry
from derive.observables.observable import Observable
from derive.observables.singular_values import is_singular_value, singular_value

FORMATS = ("text", "json", "latex", "python", "c", "matlab", "javascript", "mathematica")
TASKS = [
    FixedPointTask(),
    FixedPointTask(train="W,m,w"),
    FixedPointTask(alignment="3/10"),
    FixedPointTask(g0=True),
]
OPTIONS = ["", "--train W,m,w", "--alignment 3/10", "--g0"]

INPUT_GAIN = Observable(
    name="input_gain",
    symbol="|b|^2",
    macro=r"\drvinputgain",
    latex=r"\lVert b \rVert^{2}",
    left=r"\drvinputgain",
    title="input gain |b|^2",
    source="b = R m",
    zhat_power=0,
    beta_power=1,
    series=lambda change: change.in_time(change.squared_length_in_clock("b"), odd=False),
    value=lambda state: state.b_squared,
)


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(registry, "OBSERVABLES", (*registry.OBSERVABLES, INPUT_GAIN))


def printed(*arguments):
    done = derive_here(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_a_new_one_is_in_every_format(toy, form):
    text = printed("--order", 3, "--no-write", "--format", form)
    assert re.search("input.?gain", text, re.IGNORECASE)


@pytest.mark.parametrize("form", ["text", "json", "latex", "python"])
def test_a_new_one_of_one_network(toy, form, tmp_path):
    network = Instance.sample(20, 0.5, 1)
    np.savez(tmp_path / "network.npz", W0=network.W0, m=network.m, w=network.w)
    text = printed("network", tmp_path / "network.npz", "--zhat", 1, "--order", 3, "--format", form)
    assert re.search("input.?gain", text, re.IGNORECASE)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_new_one_on_the_exact_curve(toy, form):
    assert "input_gain" in printed("curve", "--g", 0.6, "--zhat", 1, "--until", 0.5, "--format", form)


def test_a_new_one_is_checked_by_verify(toy):
    """The emitted function against the flow in many digits; with a wrong coefficient it fails."""
    from verify.checks.printed import function_check

    module = types.ModuleType("order_4")
    exec(printed("--order", 4, "--no-write", "--format", "python"), module.__dict__)
    right = module.input_gain
    assert function_check(right, "input_gain", 4, 0.6, 1.0).passed

    def wrong(tau, zhat, g):
        return right(tau, zhat, g) + tau**4 / 1000

    assert not function_check(wrong, "input_gain", 4, 0.6, 1.0).passed


def everywhere():
    for index, task in enumerate(TASKS):
        for observable in registry.observables(task, 2):
            yield pytest.param(index, observable.name, id=f"{OPTIONS[index] or 'plain'} {observable.name}")


def found(task, name):
    return next(o for o in registry.observables(task, 2) if o.name == name)


@pytest.mark.parametrize(
    "form", ["text", "json", "latex", "python", "c", "matlab", "javascript", "mathematica"]
)
@pytest.mark.parametrize("index", range(len(TASKS)))
def test_every_one_in_every_format(index, form):
    text = printed(*f"--order 3 {OPTIONS[index]} --no-write --format {form}".split())
    task = TASKS[index]
    for observable in registry.expanded_observables(task, 2):
        if is_singular_value(observable.name):
            names = {"text": observable.title, "latex": observable.left}
            assert names.get(form, "singular_values") in text or form == "mathematica"
            continue
        names = {"text": observable.title, "latex": observable.left, "json": f'"{observable.name}"'}
        wanted = names.get(form, observable.name)
        assert wanted in text or form == "mathematica"
        if form == "mathematica":
            assert observable.name.replace("_", "").lower() in text.replace("_", "").lower()


@pytest.mark.parametrize(("index", "name"), list(everywhere()))
def test_limit_network_and_exact_curve_agree(index, name):
    """Series at N -> infinity against the exact curve, and one network's against its flow: both by slope."""
    task = TASKS[index]
    observable = found(task, name)
    if observable.series is None:
        assert name == "total_gradient_norm"
        return
    order, g, zhat = 5, 0.0 if task.g0 else 0.4, 1.3
    scale = 1 / ((1 - g) * (1 + g)) ** 2
    ttilde = np.array([0.02, 0.04])
    series = expand(task, order).series(observable)
    alignment = float(task.alignment)
    curve = limit.learning_curve(g, zhat, alignment=alignment, train=task.train)
    state = CurveState(curve, *curve.position(ttilde / scale))
    error = np.abs(observable.value(state) - series(ttilde / scale, zhat, g))
    power = 2 if name == "s2" else 1  # s2 starts at tau^3: its terms are small
    assert np.all(error < 1e-13) or np.log2(error[1] / error[0]) == pytest.approx(order + 1, abs=0.7 * power)

    network = Instance.sample(30, g or 0.4, 2)
    coefficients = observable.expanded(instance_series(network, zhat, order, task.train))
    coefficients = np.asarray([float(c) for c in coefficients])
    times = np.array([0.01, 0.02])
    flow = gradient_flow(network, zhat, times, 2.3e-14, task.train)
    truth = np.array([float(observable.value(_state(network, flow, k, zhat, task))) for k in range(2)])
    error = np.abs(np.polynomial.polynomial.polyval(times, coefficients) - truth)
    assert np.all(error < 1e-11) or np.log2(error[1] / error[0]) > len(coefficients) - 1.5


def _state(network, flow, k, zhat, task):
    """What an observable asks of a moment of one network's flow."""
    W, m, w = network.W0 + flow.change[k], network.m, network.w
    if "m" in task.train:
        m, w = m + flow.input_change[k], w + flow.readout_change[k]
    R = np.linalg.inv(np.eye(network.size) - W)
    a, b, values = R.T @ w, R @ m, np.linalg.svd(flow.change[k], compute_uv=False)
    return types.SimpleNamespace(
        train=task.train,
        zhat=zhat,
        error=zhat - w @ R @ m,
        a_squared=a @ a,
        b_squared=b @ b,
        squared_norm=(values**2).sum(),
        singular_value=lambda r: values[r - 1],
    )


def test_a_singular_value_is_counted_from_one():
    with pytest.raises(ValueError, match="singular value 0: allowed are integers >= 1"):
        singular_value(0)


def test_json_has_the_names_of_the_registry():
    document = json.loads(printed("--order", 3, "--no-write", "--format", "json"))
    assert {o.name for o in registry.expanded_observables(FixedPointTask(), 0)} <= set(document)
