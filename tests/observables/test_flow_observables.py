"""Observables of flows in words: the limit against the paper's task, one network against its own flow."""

import numpy as np
import pytest
import sympy
import torch
from project import ROOT
from slow_cases import slow_but

import derive
from derive.exact.flows.flow_curve import network_curve
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.observables.of_flows.flow_registry import flow_observables
from derive.tasks.flow_expansion import FlowExpansion
from derive.tasks.network_flow import network_flow_series
from verify.flows.torch_network import TorchNetwork

EXAMPLES = sorted(path for path in (ROOT / "docs" / "flows").glob("*.toml") if path.stem != "two_frequencies")


def example(name):
    return derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")


def same(left, right):
    return all(sympy.simplify(a - b) == 0 for a, b in zip(left, right, strict=True))


def test_the_papers_task():
    """Norm of the gradient, singular values, sharpness, and A at g = 0 (Eqs. 6, 9, 10, 14)."""
    found, paper = derive.expand(example("gradient"), 5), derive.expand(derive.FixedPointTask(), 5)
    assert same(found.observables["s1"], paper.singular_values[0])
    assert same(found.observables["s2"], paper.singular_values[1])
    assert same(found.observables["sharpness"], paper.sharpness)
    assert same(found.observables["ntk_z"], paper.sharpness)
    tau = sympy.Symbol("t")
    norm = sum(paper.gradient_norm[k] * tau**k for k in range(6))
    squared = sympy.Poly(sympy.expand(norm**2), tau)
    found_squared = found.observables["velocity_norm_squared"]
    assert same(found_squared, [squared.coeff_monomial(tau**k) for k in range(6)])
    for i, row in enumerate(("w", "m")):
        for j, column in enumerate(("w", "m")):
            assert same(found.at_g0[f"A_{row}_{column}"], paper.a_matrix[i][j])


def test_eigenvalues_at_g0():
    """Of the paper's task mean +- split/sqrt(3), from the symmetric sums of A's eigenvalues."""
    mean, split = derive.expand(derive.FixedPointTask(g0=True), 4).eigenvalues_g0
    found = derive.expand(example("gradient"), 6).at_g0
    tau = sympy.Symbol("t")

    def polynomial(series, length):
        return sum(series[k] * tau**k for k in range(length))

    one, two = (polynomial(found[f"eigenvalue_sum_{n}"], 7) for n in (1, 2))
    squared = sympy.expand(one**2 / 4 - two - polynomial(split, 5) ** 2 / 3)
    assert sympy.expand(one / 2 - polynomial(mean, 5)).coeff(tau, 4) == 0
    assert all(sympy.expand(squared).coeff(tau, k) == 0 for k in range(7))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_one_network_is_exact(path):
    """Every series of one network against its integrated flow: the error falls as the next power of tau."""
    flow = derive.read_flow(path)
    network = derive.FlowInstance.sample(flow, 14, 0.3, 3)
    series, order = network_flow_series(network, 4), 4
    times = [0.002, 0.004, 0.008]
    curve = network_curve(network, times, 0.3)
    unseen = {o.name for o in flow_observables(flow.meaning) if o.instead_of or o.value is None}
    assert set(series.named) <= set(curve.values) | unseen
    assert {"W"} - set(flow.meaning.velocity) or any(name.startswith("ntk") for name in series.named)
    for name, coefficients in series.named.items():
        if name not in curve.values:
            continue
        scale = float(np.abs(curve.values[name]).max())
        errors = [
            abs(np.polyval(coefficients[::-1], t) - x) for t, x in zip(times, curve.values[name], strict=True)
        ]
        if errors[0] > 1e-11 * scale:
            assert np.log2(errors[2] / errors[1]) > len(coefficients) - 0.5, name
        else:
            assert errors[2] < 1e-4 * max(scale, 1e-6), name
    assert order == series.order


@pytest.mark.parametrize("name", ["two_outputs", "frequency", "feedforward_chain", "delay_memory"])
def test_the_kernel_is_autograds(name):
    """ntk and velocity norms against gradients of torch, which know no word rule."""
    flow = example(name)
    network, twin = derive.FlowInstance.sample(flow, 12, 0.3, 5), TorchNetwork.sample(flow, 12, 0.3, 5)
    state = network.curve([0.05])[0]
    moving = {k: torch.from_numpy(part.copy()).requires_grad_(True) for k, part in state.items()}
    at = twin._at(moving)
    jacobian = {}
    for readout, scalar in flow.meaning.readouts.items():
        value = at.scalar(scalar)
        rows = []
        for part in (value.real, value.imag) if value.is_complex() else (value,):
            gradients = torch.autograd.grad(part, list(moving.values()), retain_graph=True, allow_unused=True)
            rows.append(torch.cat([x.ravel() for x in gradients if x is not None]))
        jacobian[readout] = rows
    curve = network_curve(network, [0.05], 0.3)
    for a, left in jacobian.items():
        for b, right in jacobian.items():
            key = f"ntk_{a}" if a == b else f"ntk_{a}_{b}"
            if key in curve.values:
                expected = sum(float(x @ y) for x, y in zip(left, right, strict=True))
                assert curve.values[key][0] == pytest.approx(expected, rel=1e-8, abs=1e-12)


