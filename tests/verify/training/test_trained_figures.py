"""Figures of trained networks, drawn from tiny ones; what a store has is not trained again."""

import pytest
from in_process import refusal, verify_here

from verify.papers.trained import STRENGTHS, Trained

TINY = ("--size", 16, "--epochs", 12, "--quick", "--workers", 1)
SEVERAL = ("fig2", "size")
"""Figures of more than one network a point."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fig1", "fig2", "spectra", "size", "cosine"])
def test_a_figure_is_drawn_and_drawn_again_from_its_store(tmp_path, name):
    asked = (name, *TINY, *(("--seeds", 2) if name in SEVERAL else ()), "--out", tmp_path)
    first = verify_here("figures", *asked)
    assert first.returncode == 0, first.stderr
    assert first.stdout.split() == [str(tmp_path / f"{name}.{form}") for form in ("pdf", "png")]
    drawn = (tmp_path / f"{name}.pdf").read_bytes()
    assert drawn.startswith(b"%PDF")
    kept = sorted(tmp_path.glob("networks/*/N_*/*/c/**/*"))
    assert kept
    times = [place.stat().st_mtime_ns for place in kept]
    again = verify_here("figures", *asked)
    assert again.returncode == 0
    assert (tmp_path / f"{name}.pdf").read_bytes() == drawn
    assert [place.stat().st_mtime_ns for place in sorted(tmp_path.glob("networks/*/N_*/*/c/**/*"))] == times


def test_the_full_grid_is_the_papers():
    assert [len(strengths) for strengths in STRENGTHS.values()] == [8, 10, 11]
    assert [strengths[-1] for strengths in STRENGTHS.values()] == [2.1, 2.7, 3.0]
    full = Trained(None, False, None, None, "cpu", None, "", None)
    assert (full.neurons, full.networks, full.strengths("mante")) == (256, 5, STRENGTHS["mante"])
    quick = Trained(None, True, None, None, "cpu", None, "", None)
    assert quick.strengths("mante") == (0.0, 0.9, 1.8)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("fig5",), "fig5: --data is missing; allowed are"),
        (("fig9",), "figure fig9: allowed are fig1, fig2, fig3"),
        (("fig1", "--epochs", 0), "--epochs 0: allowed are integers >= 1"),
        (("fig1", "--size", 3), "--size 3: allowed are integers >= 16"),
        (("fig1", "--device", "x"), "--device x: allowed are cpu, cuda"),
    ],
)
def test_bad_requests_are_one_line(arguments, line):
    assert refusal(verify_here("figures", *arguments)).startswith(f"verify: {line}")
