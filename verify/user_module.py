"""Running a module that somebody else wrote: whatever it raises or asks for, it never ends the command.

The checks hold the functions of such a module against their truth, so the module is executed, as any
Python file that is imported. A module that calls ``sys.exit``, at its top or within a function, is a
module that cannot be used: UsageProblem, exit status 2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem
from verify.pictures import first_line


def source_of(path: Path) -> str:
    """The text of a module: UTF-8, whatever the locale. Raises UsageProblem where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as problem:
        raise UsageProblem(f"{path}: {problem.strerror}; allowed is a Python module") from None


def execute(source: str, path: Path) -> dict[str, Any]:
    """The names that the module's source defines; ``path`` names it in messages. Raises UsageProblem."""
    module: dict[str, Any] = {"__name__": path.stem}
    try:
        exec(compile(source, str(path), "exec"), module)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        raise UsageProblem(f"{path} cannot be used ({first_line(problem)})") from problem
    return module


def guarded(module: dict[str, Any], name: str, path: Path) -> Callable[..., Any]:
    """A function of the module; what it raises when it is called becomes a UsageProblem.

    Raises UsageProblem where the module has no such function.
    """
    function = module.get(name)
    if not callable(function):
        raise UsageProblem(f"{path} cannot be used: it has no function {name}")

    @wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except (KeyboardInterrupt, UsageProblem):
            raise
        except BaseException as problem:
            raise UsageProblem(f"{path}: {name} cannot be used ({first_line(problem)})") from problem

    return called
