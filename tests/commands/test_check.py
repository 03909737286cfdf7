"""`derive --check`: headers of generated files read back by the command line, and by nothing else."""

import shlex

import pytest
from golden_cases import write_inputs
from in_process import derive_here


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["--alignment", "-3/10", "--train", "W,w", "--singular-values", "2"],
        ["--alignment", "rho", "--g0"],
        ["--terms-per-line", "2", "--standalone", "--columns", "2"],
    ],
)
def test_an_expansion_is_made_again_from_its_header(folder, options):
    assert derive_here("--order", "2", *options).returncode == 0
    names = sorted(path.name for path in (folder / "generated").iterdir())
    assert len(names) == 2 + ("--standalone" in options)
    done = derive_here("--check")
    assert (done.returncode, done.stderr) == (0, "")
    for name in names:
        path = folder / "generated" / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        done = derive_here("--check")
        assert done.returncode == 1
        assert name in done.stderr
        path.write_bytes(before)


def test_files_with_the_line_ends_of_windows_are_as_they_should_be(folder):
    derive_here("--order", "2")
    for path in (folder / "generated").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert derive_here("--check").returncode == 0


LANGUAGES = {
    "python": "py",
    "torch": "py",
    "latex": "tex",
    "c": "c",
    "matlab": "m",
    "javascript": "mjs",
    "mathematica": "wl",
}
COMMANDS = [
    ("modes target.json --order 2", ["python", "latex", "c", "matlab", "javascript", "mathematica"]),
    ("network --order 2 --train W,m", ["python", "latex", "mathematica"]),
    ("network network.npz --order 2 --zhat -0.7", ["python", "latex", "matlab"]),
    ("moment \"B[lam] B' B[1/2]'\"", ["python", "latex", "c", "javascript"]),
    ("overlap --rank 2 --frozen m", ["python", "torch", "latex", "c"]),
    ("overlap --whole-preconditioner", ["python", "latex"]),
    ("closed-form --g 0.5 --nodes 3", ["python", "latex"]),
    ("overlap --series 2 --evolve symbols.json --decay c", ["python", "latex", "mathematica"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "forms"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_every_command_is_made_again_in_every_language(folder, command, forms):
    """Inputs lie in the current folder, the printed files in another; then beside them."""
    write_inputs(folder)
    inside = folder / "printed"
    inside.mkdir()
    for form in forms:
        out = inside / f"file_{form}.{LANGUAGES[form]}"
        done = derive_here(*shlex.split(command), "--format", form, "--out", out)
        assert done.returncode == 0, done.stderr
    latex = ("--terms-per-line", 2, "--columns", 2, "--standalone")
    derive_here(*shlex.split(command), "--format", "latex", *latex, "--out", inside / "laid_out.tex")
    done = derive_here("--check", "--out", inside)
    assert (done.returncode, done.stderr) == (0, "")
    for path in inside.iterdir():
        assert path.stem in done.stdout
    for name in ("target.json", "network.npz", "symbols.json"):
        (folder / name).rename(inside / name)
    assert derive_here("--check", "--out", inside).returncode == 0
    changed = inside / f"file_{forms[-1]}.{LANGUAGES[forms[-1]]}"
    changed.write_text(changed.read_text().replace("1", "2"))
    done = derive_here("--check", "--out", inside)
    assert done.returncode == 1
    assert changed.name in done.stderr


def test_a_file_whose_input_is_gone_has_not_passed(folder):
    write_inputs(folder)
    (folder / "printed").mkdir()
    derive_here(
        "modes", "target.json", "--order", 2, "--format", "python", "--out", folder / "printed" / "modes.py"
    )
    (folder / "target.json").unlink()
    done = derive_here("--check", "--out", folder / "printed")
    assert done.returncode == 1
    assert "target.json is neither beside it nor here" in done.stderr


@pytest.mark.parametrize(
    "name", ["a\nimport os.json", "a *) b.json", "tar$(touch stolen)get.json", "it's.json"]
)
def test_names_of_inputs_are_words_of_a_comment(folder, name):
    """They come back as they are, or are refused: a header is one line of comment, whatever the name."""
    write_inputs(folder)
    (folder / "target.json").rename(folder / name)
    (folder / "printed").mkdir()
    for form in ("python", "latex"):
        out = folder / "printed" / f"modes.{LANGUAGES[form]}"
        done = derive_here("modes", name, "--order", 1, "--format", form, "--out", out)
        assert len(done.stderr.splitlines()) == 1
        if done.returncode:
            assert "names of one line" in done.stderr
            assert not out.exists()
            return
    assert derive_here("--check", "--out", folder / "printed").returncode == 0
    assert not list(folder.rglob("stolen"))


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
    done = derive_here("--check")
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) <= 2
    assert "file.py" in done.stderr
    assert "secret'" not in done.stderr
    assert sorted(folder.rglob("*")) == before