@pytest.mark.slow
def test_what_is_not_defined_is_left_out():
    """A multiple of W0 that moves has norms that grow with N; roots of sums would fill every coefficient."""
    assert not any(
        name.startswith(("s1", "frob", "velo"))
        for name in derive.expand(example("weight_decay"), 3).observables
    )
    assert "s1" not in derive.expand(example("sensory_noise"), 3).observables
    assert "s2" not in derive.expand(example("feedback_alignment"), 3).observables
    noise = derive.expand(example("sensory_noise"), 2)
    assert "square root of a sum" in noise.absent["s1"]
    assert noise.observables["s1_squared"].text(2) == "sigma**2*beta**5 + zhat**2*beta**2"
    delays = derive.expand(example("delay_memory"), 2)
    assert "same power of tau" in delays.absent["s1"]
    assert delays.observables["singular_value_sum_2"].text(4) == "3*zhat**4*g**8"


@pytest.mark.parametrize(
    "path",
    slow_but({"weight_decay", "momentum", "hebbian", "gradient", "cross_entropy"}, EXAMPLES),
    ids=lambda path: path.stem,
)
def test_named_overlaps_are_one_network(path):
    """Formulas in overlaps at one network's numbers against that network's own coefficients, N = 9."""
    flow = derive.read_flow(path)
    order = 1 if path.stem in ("frequency", "delay_memory") else 2
    found = FlowExpansion(flow, order, named_overlaps=True)
    network = derive.FlowInstance.sample(flow, 9, 0.4, 3)
    overlaps = found.overlap_values(network)
    truth = network_flow_series(network, order).named
    values = [float(value) for value in flow.values.values()]
    every = {**found.series, **found.observables}
    assert set(found.series) <= set(truth)
    for name in every.keys() & truth.keys():
        keys = every[name].program(name).arguments[-1].keys
        formula = every[name](0.2, *values, {key: overlaps[key] for key in keys})
        number = sum(c * 0.2**k for k, c in enumerate(truth[name][: len(every[name])]))
        assert formula == pytest.approx(number, rel=1e-10, abs=1e-12), name


def test_named_overlaps_are_those_of_derive_network():
    """Gradient flow of the paper's task: the formulas of `derive network`, and the product rule's."""
    flow = example("gradient")
    found = FlowExpansion(flow, 3, named_overlaps=True)
    assert same(found.readouts["z"], derive.overlap_formula(3).readout)
    network = derive.FlowInstance.sample(flow, 9, 0.4, 3)
    other = FlowExpansion(flow, 3, (ProductRuleRoute(),), named_overlaps=True)
    assert (found.route, other.route) == ("chain", "product rule")
    sums = [x.readouts["z"](0.2, 1.5, x.overlap_values(network)) for x in (found, other)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-12)
    assert {"s1", "s2"} <= {o.name for o in flow_observables(example("gradient").meaning)}


def test_singular_values_in_named_overlaps():
    """W - W0 = f (c m + d f)' B' of feedback alignment has rank one: s1 is its Frobenius norm."""
    found = derive.expand(example("feedback_alignment"), 5).observables
    tau = sympy.Symbol("t")
    squared = sympy.expand(sum(found["s1"][k] * tau**k for k in range(6)) ** 2)
    beta, g = derive.beta, sympy.Symbol("g")
    for k in range(6):
        left = sympy.expand(squared).coeff(tau, k).subs(g, sympy.sqrt(1 - 1 / beta))
        assert sympy.simplify(left - found["frobenius_norm_squared"][k]) == 0


def test_where_a_singular_value_starts_is_said_only_where_it_is_known():
    """W - W0 = tau u v' stays of rank one while u and v move; cut off after tau^2 it has an s2."""
    flow = derive.Flow(
        derive.Ensemble(["u", "v", "p", "q", "w", "y"]),
        readouts={"s": "w' y"},
        velocity={"W": "u v' + s p v' + s u q'", "u": "p", "v": "q", "y": "w"},
    )
    found = derive.expand(flow, 2)
    assert found.absent["s2"] == "it is 0 through tau**2"
    assert found.absent["s2_squared"] == "it is 0 through tau**5"
    assert "s2" not in derive.expand(flow, 4).observables
