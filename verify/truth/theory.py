"""The formulas of N -> infinity, read from what ``derive`` printed into ``generated/``.

A module ``order_K.py`` holds ``ORDER``, ``SYSTEM`` and functions of (tau, zhat, g): ``readout``,
``loss``, ``gradient_norm``, ``frobenius_norm``, ``singular_values`` (a tuple), ``sharpness``, ``a_matrix``
(2x2) and ``eigenvalues_g0`` (two) of (tau, zhat) at g = 0, and the end of learning as functions of
(delta, zhat, g), delta = z/zhat. tau is learning time, not ttilde = beta^2 tau. Newer modules also hold
``outlier_equation`` of (lam, tau, zhat, g), ``singular_vectors`` (coordinates and squared norm of each
pair), ``leading_singular_values`` (a tuple), and the limits g -> 1 as dictionaries, ``universal`` of
(ttilde, y) and ``universal_end`` of (delta, y), y = zhat^2 beta. Where m and w
overlap by a symbol, every function takes rho as its last argument; here it is bound to the number
asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem
from derive.document.request import Request
from derive.flow.problem import SYMBOL, FixedPointTask
from verify.comparison.request import PAPERS_TASK
from verify.user_module import execute, guarded, source_of

SCALARS = ("readout", "loss", "gradient_norm", "frobenius_norm")
BEYOND = (
    "sharpness",
    "eigenvalues_g0",
    "learning_time",
    "weight_change",
    "mean_gradient_norm",
    "shuffled_loss",
)
ANY_TASK = ("sharpness", "error_estimate")
LATER = (
    "error_estimate",
    "outlier_equation",
    "singular_vectors",
    "leading_singular_values",
    "universal",
    "universal_end",
)


@dataclass(frozen=True)
class Theory:
    """The printed functions of one order; each is exact through tau^order."""

    order: int
    path: Path
    scalars: dict[str, Callable[[Any, Any, Any], Any]]
    singular_values: Callable[[Any, Any, Any], tuple[Any, ...]]
    a_matrix: Callable[[Any, Any], tuple[tuple[Any, Any], tuple[Any, Any]]]
    beyond: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """The functions of `BEYOND`, where a module has them all, and then those of `LATER` that it has;
    for other tasks those of `ANY_TASK`."""

    def observables(self, tau: Any, zhat: Any, g: Any) -> dict[str, Any]:
        """Every observable by name, the singular values as s1, s2, ...; floats, arrays or mpf."""
        values = {name: function(tau, zhat, g) for name, function in self.scalars.items()}
        for r, value in enumerate(self.singular_values(tau, zhat, g), 1):
            values[f"s{r}"] = value
        return values


def load_theory(directory: Path, order: int, task: FixedPointTask = PAPERS_TASK) -> Theory:
    """The theory of ``directory/order_K.py``, or of the module printed for another task: for its very
    overlap of m and w, or for a symbol in its place.

    Raises UsageProblem where there is none (naming the command that prints it) or where the file
    is something else.
    """
    request = printed_module(order, task)
    command = f"{request.command} --out {directory}"
    path, overlap = directory / f"{request.stem}.py", None
    symbolic = directory / f"{replace(request, alignment=SYMBOL).stem}.py"
    if task.alignment and not path.is_file() and symbolic.is_file():
        path, overlap = symbolic, task.alignment
    if not path.is_file():
        raise UsageProblem(f"{path} is missing; make it with: {command}")
    try:
        theory = read_theory(path)
    except UsageProblem as problem:
        raise UsageProblem(f"{problem}; make it again with: {command}") from problem
    if theory.order != order:
        raise UsageProblem(f"{path} holds order {theory.order}, allowed is order {order}")
    return theory if overlap is None else _with_overlap(theory, overlap)


def printed_module(order: int, task: FixedPointTask) -> Request:
    """What ``derive`` was asked for where it printed the task's very module."""
    return Request(order, alignment=str(task.alignment), train=",".join(task.train))


def _with_overlap(theory: Theory, rho: Fraction) -> Theory:
    """Functions of a symbolic overlap at a number, in the arithmetic of their other arguments."""

    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        def at_rho(*arguments: Any) -> Any:
            one = arguments[1] * 0 + 1  # zhat, a number; tau may be an array
            return function(*arguments, one * rho.numerator / rho.denominator)

        return at_rho

    return Theory(
        theory.order,
        theory.path,
        {name: bound(function) for name, function in theory.scalars.items()},
        bound(theory.singular_values),
        bound(theory.a_matrix),
        {name: bound(function) for name, function in theory.beyond.items()},
    )


def read_theory(path: Path) -> Theory:
    """The theory of any module of this format, whoever wrote it. Raises UsageProblem where it is none."""
    if not path.is_file():
        raise UsageProblem(f"{path} is missing; allowed is a Python module like generated/order_3.py")
    return theory_from_source(source_of(path), path)


def theory_from_source(source: str, path: Path) -> Theory:
    """The theory of a module's source; ``path`` names it in messages. Raises UsageProblem."""
    module = execute(source, path)
    if missing := [name for name in ("ORDER", "SYSTEM") if name not in module]:
        raise UsageProblem(f"{path} cannot be used: it has no {missing[0]}")
    order, system = module["ORDER"], module["SYSTEM"]
    if system != "fixed-point":
        raise UsageProblem(f"{path} holds the system {system}, allowed is fixed-point")
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise UsageProblem(f"{path} cannot be used: its ORDER is {order}, allowed are integers >= 1")
    scalars = {name: guarded(module, name, path) for name in SCALARS}
    functions = guarded(module, "singular_values", path), guarded(module, "a_matrix", path)
    beyond = {name: guarded(module, name, path) for name in (*BEYOND, *LATER) if name in module}
    if not beyond.keys() >= set(BEYOND):
        beyond = {name: beyond[name] for name in beyond if name in ANY_TASK}
    return Theory(order, path, scalars, *functions, beyond)
