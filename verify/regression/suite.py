"""The checks of the suite, at the three levels of THEORY 5, each from the house's own check functions.

 (i)   series against flow: `verify.checks.printed`, and wrong coefficients caught: `.mutation`;
 (ii)  descent against flow: `verify.checks.learning_rate`; the reduced simulator against autograd;
 (iii) instances against N -> infinity: `verify.checks.sizes`.
Beside them the exact curve (`derive.limit`) against the limit network's flow, integrated numerically.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from derive import limit, limit_network
from derive.command_line import UsageProblem
from derive.observables.registry import observables
from verify.checks.chain_series import chain_checks
from verify.checks.check import Check
from verify.checks.learning_rate import learning_rate_checks
from verify.checks.printed import series_checks
from verify.checks.sizes import SizeDeviations, ensemble, measure_deviations, size_check
from verify.regression.flow_modules import flow_module_checks, is_flow_module
from verify.regression.mutation import mutation_outcome
from verify.regression.sensitivity import SmallestChange, smallest_changes
from verify.simulators import sample_task, simulate
from verify.truth.flow_curve import LIMIT_NODES, flow_states
from verify.truth.setting import PAPERS_TASK, Setting
from verify.truth.theory import Theory, read_theory
from verify.user_module import source_of

Progress = Callable[[str, int], Callable[[], None]]

QUICK_CASES = ((0.0, 1.0), (0.6, 2.0))
FULL_CASES = tuple((g, zhat) for g in (0.0, 0.3, 0.6, 0.8) for zhat in (0.5, 1.0, 2.0))
INSTANCE_SIZE = 16
MUTATED_ORDERS = range(1, 6)
CURVE_TIMES = np.array([0.05, 0.1, 0.2, 0.4, 0.8])
CURVE_TOLERANCE = 1e-8
FLOW_TOLERANCE = 2.3e-14  # the least that the integrator takes


@dataclass(frozen=True)
class Result:
    """Every check, and the smallest change of a coefficient that descent at finite N would show."""

    checks: tuple[Check, ...]
    smallest: tuple[SmallestChange, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def modules_in(generated: Path, given: Sequence[Path]) -> list[Path]:
    """The modules to try: those given, or all ``order_K.py`` of the folder. Raises UsageProblem."""
    if given:
        for path in given:
            if not is_flow_module(path):
                read_theory(path)
        return list(given)
    found = [p for p in generated.glob("order_*.py") if p.stem.removeprefix("order_").isdigit()]
    if not found:
        raise UsageProblem(
            f"--generated {generated}: no order_K.py there; make one with: derive --order 3 --out {generated}"
        )
    return sorted(found, key=lambda p: int(p.stem.removeprefix("order_")))


def regress(paths: Sequence[Path], quick: bool, progress: Progress) -> Result:
    """Run the suite over the modules at ``paths``. Raises UsageProblem for what is no such module.

    Of modules of derive flow alone their own checks are all that is made.
    """
    flows = [path for path in paths if is_flow_module(path)]
    checks = _flow_checks(flows, progress)
    paths = [path for path in paths if path not in flows]
    if flows and not paths:
        return Result(tuple(checks), ())
    theories = [read_theory(path) for path in paths]
    cases = QUICK_CASES if quick else FULL_CASES

    step = progress("printed functions against the flow", len(theories) * len(cases))
    for theory in theories:
        for g, zhat in cases:
            checks += theory_checks(theory, g, zhat)
            step()
    known = {theory.order for theory in theories}
    further = [] if quick else [order for order in MUTATED_ORDERS if order not in known]
    checks += _mutation_checks(paths, further, progress)
    step = progress("exact curves, descent", 2 * len(cases))
    for g, zhat in cases:
        checks += _level_ii(g, zhat, 100 if quick else 400, step)
    smallest: list[SmallestChange] = []
    for g, zhat in [case for case in cases if case[0] > 0][:: 1 if quick else 2]:
        deviations = _deviations(g, zhat, ensemble(g, quick), progress)
        checks.append(_at(size_check(deviations, Setting(g, zhat)), g, zhat))
        for theory in theories:
            smallest += smallest_changes(theory, g, zhat, deviations)
    return Result(tuple(checks), tuple(smallest))


def _flow_checks(flows: Sequence[Path], progress: Progress) -> list[Check]:
    """What modules of derive flow print."""
    step, checks = progress("printed flows against the limit's", len(flows)), []
    for path in flows:
        checks += flow_module_checks(path)
        step()
    return checks


def _mutation_checks(paths: Sequence[Path], orders: Sequence[int], progress: Progress) -> list[Check]:
    """Wrong coefficients of the modules, and of what is printed at further orders."""
    sources = [(source_of(path), path, str(path)) for path in paths]
    step, checks = progress("wrong coefficients", len(paths) + len(orders)), []
    for order in orders:
        sources.append((_printed(order), Path(f"order_{order}.py"), f"order {order}"))
    for source, path, name in sources:
        checks.append(mutation_outcome(source, path).check(name))
        step()
    return checks


def _level_ii(g: float, zhat: float, size: int, step: Callable[[], None]) -> list[Check]:
    """The exact curve, descent against flow, and the reduced simulator."""
    checks = curve_checks(g, zhat)
    step()
    tau = 0.5 * limit.learning_curve(g, zhat).time_to(0.5)
    checks += [*learning_rate_checks(Setting(g, zhat), 100, tau), simulator_check(g, zhat, size)]
    step()
    return [_at(check, g, zhat) for check in checks]


def theory_checks(theory: Theory, g: float, zhat: float) -> list[Check]:
    """Level (i) for one module: every function's slope against the limit flow, and the chain's series."""
    setting = Setting(g, zhat)
    checks = [_at(check, g, zhat, f"{theory.path.stem}: ") for check in series_checks(theory, setting)]
    return checks + [
        _at(check, g, zhat, f"order {theory.order}, ")
        for check in chain_checks(setting, INSTANCE_SIZE, theory.order)
    ]


def curve_checks(g: float, zhat: float) -> list[Check]:
    """The exact curve against the limit network's flow, at times past the radius of convergence too."""
    curve = limit.curve(g, zhat, CURVE_TIMES)
    states = flow_states(limit_network(g, LIMIT_NODES), zhat, CURVE_TIMES * (1 - g * g) ** 2, FLOW_TOLERANCE)
    singular = curve.singular_values.shape[1]
    values = curve.values | {f"s{r + 1}": curve.singular_values[:, r] for r in range(singular)}
    checks = []
    for observable in observables(PAPERS_TASK, singular):
        exact = np.array([observable.value(state) for state in states], dtype=float)
        # what grows with beta has the size of its own largest value, all else that of the target
        scale = float(np.abs(exact).max()) if observable.beta_power > 0 else zhat
        checks.append(
            Check(
                f"exact curve of {observable.name} against the limit network's flow",
                float(np.abs(values[observable.name] - exact).max()),
                0.0,
                CURVE_TOLERANCE * scale,
                f"largest difference over ttilde = {', '.join(f'{t:g}' for t in CURVE_TIMES)}; the flow is "
                f"integrated to {FLOW_TOLERANCE:g} a step, which its steep part enlarges 1e4-fold and more; "
                "the number of nodes shows in the ninth digit (theory, section 5)",
            )
        )
    return checks


