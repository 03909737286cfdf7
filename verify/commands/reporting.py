"""What commands print of checks: lines or JSON, then the figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from verify.pictures import Pictures, finish

if TYPE_CHECKING:
    from verify.checks.check import Check


def report(
    form: str, lines: list[str], checks: list[Check], numbers: dict[str, Any], pictures: Pictures
) -> None:
    """Print, then draw; exit 1 where a check failed."""
    passed = all(check.passed for check in checks)
    if form == "json":
        document = {
            "passed": passed,
            "checks": [check.json() for check in checks],
            **numbers,
            "figures": [str(path) for path in pictures.paths],
        }
        text = json.dumps(document, indent=2, default=float)
    else:
        lines += ["", "checks"]
        for check in checks:
            lines.append(
                f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}, expected "
                f"{check.expected:.6g}, tolerance {check.tolerance:.2g}"
            )
            lines.append(f"      {check.reason}")
        verdict = "all checks passed" if passed else "a check failed"
        text = "\n".join([*lines, "", f"{verdict}; figures: {', '.join(map(str, pictures.paths))}"])
    finish(text, passed, pictures)
