"""Every container: the mark is found again, nothing else changed, and a reader sees the same content."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import structural_similarity

from sealtrace.content.kinds import IMAGES, Kind, sniff
from sealtrace.content.pages import render
from sealtrace.content.reader import read
from sealtrace.errors import CannotMark
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import FilePlan, Marker, find_stamps, plan, wrap
from sealtrace.marks.formats.csv import free_fields
from sealtrace.marks.report import report
from sealtrace.marks.stamp import Stamper, from_bits, in_text, to_bits, to_text

from ..conftest import page_image, prose

STAMPER = Stamper(b"k" * 32)
ONE, TWO = CopyId(0x1234567890ABCDEF), CopyId(7)


def office(kind: str, path: Path) -> None:
    if kind == "docx":
        import docx

        document = docx.Document()
        for line in prose(4, 20):
            document.add_paragraph(line)
        document.save(str(path))
    elif kind == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(["flow", 12.5, "=B1*2"])
        book.save(path)
    else:
        import pptx

        deck = pptx.Presentation()
        deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Cascade"
        deck.save(str(path))


def parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"t": list(range(500)), "flow": [i * 0.5 for i in range(500)], "tag": ["a", None] * 250})
    pq.write_table(table.replace_schema_metadata({"site": "north"}), path, row_group_size=100)


def picture(path: Path) -> None:
    page = page_image(3, (620, 877))
    if path.stem == "palette":
        page = page.convert("P")
    elif path.stem == "bilevel":
        page = page.convert("1")
    elif path.stem == "alpha":
        page = page.convert("RGBA")
        page.putalpha(Image.linear_gradient("L").resize(page.size))
    elif path.stem == "deep":
        page = Image.fromarray(np.asarray(page.convert("L")).astype(np.uint16) * 257)
    form = {".png": "PNG", ".jpg": "JPEG", ".tif": "TIFF", ".webp": "WEBP", ".bmp": "BMP"}[path.suffix]
    page.save(path, form, **({"quality": 75} if form == "JPEG" else {}))


TEXTS = {
    "a.txt": "line one\nline two 萃取\n",
    "a.md": "# Title\n\nwords\n",
    "a.html": "<html><body><p>words</p></body></html>\n",
    "a.py": "#!/usr/bin/env python\nprint('hello')\n",
    "a.c": "int main(void) { return 0; }\n",
    "a.sql": "SELECT 1;\r\nSELECT 2;\r\n",
    "a.css": "p { color: red }\n",
    "a.json": '{"a": [1, 2], "b": "x"}\n',
    "a.jsonl": '{"a": 1}\n{"a": 2}\n',
    "a.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><text x="4" y="30">P-1</text></svg>\n',
    "a.dxf": "0\nSECTION\n2\nENTITIES\n0\nTEXT\n1\nPump\n0\nENDSEC\n0\nEOF\n",
    "a.csv": "t,flow,note\n" + "".join(f'{i},{i * 1.5},"x, {i}"\n' for i in range(150)),
    "a.tsv": "t\tflow\n" + "".join(f"{i}\t{i * 1.5}\n" for i in range(150)),
}
PICTURES = [
    *(f"page.{ending}" for ending in ("png", "jpg", "tif", "webp", "bmp")),
    "palette.png", "bilevel.png", "alpha.png", "deep.png",
]  # fmt: skip
NAMES = [*TEXTS, *PICTURES, "a.docx", "a.xlsx", "a.pptx", "a.parquet", "a.zip", "a.pdf"]


@pytest.fixture
def made(tmp_path: Path, spec_pdf: Callable[..., Path]) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        path = tmp_path / name
        if name in TEXTS:
            path.write_bytes(TEXTS[name].encode())
        elif name in PICTURES:
            picture(path)
        elif name == "a.parquet":
            parquet(path)
        elif name == "a.pdf":
            return spec_pdf(6, name)
        elif name == "a.zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("notes.md", "# notes\n")
                archive.writestr("raw.bin", bytes(range(256)))
        else:
            office(path.suffix[1:], path)
        return path

    return make


def marker(path: Path) -> tuple[Marker, FilePlan, Kind]:
    kind = sniff(path)
    found = plan(path, kind)
    assert FilePlan.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    symbols = found.mark_plan.symbols
    book = CodeBook(b"d" * 32, "page", symbols) if symbols else None
    return Marker(path, kind, found, book, STAMPER), found, kind


@pytest.mark.parametrize("name", NAMES)
def test_the_stamp_is_found_and_copies_differ_and_repeat(
    name: str, made: Callable[[str], Path], tmp_path: Path
) -> None:
    path = made(name)
    make, found, kind = marker(path)
    out = [tmp_path / f"{i}{path.suffix}" for i in range(3)]
    marks = [make.write(copy, target) for copy, target in zip((ONE, TWO, ONE), out, strict=True)]
    assert {m.channel for m in marks[0]} == {m.channel for m in found.promised()}
    assert out[0].read_bytes() == out[2].read_bytes() != out[1].read_bytes()
    assert path.read_bytes() not in (out[0].read_bytes(), out[1].read_bytes())
    for target, copy in zip(out, (ONE, TWO, ONE), strict=True):
        assert sniff(target) is kind
        assert [STAMPER.check(token) for token in find_stamps(target, kind)] == [copy]
    assert report(path, kind, found).to_dict()["channels"]
    assert find_stamps(path, kind) == [] or all(STAMPER.check(t) is None for t in find_stamps(path, kind))


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_look_the_same(name: str, made: Callable[[str], Path], tmp_path: Path) -> None:
    path = made(name)
    make, _, kind = marker(path)
    out = tmp_path / f"out{path.suffix}"
    make.write(ONE, out)
    assert kind in IMAGES
    before, after = (render(p, kind, 0).astype(float) for p in (path, out))
    assert 10 * np.log10(255**2 / np.mean((before - after) ** 2)) >= 42
    assert structural_similarity(before.mean(axis=2), after.mean(axis=2), data_range=255) >= 0.98


def test_picture_metadata_stays(tmp_path: Path) -> None:
    page = page_image(3, (620, 877))
    exif = Image.Exif()
    exif[0x010F] = "Scanner works"
    exif[0x0112] = 6
    page.save(
        tmp_path / "a.jpg",
        quality=90,
        dpi=(300, 300),
        exif=exif,
        comment=b"hello",
        icc_profile=b"not a profile",
    )
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "Works")
    page.save(tmp_path / "a.png", pnginfo=info, dpi=(200, 200))
    for name in ("a.jpg", "a.png"):
        make, _, _ = marker(tmp_path / name)
        make.write(ONE, tmp_path / f"out-{name}")
        with Image.open(tmp_path / name) as before, Image.open(tmp_path / f"out-{name}") as after:
            assert after.size == before.size
            assert tuple(round(float(v)) for v in after.info["dpi"]) == tuple(
                round(float(v)) for v in before.info["dpi"]
            )
            assert dict(after.getexif()) == dict(before.getexif())
            assert after.info.get("icc_profile") == before.info.get("icc_profile")
            assert after.info.get("Author") == before.info.get("Author")


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.zip"])
def test_every_other_part_is_byte_identical(name: str, made: Callable[[str], Path], tmp_path: Path) -> None:
    path = made(name)
    make, _, _ = marker(path)
    make.write(ONE, tmp_path / "out")
    touched = {
        "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "docProps/custom.xml",
        "customXml/sealtrace.xml", "notes.md",
    }  # fmt: skip
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / "out") as after:
        assert after.testzip() is None
        assert [n for n in after.namelist() if n in before.namelist()] == before.namelist()
        for info in before.infolist():
            if info.filename not in touched:
                copied = after.getinfo(info.filename)
                assert (copied.CRC, copied.compress_size, copied.date_time) == (
                    info.CRC,
                    info.compress_size,
                    info.date_time,
                )


def test_office_readers_see_the_same_content(made: Callable[[str], Path], tmp_path: Path) -> None:
    import docx
    import openpyxl
    import pptx

    for name, kind in (("a.docx", Kind.DOCX), ("a.xlsx", Kind.XLSX), ("a.pptx", Kind.PPTX)):
        path, out = made(name), tmp_path / f"out-{name}"
        marker(path)[0].write(ONE, out)
        assert read(out, kind).parts == read(path, kind).parts
    assert to_text(STAMPER.token(ONE)) in docx.Document(str(tmp_path / "out-a.docx")).core_properties.keywords
    assert openpyxl.load_workbook(tmp_path / "out-a.xlsx").active["B1"].value == 12.5
    assert pptx.Presentation(str(tmp_path / "out-a.pptx")).slides[0].shapes.title.text == "Cascade"


def test_json_csv_and_parquet_values_are_untouched(made: Callable[[str], Path], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    for name in ("a.json", "a.jsonl", "a.csv", "a.tsv", "a.parquet"):
        marker(made(name))[0].write(ONE, tmp_path / f"out-{name}")
    assert json.loads((tmp_path / "out-a.json").read_text()) == json.loads(TEXTS["a.json"])
    lines = (tmp_path / "out-a.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"a": 1}, {"a": 2}]
    for name, delimiter in (("a.csv", ","), ("a.tsv", "\t")):
        after = (tmp_path / f"out-{name}").read_text()
        rows = [list(csv.reader(io.StringIO(text), delimiter=delimiter)) for text in (TEXTS[name], after)]
        assert rows[0] == rows[1]
    before, after_table = pq.read_table(tmp_path / "a.parquet"), pq.read_table(tmp_path / "out-a.parquet")
    assert after_table.equals(before)
    assert after_table.schema.metadata[b"site"] == b"north"
    meta = [pq.read_metadata(tmp_path / n) for n in ("a.parquet", "out-a.parquet")]
    assert meta[0].num_row_groups == meta[1].num_row_groups
    assert all(
        meta[0].row_group(g).column(c).to_dict() == meta[1].row_group(g).column(c).to_dict()
        for g in range(meta[0].num_row_groups)
        for c in range(meta[0].num_columns)
    )


@settings(max_examples=80)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6), min_size=2, max_size=4
        ),
        min_size=1,
        max_size=40,
    )
)
def test_quoting_never_changes_a_value(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    text, made, at = out.getvalue(), [], 0
    for number, field in enumerate(free_fields(text)):
        made += [text[at : field.start], f'"{field.value}"' if number % 2 else field.value]
        at = field.end
    made.append(text[at:])
    changed = "".join(made)
    assert list(csv.reader(io.StringIO(changed, newline=""))) == list(
        csv.reader(io.StringIO(text, newline=""))
    )
    assert [f.value for f in free_fields(changed)] == [f.value for f in free_fields(text)]


@given(st.binary(min_size=24, max_size=24))
def test_tokens_survive_text_and_bits(token: bytes) -> None:
    assert from_bits(to_bits(token)) == token
    assert in_text(f"x{to_text(token)}y") == [token]


@given(st.integers(0, 2**64 - 1), st.integers(0, 23), st.integers(0, 7))
def test_an_altered_token_names_nobody(value: int, at: int, bit: int) -> None:
    token = bytearray(STAMPER.token(CopyId(value)))
    assert STAMPER.check(bytes(token)) == CopyId(value)
    token[at] ^= 1 << bit
    assert STAMPER.check(bytes(token)) is None
    assert Stamper(b"other" * 8).check(STAMPER.token(CopyId(value))) is None


def test_what_has_no_place_is_refused_and_can_be_wrapped(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\x9f" * 99)
    (tmp_path / "tiny.csv").write_text("a,b\n1,2\n")
    for name in ("a.bin", "tiny.csv"):
        path = tmp_path / name
        make, found, _ = marker(path)
        assert found.notes
        with pytest.raises(CannotMark):
            make.write(ONE, tmp_path / "out")
        wrap(path, name, STAMPER, ONE, tmp_path / "out.zip")
        with zipfile.ZipFile(tmp_path / "out.zip") as archive:
            assert archive.read(name) == path.read_bytes()
        assert [STAMPER.check(t) for t in find_stamps(tmp_path / "out.zip", Kind.ZIP)] == [ONE]


def test_signed_documents_are_not_touched(spec_pdf: Callable[..., Path], tmp_path: Path) -> None:
    with pikepdf.open(spec_pdf(9)) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(FT=pikepdf.Name.Sig, V=pikepdf.Dictionary(), T=pikepdf.String("s"))
        )
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
        pdf.save(tmp_path / "signed.pdf")
    make, found, _ = marker(tmp_path / "signed.pdf")
    assert "signed" in found.notes[0]
    with pytest.raises(CannotMark, match="signed"):
        make.write(ONE, tmp_path / "out.pdf")
