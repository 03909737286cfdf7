"""The command ``derive`` as a user runs it: formats, files, checks, refusals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sympy
from in_process import derive_here, refusal

ENTRY = [sys.executable, "-c", "from derive.cli import main; main()"]


def run_alone(*arguments, **options):
    """In a process of its own."""
    return subprocess.run([*ENTRY, *arguments], capture_output=True, text=True, **options)


def test_prints_text_and_writes_both_files(tmp_path):
    done = run_alone("--order", "3", cwd=tmp_path)
    assert done.returncode == 0
    assert "4*zhat**3*beta**7/3" in done.stdout  # Eq. 15 at tau^3
    assert sorted(path.name for path in (tmp_path / "generated").iterdir()) == ["order_3.py", "order_3.tex"]


@pytest.mark.parametrize("form", ["text", "json", "latex", "python"])
def test_no_write_prints_every_format_and_writes_nothing(tmp_path, form):
    done = derive_here("--order", "2", "--format", form, "--no-write", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


def test_json_has_the_documented_shape_and_parses_to_the_papers_series(tmp_path):
    document = json.loads(derive_here("--order", "3", "--format", "json", "--no-write", cwd=tmp_path).stdout)
    zhat, beta = sympy.symbols("zhat beta")
    names = {"zhat": zhat, "beta": beta}

    def read(texts):
        return [sympy.sympify(text, locals=names) for text in texts]

    assert (document["order"], document["system"], document["limit"]) == (3, "fixed-point", "N->oo")
    assert {"zhat", "beta"} <= set(document["symbols"])
    z = read(document["readout"])  # Eq. 13, 15
    expected = [0, zhat * beta**2, -zhat * beta**4 / 2, zhat * beta**6 * (1 + 8 * zhat**2 * beta) / 6]
    assert [sympy.expand(a - b) for a, b in zip(z, expected, strict=True)] == [0, 0, 0, 0]
    loss = read(document["loss"])
    square = sympy.expand(
        (zhat - sum(c * beta**0 * sympy.Symbol("t") ** k for k, c in enumerate(z))) ** 2 / 2
    )
    for k in range(4):
        assert sympy.expand(square.coeff(sympy.Symbol("t"), k) - loss[k]) == 0
    assert read(document["singular_values"][1])[3] == zhat**3 * beta**6 / 12  # Eq. 14
    assert sympy.expand(read(document["A"]["A12"])[3] - zhat * (1 + 2 * zhat**2) / 6) == 0  # Eq. 10
    assert document["W"][0] == {  # Eq. 11
        "k": 1,
        "terms": [{"coefficient": "zhat", "left": "B' w", "right": "m' B'"}],
    }
    assert len(document["frobenius_norm"]) == len(document["gradient_norm"]) == 4


def test_options_other_than_defaults_go_into_the_file_name(tmp_path):
    done = derive_here("--order", "7", "--g0", "--singular-values", "4", "--standalone", cwd=tmp_path)
    assert done.returncode == 0
    names = sorted(path.name for path in (tmp_path / "generated").iterdir())
    assert names == ["order_7_g0_sv4.py", "order_7_g0_sv4.tex", "order_7_g0_sv4_standalone.tex"]


@pytest.mark.slow
def test_check_passes_then_names_what_differs(tmp_path):
    derive_here("--order", "2", "--standalone", cwd=tmp_path)
    derive_here("--order", "3", "--g0", cwd=tmp_path)
    assert derive_here("--check", cwd=tmp_path).returncode == 0
    assert derive_here("--check", "--order", "2", cwd=tmp_path).returncode == 0
    changed = tmp_path / "generated" / "order_3_g0.py"
    changed.write_text(changed.read_text().replace("ORDER = 3", "ORDER = 4"))
    (tmp_path / "generated" / "order_2.tex").unlink()
    before = changed.read_text()
    done = derive_here("--check", cwd=tmp_path)
    assert done.returncode == 1
    assert "order_3_g0.py" in done.stderr
    assert "order_2.tex" in done.stderr
    assert changed.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "given", "allowed"),
    [
        (["--order", "0"], "0", "integers >= 1"),
        (["--order", "-2"], "-2", "integers >= 1"),
        (["--order", "2.5"], "2.5", "integers >= 1"),
        (["--order", "five"], "five", "integers >= 1"),
        (["--order", "3", "--format", "xml"], "xml", "text, json, latex, python"),
        (["--order", "4", "--singular-values", "3"], "3", "order >= 5"),
        (["--order", "4", "--singular-values", "0"], "0", "integers >= 1"),
        (["--order", "4", "--terms-per-line", "0"], "0", "integers >= 1"),
        (["--order", "500"], "500", "--yes"),
        ([], "no --order", "integers >= 1"),
        (["--check"], "generated", "folder"),
        (["--ordr", "3"], "--ordr", ""),
        (["--order"], "--order", ""),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, arguments, given, allowed):
    complaint = refusal(derive_here(*arguments, cwd=tmp_path))
    assert given in complaint
    assert allowed in complaint
    assert list(tmp_path.iterdir()) == []


def test_a_large_order_names_the_measured_time(tmp_path):
    assert "measured on one core, order 20 prints in" in derive_here("--order", "200", cwd=tmp_path).stderr


def test_an_unwritable_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "file" in refusal(derive_here("--order", "2", "--out", "file", cwd=tmp_path))
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    from derive.write import files

    target = tmp_path / "order_3.py"
    files.write_atomically(target, "old")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        files.write_atomically(target, "new" * 1000)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["order_3.py"]


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="sends a POSIX signal, reads /proc")
@pytest.mark.parametrize(
    ("number", "status", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_an_interrupted_run_leaves_the_old_files_whole(number, status, said, tmp_path):
    derive_here("--order", "3", cwd=tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "generated").iterdir()}
    process = subprocess.Popen(
        [*ENTRY, "--order", "40", "--yes"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # a shell that runs the tests in its background ignores the signal, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while processor_seconds(process) < 1:  # it is at work by then, however busy the machine is
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == status
    assert complaint.decode() == f"derive: {said}\n"
    assert {path: path.read_bytes() for path in (tmp_path / "generated").iterdir()} == before


def test_help_and_completion_are_there(tmp_path):
    assert "--singular-values" in derive_here("--help", cwd=tmp_path).stdout
    assert "--install-completion" in derive_here("--help", cwd=tmp_path).stdout
    completion = {"_DERIVE_COMPLETE": "complete_bash", "COMP_WORDS": "derive --format ", "COMP_CWORD": "2"}
    done = run_alone(cwd=tmp_path, env={**os.environ, **completion})
    assert "latex" in done.stdout
