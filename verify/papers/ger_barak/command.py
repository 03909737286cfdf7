"""``verify figures overlap-figN``: draws the figures, prints what the paper says beside what comes out."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import typer

from derive.command_line import UsageProblem

FIGURES = ("fig1", "fig2", "fig3", "fig4", "fig5", "fig6", "fig7", "fig8", "fig9", "fig10", "fig11", "fig12")
NAMES = tuple(f"overlap-{figure}" for figure in FIGURES)
TWINS = ("overlap-fig9", "overlap-fig10")  # whose epochs of a stage may be chosen


def overlap_figures(names: tuple[str, ...], out: Path, quick: bool, epochs: int | None) -> None:
    """Draw each; PDF, PNG and the numbers as JSON go to ``out``."""
    from verify.extras import need_extra

    if epochs is not None and not set(names) <= set(TWINS):
        raise UsageProblem(f"--epochs {epochs} with {names[0]}: allowed with {' and '.join(TWINS)}")
    need_extra("torch", "matplotlib")
    from verify.folders import prepare_folder, save_together
    from verify.papers.ger_barak.protocol import FigureSetting
    from verify.papers.style import files, paper_style
    from verify.progress import progress_bars

    prepare_folder(out)
    for name in names:
        module = import_module(f"verify.papers.ger_barak.{name.removeprefix('overlap-')}")
        with progress_bars() as progress, paper_style() as plt:
            drawing = module.draw(FigureSetting(quick, progress, epochs, out), plt)
            found = files(drawing.figure)
        findings = [vars(finding) for finding in drawing.findings]
        document = {"figure": name, "quick": quick, "findings": findings, **drawing.numbers}
        contents: dict[str, str | bytes] = {**found, "json": json.dumps(document, default=float) + "\n"}
        save_together(out, {f"{name}.{form}": content for form, content in contents.items()})
        typer.echo(f"{name}{' (quick)' if quick else ''}")
        for finding in drawing.findings:
            typer.echo(f"  {finding.what}\n      paper: {finding.paper}\n      here:  {finding.here}")
        typer.echo(f"  {', '.join(str(out / f'{name}.{form}') for form in contents)}")
