"""Invariants: found for the published patterns, constant in flow, O(lr) in descent; prescribed S."""

import numpy as np
import pytest
import sympy
import torch
from overlap_cases import RANK_ONE, random_overlaps, simulated_loss

from derive.overlaps.descent import descent_curve, flow_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.gram_flow import gram_flow, sigma
from derive.overlaps.invariants import flow_invariants, symmetry_invariants
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import moved_network, sample_network, with_invisible
from derive.overlaps.tasks import impulse_task


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2), OverlapProblem(3, 2, 2)], ids=str)
def test_linear_networks_conserve_the_published_matrix_only(problem):
    """K = ZZ^T + VV^T - MM^T - UU^T, and nothing else of this form."""
    signs = [1] * (problem.outputs + problem.rank) + [-1] * (problem.inputs + problem.rank)
    assert flow_invariants(problem) == [sympy.diag(*signs)]


@pytest.mark.parametrize("phi", ["erf", "tanh"])
def test_nonlinear_networks_conserve_no_such_matrix(phi):
    assert flow_invariants(OverlapProblem(2, nonlinearity=phi)) == []


def test_symmetries_of_the_network():
    def span(expressions):
        return {sympy.expand(e) for e in expressions} | {sympy.expand(-e) for e in expressions}

    gauge = {sigma("v1v1") - sigma("u1u1"), sigma("v1v2") - sigma("u1u2"), sigma("v2v2") - sigma("u2u2")}
    assert gauge <= span(symmetry_invariants(OverlapProblem(2, nonlinearity="tanh")))
    assert len(symmetry_invariants(OverlapProblem(2, nonlinearity="tanh"))) == 3
    for phi in ("linear", "relu"):
        found = span(symmetry_invariants(OverlapProblem(2, nonlinearity=phi)))
        assert gauge | {sigma("zz") - sigma("mm")} <= found
        assert len(found) == 8
    assert symmetry_invariants(OverlapProblem(frozen=("m", "u"))) == []


@pytest.mark.parametrize(
    "problem",
    [OverlapProblem(2), OverlapProblem(1, frozen=("m",)), OverlapProblem(2, frozen=("u1", "z"))],
    ids=str,
)
def test_constant_along_the_flow_as_symbols(problem):
    """Kind (1) whatever the loss; kind (2) for a loss with the symmetries of the network."""
    flow = gram_flow(problem).flow
    Z, V, M, U = (range(problem.size)[problem.blocks[letter]] for letter in "zvmu")

    def block(rows, columns):
        return sympy.Matrix([[sigma(problem.name(i, j)) for j in columns] for i in rows])

    S = block(range(problem.size), range(problem.size))
    powers = [power for J in flow_invariants(problem) for power in (J * S, J * S * J * S)]
    assert all(velocity(power.trace(), flow) == 0 for power in powers)
    through = block(Z, U) * block(V, U) * block(V, M)
    flow = gram_flow(problem, (block(Z, M)[0] - 1) ** 2 + through[0] ** 2 + through[0]).flow
    constants = symmetry_invariants(problem)
    assert constants
    assert all(velocity(constant, flow) == 0 for constant in constants)


def velocity(constant, flow):
    return sympy.expand(sum(sympy.diff(constant, sigma(name)) * speed for name, speed in flow.items()))


def setting(rank=1):
    problem = OverlapProblem(rank)
    S = problem.matrix(RANK_ONE) if rank == 1 else random_overlaps(problem, 3)
    return problem, S, DiscreteFilter(problem, 0.1, exponential_target(problem, 0.1, 60, 0.3))


def drift(problem, curve):
    """The largest change of any invariant between the ends of a curve."""
    J = np.array(flow_invariants(problem)[0], dtype=float)
    constants = [sympy.lambdify([sigma(n) for n in problem.names], c) for c in symmetry_invariants(problem)]
    values = []
    for S in (curve.overlaps[0], curve.overlaps[-1]):
        power, traces = np.eye(problem.size), []
        for _ in range(4):
            power = power @ J @ S
            traces.append(np.trace(power))
        values.append([*traces, *(c(*problem.named(S).values()) for c in constants)])
    return np.abs(np.diff(values, axis=0)).max()


