"""Ink on paper: entries by hand, signatures, a worn stamp, and what a scanner makes of the sheet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sealtrace.demo.typeface import drawn

BLUE = (28, 48, 128)
RED = (196, 30, 38)
SLANT = 0.16
_MORE = 3  # ink is drawn this much larger, then shrunk


def handwriting(
    sheet: Image.Image, at: tuple[int, int], text: str, size: int, rng: np.random.Generator
) -> None:
    """Write text from `at` (left, middle of the line) in blue, each character a little askew."""
    x = float(at[0])
    for character in text:
        drift = rng.normal(0, size * 0.035, 2)
        glyph = _glyph(character, round(size * rng.uniform(0.94, 1.06)), float(rng.normal(0, 2.4)), rng)
        sheet.alpha_composite(glyph, (round(x + drift[0]), round(at[1] - glyph.height / 2 + drift[1])))
        advance = drawn(size).getlength(character)
        x += advance * rng.uniform(0.96, 1.05)


def _glyph(character: str, size: int, turn: float, rng: np.random.Generator) -> Image.Image:
    """One character in ink: slanted, turned, of uneven strength."""
    side = size * _MORE
    mask = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(mask).text((side // 2, side), character, 255, drawn(side), "lm")
    shear = (1, SLANT, -SLANT * side, 0, 1, 0)
    bent = mask.transform(mask.size, Image.Transform.AFFINE, shear, Image.Resampling.BICUBIC)
    small = bent.rotate(turn, Image.Resampling.BICUBIC).resize((size * 2, size * 2), Image.Resampling.LANCZOS)
    strength = rng.uniform(0.72, 0.95)
    glyph = Image.new("RGBA", small.size, (*BLUE, 0))
    glyph.putalpha(small.point([round(v * strength) for v in range(256)]))
    left = size // 2
    return glyph.crop((left, 0, small.width, small.height))


def signature(sheet: Image.Image, at: tuple[int, int], name: str, rng: np.random.Generator) -> None:
    """Sign: one swift stroke for each character, its form drawn from the name, then a flourish."""
    form = np.random.default_rng([ord(c) for c in name])  # a person signs alike each time
    size = (300 * _MORE, 130 * _MORE)
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    for i in range(len(name)):
        middle = (45 + 62 * i) * _MORE
        knots = np.column_stack(
            [
                middle + form.normal(0, 17, 7) * _MORE + np.linspace(-20, 24, 7) * _MORE,
                size[1] / 2 + form.normal(0, 20, 7) * _MORE,
            ]
        )
        _stroke(pen, knots + rng.normal(0, 1.2 * _MORE, knots.shape))
    base = size[1] * 0.74
    _stroke(
        pen,
        np.array([[20, base], [150, base + 22], [330, base - 26], [560, base + 8], [780, base - 30]], float),
    )
    small = mask.resize((300, 130), Image.Resampling.LANCZOS)
    written = Image.new("RGBA", small.size, (*BLUE, 0))
    written.putalpha(small.point([round(v * 0.9) for v in range(256)]))
    sheet.alpha_composite(written, (at[0], at[1] - 72))


def _stroke(pen: ImageDraw.ImageDraw, knots: NDArray[np.float64]) -> None:
    """A smooth stroke through knots, thicker where the hand is slower."""
    at = np.linspace(0, len(knots) - 1, 160)
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    points = np.array([_spline(padded, float(t)) for t in at])
    speed = np.hypot(*np.diff(points, axis=0).T)
    for (x0, y0), (x1, y1), v in zip(points[:-1], points[1:], speed, strict=True):
        width = _MORE * (1.1 + 1.9 / (1 + v / 8))
        pen.line((x0, y0, x1, y1), 255, round(width))
        pen.ellipse((x1 - width / 2, y1 - width / 2, x1 + width / 2, y1 + width / 2), 255)


def _spline(knots: NDArray[np.float64], t: float) -> NDArray[np.float64]:
    """A Catmull-Rom curve at parameter t, counted in knots."""
    i = min(int(t), len(knots) - 4)
    u, (a, b, c, d) = t - i, knots[i : i + 4]
    curve = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
    return np.asarray(curve)


def stamp(form: Image.Image, middle: tuple[int, int], rng: np.random.Generator) -> None:
    """Press a round red stamp onto the form, worn and a little turned."""
    radius = 120
    side = 2 * radius * _MORE
    mask = Image.new("L", (side, side), 0)
    pen, centre = ImageDraw.Draw(mask), side // 2
    pen.ellipse((9, 9, side - 9, side - 9), outline=255, width=5 * _MORE)
    star = [
        (centre + r * np.sin(k * np.pi / 5), centre - r * np.cos(k * np.pi / 5))
        for k in range(10)
        for r in ((34 if k % 2 == 0 else 13) * _MORE,)
    ]
    pen.polygon(star, 255)
    pen.text((centre, centre + 66 * _MORE), "检验专用章", 255, drawn(19 * _MORE, bold=True), "mm")
    _around(mask, "云岭分离厂（虚构）", (radius - 31) * _MORE)
    small = mask.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS).rotate(
        float(rng.uniform(-14, 14)), Image.Resampling.BICUBIC
    )
    wear = cv2.GaussianBlur(rng.normal(0, 1, (2 * radius, 2 * radius)), (0, 0), 2.2)
    wear = np.clip(0.80 + 0.55 * wear / wear.std() * 0.28, 0.15, 1)
    alpha = (np.asarray(small, np.float64) * wear * 0.86)[..., None] / 255
    x, y = middle[0] - radius, middle[1] - radius
    place = (x, y, x + 2 * radius, y + 2 * radius)
    under = np.asarray(form.crop(place), np.float64)
    inked = under * (1 - alpha) + np.minimum(under, np.array(RED)) * alpha
    form.paste(Image.fromarray(inked.round().astype(np.uint8)), place[:2])


def _around(mask: Image.Image, text: str, radius: int) -> None:
    """Set text along the upper arc of a circle."""
    centre, size = mask.width // 2, 23 * _MORE
    span = 24.5
    for i, character in enumerate(text):
        turn = (i - (len(text) - 1) / 2) * span
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), character, 255, drawn(size, bold=True), "mm")
        tile = tile.rotate(-turn, Image.Resampling.BICUBIC)
        x = centre + radius * np.sin(np.radians(turn)) - size
        y = centre - radius * np.cos(np.radians(turn)) - size
        mask.paste(255, (round(x), round(y)), tile)


def scanned(page: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scan a sheet: skew, paper tone and fibres, a shadow at the binding edge, blur, grain.

    page: (H, W, 3) RGB of ink on white; returns the same size.
    """
    h, w = page.shape[:2]
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), float(rng.uniform(0.5, 0.9)), 0.992)
    sheet = cv2.warpAffine(page, turn, (w, h), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)).astype(
        np.float32
    )
    paper = np.array([250, 246, 235], np.float32) / 255
    fibres = cv2.GaussianBlur(rng.normal(0, 1, (h, w)).astype(np.float32), (0, 0), 3)
    tone = cv2.resize(rng.normal(0, 1, (9, 7)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    light = 1 + 0.006 * fibres / fibres.std() + 0.007 * tone
    edge = (
        np.exp(-np.arange(w, dtype=np.float32) / 26) * 0.22
        + np.exp(-np.arange(w, dtype=np.float32)[::-1] / 9) * 0.10
    )
    lit = cv2.GaussianBlur(sheet, (0, 0), 0.65) * paper * (light * (1 - edge))[..., None]
    holes(lit)
    grain = rng.normal(0, 1.5, (h, w, 1)).astype(np.float32)
    return np.asarray(np.clip(np.rint(lit + grain), 0, 255), np.uint8)


def holes(sheet: NDArray[np.float32]) -> None:
    """Two punched holes at the left edge, dark with a shadow, as ISO 838 places them."""
    h = sheet.shape[0]
    for y in (h // 2 - 236, h // 2 + 236):
        shade = np.zeros(sheet.shape[:2], np.float32)
        cv2.circle(shade, (73, y), 18, 1.0, -1, cv2.LINE_AA)
        shade = np.maximum(cv2.GaussianBlur(shade, (0, 0), 1.2), 0.25 * cv2.GaussianBlur(shade, (0, 0), 7))[
            ..., None
        ]
        sheet *= 1 - 0.72 * shade
