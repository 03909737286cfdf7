"""Flows stated in words: published and independent first values, the routes against each other, one network's
series against its own flow, and what the examples find."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from brute_force import connectivity, readout
from project import ROOT
from slow_cases import slow_but

import derive
from derive.flow.given.network import FlowInstance
from derive.flow.product_rule.exact import ExactRing
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.moments import Moments
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.flow.routes.registry import ROUTES
from derive.flow.statement.task_file import flow_from_text

EXAMPLES = sorted((ROOT / "docs" / "flows").glob("*.toml"))
QUICK = [path for path in EXAMPLES if path.stem != "two_frequencies"]
WORDS = derive.Ensemble(["w", "m", "f"], {"f.w": "1/2"})
EPS = {"eps": "zhat - z"}
TASK = derive.Flow(
    derive.Ensemble(["w", "m"]), {"z": "w' R m"}, loss="(zhat - z)**2/2", parameters={"zhat": "3/2"}
)


def at(flow, expression, g=Fraction(3, 5)):
    """The exact number of a coefficient at the flow's parameters and g."""
    values = {
        sympy.Symbol(n, real=None): sympy.Rational(v.numerator, v.denominator) for n, v in flow.values.items()
    }
    values |= {derive.zhat: values.get(sympy.Symbol("zhat"), 0)}
    g = sympy.Rational(g.numerator, g.denominator)
    return expression.subs(values | {derive.beta: 1 / (1 - g**2), sympy.Symbol("g"): g})


@pytest.mark.parametrize(
    ("velocity", "expected"),
    [
        ("eps R' w m' R'", ["1875/512", "-1171875/262144", "56884765625/536870912"]),
        ("eps f m' R'", ["75/64", "-1875/4096", "109375/32768", "-37109375/8388608"]),
        ("eps R' w m' R' - lam W", ["1875/512", "-1381875/262144", "57852138425/536870912"]),
    ],
)
def test_first_values_of_the_theory(velocity, expected):
    """THEORY 9, worked out elsewhere and held against networks."""
    flow = derive.Flow(
        WORDS, {"z": "w' R m"}, velocity={"W": velocity}, definitions=EPS,
        parameters={"zhat": "3/2", "lam": "1/10"},
    )  # fmt: skip
    z = derive.expand(flow, len(expected)).readouts["z"]
    assert [str(at(flow, z[k])) for k in range(1, len(z))] == expected


def test_product_rule_is_the_brute_force_of_the_papers_task():
    expansion = derive.FlowExpansion(TASK, 5, (ProductRuleRoute(),))
    z = [expansion.readouts["z"][k] for k in range(6)]
    assert all(sympy.expand(a - b) == 0 for a, b in zip(z, readout(5), strict=True))
    for k, found in enumerate(expansion.matrix(), 1):
        truth = {(a, b): c / sympy.factorial(k) for (a, b), c in connectivity(5)[k].items()}
        terms = {
            (t.left, t.right): sympy.sympify(t.coefficient, {"zhat": derive.zhat, "beta": derive.beta})
            for t in found.terms
        }
        assert terms.keys() == truth.keys()
        assert all(sympy.expand(terms[key] - truth[key]) == 0 for key in terms)


@pytest.mark.parametrize(
    "path", slow_but({p.stem for p in QUICK} - {"frequency"}, QUICK), ids=lambda path: path.stem
)
def test_every_route_agrees_with_the_product_rule(path):
    flow = derive.read_flow(path)
    truth = derive.FlowExpansion(flow, 5, (ProductRuleRoute(),))
    for route in ROUTES:
        if route.handles(flow):
            found = derive.FlowExpansion(flow, 5, (route,))
            assert found.route == route.name
            assert {n: s.texts() for n, s in found.series.items()} == {
                n: s.texts() for n, s in truth.series.items()
            }
            assert found.matrix() == truth.matrix()


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_a_networks_own_series_is_its_flow(path):
    """Order 4: the error falls by 2^5 as tau halves, for every readout."""
    flow = derive.read_flow(path)
    network = FlowInstance.sample(flow, 9, 0.3, seed=5)
    rule = network.series()
    tau = 0.02
    states = network.curve([tau / 2, tau])
    for name, scalar in flow.meaning.readouts.items():
        series = rule.scalar(scalar)
        errors = []
        for time, state in zip((tau / 2, tau), states, strict=True):
            summed = sum(series[k] * time**k for k in range(5))
            errors.append(abs(network.readouts(state)[name] - summed))
        next_one = abs(series[5]) * tau**5
        if next_one > 1e-11:  # above the integrator's own error
            assert np.log2(errors[1] / errors[0]) == pytest.approx(5, abs=0.6), name
        else:
            assert max(errors) < 1e-9, name


def test_series_of_networks_tend_to_the_limit():
    """Complex resolvents, W0 as a letter, vectors that move: medians of 24 networks of 120 neurons."""
    text = """
[vectors]
names = ["w", "m"]
[overlaps]
"w.m" = "3/10"
[readouts]
z = "w' R(1 + I/2) W m + w' W0' R m"
[loss]
L = "abs(1 - z)**2/2"
train = ["W", "m"]
"""
    flow = flow_from_text(text)
    exact = derive.expand(flow, 2)
    coefficients = [[], []]
    for seed in range(24):
        rule = FlowInstance.sample(flow, 120, 0.5, seed).series()
        series = rule.scalar(flow.meaning.loss)
        for k in (1, 2):
            coefficients[k - 1].append(complex(series[k]).real)
    for k in (1, 2):
        found = np.array(coefficients[k - 1])
        expected = float(at(flow, exact.loss[k], Fraction(1, 2)))
        assert abs(np.median(found) - expected) < 4 * 1.25 * found.std() / np.sqrt(24) + 5 * found.std() / 120


