"""A self-contained Python module of an overlap system, on plain arithmetic or on torch tensors."""

from __future__ import annotations

import textwrap

from derive.document.overlap_request import OverlapRequest
from derive.document.overlap_words import CLOSURE_NOTE, heading
from derive.overlaps.gram_flow import GramFlow, Row

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""{heading}.

    h' = -h + (1/N) U V^T phi(h) + M x,    y = (1/N) Z^T phi(h),    X = [{vectors}],
    S = X^T X / N,    F = D + D^T with the columns of frozen vectors zero,    D = dL/dS.
{note}
{use}
"""

SYSTEM = "overlap"
RANK = {rank}
VECTORS = {vectors_tuple}
OVERLAPS = {names}
VISIBLE = {visible}
INVISIBLE = {invisible}
'''
PYTHON_USE = """\
Overlaps and derivatives of the loss are mappings from names to values: ``sigma["zm"]`` and
``d["zm"]`` = dL/dsigma_zm, an overlap counted once. Only + and * are used, so that numbers, arrays,
tensors and sympy expressions all pass."""
TORCH_USE = """\
``loss`` is any scalar function of the tensor S, shape (P, P), that torch can differentiate; the
entries of S count as variables of their own, so that it may read either triangle. Everything here can
be differentiated in turn, by S, by the learning rate and by what else ``loss`` holds, and takes torch.func
(vmap over S of shape (P, P), jacrev, jvp); torch.no_grad spares the graph."""

TORCH = '''

import torch

LEARNS = torch.tensor({learns})


def named(S):
    """The overlaps of S, shape (..., P, P), by name."""
    pairs = [(i, j) for i in range(len(VECTORS)) for j in range(i, len(VECTORS))]
    return {{name: S[..., i, j] for name, (i, j) in zip(OVERLAPS, pairs)}}


def update(loss, S):
    """The loss and F, shape (P, P), at S: dX/dtau = -X F."""
    with torch.inference_mode(False):
        point = S.clone() if S.is_inference() else S
        D, value = torch.func.grad_and_value(loss)(point)
    return value, (D + D.T) * LEARNS.to(S)


def flow(loss, S):
    """dS/dtau under gradient flow."""
    _, F = update(loss, S)
    return -(S @ F + F.T @ S)


def descend(loss, S, learning_rate):
    """The loss at S, and S after one epoch of gradient descent with learning rate N*learning_rate."""
    value, F = update(loss, S)
    step = torch.eye(len(S), dtype=S.dtype, device=S.device) - learning_rate * F
    return value, step.T @ S @ step
'''


def overlap_python(system: GramFlow, request: OverlapRequest, torch: bool = False) -> str:
    """Source of the module; the same bytes on every machine."""
    problem = system.problem
    nonlinear = problem.nonlinearity != "linear"
    parts = [
        MODULE.format(
            header=request.header("torch" if torch else "python"),
            heading=heading(problem),
            vectors=" ".join(problem.vectors),
            note="\n" + textwrap.fill(CLOSURE_NOTE, 92) + "\n" if nonlinear else "",
            use=TORCH_USE if torch else PYTHON_USE,
            rank=problem.rank,
            vectors_tuple=_strings(problem.vectors),
            names=_strings(problem.names),
            visible=_strings(system.visible),
            invisible=_strings(system.invisible),
        )
    ]
    if torch:
        return parts[0] + TORCH.format(learns=list(problem.learns))
    parts += ["", ""]
    parts += _flow(system)
    parts += ["", ""]
    parts += _preconditioner(system)
    parts += ["", ""]
    parts += _descend(system)
    return "\n".join(parts) + "\n"


def _flow(system: GramFlow) -> list[str]:
    lines = [
        "def flow(sigma, d):",
        '    """dsigma/dtau of every overlap under gradient flow."""',
        "    return {",
    ]
    for name in system.problem.names:
        lines += _item(f'        "{name}": ', _equation(system.rows[name]))
    return [*lines, "    }"]


def _preconditioner(system: GramFlow) -> list[str]:
    lines = [
        "def preconditioner(sigma):",
        '    """G over VISIBLE, a list of rows: dsigma/dtau = -G dL/dsigma."""',
        "    return [",
    ]
    for a in system.visible:
        cells = ", ".join(_total(system.rows[a].get(b, {})) for b in system.visible)
        lines += [f"        [{cells}],"]
    return [*lines, "    ]"]


def _descend(system: GramFlow) -> list[str]:
    """sigma_ij + lr flow_ij + lr^2 (F^T S F)_ij, written with one list of columns."""
    problem = system.problem
    rows = []
    for i in range(problem.size):
        cells = []
        for j in range(problem.size):
            name = problem.name(i, j)
            present = name in system.visible and problem.learns[j]
            cells.append((f'2 * d["{name}"]' if i == j else f'd["{name}"]') if present else "0")
        rows.append(f"        [{', '.join(cells)}],")
    matrix = [
        "        [" + ", ".join(f'sigma["{problem.name(i, j)}"]' for j in range(problem.size)) + "],"
        for i in range(problem.size)
    ]
    return [
        "def descend(sigma, d, learning_rate):",
        '    """Every overlap after one epoch of gradient descent with learning rate N*learning_rate."""',
        "    F = [",
        *rows,
        "    ]",
        "    S = [",
        *matrix,
        "    ]",
        "    size = range(len(VECTORS))",
        "    step = [[(1 if i == j else 0) - learning_rate * F[i][j] for j in size] for i in size]",
        "    half = [[sum(S[i][k] * step[k][j] for k in size) for j in size] for i in size]",
        "    pairs = [(i, j) for i in size for j in size if i <= j]",
        "    return {",
        "        name: sum(step[k][i] * half[k][j] for k in size) for name, (i, j) in zip(OVERLAPS, pairs)",
        "    }",
    ]


def _equation(row: Row) -> list[str]:
    terms = []
    for derivative, overlaps in row.items():
        total = _total(overlaps)
        terms.append(
            f'({total}) * d["{derivative}"]' if len(overlaps) > 1 else f'{total} * d["{derivative}"]'
        )
    return terms


def _item(start: str, terms: list[str]) -> list[str]:
    """``"zm": -(a + b + c),`` broken between terms."""
    if not terms:
        return [f"{start}0,"]
    one_line = f"{start}-({' + '.join(terms)}),"
    if len(one_line) <= 100:
        return [one_line]
    lines = [f"{start}-(", f"            {terms[0]}"]
    lines += [f"            + {term}" for term in terms[1:]]
    return [*lines, "        ),"]


def _total(overlaps: dict[str, int]) -> str:
    return " + ".join((f"{c} * " if c != 1 else "") + f'sigma["{n}"]' for n, c in overlaps.items()) or "0"


def _strings(names: tuple[str, ...]) -> str:
    """A tuple of strings, wrapped."""
    text = ", ".join(f'"{name}"' for name in names) + ("," if len(names) == 1 else "")
    if len(text) <= 80:
        return f"({text})"
    wrapped = textwrap.fill(text + ",", 92, initial_indent="    ", subsequent_indent="    ")
    return f"(\n{wrapped}\n)"
