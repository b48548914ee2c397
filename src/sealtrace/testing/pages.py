"""Seeded synthetic pages of every sort the trade leaks: text, drawings, tables, photographs, slides.

They need no font of the machine: Latin text uses the face inside Pillow, Chinese text is set from invented
characters with the stroke statistics of real ones. No two pages, and no two lines, repeat each other.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Raster = NDArray[np.uint8]
Random = np.random.Generator

A4_150_DPI = (1240, 1754)
_SYLLABLES = [
    *("ra", "re", "ri", "ro", "ta", "te", "ti", "to", "na", "ne", "ni", "no", "sa", "se", "si", "so", "la"),
    *("le", "li", "lo", "ma", "me", "mi", "mo", "da", "de", "di", "do", "ka", "ke", "pra", "tre", "sti"),
    *("gro", "lan", "ver", "sol", "vent", "ex", "trac", "tion", "ox", "al", "ate", "cer", "ium", "dys"),
    *("pro", "um", "neo", "ferr", "pH", "ion", "ac", "id"),
]
_GLYPHS = 900


def sorts() -> dict[str, Callable[[Random, tuple[int, int]], Raster]]:
    """Name each sort of page with its generator: (random source, (width, height)) -> (H, W, 3) RGB."""
    return {
        "latin": latin,
        "hanzi": hanzi,
        "drawing": drawing,
        "table": table,
        "photo": photo,
        "slide": slide,
        "mixed": mixed,
    }


def latin(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A page of paragraphs in Latin letters with a heading."""
    page, draw = _blank(size)
    margin = size[0] // 11
    draw.text((margin, margin // 2), _words(random, 4).title(), font=_font(size[0] // 36), fill=(0, 0, 0))
    _paragraphs(random, draw, (margin, int(margin * 1.3), size[0] - margin, size[1] - margin), _em(size))
    return np.asarray(page)


def hanzi(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A page of dense square characters, each of 3 to 14 strokes, with punctuation and indents."""
    em = _em(size)
    faces = [_character(random, em) for _ in range(_GLYPHS)]
    page = np.full((size[1], size[0], 3), 255, np.uint8)
    margin, line = size[0] // 11, int(em * 1.62)
    often = 1 / np.arange(2, _GLYPHS + 2)
    for y in range(margin, size[1] - margin - em, line):
        indent, end = em * 2 * (random.random() < 0.2), random.random() < 0.15
        stop = size[0] - margin - em - int(end * random.integers(5, 30)) * em
        for x in range(margin + indent, max(stop, margin + 5 * em), em):
            if random.random() > 0.06:
                face = faces[random.choice(_GLYPHS, p=often / often.sum())]
                page[y : y + em, x : x + em] = np.minimum(page[y : y + em, x : x + em], face[..., None])
    return page


def drawing(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A flow diagram: labelled boxes and circles joined by lines on white, with a title block."""
    page, draw = _blank(size)
    w, h = size
    font, centres = _font(w // 70), []
    for i in range(int(random.integers(14, 26))):
        x, y = (
            (i % 4 + 0.5) * w / 4 + random.normal(0, w / 40),
            (i // 4 + 0.6) * h / 7.2 + random.normal(0, h / 90),
        )
        centres.append((x, y))
    for a, b in pairwise(centres):
        draw.line([a, (b[0], a[1]), b], fill=(0, 0, 0), width=max(1, w // 500))
    for x, y in centres:
        rx, ry = w / 14 * random.uniform(0.6, 1.2), h / 34 * random.uniform(0.7, 1.5)
        shape = draw.ellipse if random.random() < 0.3 else draw.rectangle
        tone = int(random.choice([255, 255, 236, 222]))
        shape(
            [x - rx, y - ry, x + rx, y + ry],
            fill=(tone, tone, 255),
            outline=(0, 0, 0),
            width=max(1, w // 620),
        )
        draw.text(
            (x - rx * 0.85, y - h / 150),
            f"{_words(random, 1)}-{random.integers(100, 999)}",
            font=font,
            fill=(0, 0, 0),
        )
        draw.text((x - rx, y + ry + 4), f"{random.uniform(0.1, 99):.2f} m3/h", font=font, fill=(40, 40, 40))
    for i in range(5):
        top = h * 0.93 + i * h * 0.011
        draw.line([(w * 0.6, top), (w * 0.97, top)], fill=(0, 0, 0))
        draw.text((w * 0.61, top), _words(random, 4), font=_font(w // 100), fill=(0, 0, 0))
    return np.asarray(page)


def table(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A ruled table of numbers under a shaded head, with a caption and a note."""
    page, draw = _blank(size)
    w, h = size
    left, right, top, row = w // 14, w - w // 14, h // 12, int(_em(size) * 1.75)
    columns = np.linspace(left, right, int(random.integers(6, 11)))
    font = _font(int(_em(size) * 0.85))
    draw.text((left, top - 2 * row), "Table. " + _words(random, 7), font=font, fill=(0, 0, 0))
    draw.rectangle([left, top, right, top + row], fill=(221, 228, 238))
    lines = (int(h * random.uniform(0.6, 0.85)) - top) // row
    for i in range(lines + 1):
        draw.line([(left, top + i * row), (right, top + i * row)], fill=(90, 90, 90))
        for x in columns[:-1]:
            text = (
                _words(random, 1)
                if i == 0 or x == left
                else f"{random.lognormal(1, 2):.{random.integers(1, 4)}f}"
            )
            if i < lines:
                draw.text((x + 6, top + i * row + row // 6), text, font=font, fill=(0, 0, 0))
    for x in columns:
        draw.line([(x, top), (x, top + lines * row)], fill=(90, 90, 90))
    _paragraphs(random, draw, (left, top + (lines + 1) * row, right, int(h * 0.96)), _em(size))
    return np.asarray(page)


def photo(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A photograph-like picture: shaded objects before a gradient, with natural texture and sensor noise."""
    w, h = size
    scene = np.zeros((h, w, 3), np.float32)
    for octave in range(2, 9):
        cells = random.normal(0, 1, (max(2, 2**octave * h // w), 2**octave, 3)).astype(np.float32)
        scene += cv2.resize(cells, (w, h), interpolation=cv2.INTER_CUBIC) * 46 * 0.62**octave
    scene += random.uniform(90, 150, 3)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    for _ in range(int(random.integers(12, 30))):
        cx, cy, r = random.uniform(0, w), random.uniform(0, h), random.uniform(0.02, 0.12) * w
        nx, ny = (x - cx) / (r * random.uniform(0.5, 1.8)), (y - cy) / r
        inside = np.square(nx) + np.square(ny) if random.random() < 0.5 else np.maximum(abs(nx), abs(ny)) ** 2
        mask = np.clip((1 - inside) * r / 3, 0, 1)[..., None]
        shade = (1 - 0.35 * (nx + ny))[..., None] * random.uniform(20, 200, 3).astype(np.float32)
        scene = scene * (1 - mask) + (shade + 0.25 * (scene - 120)) * mask
    return np.clip(scene + random.normal(0, 1.5, scene.shape), 0, 255).astype(np.uint8)


def slide(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A slide: light or dark coloured ground, a title, points and a bar chart."""
    dark = random.random() < 0.4
    ground, ink = ((24, 32, 48), (235, 238, 245)) if dark else ((244, 247, 250), (25, 35, 60))
    page, draw = _blank(size, ground)
    w, h = size
    draw.rectangle([0, 0, w, h // 11], fill=(32, 74, 135))
    draw.text((w // 20, h // 40), _words(random, 4).title(), font=_font(w // 30), fill=(255, 255, 255))
    _paragraphs(random, draw, (w // 16, h // 8, w - w // 16, int(h * 0.48)), int(_em(size) * 1.5), ink)
    base, width = int(h * 0.92), w // 22
    for i in range(14):
        height, x = int(h * random.uniform(0.05, 0.36)), w // 12 + i * int(width * 1.35)
        colour = tuple(int(v) for v in random.integers(60, 200, 3))
        draw.rectangle([x, base - height, x + width, base], fill=colour)
        draw.text((x, base - height - h // 60), f"{height / 7:.1f}", font=_font(w // 75), fill=ink)
    draw.line([(w // 14, base), (w - w // 14, base)], fill=ink, width=2)
    return np.asarray(page)


def mixed(random: Random, size: tuple[int, int] = A4_150_DPI) -> Raster:
    """A report page: text above, a figure in the middle, text in two columns below."""
    page = latin(random, size).copy()
    w, h = size
    figure = photo(random, (int(w * 0.7), int(h * 0.26))) if random.random() < 0.5 else None
    if figure is None:
        figure = drawing(random, (int(w * 0.7), int(w * 0.99)))[: int(h * 0.26)]
    top, left = int(h * 0.36), int(w * 0.15)
    page[int(h * 0.33) : int(h * 0.66)] = 255
    page[top : top + figure.shape[0], left : left + figure.shape[1]] = figure
    return page


def _blank(
    size: tuple[int, int], ground: tuple[int, int, int] = (255, 255, 255)
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", size, ground)
    return page, ImageDraw.Draw(page)


def _font(pixels: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(7, pixels))


def _em(size: tuple[int, int]) -> int:
    return max(8, size[0] // 55)


def _words(random: Random, count: int) -> str:
    words = ("".join(random.choice(_SYLLABLES, int(random.integers(1, 5)))) for _ in range(count))
    return " ".join(words)


def _paragraphs(
    random: Random,
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    em: int,
    ink: tuple[int, int, int] = (0, 0, 0),
) -> None:
    left, top, right, bottom = box
    font, y = _font(em), top
    while y < bottom - em:
        fill = 1.0 if random.random() > 0.15 else random.uniform(0.2, 0.8)
        line = _words(random, 24)
        while font.getlength(line) > (right - left) * fill and " " in line:
            line = line.rsplit(" ", 1)[0]
        draw.text((left, y), line, font=font, fill=ink)
        y += int(em * (1.35 if fill == 1 else 2.1))


def _character(random: Random, em: int) -> Raster:
    """Invent one square character, (em, em) grey, drawn four times as large and reduced."""
    side = 4 * em
    face = np.full((side, side), 255, np.uint8)
    low, high, pen = side // 10, side - side // 10, max(2, side // 17)
    for _ in range(int(random.integers(3, 15))):
        a, b, c, d = (int(v) for v in random.integers(low, high, 4))
        kind = random.random()
        end = (b, c) if kind < 0.42 else (a, d) if kind < 0.8 else (b, d)
        cv2.line(face, (a, c), end, 0, pen if kind > 0.42 else max(1, pen - 2), cv2.LINE_AA)
    return cv2.resize(face, (em, em), interpolation=cv2.INTER_AREA).astype(np.uint8)
