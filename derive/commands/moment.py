"""``derive moment "B B B' B'"``: the limit of the normalised trace of any word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import UsageProblem, format_option, one_of
from derive.commands.deliver import Out, deliver

if TYPE_CHECKING:
    from derive.words.letters import Letter

FORMATS = ("text", "json", "latex", "python")


def moment(
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="Letters B, B', B[l], B[l]' separated by spaces.")
    ],
    form: Annotated[
        str,
        format_option(FORMATS),
    ] = "text",
    out: Out = None,
) -> None:
    """Print lim (1/N) tr(WORD) at N -> infinity, exactly.

    B = (I - W0)^-1 and B[l] = (l - W0)^-1 for W0 of i.i.d. entries of variance g^2/N, |l| > g; a
    prime is the transpose. The result is in beta = 1/(1 - g^2) and the names l; as LaTeX with resolvents
    in g and the l, as Python a function of g and the l.
    """
    from derive.words.letters import parse_word

    one_of("--format", form, FORMATS)
    try:
        letters = parse_word(word)
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None
    deliver(_printed(letters, form), out)


def _printed(letters: tuple[Letter, ...], form: str) -> str:
    from derive.words.phi import word_moment

    if form == "text":
        return f"{word_moment(letters)}\n"
    if form == "json":
        word = " ".join(str(letter) for letter in letters)
        return json.dumps({"word": word, "moment": str(word_moment(letters))}) + "\n"
    from derive.write.moment_document import moment_latex, moment_python

    try:
        return moment_latex(letters) if form == "latex" else moment_python(letters)
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None
