"""Variance series: against the readout's own route, the deviations at all times, and identities."""

import json

import pytest
from in_process import derive_here, refusal
from slow_cases import slow_but

from derive import FixedPointTask, expand
from derive.exact.closed_form.solution import closed_form
from derive.exact.fluctuations.covariance import covariances, overlap_covariance
from derive.exact.fluctuations.deviations import deviations
from derive.exact.fluctuations.response import ResponseCurve
from derive.observables.frobenius_norm import FROBENIUS_NORM
from derive.observables.loss import LOSS
from derive.observables.readout import READOUT
from derive.observables.registry import expanded_observables
from derive.observables.sharpness import SHARPNESS

G, ZHAT = 0.6, 0.7
UNIT = (1 - G * G) ** 2


@pytest.mark.parametrize("g0", [False, True])
@pytest.mark.parametrize("order", [1, 4, 9])
def test_the_readout_agrees_with_its_own_route(order, g0):
    """Chain of jets against the linearised hierarchy of dressed moments."""
    expansion = expand(FixedPointTask(g0=g0), order)
    assert expansion.fluctuations.variance(READOUT).scaled == expansion.fluctuations.readout_variance.scaled


@pytest.mark.parametrize(
    ("g", "alignment", "train"),
    slow_but(
        [(0.0, "0", "W"), (0.6, "0", "W")],
        [(0.0, "0", "W"), (0.6, "0", "W"), (0.6, "3/10", "W"), (0.6, "rho", "W,m,w"), (0.3, "-3/10", "W")],
        several=True,
    ),
)
def test_every_observable_at_all_times(g, alignment, train):
    """Against the deviations of the exact curve, early in learning."""
    order, times = 8, [0.02, 0.01]
    task = FixedPointTask(g0=g == 0, alignment=alignment, train=train)
    expansion, unit = expand(task, order), (1 - g * g) ** 2
    rho = 0.3 if alignment == "rho" else float(task.alignment)
    exact = deviations(g, ZHAT, times, 1, alignment=rho, train=train)
    for observable in expanded_observables(task, 2):
        name = observable.name
        deviation = exact.values[name] if name in exact.values else exact.singular_values[:, int(name[1]) - 1]
        series = expansion.fluctuations.variance(observable)
        numbers = (ZHAT, g, rho) if alignment == "rho" else (ZHAT, g)
        printed = [series(t * unit, *numbers) for t in times]
        if name != "s2":
            assert printed == pytest.approx(deviation**2, rel=3e-8), name
        else:  # it starts at tau^6: two terms and a half
            assert printed == pytest.approx(deviation**2, rel=2e-3 if train != "W" else 4e-4), name


def test_at_g_0_exact_overlaps_leave_nothing_to_fluctuate():
    expansion = expand(FixedPointTask(g0=True, alignment="rho"), 4)
    for observable in expanded_observables(expansion.task, 2):
        assert not any(expansion.fluctuations.variance(observable).scaled)


def test_covariance_of_two_observables():
    """Against the responses of the closed form; and of z and its own loss."""
    expansion, tau = expand(FixedPointTask(), 8), 0.03 * UNIT
    form = closed_form(G, 6)
    by = ResponseCurve(form, ZHAT).responses([tau], 1).by
    matrix = overlap_covariance(form.spectrum.weights)
    for left, right in ((READOUT, SHARPNESS), (FROBENIUS_NORM, READOUT), (LOSS, SHARPNESS)):
        exact = covariances(by[left.name], by[right.name], matrix)[0, 0]
        assert expansion.fluctuations.covariance(left, right)(tau, ZHAT, G) == pytest.approx(exact, rel=1e-7)
    assert (
        expansion.fluctuations.covariance(READOUT, LOSS)[0]
        == -expansion.fluctuations.covariance(READOUT, READOUT)[0] * (expansion.loss[0] * 2) ** sympy_half()
    )


@pytest.mark.parametrize(
    ("alignment", "train"),
    slow_but([("0", "W")], [("0", "W"), ("3/10", "W"), ("0", "W,m,w")], several=True),
)
@pytest.mark.parametrize(
    ("left", "right"),
    slow_but(
        [(READOUT, SHARPNESS)],
        [(READOUT, READOUT), (READOUT, SHARPNESS), (LOSS, FROBENIUS_NORM)],
        several=True,
    ),
)
def test_covariance_between_times(alignment, train, left, right):
    """At one time it is that of one time, exactly; at two the covariance of the exact curve."""
    task = FixedPointTask(alignment=alignment, train=train)
    fluctuations = expand(task, 8).fluctuations
    rows, single = (
        fluctuations.covariance_between_times(left, right),
        fluctuations.covariance(left, right),
    )
    for k in range(4):
        total = sum(rows[j].coefficient(k - j) for j in range(k + 1))
        assert (total - single.coefficient(k)).expand() == 0
    times = [0.02, 0.005]
    found = deviations(G, ZHAT, times, 1, alignment=float(task.alignment), train=train)
    first, second = (t * UNIT for t in times)
    value = sum(row(first, ZHAT, G) * second**j for j, row in enumerate(rows))
    assert value == pytest.approx(found.covariance(left.name, right.name)[0, 1], rel=3e-7)


@pytest.mark.parametrize("options", [(), ("--alignment", "3/10"), ("--g0",)])
def test_printed_covariance(options):
    """The emitted function of two times is that of the series; JSON has its rows."""
    task = FixedPointTask(g0="--g0" in options, alignment="3/10" if "--alignment" in options else "0")
    arguments = ("--order", "4", "--no-write", *options, "--covariance", "readout,sharpness")
    namespace = {}
    exec(derive_here(*arguments, "--format", "python").stdout, namespace)
    rows = expand(task, 4).fluctuations.covariance_between_times(READOUT, SHARPNESS)
    g = 0.0 if task.g0 else G
    value = sum(row(0.02, ZHAT, g) * 0.03**j for j, row in enumerate(rows))
    assert namespace["readout_sharpness_covariance"](0.02, 0.03, ZHAT, g) == pytest.approx(value, rel=1e-13)
    printed = json.loads(derive_here(*arguments, "--format", "json").stdout)
    assert printed["covariance"] == [[row.text(k) for k in range(5)] for row in rows]
    assert printed["covariance_of"] == ["readout", "sharpness"]


def test_other_pairs_are_refused():
    complaint = refusal(derive_here("--order", "2", "--covariance", "readout,wrong"))
    assert "allowed are two of readout, loss," in complaint


def sympy_half():
    import sympy

    return sympy.Rational(1, 2)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (FixedPointTask(train="m"), "fluctuations with m learning: allowed are W or W,m,w"),
        (FixedPointTask(train="W,m", alignment="1/5"), "with W,m learning: allowed are W or W,m,w"),
    ],
)
def test_refusals(task, message):
    with pytest.raises(ValueError, match=message):
        expand(task, 3).fluctuations  # noqa: B018


def test_printed_in_every_format():
    """Emitted Python is the series; from tau^6 on there is one of s2; above order 10 the readout's alone."""
    found = json.loads(derive_here("--order", "6", "--no-write", "--format", "json").stdout)
    names = {key for key in found if key.endswith("_variance")}
    assert names == {f"{o.name}_variance" for o in expanded_observables(FixedPointTask(), 2)}
    shorter = derive_here("--order", "3", "--no-write", "--format", "python").stdout
    assert "def loss_variance(tau, zhat, g):" in shorter
    assert "s2_variance" not in shorter
    assert "loss_variance" not in derive_here("--order", "11", "--no-write", "--format", "json").stdout
