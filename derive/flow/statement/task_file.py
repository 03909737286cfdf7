"""A flow from a TOML file, with the line on which every part stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive.flow.statement.task import Ensemble, Flow
from derive.flow.statement.tokens import FlowProblem
from derive.reading.arguments import of_kind

SECTIONS = {
    "vectors": ("names",),
    "overlaps": None,
    "parameters": None,
    "definitions": None,
    "ensemble": ("g",),
    "readouts": None,
    "loss": None,
    "velocity": None,
}
"""The sections of a file, with their keys where these are fixed."""
SINGULAR = {
    "overlaps": "overlap",
    "parameters": "parameter",
    "definitions": "definition",
    "ensemble": "ensemble",
    "readouts": "readout",
    "velocity": "velocity",
}
LARGEST = 1_000_000
HEADER = re.compile(r"\s*\[\s*([A-Za-z_]+)\s*\]")
KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_.-]+))\s*=""")


def read_flow(path: Path | str) -> Flow:
    """The flow in a TOML file. Raises FlowProblem, naming file and line, where it makes no sense."""
    of_kind("path", path, (str, Path), "the path of a TOML file")
    path = Path(path)
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise FlowProblem(f"{path}: larger than {LARGEST} bytes: no flow")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise FlowProblem(f"{path}: {problem.strerror}; allowed is a TOML file with a flow") from None
    except UnicodeDecodeError:
        raise FlowProblem(f"{path}: not text in UTF-8; allowed is a TOML file with a flow") from None
    return flow_from_text(text, str(path))


def flow_from_text(text: str, name: str = "flow") -> Flow:
    """The flow in the text of a TOML file called ``name``."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        message = " ".join(str(problem).split()) or "nested too deeply"
        raise FlowProblem(f"{name}: not TOML: {message[0].lower()}{message[1:]}") from None
    lines = _lines(text)
    try:
        return _flow(document, {part: f"line {line}" for part, line in lines.items()})
    except FlowProblem as problem:
        raise FlowProblem(f"{name}: {problem}") from None


def _flow(document: Mapping[str, Any], places: Mapping[str, str]) -> Flow:
    _check_parts(document, places)

    def texts(section: str) -> dict[str, str]:
        part = SINGULAR[section]
        return {
            key: _text(value, _at(places, f"{part} {key}") + f"{part} {key}")
            for key, value in _flat(document.get(section, {})).items()
        }

    names = document.get("vectors", {}).get("names", [])
    if not _are_texts(names):
        raise FlowProblem(f'{_at(places, "vectors names")}vectors: allowed is names = ["w", "m"]')
    loss = dict(document.get("loss", {}))
    train = loss.pop("train", ["W"]) if loss else ["W"]
    if isinstance(train, str):
        train = [train] if train else []
    if not _are_texts(train):
        raise FlowProblem(f'{_at(places, "loss train")}train: allowed is a list such as ["W"]')
    if "loss" in document and len(loss) != 1:
        raise FlowProblem(
            f"{_at(places, 'loss')}[loss] holds {len(loss)} losses: allowed is one, such as "
            'L = "(zhat - z)**2/2", beside train'
        )
    ensemble, loss_text = Ensemble(names, texts("overlaps"), texts("ensemble").get("g")), None
    for loss_name, value in loss.items():
        places = {**places, "loss": places.get(f"loss {loss_name}", "")}
        loss_text = _text(value, _at(places, "loss") + "loss")
    return Flow(
        ensemble=ensemble,
        readouts=texts("readouts"),
        loss=loss_text,
        train=train,
        velocity=texts("velocity"),
        parameters=texts("parameters"),
        definitions=texts("definitions"),
        title=document.get("title", ""),
        places=places,
    )


def _check_parts(document: Mapping[str, Any], places: Mapping[str, str]) -> None:
    """Raises FlowProblem for sections and keys that no flow has."""
    for section, content in document.items():
        if section == "title":
            if not isinstance(content, str) or len(content) > 200 or not content.isprintable():
                raise FlowProblem("title: allowed is a text on one line of at most 200 characters")
            continue
        if section not in SECTIONS or not isinstance(content, dict):
            where = _at(places, section)
            raise FlowProblem(
                f"{where}unknown part {section!r}: allowed are title and the sections {', '.join(SECTIONS)}"
            )
        allowed = SECTIONS[section]
        for key in content:
            if allowed is not None and key not in allowed:
                where = _at(places, f"{section} {key}")
                raise FlowProblem(f"{where}[{section}] {key}: allowed is {', '.join(allowed)}")


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _flat(section: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Keys such as f.w without quotes, which TOML reads as tables, joined again."""
    found: dict[str, Any] = {}
    for key, value in section.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[before + key] = value
    return found


def _text(value: Any, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    raise FlowProblem(f"{where}: allowed is text in quotes or a number")


def _at(places: Mapping[str, str], part: str) -> str:
    place = places.get(part)
    return f"{place}: " if place else ""


def _lines(text: str) -> dict[str, int]:
    """The line of every section and key, by "section" and "part key"; keys in multi-line texts may
    mislead.
    """
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := HEADER.match(line):
            section = match[1]
            found.setdefault(section, number)
        elif match := KEY.match(line):
            key = next(group for group in match.groups() if group is not None)
            found.setdefault(f"{SINGULAR.get(section, section)} {key}".strip(), number)
    if "vectors" in found:
        found["vectors"] = found.get("vectors names", found["vectors"])
    return found
