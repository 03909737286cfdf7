"""``verify flow TASK.toml``: a flow's printed series against networks that are built from the same file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import UsageProblem, one_of, takes, whole_number
from derive.commands.options import strength_of
from verify.commands.simulation_options import FORMATS, Form, Order, Out, Quick, Seeds
from verify.extras import need_extra

FULL = {"size": "256", "seeds": "5"}
QUICK = {"size": "96", "seeds": "3"}
LARGEST_ORDER = 20


def flow(
    task: Annotated[Path, typer.Argument(metavar="TASK.toml", help="The flow, as derive flow reads it.")],
    order: Order = "5",
    size: Annotated[str | None, takes("N", "Neurons of the networks drawn; 256, with --quick 96.")] = None,
    g: Annotated[str | None, takes("G", "Strength of W0, 0 <= g < 1; by default the file's.")] = None,
    seeds: Seeds = None,
    quick: Quick = False,
    out: Out = Path("figures"),
    form: Form = "text",
) -> None:
    """Hold a flow of your own against networks in torch: autograd through its loss, or the rule itself.

    Three levels: the series of one network against its flow, descent against the flow, networks of growing
    size against the printed series. Exits 1 when a check fails.
    """
    from derive.commands.flow_task import expanded, flow_problems, read_task

    one_of("--format", form, FORMATS)
    default = QUICK if quick else FULL
    through = whole_number("--order", order, 2, LARGEST_ORDER)
    stated = read_task(task)
    neurons = whole_number(
        "--size", default["size"] if size is None else size, max(2, len(stated.ensemble.vectors))
    )
    count = whole_number("--seeds", default["seeds"] if seeds is None else seeds, 1)
    allowed = "0 <= g < 1"
    if g is not None:
        strength = strength_of(g, allowed)
    elif stated.meaning.g is not None:
        strength = float(stated.meaning.g)
    else:
        raise UsageProblem(f"--g: {task} gives no g under [ensemble]; allowed is {allowed}")
    need_extra("torch", "matplotlib")
    expansion = expanded(stated, through, task)

    from verify.commands.reporting import report
    from verify.flows.comparison import compare_flow, numbers
    from verify.flows.figure import flow_figure
    from verify.folders import prepare_folder
    from verify.pictures import Pictures
    from verify.progress import progress_bars

    prepare_folder(out)
    with progress_bars() as progress, flow_problems(task):
        comparison = compare_flow(expansion, neurons, strength, count, quick, progress)
    pictures = Pictures(out, f"verify_flow_{task.stem}", ("png",), lambda: {"png": flow_figure(comparison)})
    lines = [
        f"{stated.title or task.stem}: order {through}, derived by the {expansion.route}, g = {strength:g}",
        f"judged at tau = {comparison.judged:.4g}; {count} networks of N = {neurons} drawn to "
        f"tau = {comparison.tau[-1]:.4g}",
        "",
        f"{'tau':>10}" + "".join(f"  {name + ' series':>16}  {'networks':>22}" for name in expansion.series),
    ]
    for k in range(0, len(comparison.tau), 4):
        row = f"{comparison.tau[k]:>10.4g}"
        for name in expansion.series:
            spread = f"{comparison.mean[name][k]:.5g} ± {comparison.deviation[name][k]:.2g}"
            row += f"  {comparison.series[name][k]:>16.6g}  {spread:>22}"
        lines.append(row)
    report(form, lines, list(comparison.checks), numbers(comparison), pictures)