@pytest.mark.parametrize("rank", [1, 2])
def test_flow_keeps_them_and_descent_breaks_them_in_the_order_of_its_rate(rank):
    problem, S, loss = setting(rank)
    assert (
        drift(problem, flow_curve(problem, loss, S, [0, 2.0])) < 1e-10
    )  # the flow's tolerance, 1e-12 a step
    rates = np.array([0.02, 0.01, 0.005])
    drifts = [drift(problem, descent_curve(problem, loss, S, rate, round(2 / rate))) for rate in rates]
    assert np.diff(np.log(drifts)) / np.diff(np.log(rates)) == pytest.approx(1, abs=0.1)


@pytest.mark.slow
def test_adam_breaks_them_at_any_rate():
    """Adam's flow is another flow: the drift does not vanish with its rate."""
    problem, S, loss = setting()
    task = impulse_task(0.1, loss.target)
    arrays = [torch.tensor(a) for a in (task.inputs, task.targets, task.weights)]
    drifts = []
    for rate in (2e-2, 1e-2, 5e-3):
        X = torch.tensor(sample_network(problem, S, 100, 0), requires_grad=True)
        optimiser = torch.optim.Adam([X], lr=rate)
        for _ in range(round(0.6 / rate)):
            optimiser.zero_grad()
            simulated_loss(problem, X, 0.1, *arrays).backward()
            optimiser.step()
        end = (X.T @ X / 100).detach().numpy()
        drifts.append(abs((end - S)[1, 1] - (end - S)[3, 3]) + abs((end - S)[0, 0] - (end - S)[2, 2]))
    assert min(drifts) > 0.5 * max(drifts) > 1e-3


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2, 2, 3)], ids=str)
@pytest.mark.parametrize("size", [30, 500])
def test_prescribed_overlaps(problem, size):
    S = random_overlaps(problem, 1)
    X = sample_network(problem, S, size, 4)
    assert np.abs(X.T @ X / size - S).max() < 1e-14 * size
    other = S + 0.05 * np.eye(problem.size)
    moved = moved_network(X, other)
    assert np.abs(moved.T @ moved / size - other).max() < 1e-12


def test_singular_overlaps_can_be_prescribed():
    problem = OverlapProblem()
    S = np.ones((4, 4))
    X = sample_network(problem, S, 10, 0)
    assert np.abs(X.T @ X / 10 - S).max() < 1e-13
    moved = moved_network(X, 4 * S)
    assert np.abs(moved - 2 * X).max() < 1e-12  # the shortest way: every column twice as long
    with pytest.raises(ValueError, match="or an S that vanishes on that eigenvector too"):
        moved_network(X, np.eye(4))
    with pytest.raises(ValueError, match="size 3: S has rank 4"):
        sample_network(problem, np.eye(4), 3, 0)
    with pytest.raises(ValueError, match="eigenvalue -1"):
        sample_network(problem, np.diag([1.0, 1, 1, -1]), 10, 0)


def test_invisible_overlaps_change_nothing_but_learning():
    problem, S, loss = setting(2)
    changed = with_invisible(problem, S, {"zz": S[0, 0] + 0.5, "u1u2": 0.1})
    assert loss(changed)[0] == loss(S)[0]
    assert np.abs(loss.response(changed) - loss.response(S)).max() == 0
    curves = [descent_curve(problem, loss, start, 0.01, 20).loss for start in (S, changed)]
    assert np.abs(curves[0] - curves[1]).max() > 1e-3
    with pytest.raises(ValueError, match="overlap zm to be changed: allowed are the loss-invisible zz"):
        with_invisible(problem, S, {"zm": 1.0})
    with pytest.raises(ValueError, match="eigenvalue"):
        with_invisible(problem, S, {"zz": 0.0})
