"""Overlapping and learning m and w at N -> infinity (THEORY 3, 4): the product rule as second route."""

import json

import brute_force_training
import numpy as np
import pytest
import sympy
from brute_force_training import derivatives, readout
from slow_cases import slow_but

import derive
from derive import FixedPointTask, Instance, expand
from derive.document.request import Request
from derive.words.moments import scaled_odd_moment
from derive.write.render import Rendering

ORDER = 5
TRAIN = [("W",), ("m",), ("w",), ("W", "m"), ("W", "w"), ("m", "w"), ("W", "m", "w")]
FLOW_TOLERANCE = 2.3e-14  # of a step, relative: the least that the integrator takes
SYMBOLS = {
    brute_force_training.beta: derive.beta,
    brute_force_training.zhat: derive.zhat,
    brute_force_training.rho: derive.rho,
}


def _equal(left, right):
    return sympy.expand(left - right) == 0


@pytest.mark.parametrize("train", TRAIN)
@pytest.mark.parametrize("alignment", slow_but([0, "3/10"], [0, "rho", "3/10", -1]))
def test_readout_is_the_one_of_the_product_rule(train, alignment):
    expansion = expand(FixedPointTask(train=train, alignment=alignment), ORDER)
    value = derive.rho if alignment == "rho" else sympy.Rational(alignment)
    for k, expected in enumerate(readout(ORDER, train)):
        expected = expected.subs(SYMBOLS, simultaneous=True).subs(derive.rho, value)
        assert _equal(expansion.readout[k], expected)
        # at g = 0, beta = 1
        at_g0 = expand(FixedPointTask(g0=True, train=train, alignment=alignment), ORDER)
        assert _equal(at_g0.readout[k], expected.subs(derive.beta, 1))


@pytest.mark.parametrize("train", TRAIN)
def test_weights_and_vectors_are_those_of_the_product_rule(train):
    expansion = expand(FixedPointTask(train=train, alignment="rho"), 4)
    _, W, m, w = derivatives(4, train)
    transpose = {"B": "B'", "B'": "B"}
    for k in range(1, 5):
        found = {(p.left.column, p.right.column): c for c, p in expansion.W[k]} if "W" in train else {}
        assert found.keys() == W[k].keys()
        assert all(_equal(c, W[k][key].as_expr().subs(SYMBOLS)) for key, c in found.items())
        for name, expected in (("m", m), ("w", w)):
            if name in train:
                found = {p.column: c for c, p in expansion.vector(name)[k]}
                assert found.keys() == expected[k].keys()
                assert all(_equal(c, expected[k][key].as_expr().subs(SYMBOLS)) for key, c in found.items())
    assert transpose  # words are compared letter by letter


def test_first_order_with_all_learning_is_the_known_one():
    z = expand(FixedPointTask(train=("W", "m", "w")), 1).readout[1]
    assert _equal(z, derive.zhat * (derive.beta**2 + 2 * derive.beta))


@pytest.mark.parametrize("alignment", [0, 0.0, "0", "0.00"])
def test_no_alignment_is_the_independent_case_to_the_byte(alignment):
    task = FixedPointTask(alignment=alignment)
    assert task == FixedPointTask()
    assert str(expand(task, 5).singular_values[1]) == str(expand(FixedPointTask(), 5).singular_values[1])


@pytest.mark.parametrize("name", ["readout", "loss", "gradient_norm", "frobenius_norm", "sharpness"])
@pytest.mark.parametrize("train", [("W",), ("W", "m", "w"), ("W", "m")])
def test_symbolic_alignment_reduces_to_the_independent_case(name, train):
    aligned = getattr(expand(FixedPointTask(alignment="rho", train=train), 5), name)
    independent = getattr(expand(FixedPointTask(train=train), 5), name)
    for k in range(6):
        assert _equal(aligned[k].subs(derive.rho, 0), independent[k])


