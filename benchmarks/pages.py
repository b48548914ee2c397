"""Seeded one-page documents of the trade's look, as many as a benchmark needs."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "extraction",
    "raffinate",
    "scrub",
    "strip",
    "organic",
    "aqueous",
    "mixer",
    "settler",
    "dysprosium",
    "terbium",
    "yttrium",
    "stage",
    "flow",
    "acid",
    "saponification",
    "kerosene",
    "diluent",
    "loading",
    "phase",
    "ratio",
    "impurity",
    "oxalate",
    "calcination",
    "batch",
    "valve",
    "pump",
    "sample",
    "temperature",
    "interlock",
    "cascade",
    "feed",
    "product",
    "assay",
    "limit",
    "concentration",
    "equilibrium",
    "isotherm",
    "reflux",
    "holdup",
]


def sentences(rng: np.random.Generator, lines: int) -> list[str]:
    """Lines of words and numbers."""
    return [
        " ".join(rng.choice(WORDS, int(rng.integers(6, 11))))
        + f" {rng.integers(10, 99)}.{rng.integers(0, 9)}"
        for _ in range(lines)
    ]


def write_page_pdf(path: Path, seed: int) -> None:
    """A4 PDF: heading, text, a table and a small flow diagram. Vector, real text."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    rng, made = np.random.default_rng(seed), io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1)
    canvas.setFont("Times-Bold", 15)
    canvas.drawString(56, 780, f"Operating instruction {seed:05d}")
    canvas.setFont("Times-Roman", 10.5)
    for row, text in enumerate(sentences(rng, 28)):
        canvas.drawString(56, 752 - 14 * row, text)
    top = 330
    for row in range(6):
        for column in range(5):
            canvas.rect(56 + 92 * column, top - 18 * row, 92, 18)
            canvas.drawString(62 + 92 * column, top + 5 - 18 * row, f"{rng.uniform(0, 200):.3f}")
    for number in range(4):
        x, y = 70 + 120 * number, 110 + float(rng.uniform(-20, 20))
        canvas.rect(x, y, 70, 46)
        canvas.drawString(x + 8, y + 18, f"MS-{rng.integers(100, 999)}")
        canvas.line(x + 70, y + 23, x + 120, y + 23)
    canvas.showPage()
    canvas.save()
    path.write_bytes(made.getvalue())


def write_page_png(path: Path, seed: int) -> None:
    """A page picture of 1240 x 1754 px: text, boxes, lines, a shaded block."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (1240, 1754), (253, 253, 251))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=23)
    for row, text in enumerate(sentences(rng, 36)):
        draw.text((96, 110 + 29 * row), text, fill=(24, 24, 30), font=font)
    for _ in range(10):
        x, y = int(rng.integers(90, 900)), int(rng.integers(1190, 1600))
        draw.rectangle(
            (x, y, x + int(rng.integers(70, 230)), y + int(rng.integers(40, 110))),
            outline=(20, 50, 110),
            width=3,
        )
        draw.text((x + 8, y + 6), f"T-{rng.integers(100, 999)}", fill=(0, 0, 0), font=font)
    page.save(path, "PNG")
