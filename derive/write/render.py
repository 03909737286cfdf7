"""From a request to everything it prints: one place where an expansion is derived for printing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from derive.document.expansion import expansion_document
from derive.document.model import Document
from derive.document.request import Request
from derive.flow.fixed_point_task import FixedPointTask, parse_train
from derive.tasks.expand import expand
from derive.tasks.expansion import Expansion
from derive.write.code.languages import LANGUAGES, in_languages
from derive.write.writers import written

if TYPE_CHECKING:
    from derive.write.code.module import Module

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

    @cached_property
    def document(self) -> Document:
        """What is said of it."""
        document = expansion_document(self.expansion, self.request)

        def module(language: str, header: str) -> Module:
            from derive.write.modules.expansion import expansion_module  # not loaded for text

            return expansion_module(self.expansion, self.request, header)

        return replace(document, modules=in_languages(module))

    def printed(self, form: str) -> str:
        """What stands on standard output for one of the formats."""
        if form == "python":
            return self.module
        if form == "latex":
            return self.standalone if self.request.standalone else self.fragment
        content = written(self.document, form, self.request.layout)
        return content if isinstance(content, str) else content.decode()

    @cached_property
    def module(self) -> str:
        """The Python module."""
        return str(written(self.document, "python", self.request.layout))

    @cached_property
    def fragment(self) -> str:
        """The LaTeX fragment for \\input."""
        return str(written(self.document, "latex", replace(self.request.layout, standalone=False)))

    @cached_property
    def standalone(self) -> str:
        """The LaTeX document that compiles by itself."""
        return str(written(self.document, "latex", replace(self.request.layout, standalone=True)))

    def files(self, form: str = "python") -> dict[str, str]:
        """File name -> content of everything the request writes, in a further language if ``form`` is one."""
        stem = self.request.file_stem
        files = {f"{stem}.py": self.module, f"{stem}.tex": self.fragment}
        if self.request.standalone:
            files[f"{stem}_standalone.tex"] = self.standalone
        if form in LANGUAGES:
            files[f"{stem}{LANGUAGES[form].ending}"] = str(written(self.document, form, self.request.layout))
        return files
