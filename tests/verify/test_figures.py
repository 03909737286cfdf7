"""Figures: the limit of the shuffled loss, and every figure drawn from a small sweep."""

import itertools

import numpy as np
import pytest
from project import GENERATED

from derive.command_line import UsageProblem
from verify.papers.context import Context
from verify.papers.fig4 import _exact, grid
from verify.papers.style import files, paper_style
from verify.truth.theory import load_theories


def test_fig4_numbers_at_g_0_are_those_of_the_two_by_two_problem():
    """At g = 0 and small zhat learning is exponential: z = zhat (1 - exp(-tau)), so tau* = ln(20)/2."""
    time, norm, gradient, shuffled = _exact(0.0, 0.01)
    assert time == pytest.approx(np.log(20) / 2, rel=1e-3)
    assert norm == pytest.approx(0.01 * (1 - np.exp(-1.6 * time)), rel=1e-3)
    assert gradient == pytest.approx(0.01 * (1 - 20**-0.5) / time, rel=1e-3)
    assert shuffled == pytest.approx(np.exp(-3.2 * time), rel=1e-3)


def test_all_that_is_missing_is_named_at_once(tmp_path):
    with pytest.raises(UsageProblem) as refused:
        load_theories(tmp_path, (3, 5))
    for part in ("order_3.py and", "order_5.py are missing", "--order 3 ", "--order 5 "):
        assert part in str(refused.value)


def test_fig4_grid_is_the_papers():
    keys = grid(1024, 5)
    assert len(set(keys)) == len(keys) == 10 * 3 * 5
    assert all(key.epochs >= 200 for key in keys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fig3", "hierarchy"])
def test_a_figure_is_drawn_as_pdf_and_png_with_the_same_bytes_every_time(tmp_path, name):
    from importlib import import_module

    theories = load_theories(GENERATED, (3, 5))
    reports = []
    context = Context(
        *theories,
        64,
        2,
        tmp_path / "runs",
        "test",
        lambda label: lambda *state: reports.append((label, *state)),
        1,
    )
    drawn = []
    for _ in range(2):
        with paper_style() as plt:
            drawn.append(files(import_module(f"verify.papers.{name}").draw(context, plt)))
    assert drawn[0].keys() == {"pdf", "png"}
    assert drawn[0]["pdf"].startswith(b"%PDF")
    assert drawn[0]["png"].startswith(b"\x89PNG")
    assert drawn[0] == drawn[1]
    finished = [count for _, done, count in reports if done == count]
    assert finished  # the second drawing found every run in the store
    assert all(b[1] >= a[1] for a, b in itertools.pairwise(reports) if a[0] == b[0])
