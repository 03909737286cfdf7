"""What the commands ``derive`` and ``verify`` share: reading values, and one-line errors.

Exit status: 0 done; 1 a check failed; 2 the request makes no sense; 130 interrupted.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from derive.series.read_number import rational, whole

TermsPerLine = Annotated[
    str, typer.Option("--terms-per-line", metavar="T", help="Terms on a line of the LaTeX formulas.")
]


class UsageProblem(Exception):
    """A request that makes no sense: the message names what was given and what is allowed."""


def run(app: typer.Typer, name: str) -> NoReturn:
    """Run the application on the command line's arguments and exit with its status.

    Every `UsageProblem` and every complaint of the option parser becomes one line on standard
    error and exit status 2.
    """
    command: Any = typer.main.get_command(app)
    try:
        result = command.main(prog_name=name, standalone_mode=False)
        status = result if isinstance(result, int) else 0
    except UsageProblem as problem:
        status = _complain(name, str(problem))
    except (typer.Abort, KeyboardInterrupt):
        _complain(name, "interrupted")
        status = 130
    except BrokenPipeError:  # the reader (head, less) has gone: nothing is left to say
        sys.stderr.close()
        status = 0
    except Exception as problem:
        # the parser's own complaints; their class has moved between typer's versions
        if not hasattr(problem, "format_message"):
            raise
        status = _complain(name, problem.format_message())
    sys.exit(status)


def whole_number(option: str, text: str, minimum: int) -> int:
    """An integer of at least ``minimum`` from the text of an option."""
    try:
        value = whole(text)
    except ValueError:
        value = minimum - 1
    if value < minimum:
        raise UsageProblem(f"{option} {text}: allowed are integers >= {minimum}")
    return value


def real_number(option: str, text: str, allowed: str, low: float, high: float = math.inf) -> float:
    """A finite number with low < value < high from the text of an option; ``allowed`` says so."""
    try:
        value = float(rational(text))
    except (ValueError, OverflowError):
        value = math.nan
    if not (math.isfinite(value) and low < value < high):
        raise UsageProblem(f"{option} {text}: allowed is {allowed}")
    return value


def one_of(option: str, text: str, choices: Sequence[str]) -> str:
    """One of the given choices from the text of an option."""
    if text not in choices:
        raise UsageProblem(f"{option} {text}: allowed are {', '.join(choices)}")
    return text


def format_option(choices: Sequence[str]) -> Any:
    """The option ``--format`` with its choices, for help and tab completion; check with `one_of`."""
    return typer.Option(
        "--format", metavar="|".join(choices), help="What to print.", autocompletion=lambda: list(choices)
    )


def _complain(name: str, message: str) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"{name}: {line}\n")
    return 2
