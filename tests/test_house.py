"""The house itself: which room may import which, no circles, no file too long, no folder too full.

Rooms are the folders of derive and verify; arrows run one way, from commands to words. Imports inside
functions count as all others do, so that none of them hides a circle. What still breaks a rule is named
below; a name that no longer breaks it must go from there.
"""

import ast
import re
from collections import Counter
from functools import cache

import pytest
from project import ROOT

PACKAGES = ("derive", "verify")
LONGEST_FILE, FULLEST_FOLDER = 300, 22

EVERYWHERE = {"arrays", "command_help", "command_line", "jupyter", "options_in_use", "streams"}
"""What every room may import: the type of arrays, errors and options of a command line, Jupyter."""

BELOW = {
    "reading": (),
    "series": ("reading",),
    "words": ("series", "reading"),
    "scalars": ("series", "words", "reading"),
    "flow": ("scalars", "series", "words", "reading"),
    "observables": ("flow", "scalars", "series", "words", "reading"),
    "exact": ("observables", "flow", "scalars", "series", "words", "reading"),
    "radius": ("exact", "observables", "flow", "scalars", "series", "words", "reading"),
    "tasks": ("exact", "radius", "observables", "flow", "scalars", "series", "words", "reading"),
    "overlaps": ("radius", "flow", "scalars", "series", "words", "reading"),
    "document": (
        "tasks",
        "overlaps",
        "exact",
        "radius",
        "observables",
        "flow",
        "scalars",
        "series",
        "words",
        "reading",
    ),
}
BELOW["write"] = ("document", *BELOW["document"])
BELOW["commands"] = ("write", *BELOW["write"])
BELOW["command_line"] = ("reading", "series")
BELOW["cli"] = ("commands",)
BELOW["__main__"] = ("cli",)
BELOW["limit"] = ("exact", *BELOW["exact"])
"""What each room of derive may import beside itself."""

VERIFY_BELOW = {
    "truth": (),
    "simulators": ("truth",),
    "sweeps": ("simulators", "truth"),
    "checks": ("simulators", "truth"),
    "training": ("simulators", "truth", "checks", "sweeps"),
    "comparison": ("checks", "simulators", "truth"),
    "regression": ("flows", "checks", "simulators", "truth"),
    "overlaps": ("checks", "truth"),
    "flows": ("checks", "truth"),
    "papers": ("training", "overlaps", "comparison", "checks", "sweeps", "simulators", "truth"),
}
VERIFY_BELOW["commands"] = tuple(VERIFY_BELOW)
VERIFY_BELOW["cli"] = ("commands", *VERIFY_BELOW["commands"])
VERIFY_BELOW["__main__"] = ("cli",)
VERIFY_BELOW["pytest_plugin"] = ("regression", "checks", "truth")
VERIFY_EVERYWHERE = {"device", "extras", "folders", "pictures", "progress", "user_module"}
"""The same of verify, whose modules may import all of derive."""


@cache
def sources() -> dict[str, ast.Module]:
    """Every module by its dotted name, parsed."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


@cache
def imports() -> dict[str, set[str]]:
    """By module what it imports, of the two packages by module and of others by package; at any depth."""
    return {name: set(_imported(tree)) for name, tree in sources().items()}


def _imported(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
            inside = [module for module in modules if module in sources()]
            yield from inside or [node.module]


def room(module: str) -> str:
    """The room of a module of derive or verify, or the module's own name where it stands beside them."""
    return module.split(".")[1] if "." in module else ""


def upward(package: str, below: dict[str, tuple[str, ...]], everywhere: set[str]) -> set[str]:
    """Imports against the arrows."""
    return {
        f"{module} -> {other}"
        for module, imported in imports().items()
        for other in imported
        if module.split(".")[0] == other.split(".")[0] == package
        and room(module)
        and room(other) not in {room(module), *below.get(room(module), ()), *everywhere}
    }


def test_every_room_has_its_place():
    """A new room is given its place among the arrows."""
    for package, below in (
        ("derive", {*BELOW, *EVERYWHERE}),
        ("verify", {*VERIFY_BELOW, *VERIFY_EVERYWHERE}),
    ):
        rooms = {room(module) for module in sources() if module.split(".")[0] == package} - {""}
        assert rooms <= below


def test_arrows_run_one_way():
    found = upward("derive", BELOW, EVERYWHERE) | upward("verify", VERIFY_BELOW, VERIFY_EVERYWHERE)
    assert found == set()


@pytest.mark.parametrize("module", ["torch", "verify", "xarray", "zarr", "distributed", "pytest"])
def test_derive_stands_on_its_own(module):
    assert [
        name
        for name, imported in imports().items()
        if name.startswith("derive") and any(other.split(".")[0] == module for other in imported)
    ] == []


def test_no_import_circle_not_even_a_lazy_one():
    assert circles(imports()) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The sets of modules that reach one another."""
    reached = {name: _reachable(graph, name) for name in graph}
    found = []
    for name in graph:
        together = [other for other in reached[name] if name in reached.get(other, ())]
        if together and name == min(together):
            found.append(together)
    return found


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for other in graph.get(todo.pop(), ()):
            if other in graph and other not in found:
                found.add(other)
                todo.append(other)
    return found


def test_a_circle_is_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"e"}}
    assert sorted(map(sorted, circles(graph))) == [["b", "c"], ["e"]]


def test_no_file_is_too_long():
    long = {
        str(path.relative_to(ROOT))
        for folder in (*PACKAGES, "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    }
    assert long == set()


def test_no_folder_is_too_full():
    files = Counter(
        str(path.parent.relative_to(ROOT))
        for package in (*PACKAGES, "tests")
        for path in (ROOT / package).rglob("*.py")
    )
    assert {folder for folder, count in files.items() if count > FULLEST_FOLDER} == set()


def test_no_class_name_stands_twice():
    names = Counter(
        node.name
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, count in names.items() if count > 1} == set()


def test_every_module_says_what_it_is():
    assert [name for name, tree in sources().items() if not ast.get_docstring(tree)] == []


def test_no_docstring_is_glued_of_pieces():
    """A text that was cut like code keeps the quotes of the cut."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    texts = (
        ast.get_docstring(n) or ""
        for t in sources().values()
        for n in ast.walk(t)
        if isinstance(n, documented)
    )
    assert [text for text in texts if re.search(r' "\n\s*"', text)] == []


def test_no_assertion_does_anything():
    """``python -O`` leaves assertions out: what one works out must not be needed."""
    calls = [
        f"{name}:{node.lineno}"
        for name, tree in sources().items()
        for assertion in ast.walk(tree)
        if isinstance(assertion, ast.Assert)
        for node in ast.walk(assertion.test)
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in ("isinstance", "known.keys")
    ]
    assert calls == []
