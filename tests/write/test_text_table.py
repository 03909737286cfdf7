"""Tables in plain text are, line by line, those of rich."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich import box
from rich.console import Console
from rich.table import Table

from derive.write.text_table import TextTable, _wrapped_by_words, wrapped

WORDS = st.text("ab+*() 1", max_size=60).map(str.strip)


def of_rich(names, right, rows, width):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(names):
        table.add_column(name, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(table, markup=False)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [40, 120])
@given(rows=st.lists(st.tuples(st.integers(0, 99).map(str), WORDS, WORDS), min_size=1, max_size=5))
def test_as_rich_has_it(width, rows):
    names = ["k", "coefficient of tau**k", "coefficient of ttilde**k"]
    table = TextTable(names[:1])
    for name in names[1:]:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    assert table.lines(width) == of_rich(names, {0}, rows, width)


def test_columns_to_the_right():
    table = TextTable(["", "x"], right={0, 1})
    table.add_row("v", "12")
    assert table.lines(80) == of_rich(["", "x"], {0, 1}, [("v", "12")], 80)


@settings(max_examples=500, deadline=None)
@given(st.text("ab ", max_size=60), st.integers(1, 20))
def test_lines_break_where_they_do_word_by_word(text, width):
    """Long words, spaces at the ends and several in a row among them."""
    assert wrapped(text, width) == (_wrapped_by_words(text, width) if len(text) > width else [text])
