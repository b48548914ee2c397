"""Tables of web pages and of PDF pages, as lines of cells. Called in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sealtrace.content.decode import encoding_of
from sealtrace.content.readers.pdf import open_document
from sealtrace.errors import InputDamaged

from .rosters import Lines, known_heading

GAP = 0.6
"""Two letters farther apart than this many line heights belong to different cells."""
SPACE = 0.15
"""Two letters farther apart than this are two words."""


def html(path: Path) -> Lines:
    """The table of a web page that has a column of names; its first such heading row begins it."""
    from lxml import html as parser

    data = path.read_bytes()
    root = parser.document_fromstring(data.decode(encoding_of(data) or "utf-8", "replace"))
    best: Lines | None = None
    for number, table in enumerate(root.iter("table"), 1):
        rows = [
            [" ".join("".join(map(str, cell.itertext())).split()) for cell in row if cell.tag in ("td", "th")]
            for row in table.iter("tr")
        ]
        found = _below_heading([(f"table {number}, row {n}", row) for n, row in enumerate(rows)])
        if found is not None and (best is None or len(found[1]) > len(best[1])):
            best = found
    if best is None:
        raise InputDamaged(f"{path.name} has no table with a column of names")
    return best


def _below_heading(rows: Sequence[tuple[str, list[str]]]) -> Lines | None:
    for start, (_, cells) in enumerate(rows):
        if any(known_heading(cell) == "name" for cell in cells):
            return cells, [(place, row) for place, row in rows[start + 1 :] if any(row) and row != cells]
    return None


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    left: float
    right: float


def pdf(path: Path) -> Lines:
    """The table of a PDF: lines of letters cut at wide gaps, put under the heading they stand below.

    KNOWN LIMIT: a cell that runs over two lines is read as two rows; scanned pages have no letters and are refused.
    """
    document = open_document(path)
    heading: list[_Cell] = []
    rows: list[tuple[str, list[str]]] = []
    for number in range(len(document)):
        for line, cells in enumerate(_lines(document[number]), 1):
            if any(known_heading(cell.text) == "name" for cell in cells):
                heading = heading or cells
            elif heading and len(cells) > 1:
                rows.append((f"page {number + 1}, line {line}", _under(heading, cells)))
    document.close()
    if not heading:
        raise InputDamaged(f"{path.name} has no line of headings with a column of names")
    return [cell.text for cell in heading], rows


def _under(heading: Sequence[_Cell], cells: Sequence[_Cell]) -> list[str]:
    out = [""] * len(heading)
    for cell in cells:
        place = max(range(len(heading)), key=lambda i: _shared(heading[i], cell))
        out[place] = f"{out[place]} {cell.text}".strip()
    return out


def _shared(a: _Cell, b: _Cell) -> float:
    """How far two cells overlap; below zero, by how much they miss each other."""
    return min(a.right, b.right) - max(a.left, b.left)


def _lines(page: Any) -> list[list[_Cell]]:
    """The page's letters as lines from the top, each cut into cells."""
    text = page.get_textpage()
    letters = []
    for i in range(text.count_chars()):
        character = text.get_text_range(i, 1)
        left, bottom, right, top = text.get_charbox(i, loose=True)
        if character.strip() and right > left:
            letters.append((bottom, left, right, top, character))
    lines: list[list[tuple[float, float, float, float, str]]] = []
    for letter in sorted(letters, key=lambda c: (-(c[0] + c[3]), c[1])):
        middle = (letter[0] + letter[3]) / 2
        if lines and lines[-1][0][0] <= middle <= lines[-1][0][3]:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [_cells(sorted(line, key=lambda c: c[1])) for line in lines]


def _cells(line: Sequence[tuple[float, float, float, float, str]]) -> list[_Cell]:
    height = max(top - bottom for bottom, _, _, top, _ in line)
    cells, text, left = [], line[0][4], line[0][1]
    for before, letter in pairwise(line):
        gap = letter[1] - before[2]
        if gap > GAP * height:
            cells.append(_Cell(text, left, before[2]))
            text, left = "", letter[1]
        elif gap > SPACE * height:
            text += " "
        text += letter[4]
    return [*cells, _Cell(text, left, line[-1][2])]
