"""Every picture as PNG, SVG and PDF: the same bytes again, without date or version, and into a file alone."""

import pytest
from in_process import run_here
from slow_cases import slow_but

from derive.cli import main
from derive.write.writers import PICTURES

BEGINNINGS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
COMMANDS = (
    "curve --g 0.6 --zhat 1 --until 0.3",
    "curve --g 0.6 --zhat 1 --learning-rate 0.01 --epochs 5",
    "outliers --g 0.6 --zhat 1 --times 0.1,0.2",
    "radius --g 0.5,0.6 --zhat 1,2",
    "learning-times --g 0.5,0.6 --zhat 1,2",
    "stability --g 0.5 --zhat 1 --multiples 0.5,2 --epochs 20",
    "overlap --whole-preconditioner",
    "overlap --start random --size 20 --seed 1 --decay 0.2 --epochs 5 --learning-rate 0.01",
)


@pytest.mark.parametrize("command", slow_but({COMMANDS[2], COMMANDS[6]}, COMMANDS))
def test_a_picture_is_a_file_of_its_format(command, tmp_path):
    for form in PICTURES:
        out, again = tmp_path / f"one.{form}", tmp_path / f"again.{form}"
        for path in (out, again):
            done = run_here(main, "derive", *command.split(), "--format", form, "--out", path)
            assert done.returncode == 0, done.stderr
        content = out.read_bytes()
        assert content.startswith(BEGINNINGS[form])
        assert content == again.read_bytes()
        assert not any(word in content for word in (b"CreationDate", b"<dc:date>", b"Matplotlib v"))
        done = run_here(main, "derive", *command.split(), "--format", form)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"--format {form} needs --out FILE" in done.stderr
