"""The outliers' equation of flows in words: the paper's task, eigenvalues of the limit, determinants of one
network."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from project import ROOT
from scipy.optimize import brentq
from slow_cases import slow_but

import derive
from derive.exact.flows.flow_curve import limit_curve
from derive.exact.flows.word_basis import word_basis
from derive.flow.expanded.growth import estimated_radius
from derive.flow.routes.chain_route import ChainRoute
from derive.flow.routes.dressed_route import DressedRoute
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.tasks.flow_expansion import FlowExpansion

EXAMPLES = sorted(path for path in (ROOT / "docs" / "flows").glob("*.toml") if path.stem != "two_frequencies")
X = 2.0
MOST_WORDS = 400


def example(name):
    return derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")


def determinant_errors(expansion, network, times, last):
    """Of D at x = 2 from det(x - W/alpha)/det(x - W0); ``last`` is the functions' last argument."""
    D, alpha = (expansion.observables.get(name) for name in ("outlier_equation", "multiple_of_W0"))
    given, x = numbers(expansion.flow), X * np.eye(network.size)
    errors = []
    for tau, state in zip(times, network.curve(times), strict=True):
        scale = 1.0 if alpha is None else alpha(tau, *given, last)
        truth = np.linalg.det(x - state["W"] / scale) / np.linalg.det(x - network.W0)
        errors.append(abs(D(tau, *given, X, last) - truth))
    return errors


def numbers(flow):
    return [float(value) for value in flow.values.values()]


@pytest.mark.parametrize("route", [DressedRoute(), ChainRoute(), ProductRuleRoute()], ids=lambda x: x.name)
def test_the_papers_equation(route):
    """det(1 - C Gamma(lambda)) of `derive --order 5`, from determinants of moments, by every route."""
    paper = derive.expand(derive.FixedPointTask(), 5).outlier_equation
    found = FlowExpansion(example("gradient"), 5, (route,)).observables["outlier_equation"]
    g, x = sympy.symbols("g x")
    for k in range(6):
        truth = paper.coefficient(k).subs({derive.lam: x}).subs(derive.beta, 1 / (1 - g**2))
        assert sympy.cancel(found[k].subs(derive.beta, 1 / (1 - g**2)) - truth) == 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_limit_has_its_determinants(path):
    """det(x - W/alpha)/det(x - W0) of the limit, as a network of the words reached, along its flow."""
    flow, g, order = derive.read_flow(path), Fraction(3, 5), 3
    network = word_basis(flow, order, g, flow.values, MOST_WORDS, Fraction(X)).network
    expansion = FlowExpansion(flow, order, singular_value_count=0)
    radius = estimated_radius(expansion.series.values(), numbers(flow), float(g)) or 1.0
    errors = determinant_errors(expansion, network, [0.02 * radius, 0.04 * radius], float(g))
    assert errors[1] < 1e-9 or np.log2(errors[1] / errors[0]) == pytest.approx(order + 1, abs=0.3)


@pytest.mark.parametrize(
    "name",
    slow_but(
        {"gradient", "feedback_alignment"}, ["gradient", "hebbian", "feedback_alignment", "weight_decay"]
    ),
)
def test_roots_are_outliers(name):
    """The root of D against the eigenvalue of the limit's flow: closer with every two orders."""
    flow, g = example(name), Fraction(1, 5)
    tau = {"gradient": 0.25, "weight_decay": 0.25, "hebbian": 0.4, "feedback_alignment": 0.43}[name]
    (eigenvalues,) = limit_curve(flow, [tau], g).outliers
    (outlier,) = [x.real for x in eigenvalues if abs(x.imag) < 1e-12]
    errors = []
    for order in (3, 5, 7):
        found = FlowExpansion(flow, order, singular_value_count=0).observables
        D, alpha = found["outlier_equation"], found.get("multiple_of_W0")
        scale = 1.0 if alpha is None else alpha(tau, *numbers(flow), 0.2)
        root = brentq(lambda x, D=D: D(tau, *numbers(flow), x, 0.2), 0.15, 1.0)
        errors.append(abs(scale * root - outlier))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < errors[0] / 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_one_network_has_its_determinants(path):
    """In named overlaps: det(x - W/alpha)/det(x - W0) of one network of nine along its flow."""
    flow = derive.read_flow(path)
    order = 1 if path.stem in ("frequency", "delay_memory") else 2
    expansion = FlowExpansion(flow, order, named_overlaps=True)
    network = derive.FlowInstance.sample(flow, 9, 0.4, 3)
    overlaps = expansion.overlap_values(network, x=X)
    errors = determinant_errors(expansion, network, [0.002, 0.004], overlaps)
    assert errors[1] < 1e-10 or np.log2(errors[1] / errors[0]) > order + 0.8
