"""PDF: pages stay vector and look the same, text stays, size stays, the tint is where it should be."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from skimage.metrics import structural_similarity

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render
from sealtrace.content.reader import read
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import Marker, plan
from sealtrace.marks.geometry import Layout
from sealtrace.marks.stamp import Stamper

from ..conftest import page_image

COPY = CopyId(77)


def mark(path: Path, out: Path) -> tuple[CodeBook, list[str]]:
    found = plan(path, Kind.PDF)
    book = CodeBook(b"d" * 32, "page", found.mark_plan.symbols)
    Marker(path, Kind.PDF, found, book, Stamper(b"k" * 32)).write(COPY, out)
    return book, [page.construction if page else "" for page in found.mark_plan.pages]


def agreement(path: Path, out: Path, book: CodeBook, page: int) -> float:
    """Correlation of the difference between copy and original with the copy's chips."""
    grid = plan(path, Kind.PDF).mark_plan.pages[page].grid  # type: ignore[union-attr]
    before, after = (render(p, Kind.PDF, page).mean(axis=2) for p in (path, out))
    height, width = before.shape
    to_grid = np.float32(
        [
            [
                grid.cols * 8 / ((grid.x1 - grid.x0) * width),
                0,
                -grid.x0 * grid.cols * 8 / (grid.x1 - grid.x0),
            ],
            [
                0,
                grid.rows * 8 / ((grid.y1 - grid.y0) * height),
                -grid.y0 * grid.rows * 8 / (grid.y1 - grid.y0),
            ],
        ]
    )
    drawn = cv2.warpAffine((after - before).astype(np.float32), to_grid, (grid.cols * 8, grid.rows * 8))
    cells = cv2.resize(drawn, (grid.cols, grid.rows), interpolation=cv2.INTER_AREA)
    chips = Layout(book.layout_key, grid, book.symbols).chips(book.word(COPY))
    return float(np.corrcoef(cells.ravel(), chips.ravel())[0, 1])


def variant(source: Path, target: Path, change: Callable[[pikepdf.Page], None]) -> Path:
    with pikepdf.open(source) as pdf:
        for page in pdf.pages:
            change(page)
        pdf.save(target)
    return target


def white_paper(page: pikepdf.Page) -> None:
    page.contents_add(b"q 1 1 1 rg 0 0 700 900 re f Q\n", prepend=True)


def turned(degrees: int) -> Callable[[pikepdf.Page], None]:
    def change(page: pikepdf.Page) -> None:
        page.obj.Rotate = degrees
        page.obj.CropBox = pikepdf.Array([40, 60, 560, 800])

    return change


@pytest.mark.parametrize(
    ("name", "change", "construction"),
    [
        ("plain", lambda page: None, "under"),
        ("painted", white_paper, "over"),
        *((f"turned {d}", turned(d), "under") for d in (90, 180, 270)),
    ],
)
def test_the_tint_is_where_it_should_be_and_not_seen(
    spec_pdf: Callable[..., Path],
    tmp_path: Path,
    name: str,
    change: Callable[[pikepdf.Page], None],
    construction: str,
) -> None:
    path = variant(spec_pdf(2), tmp_path / "in.pdf", change)
    book, constructions = mark(path, tmp_path / "out.pdf")
    assert constructions == [construction] * 2
    for page in range(2):
        assert agreement(path, tmp_path / "out.pdf", book, page) > 0.8
        before, after = (render(p, Kind.PDF, page).astype(float) for p in (path, tmp_path / "out.pdf"))
        assert 10 * np.log10(255**2 / np.mean((before - after) ** 2)) >= 42
        assert structural_similarity(before.mean(axis=2), after.mean(axis=2), data_range=255) >= 0.98


def test_text_stays_selectable_and_pages_stay_vector(spec_pdf: Callable[..., Path], tmp_path: Path) -> None:
    path = spec_pdf(3)
    mark(path, tmp_path / "out.pdf")
    assert read(tmp_path / "out.pdf", Kind.PDF).parts == read(path, Kind.PDF).parts
    with pikepdf.open(path) as before, pikepdf.open(tmp_path / "out.pdf") as after:
        for one, two in zip(before.pages, after.pages, strict=True):
            contents = two.obj.Contents
            assert one.obj.Contents.read_bytes() in [stream.read_bytes() for stream in contents]


@pytest.mark.parametrize("pages", [1, 3, 40])
def test_size_grows_by_15_percent_or_5_kb_at_most(
    spec_pdf: Callable[..., Path], tmp_path: Path, pages: int
) -> None:
    path = spec_pdf(4, pages=pages)
    mark(path, tmp_path / "out.pdf")
    size = path.stat().st_size
    assert (tmp_path / "out.pdf").stat().st_size - size <= max(5_000, 0.15 * size)


def test_resaving_keeps_stamp_and_tint(spec_pdf: Callable[..., Path], tmp_path: Path) -> None:
    from sealtrace.marks.files import find_stamps

    path = spec_pdf(5)
    book, _ = mark(path, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        pdf.save(tmp_path / "again.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
    assert [Stamper(b"k" * 32).check(t) for t in find_stamps(tmp_path / "again.pdf", Kind.PDF)] == [COPY]
    assert agreement(path, tmp_path / "again.pdf", book, 1) > 0.8


@pytest.mark.office
def test_foreign_tools_accept_the_copy(spec_pdf: Callable[..., Path], tmp_path: Path) -> None:
    path = variant(spec_pdf(6), tmp_path / "in.pdf", white_paper)
    for number, source in enumerate((spec_pdf(6), path)):
        out = tmp_path / f"out-{number}.pdf"
        mark(source, out)
        checked = subprocess.run(["qpdf", "--check", str(out)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        texts = [
            subprocess.run(["pdftotext", str(p), "-"], capture_output=True, check=True).stdout
            for p in (source, out)
        ]
        assert texts[0] == texts[1]


@pytest.mark.office
def test_libreoffice_opens_and_resaves_marked_files(tmp_path: Path) -> None:
    import docx
    import openpyxl
    import pptx

    from sealtrace.marks.files import find_stamps

    document = docx.Document()
    document.add_paragraph("萃取段 words")
    document.save(str(tmp_path / "a.docx"))
    book = openpyxl.Workbook()
    book.active.append([1, 2])
    book.save(tmp_path / "a.xlsx")
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Cascade"
    deck.save(str(tmp_path / "a.pptx"))
    page_image(1).save(tmp_path / "unused.png")
    stamper, made = Stamper(b"k" * 32), []
    for kind in (Kind.DOCX, Kind.XLSX, Kind.PPTX):
        path = tmp_path / f"a.{kind}"
        out = tmp_path / f"marked.{kind}"
        Marker(path, kind, plan(path, kind), None, stamper).write(COPY, out)
        made.append(out)
    office = shutil.which("soffice")
    assert office, "LibreOffice is installed by ./run test, or named by it"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for target in ("pdf", "docx"):
        wanted = made if target == "pdf" else made[:1]
        (tmp_path / target).mkdir()
        subprocess.run(
            [office, profile, "--headless", "--convert-to", target, "--outdir", str(tmp_path / target),
             *map(str, wanted)],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        for path in wanted:
            assert (tmp_path / target / f"{path.stem}.{target}").stat().st_size > 1000
    assert [stamper.check(t) for t in find_stamps(tmp_path / "docx/marked.docx", Kind.DOCX)] == [COPY]
