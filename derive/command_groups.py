"""Commands in ``--help``, grouped by what people want."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

OTHER = "Commands"
WHOLE = 10**4  # letters: no sentence is cut


def grouped(groups: dict[str, tuple[str, ...]]) -> type[TyperGroup]:
    """A group of commands whose help lists them under headings; what stands under none comes last."""

    class Grouped(TyperGroup):
        def format_commands(self, ctx: Any, formatter: Any) -> None:
            names = [name for name in self.list_commands(ctx) if not self.commands[name].hidden]
            placed = {name for chosen in groups.values() for name in chosen}
            rest = tuple(name for name in names if name not in placed)
            for heading, chosen in (*groups.items(), (OTHER, rest)):
                rows = [
                    (name, self.commands[name].get_short_help_str(WHOLE)) for name in chosen if name in names
                ]
                if rows:
                    with formatter.section(heading):
                        formatter.write_dl(rows)

    return Grouped
