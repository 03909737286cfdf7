"""Where a document goes: a picture into its file whole, or nothing and one line that says why."""

import pytest

from derive.command_line import UsageProblem
from derive.commands.deliver import deliver_document
from derive.document.model import Document
from derive.write.missing import MissingPlot
from derive.write.writers import WRITERS

EMPTY = Document(("curve",), "curve", "A curve", ())
PICTURE = b"\x89PNG and bytes that are no text \xff\x00"


def test_a_picture_is_written_whole_and_only_to_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(WRITERS, "png", lambda document, layout: PICTURE)
    place = tmp_path / "picture.png"
    deliver_document(EMPTY, "png", place)
    assert place.read_bytes() == PICTURE
    assert capsys.readouterr() == ("", f"wrote {place}\n")
    with pytest.raises(UsageProblem, match="--format png needs --out FILE"):
        deliver_document(EMPTY, "png", None)
    assert [path.name for path in place.parent.iterdir()] == ["picture.png"]


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (
            RuntimeError("latex was\nnot found"),
            r"could not be drawn \(latex was not found\); .*allowed",
        ),
        (KeyError(), r"^the figure could not be drawn \(KeyError\); .*allowed"),
        (MissingPlot(), "matplotlib"),
    ],
)
def test_a_picture_that_fails_is_one_line_and_leaves_what_was_there(failure, line, tmp_path, monkeypatch):
    def broken(document, layout):
        raise failure

    monkeypatch.setitem(WRITERS, "png", broken)
    place = tmp_path / "picture.png"
    place.write_bytes(PICTURE)
    with pytest.raises(UsageProblem, match=line) as refused:
        deliver_document(EMPTY, "png", place)
    assert "\n" not in str(refused.value)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("picture.png", PICTURE)]


def test_other_formats_keep_their_errors(monkeypatch):
    """A fault of the program's own is not passed off as one of matplotlib."""

    def broken(document, layout):
        raise KeyError("a fault")

    monkeypatch.setitem(WRITERS, "text", broken)
    with pytest.raises(KeyError):
        deliver_document(EMPTY, "text", None)
