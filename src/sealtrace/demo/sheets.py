"""Contact sheets: for each leak, one picture that shows original, copy, difference, leak and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from .typeface import drawn

Raster = NDArray[np.uint8]
WIDTH, MARGIN, GAP = 2400, 60, 28
PANEL_HEIGHT, LINE = 720, 33
INK, QUIET, TEAL = (29, 38, 44), (107, 119, 128), (31, 78, 95)
COLOURS = {
    "exact": (24, 121, 78),
    "strong": (24, 121, 78),
    "inconclusive": (176, 112, 26),
    "none": (107, 119, 128),
}
AMPLIFIED = 32


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture with its caption, or lines of text in its place."""

    caption: str
    picture: Raster | None = None
    lines: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sheet says beside its pictures. colour: a key of COLOURS."""

    title: str
    result: str
    colour: str
    facts: Sequence[tuple[str, str]]


def difference(original: Raster, marked: Raster) -> Raster:
    """The mark made visible: grey where nothing changed, AMPLIFIED times the change elsewhere."""
    if original.shape != marked.shape:
        marked = np.asarray(Image.fromarray(marked).resize(original.shape[1::-1], Image.Resampling.LANCZOS))
    change = marked.astype(np.int16) - original.astype(np.int16)
    return np.clip(128 + AMPLIFIED * change, 0, 255).astype(np.uint8)


def compose(verdict: Verdict, panels: Sequence[Panel]) -> Image.Image:
    """Lay panels out in one row under the verdict, all of one height; pictures keep their shape."""
    shapes = [_shape(panel) for panel in panels]
    tall = min(PANEL_HEIGHT, int((WIDTH - 2 * MARGIN - GAP * (len(panels) - 1)) / sum(shapes)))
    if all(panel.picture is None for panel in panels):
        tall = 36 + LINE * max(len(panel.lines) for panel in panels)
    sheet = Image.new("RGB", (WIDTH, 226 + tall + 200), (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    _head(pen, verdict)
    x = MARGIN
    widest = (WIDTH - 2 * MARGIN - GAP * (len(panels) - 1)) // len(panels)
    for panel, shape in zip(panels, shapes, strict=True):
        width = widest if panel.picture is None else round(shape * tall)
        pen.text((x, 196), panel.caption, INK, _fitting(panel.caption, 25, width, bold=True), "lm")
        box = (x, 226, x + width, 226 + tall)
        if panel.picture is None:
            _lines(pen, panel.lines, box)
        else:
            _place(sheet, panel.picture, box)
        x += width + GAP
    _facts(pen, verdict.facts, 226 + tall + 48)
    return sheet


def _shape(panel: Panel) -> float:
    """Width over height; a card of text counts as a page on its side."""
    return 1.4 if panel.picture is None else panel.picture.shape[1] / panel.picture.shape[0]


def _head(pen: ImageDraw.ImageDraw, verdict: Verdict) -> None:
    pen.rectangle((0, 0, WIDTH, 12), TEAL)
    pen.text((MARGIN, 92), verdict.title, TEAL, drawn(50, bold=True), "lm")
    face = drawn(32, bold=True)
    w = face.getlength(verdict.result)
    box = (WIDTH - MARGIN - w - 56, 62, WIDTH - MARGIN, 122)
    pen.rounded_rectangle(box, 30, COLOURS[verdict.colour])
    pen.text(((box[0] + box[2]) / 2, 91), verdict.result, (255, 255, 255), face, "mm")
    pen.line((MARGIN, 150, WIDTH - MARGIN, 150), (213, 219, 223), 2)


def _facts(pen: ImageDraw.ImageDraw, facts: Sequence[tuple[str, str]], y: int) -> None:
    """Names over values, spread over the line by their widths."""
    pen.line((MARGIN, y, WIDTH - MARGIN, y), (213, 219, 223), 2)
    face, small = drawn(27, bold=True), drawn(21)
    widths = [max(face.getlength(value), small.getlength(name)) for name, value in facts]
    room = (WIDTH - 2 * MARGIN - sum(widths)) / max(1, len(facts) - 1)
    x = float(MARGIN)
    for (name, value), width in zip(facts, widths, strict=True):
        pen.text((x, y + 44), name, QUIET, small, "lm")
        pen.text((x, y + 86), value, INK, face, "lm")
        x += width + min(room, 110)


def _place(sheet: Image.Image, picture: Raster, box: tuple[int, int, int, int]) -> None:
    size = (box[2] - box[0], box[3] - box[1])
    sheet.paste(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), box[:2])
    frame = (box[0] - 1, box[1] - 1, box[2], box[3])
    ImageDraw.Draw(sheet).rectangle(frame, outline=(200, 207, 212))


def _lines(
    pen: ImageDraw.ImageDraw, lines: Sequence[tuple[str, str]], box: tuple[int, int, int, int]
) -> None:
    """A card of text: left part and, in grey at the right, a remark."""
    pen.rounded_rectangle(box, 8, (244, 247, 248))
    y, face = box[1] + 34, drawn(21)
    for left, right in lines:
        if y > box[3] - 24:
            break
        room = box[2] - box[0] - 44 - (face.getlength(right) + 20 if right else 0)
        for part in _wrapped(left, face, room)[: 1 if right else None]:
            if y > box[3] - 24:
                break
            pen.text((box[0] + 22, y), part, INK, face, "lm")
            if right:
                pen.text((box[2] - 22, y), right, TEAL, face, "rm")
            y += LINE


def _wrapped(text: str, face: FreeTypeFont, room: float) -> list[str]:
    """Break text into lines no wider than `room`, between Chinese characters or at spaces."""
    lines, line = [], ""
    for character in text:
        if face.getlength(line + character) <= room:
            line += character
            continue
        cut = line.rfind(" ")
        keep = cut > 0 and character.isascii() and character != " "
        lines.append(line[:cut] if keep else line)
        line = (line[cut + 1 :] if keep else "") + character.lstrip()
    return [*lines, line]


def _fitting(text: str, size: int, width: int, *, bold: bool) -> FreeTypeFont:
    """The typeface at the largest size, at most `size`, at which text fits."""
    while size > 12 and drawn(size, bold=bold).getlength(text) > width:
        size -= 1
    return drawn(size, bold=bold)
