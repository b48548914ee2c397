"""The demo's table: rich on a terminal, plain aligned text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from .words import Language, say

HEAD = (
    "leak",
    "result",
    "document",
    "version",
    "operator",
    "device",
    "ip",
    "chance",
    "seconds",
    "verified",
    "right",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One leak's answer as shown."""

    leak: str
    result: str
    document: str
    version: str
    operator: str
    device: str
    ip: str
    chance: str
    seconds: str
    verified: bool
    right: bool

    def cells(self, language: Language) -> list[str]:
        """The cells in the order of HEAD."""
        answers = [say("yes" if value else "no", language) for value in (self.verified, self.right)]
        return [
            self.leak, say(self.result, language), self.document, self.version, self.operator, self.device,
            self.ip, self.chance, self.seconds, *answers,
        ]  # fmt: skip


def show(rows: Sequence[Row], language: Language) -> None:
    """Print the table on standard output."""
    if sys.stdout.isatty():
        _rich(rows, language)
    else:
        print(plain(rows, language))


def plain(rows: Sequence[Row], language: Language) -> str:
    """The table as text, columns aligned also where Chinese characters take two places."""
    from rich.cells import cell_len

    lines = [_head(language), *(row.cells(language) for row in rows)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _head(language: Language) -> list[str]:
    return [say(f"head.{name}", language) for name in HEAD]


def _rich(rows: Sequence[Row], language: Language) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for name, title in zip(HEAD, _head(language), strict=True):
        table.add_column(title, justify="right" if name in ("chance", "seconds") else "left", overflow="fold")
    colours = {"exact": "green", "strong": "green", "inconclusive": "yellow", "none": "bright_black"}
    for row in rows:
        cells = row.cells(language)
        cells[1] = f"[{colours[row.result]}]{cells[1]}[/]"
        for i, value in ((-2, row.verified), (-1, row.right)):
            cells[i] = f"[{'green' if value else 'bold red'}]{cells[i]}[/]"
        table.add_row(*cells)
    Console().print(table)
