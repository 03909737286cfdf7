"""The command lines printed in README.md and docs/ run as they stand, and print what is shown."""

import functools
import re
import shlex
import shutil

import numpy as np
import pytest
import typer
from in_process import run_here
from project import ROOT
from slow_cases import slow_but

import derive.cli
import verify.cli
from derive import FlowInstance, Instance, read_flow

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [page.stem for page in PAGES]
CLIS = {"derive": derive.cli, "verify": verify.cli}
COSTLY = ("--momentum best", "learning-times --format png", "stability --format png", "--install-completion")
TINY = re.compile(r"\b\d\.\d+e-(?:0[89]|[1-9]\d)\b")  # rounding, another one on another machine


def blocks(text):
    """What stands in code: fenced as shell or nothing, or indented."""
    language, found = None, [""]
    for line in text.splitlines(keepends=True):
        if line.strip().startswith("```"):
            language = line.strip()[3:] if language is None else None
            found.append("")
        elif language in ("", "bash") or (language is None and line.startswith("    ")):
            found[-1] += line
        elif language is None:
            found.append("")
    return [block for block in found if block]


def command_lines(text):
    """Every line of a block, and every piece of code in a sentence, that calls a command."""
    joined = [re.sub(r"\\\n\s*", "", block) for block in blocks(text)]
    lines = [line.strip().removeprefix("$ ") for block in joined for line in block.splitlines()]
    lines = [part for line in lines for part in line.split(" && ")]
    inside = [code for code in re.findall(r"`((?:derive|verify) [^`\n]*)`", text) if "..." not in code]
    return [line for line in lines + inside if re.match(r"(derive|verify) [a-z-]", line)]


def variants(line):
    """The words of a line, without and with what stands in brackets; of alternatives the first."""
    line = re.sub(r"(?<=[a-z])(\|[a-z]+)+", "", line)
    without = re.sub(r"(?<!\w)\[[^\]]*\]", "", line)
    every = re.sub(r"(?<!\w)\[([^\]]*)\]", r"\1", line)
    return [shlex.split(words, comments=True) for words in dict.fromkeys((without, every))]


@functools.cache
def parser(name):
    return typer.main.get_command(CLIS[name].app)


def understood(words):
    """The parser of the command line takes the words, or a command is just named; raises its complaint."""
    command = parser(words[0])
    if words[1] in command.commands:
        command, words = command.commands[words[1]], words[1:]
    if words[1:] and not words[-1].startswith(("--help", "--install-completion", "--check")):
        command.make_context(words[0], list(words[1:]))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_line_is_understood(page):
    for line in command_lines(page.read_text()):
        for words in variants(line):
            understood(words)


@pytest.fixture
def folder(tmp_path):
    """What the pages' lines find in the folder in which they are typed."""
    shutil.copytree(ROOT / "docs" / "flows", tmp_path / "docs" / "flows")
    (tmp_path / "generated").mkdir()
    (tmp_path / "target.json").write_text("[[0.5, 0.2], [-0.1, 0.4], [0.3, 0.1]]")
    [start] = re.findall(r"^\$ cat initial.json\n(.*)\n", (ROOT / "docs" / "overlaps.md").read_text(), re.M)
    (tmp_path / "initial.json").write_text(start)
    network = Instance.sample(200, 0.6, 1)
    np.savez(tmp_path / "network.npz", W0=network.W0, m=network.m, w=network.w)
    one = FlowInstance.sample(read_flow(ROOT / "docs" / "flows" / "weight_decay.toml"), 40, 0.6, 1)
    np.savez(tmp_path / "one.npz", W0=one.W0, **one.vectors)
    return tmp_path


def shown(text):
    """Commands of `derive` after a prompt, with the lines printed below."""
    found = []
    for block in blocks(text):
        for part in re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            if command.startswith("derive "):
                found.append((command, printed))
    return found


WITH_OUTPUT = [page for page in PAGES if any(printed.strip() for _, printed in shown(page.read_text()))]
QUICK = ("closed_form", "scalars_and_spectra", "one_network", "flows", "optimizers")


@pytest.mark.parametrize("page", slow_but(QUICK, WITH_OUTPUT), ids=[page.stem for page in WITH_OUTPUT])
def test_commands_print_what_the_page_shows(page, folder):
    """``...`` on a line of its own stands for any lines."""
    for command, printed in shown(page.read_text()):
        if not printed.strip():
            continue
        words = shlex.split(command)
        done = run_here(derive.cli.main, *words, cwd=folder)
        parts = [
            TINY.sub("tiny", part).strip() for part in re.split(r"^\.\.\.$", printed, flags=re.MULTILINE)
        ]
        whole = TINY.sub("tiny", done.stdout or done.stderr)
        expected = r"\n(?:.*\n)*?".join(re.escape(part) for part in parts)
        assert re.fullmatch(rf"\s*{expected}\s*", whole), f"{command}\n{whole}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_without_output_run(page, folder):
    """Lines of blocks that call `derive` and are not shown with their output."""
    told = {command for command, printed in shown(page.read_text()) if printed.strip()}
    for block in blocks(page.read_text()):
        for line in command_lines(f"```\n{block}```\n"):
            if line.startswith("derive ") and line not in told and not any(word in line for word in COSTLY):
                done = run_here(derive.cli.main, *variants(line)[0], cwd=folder)
                assert done.returncode == 0, f"{line}\n{done.stderr}"