def simulator_check(g: float, zhat: float, size: int, seed: int = 0) -> Check:
    """The reduced simulator against autograd, through 50 epochs of one descent."""
    rate = 0.02 * (1 - g * g) ** 2 / (1 + zhat**2)
    problem = sample_task(size, g, seed, zhat, rate, 50)
    fast, plain = (simulate(name, problem).readout for name in ("reduced", "fixed_point"))
    return Check(
        f"reduced simulator against autograd (N = {size})",
        float(np.abs(fast - plain).max()),
        0.0,
        1e-9 * zhat,
        "largest difference of the readout; the reduced simulator is asked for 1e-10 zhat and estimates its "
        "error from two more chain vectors",
    )


def _deviations(g: float, zhat: float, counts: dict[int, int], progress: Progress) -> SizeDeviations:
    step = progress(f"instances at g = {g:g}, zhat = {zhat:g}", sum(counts.values()))
    until = limit.learning_curve(g, zhat).time_to(0.5)
    return measure_deviations(
        Setting(g, zhat), until * np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1.0]), counts, step
    )


def _printed(order: int) -> str:
    """The module that `derive --order` prints."""
    from derive.document.request import Request
    from derive.write.render import Rendering

    request = Request(order) if order > 2 else Request(order, singular_values=1)
    return Rendering(request).module


def _at(check: Check, g: float, zhat: float, prefix: str = "") -> Check:
    return replace(check, name=f"{prefix}{check.name}, g = {g:g}, zhat = {zhat:g}")
