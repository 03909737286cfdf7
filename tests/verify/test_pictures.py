"""The report comes first: a figure that fails is one line after it."""

import pytest
from in_process import derive_here

from derive.command_line import UsageProblem
from verify.pictures import Pictures, finish

PNG = {"png": b"\x89PNG"}


def broken():
    raise RuntimeError("Failed to process string with tex because latex could not be found\nmore")


def test_the_report_is_printed_before_a_figure_that_fails(tmp_path, capsys):
    pictures = Pictures(tmp_path / "figures", "curve", ("png",), broken)
    with pytest.raises(UsageProblem, match=r"curve.png could not be drawn \(RuntimeError: Failed .*found\)"):
        finish("the report", True, pictures)
    assert capsys.readouterr().out == "the report\n"
    assert list(tmp_path.iterdir()) == []


def test_a_failed_check_counts_more_than_a_figure(tmp_path, capsys):
    import typer

    for draw, said in ((broken, "could not be drawn"), (lambda: PNG, "")):
        with pytest.raises(typer.Exit) as end:
            finish("the report", False, Pictures(tmp_path, "curve", ("png",), draw))
        assert end.value.exit_code == 1
        out, err = capsys.readouterr()
        assert out == "the report\n"
        assert said in err
    assert (tmp_path / "curve.png").read_bytes() == PNG["png"]


def test_a_user_s_matplotlibrc_without_tex(tmp_path, monkeypatch):
    """`derive ... --format png` where every text would go through a LaTeX that is not there."""
    matplotlib = pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    given = ["curve", "--g", "0.3", "--zhat", "1", "--times", "0.1,0.2", "--format", "png", "--out", "a.png"]
    with matplotlib.rc_context({"text.usetex": True}):
        done = derive_here(*given)
    assert "Traceback" not in done.stderr
    if done.returncode:  # a style of the house's own may turn it off
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert list(tmp_path.iterdir()) == []
