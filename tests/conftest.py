"""What every test gets: a home of its own, a fixed clock, small real documents."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from xdist.scheduler import LoadScopeScheduling

from sealtrace.clock import FixedClock
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
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
]


TOGETHER = (
    "custody/test_framing",
    "custody/test_trace",
    "e2e/test_demo_run",
    "house/test_readme",
    "house/test_demo",
    "marks/table",
    "trade/",
)
"""Modules whose fixtures are dear: one process runs all of each, so that they are made once."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Hand out tests one by one, but for these modules' in one piece, which comes first."""

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            place = nodeid.removeprefix("tests/")
            return next((group for group in TOGETHER if place.startswith(group)), nodeid)

    return Scheduling(config, log)


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEALTRACE_HOME", "SEALTRACE_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def custody(tmp_path: Path) -> Iterator[Custody]:
    with Custody.create(tmp_path / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as made:
        yield made


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in main memory where the machine has one: for tests that need no real disk."""
    shared = Path("/dev/shm")
    place = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sealtrace-", dir=place) as made:
        yield Path(made)


@pytest.fixture
def people() -> list[Recipient]:
    return [Recipient(f"op-{i:03d}", f"dev-{i}", f"10.9.0.{i}") for i in range(1, 13)]


def prose(seed: int, lines: int) -> list[str]:
    """Seeded lines in the trade's words, with numbers."""
    rnd = np.random.default_rng(seed)
    return [" ".join(rnd.choice(WORDS, 9)) + f" {rnd.integers(10, 99)}" for _ in range(lines)]


def page_image(seed: int, size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A page of drawn text and a diagram, different for each seed."""
    rnd = np.random.default_rng(seed)
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=size[0] // 55)
    step = size[1] // 60
    for number, line in enumerate(prose(seed, 34)):
        draw.text((size[0] // 14, step * (3 + number)), line, fill=(20, 20, 30), font=font)
    top = step * 40
    for _ in range(9):
        x, y = rnd.integers(size[0] // 12, size[0] * 3 // 4), rnd.integers(top, size[1] - 4 * step)
        w, h = rnd.integers(60, 220), rnd.integers(40, 120)
        draw.rectangle((x, y, x + w, y + h), outline=(10, 40, 90), width=3)
        draw.line((x + w, y + h // 2, x + w + 90, y + h // 2), fill=(10, 40, 90), width=3)
        draw.text((x + 8, y + 8), f"V-{rnd.integers(100, 999)}", fill=(0, 0, 0), font=font)
    return page


def spec_bytes(seed: int, pages: int = 2) -> bytes:
    """A PDF of several pages of real text, different for each seed."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1)
    for number in range(pages):
        canvas.setFont("Helvetica-Bold", 15)
        canvas.drawString(60, 780, f"Process specification {seed}, sheet {number + 1}")
        canvas.setFont("Helvetica", 11)
        for row, line in enumerate(prose(seed * 1000 + number, 44)):
            canvas.drawString(60, 750 - 15 * row, line)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


@pytest.fixture
def page_png(tmp_path: Path) -> Callable[..., Path]:
    """Write a page picture as PNG."""

    def write(seed: int, name: str | None = None, size: tuple[int, int] = (1240, 1754)) -> Path:
        path = tmp_path / (name or f"page-{seed}.png")
        page_image(seed, size).save(path, "PNG")
        return path

    return write


@pytest.fixture
def spec_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Write a PDF of several pages of real text."""

    def write(seed: int, name: str | None = None, pages: int = 2) -> Path:
        path = tmp_path / (name or f"spec-{seed}.pdf")
        path.write_bytes(spec_bytes(seed, pages))
        return path

    return write