@pytest.mark.parametrize("n", range(1, 13))
def test_odd_moments_are_those_of_their_words(n):
    beta = derive.beta
    square = 1 - 1 / beta
    closed = sum(sympy.Rational(str(c)) * square**i for i, c in enumerate(scaled_odd_moment(n).coeffs()))
    assert sympy.expand(beta ** (3 * n - 1) * closed - derive.moment(["B"] + ["B'", "B"] * n)) == 0


def _slope(errors, expected, allowance=0.5):
    early, late = errors
    # order + 1 exactly as tau -> 0; the allowance is for the next term at these times
    assert np.log2(abs(late / early)) == pytest.approx(expected, abs=allowance)


def _plane(rho):
    """At g = 0 everything happens in the plane of m and w: a network of two neurons is the limit."""
    return Instance(np.zeros((2, 2)), m=np.array([rho, np.sqrt(1 - rho**2)]), w=np.array([1.0, 0.0]))


@pytest.mark.parametrize("train", [("W",), ("W", "m"), ("W", "w"), ("W", "m", "w")])
@pytest.mark.parametrize("rho", [0, 0.3, -0.5])
def test_observables_at_g0_are_those_of_a_network_of_two_neurons(train, rho):
    order, zhat, network = 7, 0.9, _plane(rho)
    expansion = expand(FixedPointTask(g0=True, train=train, alignment=rho), order)
    times = np.array([0.04, 0.08]) / len(train)
    flow = derive.gradient_flow(network, zhat, times, FLOW_TOLERANCE, train)
    _slope([z - expansion.readout(t, zhat) for t, z in zip(times, flow.readout, strict=True)], order + 1)
    norms = np.linalg.norm(flow.change, axis=(1, 2))
    _slope([x - expansion.frobenius_norm(t, zhat) for t, x in zip(times, norms, strict=True)], order + 1)
    singular = np.linalg.svd(flow.change, compute_uv=False)
    for r in range(2):
        errors = [s[r] - expansion.singular_values[r](t, zhat) for t, s in zip(times, singular, strict=True)]
        _slope(errors, order + 1)
    R = np.linalg.inv(np.eye(2) - flow.change)
    a = np.einsum("tji,tj->ti", R, network.w + flow.readout_change)
    b = np.einsum("tij,tj->ti", R, network.m + flow.input_change)
    a2, b2 = np.sum(a**2, axis=1), np.sum(b**2, axis=1)
    gradient = (zhat - flow.readout) * np.sqrt(a2 * b2)
    _slope([x - expansion.gradient_norm(t, zhat) for t, x in zip(times, gradient, strict=True)], order + 1)
    sharpness = a2 * b2 + a2 * ("m" in train) + b2 * ("w" in train)
    _slope([x - expansion.sharpness(t, zhat) for t, x in zip(times, sharpness, strict=True)], order + 1)


@pytest.mark.parametrize("train", [("W",), ("W", "m"), ("W", "m", "w")])
def test_learning_vectors_on_the_limit_network(train):
    order, zhat, g = 7, 0.8, 0.5
    network, beta = derive.limit_network(g, nodes=8), 1 / (1 - g**2)
    expansion = expand(FixedPointTask(train=train), order)
    times = np.array([0.03, 0.06]) / beta**2 / len(train)
    flow = derive.gradient_flow(network, zhat, times, FLOW_TOLERANCE, train)
    singular = np.linalg.svd(flow.change, compute_uv=False)
    for name, values in (
        ("readout", flow.readout),
        ("frobenius_norm", np.linalg.norm(flow.change, axis=(1, 2))),
    ):
        series = getattr(expansion, name)
        _slope([x - series(t, zhat, g) for t, x in zip(times, values, strict=True)], order + 1)
    for r in range(2):
        errors = [
            s[r] - expansion.singular_values[r](t, zhat, g) for t, s in zip(times, singular, strict=True)
        ]
        _slope(errors, order + 1)


