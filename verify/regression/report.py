"""The suite's result as text for a reader and as JSON for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict

from verify.checks.check import Check
from verify.regression.suite import Result


def text_report(result: Result) -> str:
    """Each check on a line with its figure; reasons under the failed ones; then the table of changes."""
    lines = []
    for check in result.checks:
        interval = ""
        if check.interval is not None and math.isfinite(check.interval[0]):
            interval = f" [{check.interval[0]:.4f}, {check.interval[1]:.4f}]"
        lines.append(
            f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}{interval}, expected "
            f"{check.expected:.6g} ± {check.tolerance:.2g}"
        )
        if not check.passed:
            lines.append(f"      {check.reason}")
    if result.smallest:
        lines += ["", *_table(result)]
    failed = sum(not check.passed for check in result.checks)
    verdict = f"{failed} of {len(result.checks)} checks failed" if failed else "all checks passed"
    return "\n".join([*lines, "", f"{verdict} ({len(result.checks)} checks)"])


def _table(result: Result) -> Iterable[str]:
    sizes = sorted({row.size for row in result.smallest})
    yield "smallest relative change of a coefficient that the mean of 5 descents of N neurons would show"
    yield f"{'order':>5}  {'function':<15} {'tau^k':>5} {'g':>4} {'zhat':>5}" + "".join(
        f"  N = {N:<5}" for N in sizes
    )
    table: dict[tuple[int, str, int, float, float], dict[int, float]] = {}
    for row in result.smallest:
        table.setdefault((row.order, row.function, row.power, row.g, row.zhat), {})[row.size] = row.change
    for (order, function, power, g, zhat), changes in table.items():
        cells = "".join(f"  {changes[N]:<9.2g}" if N in changes else " " * 11 for N in sizes)
        yield f"{order:>5}  {function:<15} {power:>5} {g:>4g} {zhat:>5g}{cells}".rstrip()


def _check(check: Check) -> dict[str, object]:
    ends = None if check.interval is None else [e if math.isfinite(e) else None for e in check.interval]
    return check.json() | ({} if ends is None else {"interval": ends})


def json_report(result: Result) -> str:
    """The same as one JSON object; numbers that are not finite become null."""
    rows = [asdict(row) for row in result.smallest]
    for row in rows:
        row["change"] = row["change"] if math.isfinite(row["change"]) else None
    return json.dumps(
        {
            "passed": result.passed,
            "checks": [_check(check) for check in result.checks],
            "smallest_changes": rows,
        },
        indent=2,
        allow_nan=False,
    )
