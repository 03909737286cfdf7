"""Figures: the limit of the shuffled loss, and every figure drawn from a small sweep."""

import itertools

import numpy as np
import pytest

from verify.paper_figures.context import Context, learning_time
from verify.paper_figures.fig4 import _exact, grid
from verify.paper_figures.shuffled_limit import _trace, shuffled_loss
from verify.paper_figures.style import files, paper_style
from verify.simulators import sample_problem, simulate
from verify.theory import load_theory


def test_traces_that_theory_3_states():
    g = 0.6
    beta, phi = 1 / (1 - g * g), _trace(g)
    assert float(phi((1, 1, -1, -1))) == pytest.approx(2 * beta**3 - beta**2, rel=1e-14)
    assert float(phi((1, -1, 1, 1, -1, -1))) == pytest.approx(5 * beta**6 - 5 * beta**5 + beta**4, rel=1e-14)
    assert float(phi((1, -1) * 3)) == pytest.approx(beta**6 * (3 * beta - 2), rel=1e-14)


def test_shuffled_loss_at_g_0_is_the_loss_and_at_first_order_the_published_one():
    from derive import limit

    assert shuffled_loss(0.0, 1.0, 0.3) == pytest.approx(limit.curve(0.0, 1.0, [0.3]).loss[0], rel=1e-9)
    # THEORY 4: z' = tau zhat + O(tau^2), whatever g
    for g in (0.3, 0.8):
        z = [1.0 - np.sqrt(2 * shuffled_loss(g, 1.0, tau)) for tau in (1e-5, 2e-5)]
        assert (4 * z[0] - z[1]) / 2e-5 == pytest.approx(1, rel=1e-6)


def test_shuffled_loss_is_what_networks_approach():
    """The mean over networks of N = 400; its standard error from their scatter, and a bias of order 1/N."""
    g, zhat, seeds = 0.6, 1.0, 24
    end = 0.6 * learning_time(g, zhat)
    rate = end * (1 - g * g) ** 2 / 100
    losses = [
        simulate("reduced", sample_problem(400, g, seed, zhat, rate, 100)).shuffled_loss[-1]
        for seed in range(seeds)
    ]
    error = np.std(losses, ddof=1) / np.sqrt(seeds)
    assert np.mean(losses) == pytest.approx(shuffled_loss(g, zhat, rate * 100), abs=4 * error)
    assert error < 0.02


def test_fig4_numbers_at_g_0_are_those_of_the_two_by_two_problem():
    """At g = 0 and small zhat learning is exponential: z = zhat (1 - exp(-tau)), so tau* = ln(20)/2."""
    time, norm, gradient, shuffled = _exact(0.0, 0.01)
    assert time == pytest.approx(np.log(20) / 2, rel=1e-3)
    assert norm == pytest.approx(0.01 * (1 - np.exp(-1.6 * time)), rel=1e-3)
    assert gradient == pytest.approx(0.01 * (1 - 20**-0.5) / time, rel=1e-3)
    assert shuffled == pytest.approx(np.exp(-3.2 * time), rel=1e-3)


def test_fig4_grid_is_the_papers():
    keys = grid(1024, 5)
    assert len(set(keys)) == len(keys) == 10 * 3 * 5
    assert all(key.epochs >= 200 for key in keys)


@pytest.mark.parametrize("name", ["fig3", "hierarchy"])
def test_a_figure_is_drawn_as_pdf_and_png_with_the_same_bytes_every_time(tmp_path, name):
    from importlib import import_module
    from pathlib import Path

    generated = Path(__file__).parent.parent / "generated"
    theories = load_theory(generated, 3), load_theory(generated, 5)
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
            drawn.append(files(import_module(f"verify.paper_figures.{name}").draw(context, plt)))
    assert drawn[0].keys() == {"pdf", "png"}
    assert drawn[0]["pdf"].startswith(b"%PDF")
    assert drawn[0]["png"].startswith(b"\x89PNG")
    assert drawn[0] == drawn[1]
    finished = [count for _, done, count in reports if done == count]
    assert finished  # the second drawing found every run in the store
    assert all(b[1] >= a[1] for a, b in itertools.pairwise(reports) if a[0] == b[0])
