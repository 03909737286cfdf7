"""Every route that handles a task agrees with the product rule, and the built-in tasks are flows."""

from itertools import combinations

import numpy as np
import pytest
import sympy
from project import ROOT
from slow_cases import slow_but

import derive
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.flow.routes.registry import ROUTES
from derive.tasks.as_flow import as_flow

ORDER = 5
RHO = sympy.Symbol("rho")
TRAIN = [list(names) for n in (1, 2, 3) for names in combinations(["W", "m", "w"], n)]
ROUTED = ("gradient", "quartic_loss", "cross_entropy")


def routes_of(flow):
    return [route for route in ROUTES if route.handles(flow)]


def equal(flow, one, other):
    """Readout, loss and all that moves, coefficient by coefficient, at rational numbers of the symbols."""
    for name, series in one.series.items():
        assert series.texts() == other.series[name].texts(), name
    for name in flow.meaning.velocity:
        order = one.vector if name in flow.meaning.vectors else one.matrix
        again = other.vector if name in flow.meaning.vectors else other.matrix
        assert order(name) == again(name), name


@pytest.mark.parametrize(
    ("train", "alignment"),
    slow_but(
        [(["W"], 0), (["m"], "3/10"), (["W", "m", "w"], 0), (["m"], "rho")],
        [
            *((train, alignment) for train in TRAIN for alignment in (0, "3/10")),
            *((train, "rho") for train in (["W"], ["m"], ["W", "m", "w"])),
        ],
        several=True,
    ),
)
def test_the_fixed_point_task(train, alignment):
    """The paper's task, --train and --alignment: all routes, and the task's own expansion."""
    task = derive.FixedPointTask(train=train, alignment=alignment)
    flow = as_flow(task)
    truth = derive.FlowExpansion(flow, ORDER, (ProductRuleRoute(),))
    names = [route.name for route in routes_of(flow)]
    assert "chain" in names
    assert ("dressed moments" in names) == (train == ["W"] and alignment == 0)
    for route in routes_of(flow)[:-1]:
        found = derive.FlowExpansion(flow, ORDER, (route,))
        assert found.route == route.name
        equal(flow, found, truth)
    own = derive.expand(task, ORDER)
    for name, series in (("z", own.readout), ("ntk_z", own.sharpness)):
        mine = {**truth.readouts, **truth.observables}[name]
        for k in range(ORDER + 1):
            assert sympy.expand(mine[k].subs(RHO, derive.rho) - series[k]) == 0


@pytest.mark.parametrize("name", ROUTED)
def test_other_losses(name):
    flow = derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")
    truth = derive.FlowExpansion(flow, ORDER, (ProductRuleRoute(),))
    assert [route.name for route in routes_of(flow)] == ["dressed moments", "chain", "product rule"]
    for route in routes_of(flow)[:-1]:
        equal(flow, derive.FlowExpansion(flow, ORDER, (route,)), truth)


@pytest.mark.parametrize("target", [[["1/2", "1/5"], ["-1/10", "2/5"]], [["2/5", "-3/10", "1/10"]]])
def test_modes(target):
    """Several outputs and inputs: the flow of all of them against the modes, which learn one by one."""
    task = derive.MatrixTask([[sympy.Rational(x) for x in row] for row in target])
    modes, flow = derive.expand(task, ORDER), derive.expand(as_flow(task), ORDER)
    tau, g = 0.05, 0.4
    Z = modes.readout(tau, g)
    for i, row in enumerate(target, 1):
        for j in range(1, len(row) + 1):
            assert flow.readouts[f"z_{i}_{j}"](tau, g) == pytest.approx(Z[i - 1, j - 1], rel=1e-12)


def test_at_g0():
    """At g = 0 the same A as the task's, and beta = 1."""
    flow = derive.expand(as_flow(derive.FixedPointTask(g0=True)), ORDER)
    own = derive.expand(derive.FixedPointTask(g0=True), ORDER)
    assert flow.flow.meaning.g == 0
    for k in range(ORDER + 1):
        assert sympy.expand(flow.readouts["z"][k].subs(derive.beta, 1) - own.readout[k]) == 0
    assert np.all([sympy.expand(flow.at_g0["A_w_m"][k] - own.a_matrix[0][1][k]) == 0 for k in range(6)])


def test_what_no_special_route_handles():
    for name in ("weight_decay", "two_outputs", "frequency", "momentum", "feedback_alignment"):
        flow = derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")
        assert [route.name for route in routes_of(flow)] == ["product rule"]
    same = derive.Flow(derive.Ensemble(["m"]), {"z": "m' R m"}, loss="(1 - z)**2/2", train=["W", "m"])
    assert [route.name for route in routes_of(same)] == ["product rule"]
