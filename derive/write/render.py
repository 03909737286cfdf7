"""From a request to everything it prints: one place where an expansion is derived for printing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from derive.document.request import Request
from derive.flow.problem import FixedPointTask, parse_train
from derive.tasks.expand import expand
from derive.tasks.expansion import Expansion
from derive.write.files import same_text, write_together
from derive.write.latex.latex import latex_fragment, standalone_document
from derive.write.python.python_module import python_module
from derive.write.tables.json_document import json_document
from derive.write.tables.text import text_tables

STEPS = ("readout", "loss", "gradient_norm", "frobenius_norm", "singular_values", "a_matrix", "W")


class Rendering:
    """The expansion a request asks for, and its printed forms. Raises ValueError as `expand` does."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.expansion: Expansion = expand(
            FixedPointTask(request.g0, parse_train(request.train), request.alignment),
            request.order,
            singular_values=request.singular_values,
        )

    def derive(self, step: Callable[[str], None] = lambda name: None) -> None:
        """Derive every observable, calling ``step`` with each one's name before it starts."""
        for name in STEPS:
            step(name)
            getattr(self.expansion, name)

    def printed(self, form: str) -> str:
        """What stands on standard output for ``text``, ``json``, ``latex`` or ``python``."""
        if form == "latex":
            return self.standalone if self.request.standalone else self.fragment
        return {
            "text": lambda: text_tables(self.expansion),
            "json": lambda: json_document(self.expansion),
            "python": lambda: self.module,
        }[form]()

    @cached_property
    def module(self) -> str:
        """The Python module."""
        return python_module(self.expansion, replace(self.request, standalone=False))

    @cached_property
    def fragment(self) -> str:
        """The LaTeX fragment for \\input."""
        return latex_fragment(self.expansion, replace(self.request, standalone=False))

    @cached_property
    def standalone(self) -> str:
        """The LaTeX document that compiles by itself."""
        return standalone_document(self.expansion, self.request)

    def files(self) -> dict[str, str]:
        """File name -> content of everything the request writes."""
        stem = self.request.stem
        files = {f"{stem}.py": self.module, f"{stem}.tex": self.fragment}
        if self.request.standalone:
            files[f"{stem}_standalone.tex"] = self.standalone
        return files

    def write(self, directory: Path) -> list[Path]:
        """Write the files, each atomically, after all of them are made. Raises OSError."""
        return write_together(directory, self.files())

    def differing(self, directory: Path) -> list[Path]:
        """The files that are missing from ``directory`` or are not what would be written."""
        return [
            directory / name
            for name, content in self.files().items()
            if not same_text(directory / name, content)
        ]