def test_singular_values_of_overlapping_vectors_are_those_of_the_chain_matrices():
    # C_ij from the expansion (held against the product rule above), Gram matrix from general moments
    order, zhat, g, rho = 8, 0.9, 0.4, 0.35
    expansion = expand(FixedPointTask(alignment="rho"), order, singular_values=3)
    beta = 1 / (1 - g**2)

    def entry(i, j):
        word = (
            ["B", "B'"] * ((i + j) // 2 + 1) if (i + j) % 2 == 0 else ["B"] + ["B'", "B"] * ((i + j + 1) // 2)
        )
        return float(derive.moment(word).subs(derive.beta, beta)) * (rho if (i + j) % 2 else 1)

    root = np.linalg.cholesky([[entry(i, j) for j in range(order)] for i in range(order)])
    errors = []
    for tau in np.array([0.02, 0.04]) / beta**2:
        C = np.zeros((order, order))
        for product, series in expansion.W.entries:
            i, j = len(product.left.letters) - 1, len(product.right.letters) - 1
            C[i, j] = series(tau, zhat, g, rho)
        exact = np.linalg.svd(root.T @ C @ root, compute_uv=False)
        errors.append([exact[r] - expansion.singular_values[r](tau, zhat, g, rho) for r in range(2)])
    for r in range(2):
        _slope([errors[0][r], errors[1][r]], order + 1, 0.7)


@pytest.mark.parametrize(
    "request_",
    [
        Request(4, alignment="rho"),
        Request(4, alignment="-3/10", g0=True),
        Request(4, train="W,m"),
        Request(4),
    ],
)
def test_emitted_module_is_the_series(request_):
    rendering = Rendering(request_)
    namespace = {}
    exec(rendering.module, namespace)
    arguments = (0.05, 0.8, 0.0 if request_.g0 else 0.4)
    rho = (0.3,) if request_.alignment == "rho" else ()
    expansion = rendering.expansion
    for name in ("readout", "loss", "gradient_norm", "frobenius_norm", "singular_values"):
        emitted = namespace[name](*arguments, *rho)
        assert emitted == getattr(expansion, name)(*arguments, *rho)
    longer = expand(expansion.task, 5).readout
    left_out = longer(*arguments, *rho) - expansion.readout(*arguments, *rho)
    estimate = namespace["error_estimate"](*arguments, *rho)
    assert estimate == pytest.approx(left_out, abs=1e-15)  # rounding of the two readouts
    assert ("radius" in namespace) == (request_ == Request(4))  # fitted to the paper's own task
    values = {derive.tau: arguments[0], derive.zhat: arguments[1], derive.rho: 0.3}
    values[derive.beta] = 1 / (1 - arguments[2] ** 2)
    exact = float(expansion.readout.as_expr().subs(values))
    assert namespace["readout"](*arguments, *rho) == pytest.approx(exact, rel=1e-14)  # a dozen roundings
    assert namespace["a_matrix"](*arguments[:2], *rho) == expansion.a_matrix(*arguments[:2], *rho)


@pytest.mark.parametrize("alignment", ["rho", "3/10"])
def test_json_is_read_back_as_the_same_coefficients(alignment):
    rendering = Rendering(Request(4, alignment=alignment, singular_values=2))
    document = json.loads(rendering.printed("json"))
    names = {"zhat": derive.zhat, "beta": derive.beta, "rho": derive.rho}
    for k, text in enumerate(document["readout"]):
        assert _equal(sympy.sympify(text, names), rendering.expansion.readout[k])
    assert ("rho" in "".join(document["readout"])) == (alignment == "rho")


@pytest.mark.parametrize("train", TRAIN)
def test_every_subset_is_printed_in_every_form(train):
    rendering = Rendering(Request(3, train=",".join(train)))
    for form in ("text", "json", "latex", "python"):
        assert rendering.printed(form)


@pytest.mark.parametrize("value", [1.01, -2, "x", "nan", None, float("inf")])
def test_alignment_out_of_range_is_refused(value):
    with pytest.raises(ValueError, match=r"allowed are rho or a number from -1 to 1"):
        FixedPointTask(alignment=value)


@pytest.mark.parametrize("names", [(), "", ",", ("W", "x"), "W,B"])
def test_what_cannot_learn_is_refused(names):
    with pytest.raises(ValueError, match="non-empty subset of W, m, w"):
        FixedPointTask(train=names)
