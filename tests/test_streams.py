"""Standard output and error as users have them: other encodings, closed, full, narrow, no terminal."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest
from in_process import refusal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRINTING = [
    ["--order", "3", "--no-write"],
    ["--order", "2", "--no-write", "--format", "json"],
    ["--order", "2", "--no-write", "--format", "latex"],
    ["curve", "--g", "0.3", "--zhat", "1", "--times", "0.1"],
    ["moment", "B B'"],
    ["overlap"],
    ["--help"],
    ["radius", "--g", "0.3", "--zhat", "1", "--format", "csv"],
]


def derive(arguments, program="derive", **options):
    environment = {**os.environ, "PYTHONPATH": ROOT, **options.pop("environment", {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([sys.executable, "-m", program, *arguments], env=environment, **options)


def redirected(arguments, redirection):
    """What a shell's redirection does to the command."""
    command = ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "derive", *arguments]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_other_encodings(encoding):
    """The same text, signs that the encoding lacks in ASCII."""
    plain = derive(PRINTING[0], environment={"PYTHONIOENCODING": "utf-8"}).stdout.decode()
    done = derive(PRINTING[0], environment={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding) == (plain if encoding == "utf-8" else plain.replace("─", "-"))


def test_the_report_of_verify_in_ascii():
    """± is in every report."""
    from derive.streams import PLAIN_SIGNS, prepare_streams

    prepare_streams()
    assert "1 ± 2 τ".encode("ascii", "derive.plain") == b"1 +- 2 ?"
    assert all(text.isascii() for text in PLAIN_SIGNS.values())


@pytest.mark.slow
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_closed_and_full_outputs(arguments):
    for redirection, reason in ((">&-", "closed"), (">/dev/full", "No space left")):
        complaint = refusal(redirected(arguments, redirection))
        assert re.fullmatch(rf"derive: standard output: .*{reason}.*\n", complaint), complaint


@pytest.mark.slow
def test_closed_standard_error():
    assert redirected(["moment", "B B'"], "2>&-").stdout == "beta\n"
    assert redirected(["moment", "C"], "2>&-").returncode == 2
    assert redirected(["moment", "C"], ">&- 2>&-").returncode == 2


@pytest.mark.parametrize("redirection", ["| head -1", "| true"])
def test_a_closed_pipe_is_silent(redirection):
    done = redirected(["--order", "14", "--no-write"], redirection)
    assert done.stderr == ""
    assert done.stdout.count("\n") <= 1


@pytest.mark.slow
def test_python_m():
    assert derive(["moment", "B B'"]).stdout == b"beta\n"
    done = derive(["--help"], "verify")
    assert done.stdout.startswith(b"Usage: verify")
    assert derive(["--size", "x"], "verify").stderr.startswith(b"verify: --size x: allowed are")


def terminal(arguments, **environment):
    """What a terminal shows."""
    child, handle = pty.fork()
    if child == 0:
        os.environ.update({"PYTHONPATH": ROOT, "TERM": "xterm-256color", **environment})
        os.execv(sys.executable, [sys.executable, "-m", "derive", *arguments])
    shown = b""
    while True:
        try:
            part = os.read(handle, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(handle)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, shown.decode().replace("\r\n", "\n")


@pytest.mark.slow
def test_a_narrow_terminal_loses_nothing():
    """Every term of every coefficient stands there whole."""
    document = json.loads(derive(["--order", "5", "--no-write", "--format", "json"]).stdout)
    status, shown = terminal(["--order", "5", "--no-write"], COLUMNS="40")
    assert status == 0
    words = set(shown.split())
    for name in ("readout", "loss", "gradient_norm", "frobenius_norm"):
        for coefficient in document[name]:
            for term in re.split(r" [+-] ", coefficient):
                assert term in words or f"-{term}" in words, term
    status, shown = terminal(["curve", "--help"], COLUMNS="40")
    assert status == 0
    assert max(map(len, shown.splitlines())) <= 80
    assert "--certified" in shown


@pytest.mark.slow
def test_no_colour():
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        status, shown = terminal(["radius", "--g", "0.3", "--zhat", "1"], **environment)
        assert status == 0
        assert not re.search(r"\x1b\[[0-9;]*(3[0-9]|4[0-9])[0-9;]*m", shown)
        assert "0.402465" in shown
