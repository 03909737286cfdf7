"""``verify outliers``: the eigenvalue of W that leaves W0's disc."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from derive.command_line import UsageProblem, one_of, real_number, takes, whole_number
from verify.commands.simulation_options import FORMATS, Form, Out
from verify.comparison.request import check_step
from verify.extras import need_extra


def outliers(
    g: Annotated[str, takes("G", "Strength of W0, 0 < g < 1.")] = "0.5",
    zhat: Annotated[str, takes("Z", "Target of the readout, zhat > 0.")] = "2",
    size: Annotated[str, takes("N", "Neurons.")] = "400",
    seeds: Annotated[str, takes("S", "Networks trained, at least 2.")] = "5",
    epochs: Annotated[str, takes("E", "Steps of gradient descent.")] = "240",
    until: Annotated[str, takes("T", "Last effective time ttilde.")] = "0.5",
    out: Out = Path("figures"),
    form: Form = "text",
) -> None:
    """Follow the eigenvalue of W that leaves W0's disc, in trained networks and in the limit."""
    one_of("--format", form, FORMATS)
    strength = real_number("--g", g, "0 < g < 1", 0, 1)
    target = real_number("--zhat", zhat, "a finite number > 0", 0)
    end = real_number("--until", until, "a finite number > 0", 0)
    count = whole_number("--seeds", seeds, 2)
    neurons, steps = whole_number("--size", size, 2), whole_number("--epochs", epochs, 1)
    check_step("--until", until, end / steps)
    need_extra("torch", "matplotlib")

    from verify.checks.outliers import outlier_checks, outlier_path
    from verify.comparison.outlier_figure import outlier_figure
    from verify.comparison.report import check_lines
    from verify.folders import prepare_folder
    from verify.pictures import Pictures, finish
    from verify.progress import progress_bars

    prepare_folder(out)
    with progress_bars() as progress:
        path = outlier_path(strength, target, neurons, count, end, steps, progress("networks", count))
    try:
        checks = outlier_checks(path)
    except ValueError as problem:
        raise UsageProblem(f"--until {until}: {problem}; allowed are later times") from None
    pictures = Pictures(out, "outliers", ("svg", "png"), lambda: outlier_figure(path))
    passed = all(check.passed for check in checks)
    report = "\n".join([*check_lines(checks), f"figure: {pictures.paths[1]}"])
    if form == "json":
        document = {
            "passed": passed,
            "checks": [check.json() for check in checks],
            "ttilde": path.ttilde.tolist(),
            "largest": [[[x.real, x.imag] for x in network] for network in path.largest.tolist()],
            "figures": [str(picture) for picture in pictures.paths],
        }
        report = json.dumps(document, indent=2, allow_nan=False)
    finish(report, passed, pictures)
