"""`derive --check`: headers of generated files read back by the command line, and by nothing else."""

import pytest
from in_process import run_here

from derive.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def derive(*arguments):
    return run_here(main, "derive", *arguments)


@pytest.mark.parametrize(
    "options",
    [
        ["--alignment", "-3/10", "--train", "W,w", "--singular-values", "2"],
        ["--alignment", "rho", "--g0"],
        ["--terms-per-line", "2", "--standalone", "--columns", "2"],
    ],
)
def test_an_expansion_is_made_again_from_its_header(folder, options):
    assert derive("--order", "2", *options).returncode == 0
    names = sorted(path.name for path in (folder / "generated").iterdir())
    assert len(names) == 2 + ("--standalone" in options)
    done = derive("--check")
    assert (done.returncode, done.stderr) == (0, "")
    for name in names:
        path = folder / "generated" / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        done = derive("--check")
        assert done.returncode == 1
        assert name in done.stderr
        path.write_bytes(before)


def test_files_with_the_line_ends_of_windows_are_as_they_should_be(folder):
    derive("--order", "2")
    for path in (folder / "generated").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert derive("--check").returncode == 0


HOSTILE = [
    "derive --order 2 --out {folder}/stolen --format python",
    "derive --order=2 --out={folder}/stolen --format python",
    "derive --order 2 --check --format python",
    "derive --install-completion bash --format python",
    "derive --show-completion=bash",
    "derive --help",
    "derive --order 10000000 --yes --format python",
    "derive --order 10000000 --format python",
    "derive --order 2 --format python; touch {folder}/stolen",
    "derive --order $(touch {folder}/stolen) --format python",
    "derive --order `touch {folder}/stolen` --format python",
    "derive --alignment __import__('os').system('touch\\ {folder}/stolen') --order 2 --format python",
    "derive --order 2 'unclosed --format python",
    "derive network /etc/hostname --order 2 --zhat 1 --format python",
    "derive network ../secret.npz --order 2 --zhat 1 --format python",
    "derive modes /dev/zero --order 2 --format latex",
    "derive stability --size 100000",
    "derive nothing --format python",
    "rm -rf {folder}",
    "",
]


@pytest.mark.parametrize("command", HOSTILE)
def test_a_hostile_header_is_one_line_and_runs_nothing(folder, command):
    inside = folder / "generated"
    inside.mkdir()
    (folder / "secret.npz").write_bytes(b"secret")
    (inside / "file.py").write_text(f"# Made by the command: {command.format(folder=folder)}\n")
    before = sorted(folder.rglob("*"))
    done = derive("--check")
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) <= 2
    assert "file.py" in done.stderr
    assert "secret'" not in done.stderr
    assert sorted(folder.rglob("*")) == before
