"""``derive overlap``: what it prints runs, compiles and is deterministic; bad input is one line."""

import csv
import io
import json
import re
from functools import partial

import numpy as np
import pytest
import sympy
import torch
from in_process import derive_here, refusal
from overlap_cases import RANK_ONE, random_overlaps
from pdflatex import compiled, needs_latex

from derive.document.model import Layout
from derive.document.overlaps.overlap_request import OverlapRequest
from derive.document.overlaps.overlap_system import overlap_document
from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.gram_flow import gram_flow, sigma
from derive.overlaps.problem import OverlapProblem
from derive.write.code.python import python
from derive.write.modules.overlap import overlap_module
from derive.write.torch_module import overlap_torch
from derive.write.writers import WRITERS

derive = partial(derive_here, "overlap")


def module(problem, torch_module=False):
    namespace = {}
    system = gram_flow(problem)
    source = overlap_torch(system, "") if torch_module else python(overlap_module(system, ""))
    exec(source, namespace)
    return namespace


PROBLEMS = [OverlapProblem(1), OverlapProblem(2, 2, 1, "erf"), OverlapProblem(2, frozen=("u1", "m"))]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_emitted_python(problem):
    """flow, descend and preconditioner of the module against matrices of numbers."""
    code, system = module(problem), gram_flow(problem)
    S = random_overlaps(problem, 1)
    d = {name: 0.3 * k - 0.5 for k, name in enumerate(system.visible)}
    F = np.zeros_like(S)
    for name, value in d.items():
        i, j = problem.pairs[name]
        F[i, j] += value
        F[j, i] += value
    F *= np.array(problem.learns)
    flow = -(S @ F + F.T @ S)
    step = np.eye(problem.size) - 0.02 * F
    after = step.T @ S @ step
    named = problem.named(S)
    for name, pair in problem.pairs.items():
        assert code["flow"](named, d)[name] == pytest.approx(flow[pair], abs=1e-13)
        assert code["descend"](named, d, 0.02)[name] == pytest.approx(after[pair], abs=1e-13)
    velocity = -np.array(code["preconditioner"](named)) @ np.array(list(d.values()))
    assert velocity == pytest.approx(np.array([flow[problem.pairs[n]] for n in system.visible]), abs=1e-13)


@pytest.mark.slow
def test_emitted_torch():
    """A loss written in torch, learned by the emitted module: the exact descent map."""
    problem, dt = OverlapProblem(2), 0.1
    target = exponential_target(problem, dt, 20, 0.3)
    code = module(problem, torch_module=True)

    def loss(S):
        A = (1 - dt) * torch.eye(3, dtype=S.dtype)
        A = torch.cat([A[:1], A[1:] + dt * S[1:3, 3:]])
        k, total = torch.eye(3, 1, dtype=S.dtype), 0
        for wanted in torch.tensor(target):
            total = total + dt * ((S[:1, 3:] @ k - wanted) ** 2).sum()
            k = A @ k
        return total

    S = start = random_overlaps(problem, 1)
    S = torch.tensor(S)
    for _ in range(5):
        _, S = code["descend"](loss, S, 0.02)
    expected = descent_curve(problem, DiscreteFilter(problem, dt, target), start, 0.02, 5).overlaps[-1]
    assert np.abs(S.numpy() - expected).max() < 1e-13


def test_json_is_the_system():
    document = json.loads(derive("--rank", 2, "--format", "json").stdout)
    system = gram_flow(OverlapProblem(2))
    names = {f"sigma_{n}": sigma(n) for n in document["flow"]}
    names |= {f"d_{n}": sympy.Symbol(f"d_{n}", real=True) for n in document["flow"]}
    assert document["visible"] == list(system.visible)
    assert len(document["flow"]) == 21
    for name, text in document["flow"].items():
        assert sympy.expand(sympy.sympify(text, locals=names) - system.flow[name]) == 0


@pytest.mark.parametrize("nonlinearity", ["linear", "erf", "tanh", "relu"])
@pytest.mark.parametrize("form", ["text", "latex", "json", "python", "torch", "c"])
def test_only_linear_equations_are_called_exact(nonlinearity, form):
    """The closure of a nonlinear network says what it is in every format; its descent is not exact."""
    printed = derive("--nonlinearity", nonlinearity, "--format", form).stdout
    assert ("closure" in printed) == (nonlinearity != "linear")
    if form in ("text", "latex"):
        assert ("Gradient descent, exactly" in printed) == (nonlinearity == "linear")


