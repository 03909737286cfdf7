"""Options that have no effect beside the others given are refused, in every command by the same means.

A command states where its options count (`Counts`); its function is decorated with `in_use`. An option is
given where its value is not its default.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer

from derive.command_line import UsageProblem

Values = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(frozen=True)
class Counts:
    """The parameters ``names`` have an effect only where ``where`` is true of all values; ``words`` say so.

    ``words`` go on after "allowed": "with --format latex".
    """

    names: tuple[str, ...]
    words: str
    where: Callable[[Values], bool]


def in_use(*rules: Counts) -> Callable[[Command], Command]:
    """A command that refuses what is given without effect, before it does anything. Raises UsageProblem."""

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)

        @functools.wraps(command)
        def checked(*arguments: Any, **named: Any) -> None:
            bound = signature.bind(*arguments, **named)
            bound.apply_defaults()
            refuse_without_effect(command, bound.arguments, rules)
            command(*arguments, **named)

        return checked  # type: ignore[return-value]

    return decorate


def refuse_without_effect(command: Callable[..., None], values: Values, rules: tuple[Counts, ...]) -> None:
    """UsageProblem for the first option given that a rule says has no effect."""
    parameters = inspect.signature(command).parameters
    given = [name for name in values if name in parameters and values[name] != parameters[name].default]
    contexts = [name for name, value in values.items() if hasattr(value, "invoked_subcommand")]
    subcommand = next((values[name].invoked_subcommand for name in contexts), None)
    for name in given:
        if name in contexts:
            continue
        if subcommand is not None:
            raise UsageProblem(
                f"{_shown(command, name, values[name])}: without effect before {subcommand}; allowed are the "
                f"options of {subcommand} after it"
            )
        for rule in rules:
            if name in rule.names and not rule.where(values):
                shown = _shown(command, name, values[name])
                raise UsageProblem(f"{shown}: allowed {rule.words}")


def _shown(command: Callable[..., None], name: str, value: Any) -> str:
    """The option or argument as it was given."""
    flag = option_name(command, name)
    if flag is None:
        return str(value)
    return flag if isinstance(value, bool) else f"{flag} {value}"


def option_name(command: Callable[..., None], name: str) -> str | None:
    """``--name`` of a parameter; None of an argument."""
    hint = get_type_hints(command, include_extras=True)[name]
    for part in get_args(hint) if get_origin(hint) is Annotated else ():
        if isinstance(part, typer.models.ArgumentInfo):
            return None
        long = [text for text in getattr(part, "param_decls", None) or () if text.startswith("--")]
        if long:
            return str(long[0])
    return "--" + name.replace("_", "-")


LATEX = Counts(
    ("terms_per_line", "columns", "standalone"), "with --format latex", lambda v: v["form"] == "latex"
)
"""Of a command that prints in one format."""


NESTEROV = Counts(("nesterov",), "with --momentum", lambda v: v["momentum"] != "0")
"""Of a command in which gradient descent runs."""


def writes(v: Values) -> bool:
    """Whether a command that writes files beside what it prints does so, or looks at them."""
    return v["check"] or not v["no_write"]


WRITTEN = (
    Counts(
        ("terms_per_line", "columns", "standalone"),
        "with --format latex, or where files are written (without --no-write)",
        lambda v: v["form"] == "latex" or writes(v),
    ),
    Counts(("out",), "without --no-write", writes),
    Counts(("no_write",), "without --check, which writes nothing", lambda v: not v["check"]),
)
"""Of a command that writes files beside what it prints."""
