"""Setting text on A4 pages: lines of mixed Chinese and Latin, flowing blocks, page breaks, feet."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from sealtrace import typefaces

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT, TOP, BOTTOM = 56.0, 539.28, 799.0, 62.0
ROOM = RIGHT - LEFT
INK, SOFT, PALE, LINE = "#141c21", "#3f4a51", "#69747b", "#d3d9d8"
ACT, PROVED, DOUBT, FAILED, SEAL = "#1a4c82", "#17603f", "#744b00", "#982619", "#ad3622"
WASHES = {ACT: "#e5eef7", PROVED: "#e2f1e9", DOUBT: "#f8efdb", FAILED: "#fae8e5", INK: "#f2f4f3"}

OPENING, CLOSING = "（《〈“‘「『【〔", "，。；：、）》〉”’」』】〕！？…"
WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
ATOM = re.compile(rf"\s+|[{OPENING}]*(?:[^\s{WIDE}{OPENING}{CLOSING}]+|[{WIDE}])[{CLOSING}]*|.", re.DOTALL)
"""What a line is never broken within: a Latin word or one Chinese character, with its punctuation."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one manner."""

    text: str
    size: float = 9.5
    colour: str = INK
    bold: bool = False
    rise: float = 0.0

    @property
    def face(self) -> str:
        """The typeface: bold only where it has every character."""
        bold = self.bold and typefaces.characters(typefaces.BOLD).issuperset(self.text)
        return typefaces.BOLD if bold else typefaces.REGULAR

    @property
    def width(self) -> float:
        """In points."""
        return sum(_advance(c, self.face) for c in self.text) * self.size


