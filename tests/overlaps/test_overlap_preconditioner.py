"""The whole preconditioner: Jacobians of X -> S of real numbers, and every format of it."""

import json
import re
from functools import partial

import numpy as np
import pytest
import sympy
from in_process import derive_here, refusal
from overlap_cases import random_overlaps
from pdflatex import compiled, needs_latex
from slow_cases import slow_but

from derive.overlaps.gram_flow import gram_flow
from derive.overlaps.preconditioner import whole_preconditioner
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network

PROBLEMS = [
    OverlapProblem(1),
    OverlapProblem(1, nonlinearity="erf"),
    OverlapProblem(2, 2, 1, frozen=("u1", "m")),
    OverlapProblem(3),
]
NAMES = {"linear": (), "erf": ("--nonlinearity", "erf")}


derive = partial(derive_here, "overlap", "--whole-preconditioner")


def numbers(matrix, S):
    named = matrix.problem.named(S)
    return np.array(
        [
            [sum(n * named[c] for c, n in matrix.entry(a, b).items()) for b in matrix.names]
            for a in matrix.names
        ]
    )


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_it_is_the_metric_of_the_overlaps(problem):
    """G_ab = N (dsigma_a/dX).(dsigma_b/dX) over the columns that learn, from the network itself."""
    S, size = random_overlaps(problem, 4), 30
    X = sample_network(problem, S, size, 0)
    matrix = whole_preconditioner(problem)
    gradients = []
    for name in matrix.names:
        i, j = problem.pairs[name]
        gradient = np.zeros_like(X)
        gradient[:, i] += X[:, j] / size
        gradient[:, j] += X[:, i] / size
        gradients.append((gradient * np.array(problem.learns)).ravel())
    expected = size * np.array(gradients) @ np.array(gradients).T
    assert np.abs(numbers(matrix, S) - expected).max() < 1e-13


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_its_visible_rows_are_the_flow(problem):
    matrix, system = whole_preconditioner(problem), gram_flow(problem)
    for a in matrix.names:
        for b in system.visible:
            assert matrix.entry(a, b) == system.rows[a].get(b, {})


def test_the_published_pattern():
    """Linear: G is of invisible overlaps between those of one kind, of visible ones across."""
    matrix = whole_preconditioner(OverlapProblem())
    kinds = {(x in matrix.visible, y in matrix.visible): set() for x in matrix.names for y in matrix.names}
    for x in matrix.names:
        for y in matrix.names:
            kinds[x in matrix.visible, y in matrix.visible].add(matrix.kind(x, y))
    assert kinds[True, True] == kinds[False, False] == {"zero", "invisible"}
    assert kinds[True, False] == kinds[False, True] == {"zero", "visible"}
    mixed = whole_preconditioner(OverlapProblem(nonlinearity="erf"))
    assert mixed.kind("zm", "zm") == "mixed"
    assert mixed.kind("mm", "mm") == "visible"


@pytest.mark.parametrize("nonlinearity", NAMES)
def test_python_and_json_are_the_matrix(nonlinearity):
    problem = OverlapProblem(nonlinearity=nonlinearity)
    matrix, S, namespace = whole_preconditioner(problem), random_overlaps(problem, 2), {}
    exec(derive("--format", "python", *NAMES[nonlinearity]).stdout, namespace)
    assert namespace["NAMES"] == matrix.names
    assert namespace["VISIBLE"] == matrix.visible
    assert np.abs(np.array(namespace["preconditioner"](problem.named(S))) - numbers(matrix, S)).max() < 1e-14
    document = json.loads(derive("--format", "json", *NAMES[nonlinearity]).stdout)
    values = {f"sigma_{name}": value for name, value in problem.named(S).items()}
    for row, expected in zip(document["preconditioner"], numbers(matrix, S), strict=True):
        found = [float(sympy.sympify(text, locals={}).subs(values)) for text in row]
        assert found == pytest.approx(expected.tolist(), abs=1e-14)


def test_text():
    text = derive().stdout
    assert "  G[zm,zm] = sigma_mm + sigma_zz\n" in text
    assert "  G[zm,zz] = G[zz,zm] = 2*sigma_zm\n" in text


@needs_latex
@pytest.mark.parametrize(
    "options", slow_but([()], [(), ("--rank", 3), ("--rank", 2, "--nonlinearity", "tanh", "--inputs", 2)])
)
def test_latex_compiles(options, tmp_path):
    log = compiled(tmp_path, derive("--format", "latex", "--standalone", *options).stdout)
    assert not re.findall(r"Overfull \\hbox \((?:[2-9]|\d\d+)\.\d+pt", log)


@pytest.mark.slow
def test_picture(tmp_path):
    run = derive("--format", "png", "--out", tmp_path / "G.png")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "G.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "png"), "--format png needs --out FILE"),
        (("--format", "torch"), "--format torch: allowed are text, json, latex, python"),
        (("--series", 2), "with --series 2: allowed is one of them"),
        (("--start", "random"), "with --evolve or --start random: allowed is one of them"),
    ],
)
def test_bad_requests_are_one_line(options, message):
    assert message in refusal(derive(*options))
