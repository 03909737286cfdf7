"""What gradient flow conserves in overlap space, found mechanically (THEORY 6).

(1) dX/dtau = -X F for every F of the visible pattern, so that X J X^T (N x N) is constant where J is
    symmetric, constant and F J + J F^T = 0 for all those F. Of the overlaps, tr (J S)^k is constant.
(2) If X -> X + e X A, A symmetric, leaves the function alone and moves learning vectors only, then
    tr(A S) is constant (Noether): the rotation of V against U, and for a linear network (or one with
    constant gain) the scale of M against Z.

Both are null spaces of linear systems with small integer solutions. Gradient descent breaks every
one of them in the order of the learning rate.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from flint import nmod_mat

from derive.overlaps.gram_flow import sigma
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import PRIME, general_position, output_derivatives, visible_overlaps

if TYPE_CHECKING:
    import sympy


def flow_invariants(problem: OverlapProblem, visible: tuple[str, ...] | None = None) -> list[sympy.Matrix]:
    """A basis of the J of kind (1), shape (P, P) each; ``visible`` defaults to the derived pattern."""
    visible = visible_overlaps(problem) if visible is None else visible
    unknowns = _symmetric_pairs(problem.size)
    equations: dict[tuple[int, int, int], dict[int, int]] = {}
    for pattern, name in enumerate(visible):
        i, j = problem.pairs[name]
        entries = {(i, j): 1, (j, i): 1} if i != j else {(i, i): 2}
        for (a, b), value in entries.items():
            if not problem.learns[b]:
                continue
            # (F J)_ac = F_ab J_bc and its transpose
            for c in range(problem.size):
                unknown = unknowns.index((min(b, c), max(b, c)))
                row, column = min(a, c), max(a, c)
                equation = equations.setdefault((pattern, row, column), {})
                equation[unknown] = equation.get(unknown, 0) + value * (2 if a == c else 1)
    rows = [[equation.get(n, 0) for n in range(len(unknowns))] for equation in equations.values()]
    return _symmetric_basis(problem.size, _null_space(rows, len(unknowns)))


def symmetry_generators(problem: OverlapProblem) -> list[sympy.Matrix]:
    """A basis of the A of kind (2), shape (P, P) each, from the function of the network alone."""
    unknowns = [(i, j) for i, j in _symmetric_pairs(problem.size) if problem.learns[i] and problem.learns[j]]
    rows: list[list[int]] = []
    needed = len(unknowns) + 2
    draw = 1
    while len(rows) < needed:
        S = general_position(problem, draw)
        columns = [[int(x) for x in output_derivatives(problem, S, _moved(S, i, j))] for i, j in unknowns]
        rows += [list(row) for row in zip(*columns, strict=True)]
        draw += 1
    solutions = _null_space(rows, len(unknowns))
    return _symmetric_basis(problem.size, solutions, unknowns)


def symmetry_invariants(problem: OverlapProblem) -> list[sympy.Expr]:
    """The constants tr(A S) of kind (2) as sympy expressions in the overlaps."""
    return [_trace(problem, A) for A in symmetry_generators(problem)]


def descriptions(problem: OverlapProblem, visible: tuple[str, ...]) -> list[str]:
    """Every invariant found, one line of plain text each."""
    lines = []
    for J in flow_invariants(problem, visible):
        total = _signed(
            [
                (J[i, j], f"{problem.vectors[i]} {problem.vectors[j]}^T")
                for i in range(problem.size)
                for j in range(problem.size)
            ]
        )
        lines.append(f"{total}, an N x N matrix; so tr (J S)^k for every k, J the matrix of its signs")
    lines += [str(expression) for expression in symmetry_invariants(problem)]
    return lines or ["none found"]


def _trace(problem: OverlapProblem, A: sympy.Matrix) -> sympy.Expr:
    import sympy

    terms = {
        (i, j): A[i, j] * (1 if i == j else 2) for i, j in _symmetric_pairs(problem.size) if A[i, j] != 0
    }
    content = sympy.gcd_list(list(terms.values()))
    return sum(
        (c / content * sigma(problem.name(*pair)) for pair, c in terms.items()), start=sympy.Integer(0)
    )


def _signed(terms: list[tuple[Any, str]]) -> str:
    text = ""
    for factor, body in terms:
        if factor == 0:
            continue
        size = "" if abs(factor) == 1 else f"{abs(factor)} "
        sign = "-" if factor < 0 else "+"
        text += f" {sign} {size}{body}" if text else ("-" if factor < 0 else "") + size + body
    return text


def _symmetric_pairs(size: int) -> list[tuple[int, int]]:
    return list(combinations_with_replacement(range(size), 2))


def _moved(S: list[list[Any]], i: int, j: int) -> list[list[Any]]:
    """A S + S A for the symmetric unit matrix A of the pair (i, j)."""
    size = len(S)
    moved = [[S[0][0] * 0] * size for _ in range(size)]
    for a, b in {(i, j), (j, i)}:
        for c in range(size):
            moved[a][c] += S[b][c]
            moved[c][a] += S[c][b]
    return moved


def _null_space(rows: list[list[int]], unknowns: int) -> list[list[int]]:
    """A basis of the solutions, as small integers. Works modulo PRIME; entries are then signed."""
    reduced, rank = nmod_mat(
        max(len(rows), 1), unknowns, [x for row in rows or [[0] * unknowns] for x in row], PRIME
    ).rref()
    pivots = [next(c for c in range(unknowns) if int(reduced[r, c])) for r in range(rank)]
    basis = []
    for free in (c for c in range(unknowns) if c not in pivots):
        vector = [0] * unknowns
        vector[free] = 1
        for r, pivot in enumerate(pivots):
            value = int(-reduced[r, free])
            vector[pivot] = value if value < PRIME // 2 else value - PRIME
        basis.append(vector)
    return basis


def _symmetric_basis(
    size: int, solutions: list[list[int]], pairs: list[tuple[int, int]] | None = None
) -> list[sympy.Matrix]:
    """Each solution as a symmetric matrix; its first nonzero entry positive."""
    import sympy

    pairs = _symmetric_pairs(size) if pairs is None else pairs
    result = []
    for solution in solutions:
        sign = 1 if next(x for x in solution if x) > 0 else -1
        matrix = sympy.zeros(size, size)
        for (i, j), value in zip(pairs, solution, strict=True):
            matrix[i, j] = matrix[j, i] = sign * value
        result.append(matrix)
    return result
