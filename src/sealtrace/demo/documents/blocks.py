"""What a bilingual document is made of. Two writers set the same blocks: one as PDF, one as DOCX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Both:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str


Cell = str | Both


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading; level 1 or 2."""

    number: str
    text: Both
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text: Chinese, then English beneath it."""

    text: Both


@dataclass(frozen=True, slots=True)
class Steps:
    """A numbered list."""

    items: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that must not be overlooked; set in a bar of its own."""

    text: Both


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table. widths: shares of the line; align: one of l, c, r for each column."""

    number: str
    caption: Both
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    align: str

    def __post_init__(self) -> None:
        columns = len(self.head)
        if not (
            len(self.widths) == len(self.align) == columns and all(len(row) == columns for row in self.rows)
        ):
            raise ValueError(f"table {self.number} has rows of different lengths")


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that `figures.draw` makes by its name."""

    number: str
    caption: Both
    name: str


Block = Heading | Paragraph | Steps | Notice | Table | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document with what its header, footer and first page say."""

    number: str
    revision: str
    date: str
    title: Both
    subtitle: Both
    organisation: Both
    level: Both
    disclaimer: Both
    facts: tuple[tuple[Both, str], ...]
    history: tuple[tuple[str, str, Both], ...]
    approvals: tuple[tuple[Both, Both, str], ...]
    blocks: Sequence[Block] = field(default_factory=tuple)