@needs_latex
@pytest.mark.slow
@pytest.mark.parametrize("problem", [*PROBLEMS, OverlapProblem(4, 2, 2)], ids=str)
def test_latex_compiles(problem, tmp_path):
    document = overlap_document(gram_flow(problem), OverlapRequest(problem))
    assert "Overfull" not in compiled(tmp_path, WRITERS["latex"](document, Layout(standalone=True)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [(), ("--direct",), ("--label-noise", 0.1), ("--label-noise", 0.1, "--paths", 3)], ids=str
)
def test_learning_in_every_format(more, tmp_path):
    """CSV has what JSON has, epoch by epoch; text shows it to its digits; the picture is one."""
    path = tmp_path / "initial.json"
    path.write_text(json.dumps(RANK_ONE))
    run = ("--evolve", path, "--decay", 0.2, "--steps", 40, "--epochs", 90, *more)
    document = json.loads(derive(*run).stdout)
    assert document == json.loads(derive(*run, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(derive(*run, "--format", "csv").stdout)))
    columns = {"loss": document["loss"], **document["overlaps"]}
    columns |= {f"{name}_std": values for name, values in document.get("overlaps_std", {}).items()}
    if "direct" in document:
        columns["direct_loss"] = document["direct"]["loss"]
        columns |= {f"direct_{name}": values for name, values in document["direct"]["overlaps"].items()}
    assert set(rows[0]) == {"epoch", *columns}
    assert len(rows) == 91
    for name, values in columns.items():
        assert [float(row[name]) for row in rows] == values
    table = derive(*run, "--format", "text").stdout.split("\n\n")[1].splitlines()
    names, shown = table[0].split(), [line.split() for line in table[1:]]
    assert [int(row[0]) for row in shown] == list(range(0, 91, 3))
    for row in shown:
        for name, cell in zip(names[1:], row[1:], strict=True):
            assert float(cell) == pytest.approx(columns[name][int(row[0])], rel=1e-5, abs=1e-300)
    picture = tmp_path / "learning.png"
    assert derive(*run, "--format", "png", "--out", picture).returncode == 0
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_learning_has_no_formulas_to_print(tmp_path):
    path = tmp_path / "initial.json"
    path.write_text(json.dumps(RANK_ONE))
    for form in ("latex", "python", "torch"):
        complaint = refusal(derive("--evolve", path, "--decay", 0.2, "--format", form))
        assert complaint == f"derive: --format {form}: allowed are text, json, csv, png, svg, pdf\n"
    assert "--out FILE" in refusal(derive("--evolve", path, "--decay", 0.2, "--format", "png"))


def test_a_loss_that_overflows_keeps_what_was_before(tmp_path):
    """In every format, with exit status 1 and the epoch named."""
    for form in ("text", "csv", "json"):
        run = ("--start", "random", "--decay", 0.2, "--epochs", 20, "--learning-rate", 3, "--format", form)
        done = derive(*run)
        assert done.returncode == 1
        epoch = int(re.search(r"not finite at epoch (\d+); every entry before it is kept", done.stderr)[1])
        count = len(json.loads(done.stdout)["loss"]) if form == "json" else len(done.stdout.splitlines())
        assert count == epoch + {"json": 0, "csv": 1, "text": 3}[form]


def test_evolve_is_exact_descent(tmp_path):
    path, samples = tmp_path / "initial.json", tmp_path / "samples.json"
    path.write_text(json.dumps(RANK_ONE))
    problem = OverlapProblem()
    target = exponential_target(problem, 0.05, 80, 0.2)
    samples.write_text(json.dumps(target.ravel().tolist()))
    options = ("--evolve", path, "--dt", 0.05, "--steps", 80, "--learning-rate", 0.005, "--epochs", 30)
    curve = descent_curve(problem, DiscreteFilter(problem, 0.05, target), problem.matrix(RANK_ONE), 0.005, 30)
    for choice in (("--decay", 0.2), ("--target", samples)):
        document = json.loads(derive(*options, *choice).stdout)
        assert len(document["loss"]) == 31
        assert document["loss"] == pytest.approx(curve.loss.tolist(), abs=1e-14)
        assert set(document["overlaps"]) == set(problem.names)
        for name, values in document["overlaps"].items():
            assert values == pytest.approx(curve.overlap(name).tolist(), abs=1e-14)


def test_evolve_without_finite_loss_keeps_what_was_before(tmp_path):
    path = tmp_path / "initial.json"
    path.write_text(json.dumps(RANK_ONE))
    run = derive("--evolve", path, "--decay", 0.3, "--dt", 0.1, "--steps", 50, "--learning-rate", 5)
    assert run.returncode == 1
    epoch = int(re.search(r"not finite at epoch (\d+)", run.stderr)[1])
    assert len(json.loads(run.stdout)["loss"]) == epoch > 0


@pytest.mark.parametrize(
    ("initial", "options", "message"),
    [
        (RANK_ONE, ("--rank", 0), "--rank 0: allowed are integers >= 1"),
        (RANK_ONE, ("--frozen", "q"), "frozen vector q: allowed are z, v, m, u"),
        (RANK_ONE, ("--decay", 0.3, "--rank", 2), "overlaps without zv1"),
        (RANK_ONE, (), "exactly one of --decay, --target and --teacher"),
        (RANK_ONE, ("--decay", -1), "--decay -1: allowed is a number > 0"),
        (RANK_ONE, ("--decay", 1, "--dt", 3), "--dt 3: allowed is 0 < dt < 2"),
        ({**RANK_ONE, "uu": 0.1}, ("--decay", 0.3), "eigenvalue -0.0986135"),
        ({**RANK_ONE, "vu": 1.4, "uu": 3}, ("--decay", 0.3), "the effective network has the eigenvalue 0.4"),
        ([1, 2], ("--decay", 0.3), "an object of named overlaps"),
        (RANK_ONE, ("--series", 2), "--series 2: allowed with --evolve and --decay"),
    ],
)
def test_bad_input_is_one_line(initial, options, message, tmp_path):
    path = tmp_path / "initial.json"
    path.write_text(json.dumps(initial))
    assert message in refusal(derive("--evolve", path, *options))
