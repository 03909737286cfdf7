"""The formulas of N -> infinity, read from what ``derive`` printed into ``generated/``.

A module ``order_K.py`` holds ``ORDER``, ``SYSTEM`` and functions of (tau, zhat, g): those of the registry of
observables, ``singular_values`` (a tuple), ``a_matrix`` (2x2) and ``eigenvalues_g0`` (two) of (tau, zhat) at
g = 0, and the end of learning as functions of (delta, zhat, g), delta = z/zhat. tau is learning time, not
ttilde = beta^2 tau. Further ``outlier_equation`` of (lam, tau, zhat, g), ``singular_vectors`` (coordinates
and squared norm of each pair), ``leading_singular_values`` (a tuple), and the limits g -> 1 as dictionaries,
``universal`` of (ttilde, y) and ``universal_end`` of (delta, y), y = zhat^2 beta. Where m and w overlap by a
symbol, every function takes rho as its last argument; here it is bound to the number asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath

from derive.command_line import UsageProblem
from derive.document.request import Request
from derive.flow.fixed_point_task import SYMBOL, FixedPointTask
from derive.observables.registry import observables
from verify.truth.setting import PAPERS_TASK, Setting
from verify.user_module import execute, guarded, source_of

REQUIRED = ("readout", "loss", "frobenius_norm", "singular_values")
"""Without these a module is no theory."""


@dataclass(frozen=True)
class Theory:
    """The printed functions of one order by name; each is exact through tau^order."""

    order: int
    path: Path
    functions: Mapping[str, Callable[..., Any]]

    def observables(self, tau: Any, zhat: Any, g: Any) -> dict[str, Any]:
        """Those of the registry that are printed, singular values as s1, s2, ...; floats, arrays or mpf."""
        values = self.functions["singular_values"](tau, zhat, g)
        singular = {f"s{r}": value for r, value in enumerate(values, 1)}
        names = [observable.name for observable in observables(PAPERS_TASK, len(values))]
        return {
            name: singular[name] if name in singular else self.functions[name](tau, zhat, g)
            for name in names
            if name in singular or name in self.functions
        }

    def at(self, setting: Setting, tau: Any) -> dict[str, Any]:
        """The same for a setting, in the arithmetic of ``tau``."""
        return self.observables(tau, *numbers_of(setting, tau))


def numbers_of(setting: Setting, tau: Any) -> tuple[Any, Any]:
    """zhat and g in the arithmetic of ``tau``: mpf or floats."""
    kind = mpmath.mpf if isinstance(tau, mpmath.mpf) else float
    return kind(setting.zhat), kind(setting.g)


def load_theories(directory: Path, orders: Sequence[int]) -> list[Theory]:
    """`load_theory` of each order of the paper's task. Raises UsageProblem, naming all that are missing."""
    requests = [printed_module(order, PAPERS_TASK) for order in dict.fromkeys(orders)]
    missing = [one for one in requests if not (directory / f"{one.stem}.py").is_file()]
    if len(missing) > 1:
        names = " and ".join(str(directory / f"{one.stem}.py") for one in missing)
        commands = " && ".join(f"{one.command} --out {directory}" for one in missing)
        raise UsageProblem(f"{names} are missing; make them with: {commands}")
    return [load_theory(directory, order) for order in orders]


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

    return replace(theory, functions={name: bound(function) for name, function in theory.functions.items()})


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
    names = [name for name, value in module.items() if callable(value) and not name.startswith("_")]
    functions = {name: guarded(module, name, path) for name in dict.fromkeys((*REQUIRED, *names))}
    return Theory(order, path, functions)
