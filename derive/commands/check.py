"""``derive --check``: whether generated files are what their commands would print today.

The command in a file's header is handed to the parser of the command line itself. Nothing in a header is
run by a shell or written anywhere: options that write, ask or install are refused, and input files are
looked for beside the file and here, by their bare names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from derive.command_line import UsageProblem
from derive.commands.deliver import Collected, collecting

REFUSED = ("--help", "--out", "--check", "--yes", "--no-write", "--install-completion", "--show-completion")
SUFFIXES = (".py", ".tex", ".c", ".m", ".js", ".mjs", ".wl")
"""Of files that have a header."""
HEAD = 4096  # bytes of a file in which its header is looked for


class NotMade(Exception):
    """A header whose command cannot be run; says why."""


def check_folder(group: Any, folder: Path, yes: bool) -> None:
    """Every file in a folder against its own header. Exits 1, naming them, where one differs."""
    if not folder.is_dir():
        raise UsageProblem(f"--out {folder}: no such folder; allowed is a folder of generated files")
    differing: dict[Path, str] = {}
    right: list[Path] = []
    made: dict[tuple[str, ...], Collected] = {}
    for path, words in _headers(folder):
        try:
            if words not in made:
                made[words] = run_again(group, words, folder, yes)
        except NotMade as problem:
            differing[path] = str(problem)
            continue
        again = made[words]
        files = {path.name: again.printed[0], **again.files}
        for name, content in files.items():
            if different := _difference(folder / name, content):
                differing[folder / name] = different
        right += [] if path in differing else [path]
    if not (differing or right):
        raise UsageProblem(f"--out {folder}: no generated files there to check")
    report(differing, folder, sorted({path.stem for path in right}))


def check_files(files: dict[str, str], folder: Path, name: str) -> None:
    """The files of one request. Exits 1, naming them, where one differs."""
    found = {folder / file: _difference(folder / file, content) for file, content in files.items()}
    report({path: problem for path, problem in found.items() if problem}, folder, [name])


def report(differing: dict[Path, str], folder: Path, names: Sequence[str]) -> None:
    """Name what differs and exit 1, or say that all is up to date."""
    for path, problem in differing.items():
        sys.stderr.write(f"{path}: {problem}\n")
    if differing:
        raise typer.Exit(1)
    sys.stdout.write(f"{folder}: up to date ({', '.join(names)})\n")


def _difference(path: Path, content: str | bytes) -> str:
    """Why a file is not as it should be; empty where it is, whatever its ends of lines."""
    if not path.is_file():
        return "is missing"
    wanted = content.encode() if isinstance(content, str) else content
    same = path.read_bytes().replace(b"\r\n", b"\n") == wanted
    return "" if same else "is not what would be written now"


def _headers(folder: Path) -> Iterable[tuple[Path, tuple[str, ...]]]:
    """Every file with the command in its header; those that should have one and have none are named."""
    from derive.write.header import command_of

    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with path.open("rb") as stream:
            head = stream.read(HEAD).decode(errors="replace")
        words = command_of(head)
        if words is not None:
            yield path, words
        elif path.suffix in SUFFIXES:
            sys.stderr.write(f"{path}: no header of derive, not checked\n")


def run_again(group: Any, words: Sequence[str], folder: Path, yes: bool = False) -> Collected:
    """What a command hands over, parsed by the command line, with its inputs from ``folder`` or here.

    Raises NotMade for words that no document writes, inputs that are not there, and refused requests.
    """
    name, *arguments = words or ("",)
    if name != "derive":
        raise NotMade("its header names no command of derive, not checked")
    for word in arguments:
        if word.partition("=")[0] in REFUSED:
            raise NotMade(f"its header has {word}, which no header of derive has: not checked")
    command = group
    if arguments and not arguments[0].startswith("-"):
        command = group.commands.get(arguments[0])
        if command is None:
            raise NotMade(f"its header names {arguments[0]}, which is no command of derive: not checked")
        arguments = arguments[1:]
    try:
        with command.make_context("derive", list(arguments)) as context:
            _prepare(command, context, folder, yes)
            with collecting() as collected:
                command.invoke(context)
    except UsageProblem as problem:
        raise NotMade(f"its command is refused: {problem}") from None
    except Exception as problem:
        if not hasattr(problem, "format_message"):  # the parser's own complaints
            raise
        raise NotMade(f"its command is refused: {problem.format_message()}") from None
    if not collected.printed:
        raise NotMade("its command prints nothing that has a header: not checked")
    return collected


def _prepare(command: Any, context: Any, folder: Path, yes: bool) -> None:
    """Only formats that have headers; inputs where they lie; --yes as the check has it."""
    from derive.write.writers import headed_formats

    if context.params.get("form") not in headed_formats():
        raise NotMade("is not what would be written now: its header names no format")
    if "yes" in context.params:
        context.params["yes"] = yes
    for parameter in command.params:
        value = context.params.get(parameter.name)
        if _is_path(parameter, value) and parameter.name != "out":
            value = Path(value)
            found = [place / value for place in (folder, Path()) if (place / value).is_file()]
            if value.name != str(value) or not found:
                raise NotMade(f"its input {value} is neither beside it nor here: not checked")
            context.params[parameter.name] = found[0]


def _is_path(parameter: Any, value: Any) -> bool:
    """Whether a value is a path: older versions of the command line still have its text here."""
    kind = getattr(getattr(parameter, "type", None), "name", "")
    return isinstance(value, Path) or (isinstance(value, str) and kind in ("path", "file"))
