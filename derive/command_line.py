"""What the commands ``derive`` and ``verify`` share: reading values, and one-line errors.

Exit status: 0 done; 1 a check failed; 2 the request makes no sense; 130 interrupted; 143
terminated by SIGTERM, as a batch system ends a job: all that runs is closed, as by Ctrl-C.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, NoReturn

import typer

from derive.command_help import with_help_page
from derive.reading.read_number import rational, whole
from derive.streams import drop_output, prepare_streams


def takes(metavar: str, meaning: str, *names: str) -> Any:
    """An option that takes a value: what stands for it in the help, and what it means."""
    return typer.Option(*names, metavar=metavar, help=meaning)


TermsPerLine = Annotated[str, takes("T", "Terms on a line of the LaTeX formulas.", "--terms-per-line")]


NEAREST, FARTHEST = 1e-15, 1e15
"""Sizes of the numbers that options take, beside 0: beyond them double precision loses what is asked for."""

LARGEST = {
    "--batch": 10**6,
    "--epochs": 10**7,
    "--group": 10**6,
    "--inputs": 1000,
    "--nodes": 64,
    "--order": 10**4,
    "--outputs": 1000,
    "--paths": 10**6,
    "--rank": 1000,
    "--seed": 2**63 - 1,
    "--seeds": 10**6,
    "--series": 200,
    "--singular-values": 200,
    "--size": 10**6,
    "--sizes": 10**6,
    "--steps": 10**6,
    "--terms-per-line": 10**4,
    "--workers": 1024,
}
"""The largest whole numbers that options take; most commands have narrower limits of their own."""

MATRICES = 4
"""Matrices of N x N numbers that a network of N neurons needs at least."""

INTERRUPTED = 130
FAULT = "(overflow|underflow|divide by zero|invalid value) encountered"  # numpy's words
LONGEST_LINE = 800


class UsageProblem(Exception):
    """A request that makes no sense: the message names what was given and what is allowed."""


def run(app: typer.Typer, name: str) -> NoReturn:
    """Run the application on the command line's arguments and exit with its status.

    Whatever is raised becomes one line on standard error and exit status 2; with DERIVE_TRACEBACK in the
    environment, what is not a `UsageProblem` or a complaint of the option parser is raised.
    """
    prepare_streams()
    received: list[int] = []
    try:
        with _terminable(received):
            status = _status(_parser(app), name)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has gone: nothing is left to say
        status = 0
    except Exception as problem:
        if "DERIVE_TRACEBACK" in os.environ and not isinstance(problem, UsageProblem):
            raise
        status = _complain(name, _line(problem))
    if status == INTERRUPTED:
        _complain(name, "terminated" if received else "interrupted")
        status = 128 + received[0] if received else INTERRUPTED
    drop_output()
    sys.exit(status)


@contextmanager
def _terminable(received: list[int]) -> Iterator[None]:
    """SIGTERM is put into the list, and interrupts; where it means something already, it keeps that."""

    def stop(number: int, _: Any) -> NoReturn:
        received.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or (
        signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@cache
def _parser(app: typer.Typer) -> Any:
    """Built once in a process: of many commands it takes longer than a refusal."""
    return with_help_page(typer.main.get_command(app))


def _status(command: Any, name: str) -> int:
    """Run the command; its exit status. What the parser complains of is raised."""
    try:
        with floating_point_faults():
            result = command.main(prog_name=name, standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as end:  # the parser's answer to a broken pipe
        return end.code if isinstance(end.code, int) else 1
    return result if isinstance(result, int) else 0


@contextmanager
def floating_point_faults() -> Iterator[None]:
    """Faults of numpy's arithmetic that a computation does not expect are raised, in all threads.

    Without numpy's help, which is loaded late: its warning becomes an exception. What a computation expects
    it runs under numpy.errstate.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", FAULT, RuntimeWarning)
        yield


