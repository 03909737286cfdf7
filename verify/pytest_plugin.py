"""A pytest plugin: hold your own theory against its truth in three lines.

    def test_my_theory(regression):
        regression.module("my_order_3.py")                      # every function, every coefficient
        regression.function(my_readout, "readout", order=3)     # one function of (tau, zhat, g)

Installed with the package; the fixture is ``regression``. Nothing is imported until it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

CASES = ((0.3, 1.0), (0.6, 2.0))


class Regression:
    """Checks that fail the test with the report of what failed."""

    def module(self, path: str | Path, cases: Sequence[tuple[float, float]] = CASES) -> None:
        """Every function of a module like generated/order_3.py at each (g, zhat) of ``cases``.

        Asserts slope K + 1 of the error against the flow at N -> infinity, and that each coefficient made
        wrong by 1e-3 would have been noticed. A module of derive flow is held against its own flow at the
        numbers of its file.
        """
        from verify.regression.flow_modules import flow_module_checks, is_flow_module
        from verify.regression.mutation import mutation_outcome
        from verify.regression.suite import theory_checks
        from verify.truth.theory import read_theory
        from verify.user_module import source_of

        path = Path(path)
        if is_flow_module(path):
            _assert_passed(flow_module_checks(path))
            return
        theory = read_theory(path)
        checks = [check for g, zhat in cases for check in theory_checks(theory, g, zhat)]
        _assert_passed([*checks, mutation_outcome(source_of(path), path).check(path.name)])

    def function(
        self,
        function: Callable[[Any, Any, Any], Any],
        name: str,
        order: int,
        cases: Sequence[tuple[float, float]] = CASES,
    ) -> None:
        """One function of (tau, zhat, g) that claims to be ``name`` through tau^order.

        ``name`` is readout, loss, gradient_norm, frobenius_norm, s1, s2, ...; the function is called with
        mpmath numbers. Raises ValueError for another name.
        """
        from verify.checks.printed import function_check

        _assert_passed([function_check(function, name, order, g, zhat) for g, zhat in cases])


def _assert_passed(checks: Sequence[Any]) -> None:
    failed = [
        f"{check.name}: {check.measured:.6g}, expected {check.expected:g} ± {check.tolerance:g}"
        for check in checks
        if not check.passed
    ]
    if failed:
        pytest.fail("\n".join(failed), pytrace=False)


@pytest.fixture
def regression() -> Regression:
    """Holds a theory against its truth; see `verify.pytest_plugin`."""
    return Regression()
