"""``derive moment "B B B' B'"``: the limit of the normalised trace of any word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, refused
from derive.commands.deliver import deliver_document, latex_layout
from derive.commands.options import Columns, Out, Standalone
from derive.document.model import TERMS_PER_LINE, Document
from derive.options_in_use import LATEX, in_use
from derive.write.writers import formula_formats

if TYPE_CHECKING:
    from derive.words.letters import Letter

MOST_LETTERS, MOST_WORK = 200, 40  # seconds; 12 letters of 4 points take one


@in_use(LATEX)
def moment(
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="Letters B, B', B[l], B[l]' separated by spaces.")
    ],
    form: Annotated[str, format_option(formula_formats())] = "text",
    out: Out = None,
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: Standalone = False,
) -> None:
    """Print lim (1/N) tr(WORD) at N -> infinity, exactly.

    B = (I - W0)^-1 and B[l] = (l - W0)^-1 for W0 of i.i.d. entries of variance g^2/N, |l| > g; a
    prime is the transpose. The result is in beta = 1/(1 - g^2) and the names l; as LaTeX with resolvents
    in g and the l, as Python a function of g and the l.
    """
    from derive.words.letters import parse_word, points

    one_of("--format", form, formula_formats())
    layout = latex_layout(form, terms_per_line, columns, standalone)
    with refused():
        letters = parse_word(word)
    different = len(points(letters))
    if len(letters) * (different - 1) > MOST_WORK or len(letters) > MOST_LETTERS:
        raise UsageProblem(
            f"a word of {len(letters)} letters with {different} different points: allowed are up to "
            f"{MOST_LETTERS} letters, with k > 1 points up to {MOST_WORK}/(k - 1)"
        )
    deliver_document(_document(letters), form, out, layout)


def _document(letters: tuple[Letter, ...]) -> Document:
    from derive.document.moment import moment_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.moment import moment_module

    with refused():
        document = moment_document(letters)
    return replace(document, modules=in_languages(lambda language, header: moment_module(letters, header)))
