"""The page on extending: its code runs, in order, as it stands."""

import re

import pytest
from project import ROOT

from derive import FixedPointTask, expand
from derive.document.expansion import expansion_document
from derive.document.model import Layout
from derive.document.request import Request
from derive.write import writers

PAGE = ROOT / "docs" / "extending.md"


def test_the_code_of_the_page_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(writers, "WRITERS", dict(writers.WRITERS))
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    names["squares"]("4")
    assert capsys.readouterr().out == "0 1 4 9\n"
    with pytest.raises(names["UsageProblem"]):
        names["squares"]("0")


def test_the_paths_of_the_page_exist():
    for path in re.findall(r"`((?:derive|tests)/[\w/.]+)`", PAGE.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def test_the_format_of_the_page_prints_a_document(monkeypatch):
    monkeypatch.setattr(writers, "WRITERS", dict(writers.WRITERS))
    names: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1], names)
    document = expansion_document(expand(FixedPointTask(), 2), Request(2))
    assert "- readout z: (zhat*beta**2) tau^1 + ..." in names["markdown"](document, Layout())