@pytest.mark.slow
def test_moments_with_w0_are_those_of_matrices():
    """phi of words of W0, B, B(2) and transposes against the trace of one matrix of 800 neurons."""
    ring = ExactRing((), quotients=True)
    scalars = LimitScalars(ring, {})
    scalars.points += [ring.number(1), ring.number(2)]
    moments = Moments(scalars)
    g, size = 0.4, 800
    W0 = np.random.default_rng(3).standard_normal((size, size)) * g / np.sqrt(size)
    B = {"z": W0, "a": np.linalg.inv(np.eye(size) - W0), "b": np.linalg.inv(2 * np.eye(size) - W0)}
    letters = B | {name.upper(): matrix.T for name, matrix in B.items()}
    for word in ("zZ", "zaZ", "zAbZ", "aB", "zzZZ", "aZbzA", "abAB", "zAzA", "aAzZbB"):
        product = np.eye(size)
        for letter in word:
            product = product @ letters[letter]
        value = moments(word)
        numbers = {"beta": 1 / (1 - g * g), "square": g * g}
        top = sum(float(c) * numbers["square"] ** int(p[1]) for p, c in _terms(value.numerator))
        below = 1.0
        for factor, power in zip(ring.denominators.factors, value.below, strict=False):
            below *= sum(float(c) * numbers["square"] ** int(p[1]) for p, c in _terms(factor)) ** power
        assert top / below == pytest.approx(np.trace(product) / size, abs=0.03), word


def _terms(polynomial):
    return [(p, Fraction(int(c.p), int(c.q))) for p, c in polynomial.to_dict().items()]


def test_plain_gradient_reaches_order_10():
    """Readout, loss, all observables and W through tau**10 by three ways that share no recursion."""
    found = [derive.FlowExpansion(TASK, 10, (route,)) for route in ROUTES]
    assert [one.route for one in found] == ["dressed moments", "chain", "product rule"]
    said = [{name: x.texts() for name, x in {**one.series, **one.observables}.items()} for one in found]
    assert said[0] == said[1] == said[2]
    assert {"z", "loss", "s2", "outlier_equation"} <= said[0].keys()
    assert found[0].matrix() == found[1].matrix() == found[2].matrix()
    assert len(found[2].change.matrix("W")[-1].terms) == 55


def example(name):
    return derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")


def test_feedback_alignment_closes_in_two_dimensions():
    """W - W0 = f (c m + d f)' B' at every order: two words, whatever the order."""
    expansion = derive.expand(example("feedback_alignment"), 8)
    for order in expansion.change.matrix("W"):
        assert {left for left, _ in order.terms} == {("", "f")}
        assert {right for _, right in order.terms} <= {("a", "m"), ("a", "f")}


def test_another_loss_is_another_clock():
    """The path of the quartic loss is the quadratic one's: z'/z'' as functions of s, by matching W words."""
    quadratic, quartic = (derive.expand(example(n), 4) for n in ("gradient", "quartic_loss"))
    first = [set(order.terms) for order in quadratic.change.matrix("W")]
    assert first == [set(order.terms) for order in quartic.change.matrix("W")]
    one, four = quadratic.readouts["z"], quartic.readouts["z"]
    assert sympy.expand(four[1] - one[1] * derive.zhat**2) == 0  # ds = (zhat - z)^3 dtau


def test_momentum_starts_with_the_square_of_time():
    """d2W/dtau2 = eps R'w m'R' - mu dW/dtau: z_2 is half the gradient flow's z_1."""
    found, plain = derive.expand(example("momentum"), 4).readouts["z"], derive.expand(example("gradient"), 1)
    assert found[0] == found[1] == 0
    assert sympy.expand(2 * found[2] - plain.readouts["z"][1]) == 0


def test_two_outputs_that_share_a_target_learn_alike():
    expansion = derive.expand(example("two_outputs"), 6)
    assert expansion.readouts["z"].texts() == expansion.readouts["y"].texts()


def test_frequency_at_zero_is_the_fixed_point_task():
    text = (
        Path(ROOT / "docs" / "flows" / "frequency.toml").read_text().replace("1 + I*omega", "1 + 0*I*omega")
    )
    expansion = derive.expand(flow_from_text(text), 3)
    truth = derive.expand(derive.FixedPointTask(), 3).readout
    assert all(sympy.expand(expansion.readouts["z"][k] - truth[k]) == 0 for k in range(4))


@pytest.mark.slow
def test_printed_functions_evaluate_as_their_formulas():
    for name in ("frequency", "sensory_noise", "cross_entropy"):
        flow = example(name)
        expansion = derive.expand(flow, 3)
        arguments = [float(value) for value in flow.values.values()]
        for series in expansion.series.values():
            tau, g = 0.1, Fraction(1, 4)
            expected = sum(float(at(flow, series[k], g)) * tau**k for k in range(4))
            assert series(tau, *arguments, 0.25) == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_frobenius_norm_is_that_of_the_papers_task():
    found = derive.expand(TASK, 5).frobenius_norm_squared
    norm = derive.expand(derive.FixedPointTask(), 5).frobenius_norm
    tau = sympy.Symbol("t")
    squared = sympy.expand(sum(norm[k] * tau**k for k in range(6)) ** 2)
    for k in range(6):
        assert sympy.simplify(squared.coeff(tau, k) - found[k]) == 0
    assert derive.expand(example("weight_decay"), 2).frobenius_norm_squared is None
