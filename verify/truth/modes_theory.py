"""The formulas of a target's modes, read from what ``derive modes --format python`` printed.

A module with ``ORDER``, ``SYSTEM``, ``TARGET``, ``MODES`` and the functions ``readout``, ``loss``,
``frobenius_norm`` and ``singular_values`` of (tau, g), which go through ``MODES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

from derive.command_line import UsageProblem
from derive.tasks.modes import MatrixTask
from verify.truth.setting import Setting, observable_names
from verify.user_module import described, execute, guarded

SYSTEM = "fixed-point modes"
FUNCTIONS = ("readout", "loss", "frobenius_norm", "singular_values")


@dataclass(frozen=True, eq=False)
class ModesTheory:
    """The printed functions of one order for one target, exact through tau^order."""

    path: Path
    module: dict[str, Any]

    @property
    def order(self) -> int:
        order: int = self.module["ORDER"]
        return order

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """What is printed beside the observables: nothing."""
        return {}

    @property
    def target(self) -> np.ndarray:
        """Zhat, shape (q, p)."""
        return np.array(self.module["TARGET"], dtype=float)

    @property
    def modes(self) -> Sequence[tuple[Any, Sequence[Any], Sequence[Any]]]:
        """(zhat, u, v), largest zhat first."""
        modes: Sequence[tuple[Any, Sequence[Any], Sequence[Any]]] = self.module["MODES"]
        return modes

    def at(self, setting: Setting, tau: Any) -> dict[str, Any]:
        """Every observable by name at ``tau``: one mpf, with the modes of the setting's target to its digits,
        or an array of doubles (T,), with the printed modes.
        """
        if isinstance(tau, mpmath.mpf):
            return self._observables(tau, mpmath.mpf(setting.g), precise_modes(setting))
        rows = [self._observables(float(t), setting.g) for t in tau]
        return {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]}

    def _observables(self, tau: Any, g: Any, modes: Any = None) -> dict[str, Any]:
        module = self.module
        printed = module["MODES"]
        module["MODES"] = printed if modes is None else modes
        try:
            Z, loss, norm, values = (module[name](tau, g) for name in FUNCTIONS)
        finally:
            module["MODES"] = printed
        names = observable_names(self.target.shape, len(values))
        return dict(zip(names, [*(z for row in Z for z in row), loss, norm, *values], strict=True))


def precise_modes(setting: Setting) -> list[tuple[Any, list[Any], list[Any]]]:
    """As many modes of the target as it has, with mpmath's digits."""
    target = mpmath.matrix([[mpmath.mpf(x) for x in row] for row in setting.array.tolist()])
    left, values, right = mpmath.svd_r(target, full_matrices=False)
    return [(values[k], list(left[:, k]), list(right[k, :])) for k in range(len(setting.modes))]


def load_modes(path: Path, task: MatrixTask, order: int, target: Path) -> ModesTheory:
    """The theory in ``path``, which must be that of the task's target and order.

    Raises UsageProblem, naming the command that prints it, where there is none or another.
    """
    command = f"make it with: derive modes {target} --order {order} --format python --out {path}"
    if not path.is_file():
        raise UsageProblem(f"{path} is missing; {command}")
    try:
        module = execute(path.read_text(errors="replace"), path)
        module |= {name: guarded(module, name, path) for name in FUNCTIONS if name in module}
        theory = ModesTheory(path, module)
        found = (module["SYSTEM"], theory.order, theory.target.shape, len(theory.modes))
        missing = [name for name in FUNCTIONS if name not in module]
    except UsageProblem as problem:
        raise UsageProblem(f"{problem}; {command}") from problem
    except Exception as problem:
        raise UsageProblem(f"{path} cannot be used ({described(problem)}); {command}") from problem
    if missing or found[0] != SYSTEM:
        raise UsageProblem(f"{path} holds no modes of a target; {command}")
    if found[1] != order:
        raise UsageProblem(f"{path} holds order {found[1]}; {command}")
    if found[2] != task.target.shape or not np.array_equal(theory.target, task.target):
        raise UsageProblem(f"{path} holds the modes of another target; {command}")
    if not theory.modes:
        raise UsageProblem(f"{target}: the target is zero, nothing is learned; allowed are other targets")
    return theory