@cache
def _advance(character: str, face: str) -> float:
    """Width of one character at one point."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    typefaces.register()
    return float(stringWidth(character, face, 1))


Text = str | Span | Sequence[Span]
Row = list[Span]


def settable(text: str) -> str:
    """Replace what the typeface lacks by its code point: a name is never dropped in silence."""
    lacking = set(text) - typefaces.characters(typefaces.REGULAR)
    return "".join(f"[U+{ord(c):04X}]" if c in lacking else c for c in text)


def spans(text: Text, size: float = 9.5, colour: str = INK, *, bold: bool = False) -> Row:
    """Make settable spans of a text."""
    given = [Span(text, size, colour, bold)] if isinstance(text, str) else text
    given = [given] if isinstance(given, Span) else given
    return [replace(span, text=settable(span.text)) for span in given]


def power(value: float, size: float = 9.5, colour: str = INK, *, bold: bool = False) -> Row:
    """A small bound as 8.1×10 to a power, rounded up: an upper bound stays one."""
    exponent = 0
    while value < 1 and exponent < 400:
        value, exponent = value * 10, exponent + 1
    mantissa = math.ceil(value * 10 - 1e-9) / 10
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent - 1
    if exponent == 0:
        return [Span(f"{mantissa:g}", size, colour, bold)]
    return [
        Span(f"{mantissa:.1f}×10", size, colour, bold),
        Span(f"−{exponent}", size * 0.68, colour, bold, size * 0.36),
    ]


def lines(text: Row, room: float) -> list[Row]:
    """Break a text into lines no wider than `room` points."""
    rows: list[Row] = [[]]
    used = 0.0
    for span in text:
        for atom in _atoms(span, room):
            if used + replace(atom, text=atom.text.rstrip()).width > room and rows[-1]:
                rows.append([])
                used = 0.0
            if not rows[-1] and len(rows) > 1 and atom.text.isspace():
                continue
            if rows[-1] and replace(rows[-1][-1], text="") == replace(atom, text=""):
                rows[-1][-1] = replace(atom, text=rows[-1][-1].text + atom.text)
            else:
                rows[-1].append(atom)
            used += atom.width
    return rows


def _atoms(span: Span, room: float) -> Iterable[Span]:
    for found in ATOM.finditer(span.text):
        rest = found[0]
        while replace(span, text=rest).width > room and len(rest) > 1:
            fits = next(
                n for n in range(len(rest) - 1, 0, -1) if n == 1 or replace(span, text=rest[:n]).width <= room
            )
            yield replace(span, text=rest[:fits])
            rest = rest[fits:]
        yield replace(span, text=rest)


class Sheet:
    """A run of pages and the place where the next block goes. `y` is the top of what is still free."""

    def __init__(self, title: str, at: str, language: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        typefaces.register()
        self._out = io.BytesIO()
        self.canvas: Canvas = Canvas(
            self._out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang=language
        )
        self.canvas.setTitle(settable(title))
        self.canvas.setAuthor("Sealtrace")
        self.canvas.setCreator("Sealtrace")
        # the file's id starts from the environment's SOURCE_DATE_EPOCH otherwise
        self.canvas._doc.signature = hashlib.md5(usedforsecurity=False)
        self.canvas.setDateFormatter(lambda *_now: pdf_date(at))
        self.y, self.page = TOP, 1
        self.foot: Sequence[str] = ("", "")

    def finish(self) -> bytes:
        """End the last page and give the file."""
        self._end_page()
        self.canvas.save()
        return self._out.getvalue()

    def _end_page(self) -> None:
        self.rule(BOTTOM - 14)
        self.say(LEFT, BOTTOM - 26, spans(self.foot[0], 6.8, PALE))
        number = self.foot[1].replace("#", str(self.page))
        self.say(RIGHT, BOTTOM - 26, spans(number, 6.8, PALE), right=True)
        self.canvas.showPage()

    def need(self, height: float) -> None:
        """Go to a new page unless so much is free on this one."""
        if self.y - height < BOTTOM:
            self._end_page()
            self.page, self.y = self.page + 1, TOP

    def space(self, height: float) -> None:
        """Leave room."""
        self.y -= height

    def say(self, x: float, y: float, row: Row, *, right: bool = False) -> None:
        """Set one line with its baseline at `y`."""
        if right:
            x -= sum(span.width for span in row)
        for span in row:
            self.canvas.setFont(span.face, span.size)
            self.canvas.setFillColor(span.colour)
            self.canvas.drawString(x, y + span.rise, span.text)
            x += span.width

    def block(self, row: Row, x: float, y: float, room: float, leading: float) -> float:
        """Set a text below `y` without a page break; returns where it ends."""
        for line in lines(row, room):
            y -= leading
            self.say(x, y + leading * 0.28, line)
        return y

    def text(
        self, row: Row, *, leading: float = 15.0, indent: float = 0.0, after: float = 5.0, room: float = ROOM
    ) -> None:
        """Set a paragraph, line by line over the pages."""
        broken = lines(row, room - indent)
        self.need(min(len(broken), 4) * leading)
        for line in broken:
            self.need(leading)
            self.y -= leading
            self.say(LEFT + indent, self.y + leading * 0.28, line)
        self.space(after)

    def rule(self, y: float, colour: str = LINE, width: float = 0.5, *, left: float = LEFT) -> None:
        """A hairline."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(width)
        self.canvas.line(left, y, RIGHT, y)

    def box(self, x: float, bottom: float, width: float, height: float, colour: str) -> None:
        """A filled area."""
        self.canvas.setFillColor(colour)
        self.canvas.rect(x, bottom, width, height, stroke=0, fill=1)

    def head(self, number: int, title: str, *, keep: float = 46.0) -> None:
        """A section's head; stays with the first `keep` points below it."""
        self.need(34 + keep)
        self.space(20 if self.y < TOP else 2)
        self.say(LEFT, self.y - 10, spans(str(number), 12.5, ACT, bold=True))
        self.say(LEFT + 20, self.y - 10, spans(title, 12.5, INK, bold=True))
        self.space(17)
        self.rule(self.y, INK, 0.7)
        self.space(4)

    def fact(self, name: str, value: Row, *, label: float = 132.0) -> None:
        """A line with a name and its value, with a hairline below."""
        names, rows = lines(spans(name, 8.5, PALE), label - 10), lines(value or spans("—"), ROOM - label)
        height = max(len(names), len(rows)) * 13.5 + 6
        self.need(height)
        top = self.y - 2
        for x, block in ((LEFT, names), (LEFT + label, rows)):
            for number, row in enumerate(block, 1):
                self.say(x, top - number * 13.5 + 3.5, row)
        self.space(height)
        self.rule(self.y)

    def item(self, number: int, row: Row) -> None:
        """A numbered step, its lines hanging beside the number."""
        rows = lines(row, ROOM - 26)
        self.need(len(rows) * 15)
        self.say(LEFT + 10, self.y - 10.8, spans(f"{number}.", 9.5, ACT))
        self.y = self.block(row, LEFT + 26, self.y, ROOM - 26, 15) - 1

    def note(self, row: Row, colour: str) -> None:
        """A tinted paragraph with a bar at its side."""
        height = len(lines(row, ROOM - 26)) * 14.5 + 13
        self.need(height + 6)
        self.box(LEFT, self.y - height, ROOM, height, WASHES[colour])
        self.box(LEFT, self.y - height, 3, height, colour)
        self.block(row, LEFT + 14, self.y - 6, ROOM - 26, 14.5)
        self.space(height + 7)


def pdf_date(at: str) -> str:
    """The trace's time as a PDF date; the year 2000 where the file has none."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z", at)
    return f"D:{''.join(found.groups())}+00'00'" if found else "D:20000101000000+00'00'"