def _line(problem: Exception) -> str:
    """What went wrong, for one line."""
    if isinstance(problem, UsageProblem):
        return str(problem)
    if hasattr(problem, "format_message"):  # its class has moved between versions of the parser
        return str(problem.format_message())
    if isinstance(problem, OSError):
        # where a standard stream fails, no file is named; a connection that fails has no name either
        about_stream = problem.errno is not None and not isinstance(problem, ConnectionError | TimeoutError)
        where = problem.filename or ("standard output" if about_stream else "")
        return f"{where}: {problem.strerror or problem}" if where else str(problem)
    kind = type(problem).__name__
    if isinstance(problem, MemoryError) or kind == "OutOfMemoryError":  # of a GPU, by torch
        what = str(problem).split(". ")[0] or "for a request of this size"
        return f"not enough memory ({what}); allowed are smaller requests"
    if isinstance(problem, RecursionError):
        return "the request is nested too deeply; allowed are plainer ones"
    refused = isinstance(problem, ValueError | TypeError) and "allowed" in str(problem)
    if refused or isinstance(problem, ArithmeticError | RuntimeWarning) or kind == "LinAlgError":
        return reason(problem)
    return f"a fault of {__package__} itself ({kind}: {problem}); DERIVE_TRACEBACK=1 shows where"


def reason(problem: Exception) -> str:
    """What a computation says of the numbers given; what is allowed is added where it does not say it."""
    said = str(problem)
    if "allowed" in said:
        return said
    return f"the numbers given lead out of the range of numbers ({said}); allowed are others"


@contextmanager
def refused(before: str = "", kinds: tuple[type[Exception], ...] = (ValueError,)) -> Iterator[None]:
    """Errors inside are a request refused, in their own words behind ``before``. Raises UsageProblem."""
    try:
        yield
    except kinds as problem:
        raise UsageProblem(f"{before}{problem}") from None


def refuse(*cases: tuple[object, str]) -> None:
    """UsageProblem with the line of the first case that holds."""
    for holds, line in cases:
        if holds:
            raise UsageProblem(line)


def whole_number(option: str, text: str, minimum: int, most: int | None = None) -> int:
    """An integer from ``minimum`` to ``most``, by default that of `LARGEST`, from the text of an option."""
    try:
        value = whole(text)
    except ValueError:
        value = minimum - 1
    if value < minimum:
        raise UsageProblem(f"{option} {text}: allowed are integers >= {minimum}")
    most = most or LARGEST.get(option, 10**9)
    if value > most:
        raise UsageProblem(f"{option} {text}: allowed are integers from {minimum} to {most}")
    if option == "--size":
        check_memory(f"{option} {text}", 8 * MATRICES * value * value)
    return value


def check_memory(what: str, wanted: float) -> None:
    """UsageProblem where ``wanted`` bytes are more than this machine has, as far as it tells."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return
    if wanted > there:
        raise UsageProblem(
            f"{what}: needs about {wanted / 1e9:.3g} gigabytes of memory, this machine has "
            f"{there / 1e9:.3g}; allowed are smaller ones"
        )


def real_number(
    option: str, text: str, allowed: str, low: float, high: float = math.inf, *, from_low: bool = False
) -> float:
    """A finite number with low < value < high from the text of an option; ``allowed`` says so.

    With ``from_low`` it may be ``low`` itself. It is 0 or of a size from `NEAREST` to `FARTHEST`.
    """
    try:
        value = float(rational(text))
    except (ValueError, OverflowError):
        value = math.nan
    if not (math.isfinite(value) and (low < value or (from_low and value == low)) and value < high):
        raise UsageProblem(f"{option} {text}: allowed is {allowed}")
    if value and not NEAREST <= abs(value) <= FARTHEST:
        raise UsageProblem(
            f"{option} {text}: allowed is {allowed}, of a size from {NEAREST:g} to {FARTHEST:g}"
        )
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
    if len(line) > LONGEST_LINE:
        line = f"{line[: LONGEST_LINE // 2]} ... {line[-LONGEST_LINE // 2 :]}"
    sys.stderr.write(f"{name}: {line}\n")
    return 2
