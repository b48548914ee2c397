"""The demo's documents are whole, bilingual, well set and the same each time."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from sealtrace.demo import library
from sealtrace.demo.documents.blocks import Both, Table

from .demo_library import Library
from .demo_library import library as write

SVG = "{http://www.w3.org/2000/svg}"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return write(tmp_path_factory.mktemp("library"))


def _texts(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_the_same_bytes_each_time(written: Library, tmp_path: Path) -> None:
    again = write(tmp_path)
    for path in sorted(written.folder.iterdir()):
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name


def test_holdings_are_all_written_and_200_copies_are_planned(written: Library) -> None:
    names = {held.name for held in library.HOLDINGS}
    assert names | {library.MEMO, library.UNCERTAINTIES} == {path.name for path in written.folder.iterdir()}
    assert sum(held.copies for held in library.HOLDINGS) == 200
    assert all(held.new_version_of in {None, *names} for held in library.HOLDINGS)


@pytest.mark.parametrize("name", [library.SPEC_A, library.SPEC_B])
def test_specification_as_pdf(written: Library, name: str) -> None:
    texts = _texts(written.folder / name)
    assert 8 <= len(texts) <= 12
    revision = name[-5]
    for number, text in enumerate(texts, 1):
        assert CHINESE.search(text)
        assert re.search("[a-z]{4}", text)
        assert f"Page {number} of {len(texts)}" in text
        assert f"Rev. {revision}" in text
        assert "\ufffd" not in text
        assert "INTERNAL" in text
    whole = "\n".join(texts)
    for words in ("Table 8", "Table A.1", "Figure 1", "Figure 2", "盐酸", "皂化度", "P507", "附录"):
        assert words in whole


def test_revisions_differ_in_their_limits_only_where_said(written: Library) -> None:
    a, b = ("\n".join(_texts(written.folder / name)) for name in (library.SPEC_A, library.SPEC_B))
    for old, new in (("35.0", "35.5"), ("2.74", "2.77"), ("≤ 0.15", "≤ 0.10")):
        assert old in a
        assert old not in b or a.count(old) > b.count(old)
        assert new in b
    assert "2026-03-09" not in a


@pytest.mark.parametrize("name", [library.SPEC_B, library.MEMO])
def test_nothing_is_set_outside_the_margins(written: Library, name: str) -> None:
    with pypdfium2.PdfDocument(written.folder / name) as document:
        for page in document:
            picture = np.asarray(page.render(scale=72 / 72, grayscale=True).to_pil())
            mm = 72 / 25.4
            edge = round(19 * mm)  # text hangs at most one comma into the margin of 22 mm
            assert picture[:, :edge].min() > 250
            assert picture[:, -round(16 * mm) :].min() > 250
            assert picture[: round(9 * mm)].min() > 250
            assert picture[-round(7 * mm) :].min() > 250


def test_fonts_are_embedded(written: Library) -> None:
    import pikepdf

    with pikepdf.open(written.folder / library.SPEC_B) as pdf:
        fonts = {
            str(font.BaseFont): font
            for page in pdf.pages
            for font in page.resources.get("/Font", {}).values()
        }
        assert len(fonts) >= 2
        for name, font in fonts.items():
            if "SealtraceDemo" in name:
                assert "/FontFile2" in font.FontDescriptor
            else:
                assert name == "/Helvetica", name  # reportlab declares it; nothing is set in it


def test_specification_as_docx(written: Library) -> None:
    from docx import Document
    from docx.oxml.ns import qn

    made = Document(str(written.folder / library.SPEC_DOCX))
    text = "\n".join(p.text for p in made.paragraphs)
    assert CHINESE.search(text)
    assert len([p for p in made.paragraphs if p.style.name == "Heading 1"]) == 12
    assert len(made.tables) >= 12
    assert len(made.inline_shapes) == 2
    assert "YL-PS-207" in made.sections[0].header.paragraphs[0].text
    footer = made.sections[0].footer._element.xml
    assert footer.count("NUMPAGES") == 2
    assert made.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "Noto Sans CJK SC"
    with zipfile.ZipFile(written.folder / library.SPEC_DOCX) as package:
        assert len({info.date_time for info in package.infolist()}) == 1


@pytest.mark.office
def test_docx_opens_in_libreoffice(written: Library, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    command = [
        office,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(written.folder / library.SPEC_DOCX)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    texts = _texts(tmp_path / Path(library.SPEC_DOCX).with_suffix(".pdf").name)
    assert 8 <= len(texts) <= 12
    assert all("Rev. B" in text for text in texts)


def test_a_table_with_ragged_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        Table("1", Both("表", "Table"), ("a", "b"), (("1",),), (0.5, 0.5), "ll")


# -- the flow diagram ----------------------------------------------------------------------------


def test_diagram_as_svg(written: Library) -> None:
    root = ET.parse(written.folder / library.DIAGRAM_SVG).getroot()
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for wanted in ("E1", "E18", "S16", "R6", "M-230", "T-201", "T-207", "V-208", "P-208", "YL-PFD-207"):
        assert wanted in texts, wanted
    for number in range(1, 9):
        assert texts.count(str(number)) >= 2, "each stream stands on the sheet and in the table"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert root.get("viewBox") == "0 0 420 297"


def test_diagram_as_dxf_says_the_same(written: Library) -> None:
    import ezdxf

    doc = ezdxf.readfile(written.folder / library.DIAGRAM_DXF)
    assert not doc.audit().errors
    space = doc.modelspace()
    inserted = {insert.dxf.name for insert in space.query("INSERT")}
    assert {"STAGE_E1", "STAGE_R6", "T-203", "CONTROL_VALVE_V", "PUMP_P-201"} <= inserted
    assert {"ORGANIC", "AQUEOUS", "INSTRUMENT", "FRAME"} <= {layer.dxf.name for layer in doc.layers}
    drawn = [
        text.dxf.text
        for block in (space, *(doc.blocks[name] for name in inserted))
        for text in block.query("TEXT")
    ]
    root = ET.parse(written.folder / library.DIAGRAM_SVG).getroot()
    assert set(drawn) == {element.text for element in root.iter(f"{SVG}text")}


def test_diagram_stays_on_its_sheet(written: Library) -> None:
    import ezdxf
    from ezdxf import bbox

    box = bbox.extents(ezdxf.readfile(written.folder / library.DIAGRAM_DXF).modelspace())
    assert (box.extmin.x, box.extmin.y) >= (-0.01, -0.01)
    assert box.extmax.x <= 420.01
    assert box.extmax.y <= 297.01


def test_diagram_as_png_is_drawn_with_our_typeface(written: Library) -> None:
    picture = np.asarray(Image.open(written.folder / library.DIAGRAM_PNG).convert("L"))
    assert picture.shape == (1754, 2480) or picture.shape == (1755, 2480)
    title = picture[1430:1490, 1630:2000]  # the Chinese title in the title block
    assert (title < 128).mean() > 0.04


# -- the record ----------------------------------------------------------------------------------


def test_record_looks_scanned(written: Library) -> None:
    picture = np.asarray(Image.open(written.folder / library.RECORD)).astype(int)
    assert picture.shape == (1754, 1240, 3)
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    assert ((red - green > 80) & (red - blue > 60)).sum() > 3000  # the stamp
    assert ((blue - red > 50) & (blue > green)).sum() > 3000  # ink
    paper = picture[200:260, 1150:1220].reshape(-1, 3)
    assert 0.8 < paper.std(axis=0).mean() < 6  # grain
    assert paper[:, 2].mean() < paper[:, 0].mean() - 5  # a warm tone
    assert green[640:660, 60:90].min() < 120  # a punched hole
