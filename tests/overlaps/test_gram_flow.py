"""The overlap system against the published equations, term by term, and against a full network."""

import re

import numpy as np
import pytest
import sympy
import torch
from overlap_cases import random_overlaps, simulated_loss

from derive.overlaps.gram_flow import gram_flow, sigma
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import impulse_task

# Ger and Barak 2026, appendix A, as in THEORY 6
PUBLISHED = """
zm' = -[(mm+zz) d_zm + mu d_zu + zv d_vm], vm' = -[(mm+vv) d_vm + mu d_vu + zv d_zm],
zu' = -[(uu+zz) d_zu + mu d_zm + zv d_vu], vu' = -[(uu+vv) d_vu + mu d_vm + zv d_zu],
mu' = -[zm d_zu + vm d_vu + zu d_zm + vu d_vm], zv' = -[vm d_zm + vu d_zu + zm d_vm + zu d_vu],
mm' = -2[zm d_zm + vm d_vm], uu' = -2[zu d_zu + vu d_vu], vv' = -2[vm d_vm + vu d_vu],
zz' = -2[zm d_zm + zu d_zu]
"""
PUBLISHED_NONLINEAR = """
zm' = -(zu d_mu + 2 zm d_mm), zu' = -(zm d_mu + 2 zu d_uu), vm' = -(vu d_mu + 2 vm d_mm),
vu' = -(vm d_mu + 2 vu d_uu), mu' = -((mm+uu) d_mu + 2 mu (d_mm + d_uu)),
mm' = -2(mu d_mu + 2 mm d_mm), uu' = -2(mu d_mu + 2 uu d_uu)
"""


def published(text):
    """The equations as sympy expressions, by name."""
    names = OverlapProblem().names
    symbols = {name: sigma(name) for name in names}
    symbols |= {f"d_{name}": sympy.Symbol(f"d_{name}", real=True) for name in names}
    found = {}
    for name, formula in re.findall(r"(\w\w)' = ([^']*?)(?=,\s+\w\w'|\s*$)", text.strip()):
        product = formula.replace("[", "(").replace("]", ")")
        product = re.sub(r"(?<=[\w)])\s+(?=[\w(])|(?<=\d)(?=\()", "*", product)
        found[name] = sympy.sympify(product, locals=symbols)
    return found


def test_rank_one_is_the_published_system():
    equations = published(PUBLISHED)
    flow = gram_flow(OverlapProblem()).flow
    assert set(equations) == set(flow)
    assert len(flow) == 10
    for name, equation in equations.items():
        assert sympy.expand(flow[name] - equation) == 0, name


@pytest.mark.parametrize("nonlinearity", ["erf", "tanh"])
def test_nonlinear_rank_one_adds_the_published_terms(nonlinearity):
    system = gram_flow(OverlapProblem(nonlinearity=nonlinearity))
    assert set(system.visible) == {"zm", "zu", "vm", "vu", "mm", "mu", "uu"}
    extra = published(PUBLISHED_NONLINEAR)
    for name, equation in published(PUBLISHED).items():
        assert sympy.expand(system.flow[name] - equation - extra.get(name, 0)) == 0, name


def test_preconditioner_is_the_published_matrix():
    zz, mm, mu, zv, vv, uu = (sigma(n) for n in ("zz", "mm", "mu", "zv", "vv", "uu"))
    expected = sympy.Matrix(
        [[zz + mm, mu, zv, 0], [mu, zz + uu, 0, zv], [zv, 0, vv + mm, mu], [0, zv, mu, vv + uu]]
    )
    system = gram_flow(OverlapProblem())
    assert system.visible == ("zm", "zu", "vm", "vu")
    assert system.preconditioner == expected


def test_visible_overlaps():
    assert len(gram_flow(OverlapProblem(2)).visible) == 9
    assert len(gram_flow(OverlapProblem(2)).rows) == 21
    assert set(gram_flow(OverlapProblem(2, nonlinearity="relu")).visible) == set(
        gram_flow(OverlapProblem(2)).visible
    )
    assert len(gram_flow(OverlapProblem(3, 2, 2, "erf")).visible) == 25 + 15


def test_a_loss_decides_what_is_visible():
    loss = (sigma("zm") - 1) ** 2 + sigma("vu") ** 2
    system = gram_flow(OverlapProblem(), loss)
    assert system.visible == ("zm", "vu")
    assert sympy.expand(system.flow["zz"] + 4 * sigma("zm") * (sigma("zm") - 1)) == 0


@pytest.mark.parametrize(
    "problem",
    [
        OverlapProblem(2),
        pytest.param(OverlapProblem(3, 2, 2), marks=pytest.mark.slow),
        OverlapProblem(2, frozen=("m", "u1")),
        OverlapProblem(1, 2, 1, frozen=("z",)),
    ],
    ids=str,
)
def test_every_equation_against_a_full_network(problem):
    """dS/dtau of a network of 60 neurons by autograd, its dL/dsigma by finite differences in S."""
    S, dt, steps = random_overlaps(problem, 5), 0.1, 30
    target = np.full((steps, problem.outputs, problem.inputs), 0.4)
    task = impulse_task(dt, target)
    X = torch.tensor(sample_network(problem, S, 60, 1), requires_grad=True)
    arrays = [torch.tensor(a) for a in (task.inputs, task.targets, task.weights)]
    (gradient,) = torch.autograd.grad(simulated_loss(problem, X, dt, *arrays), X)
    gradient = gradient.numpy() * np.array(problem.learns)
    velocity = -(gradient.T @ X.detach().numpy())
    velocity = velocity + velocity.T

    def loss(overlaps):
        return float(
            simulated_loss(problem, torch.tensor(sample_network(problem, overlaps, 60, 1)), dt, *arrays)
        )

    values = {sigma(name): value for name, value in problem.named(S).items()}
    step = 1e-5
    for name in gram_flow(problem).visible:
        i, j = problem.pairs[name]
        change = np.zeros_like(S)
        change[i, j] = change[j, i] = step
        values[sympy.Symbol(f"d_{name}", real=True)] = (loss(S + change) - loss(S - change)) / (2 * step)
    for name, expression in gram_flow(problem).flow.items():
        # central differences: error step^2 ~ 1e-10 and rounding 1e-16/step ~ 1e-11
        assert float(expression.subs(values)) == pytest.approx(velocity[problem.pairs[name]], abs=2e-9)


@pytest.mark.slow
def test_descent_map_as_symbols():
    """S <- (1 - lr F)^T S (1 - lr F) at numbers."""
    problem = OverlapProblem(2, frozen=("v2",))
    system = gram_flow(problem)
    S = random_overlaps(problem, 2)
    values = {sigma(n): x for n, x in problem.named(S).items()}
    values |= {d: 0.1 * k - 0.4 for k, d in enumerate(system.derivatives.values())}
    F = np.array(system.update.subs(values), dtype=float)
    assert not F[:, 2].any()
    lr = sympy.Symbol("lr", positive=True)
    step = np.eye(problem.size) - 0.03 * F
    expected = step.T @ S @ step
    for name, (i, j) in problem.pairs.items():
        found = float(system.descent[name].subs({**values, lr: 0.03}))
        assert found == pytest.approx(expected[i, j], abs=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rank": 0}, "rank 0: allowed are integers >= 1"),
        ({"nonlinearity": "cubic"}, "nonlinearity cubic"),
        ({"frozen": ("q",)}, "frozen vector q: allowed are z, v, m, u"),
    ],
)
def test_bad_problems(arguments, message):
    with pytest.raises(ValueError, match=message):
        OverlapProblem(**arguments)
