"""Write the tables of docs/symbols.md, from the registry: ``python docs/symbol_tables.py``."""

from pathlib import Path

from derive.document.variables import (
    BETA,
    DELTA,
    INPUT_VECTOR,
    READOUT_VECTOR,
    RESOLVENT,
    RHO,
    TAU,
    TTILDE,
    ZHAT,
    Y,
)
from derive.flow.fixed_point_task import FixedPointTask
from derive.observables.registry import observables

PAGE = Path(__file__).with_name("symbols.md")
LETTERS = (TAU, TTILDE, ZHAT, BETA, RESOLVENT, READOUT_VECTOR, INPUT_VECTOR, RHO, DELTA, Y)
TASKS = FixedPointTask(), FixedPointTask(train=("W", "m", "w"))


def tables() -> dict[str, str]:
    """The tables by the name of their place on the page."""
    found = {o.name: o for task in TASKS for o in observables(task)}.values()
    named = [(f"`{o.name}`", _code(o.symbol), o.title, o.source) for o in found]
    letters = [(f"`{letter.name}`", letter.meaning) for letter in LETTERS]
    return {
        "observables": _table(("function and JSON key", "sign", "what it is", "source"), named),
        "letters": _table(("letter", "what it means"), letters),
    }


def filled(text: str) -> str:
    """The page with its tables made anew."""
    for name, table in tables().items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(start)
        text = before + start + "\n" + table + "\n" + end + rest.split(end)[1]
    return text


def _code(text: str) -> str:
    """Code in a cell of a table, in which a bar ends the cell."""
    return f"`{text}`" if "|" not in text else f"<code>{text.replace('|', '&#124;')}</code>"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
