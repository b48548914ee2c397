"""Bad input: each a clear error of its own, never a traceback, a hang or a guess."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from sealtrace.content.kinds import Kind, detect, sniff
from sealtrace.content.pages import render
from sealtrace.content.reader import read
from sealtrace.errors import (
    InputDamaged,
    InputEmpty,
    InputEncrypted,
    InputMislabelled,
    InputMissing,
    InputTooLarge,
    InputUnreadable,
    SealtraceError,
)


def pdf(pages: int = 1) -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, invariant=1)
    for number in range(pages):
        canvas.drawString(72, 720, f"stage {number}")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def raw_pdf(objects: list[str], root: int = 1) -> bytes:
    """A PDF written by hand, object by object."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer<</Size {len(objects) + 1}/Root {root} 0 R>>\nstartxref\n{table}\n%%EOF\n".encode()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few bytes of pixels do not have."""

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def docx_with(document: bytes) -> bytes:
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "word/document.xml": document,
        }
    )


def encrypted_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(made, encryption=pikepdf.Encryption(owner="o", user="u"))
    return made.getvalue()


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"a.txt": b"x" * 50}))
    data[6] |= 1
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= 1
    return bytes(data)


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BILLION = (
    b'<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    + f'<w:document xmlns:w="{W}"><w:p><w:t>&c;</w:t></w:p></w:document>'.encode()
)
HUNDRED_THOUSAND_PAGES = raw_pdf(
    [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{'3 0 R ' * 100}]/Count 100000>>",
        f"<</Type/Pages/Parent 2 0 R/Kids[{'4 0 R ' * 1000}]/Count 1000>>",
        "<</Type/Page/Parent 3 0 R/MediaBox[0 0 200 200]>>",
    ]
)
CYCLE = raw_pdf(
    [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 2>>",
        "<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 2>>",
    ]
)
NO_PAGES = raw_pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"])

CASES: dict[str, tuple[str, bytes, type[SealtraceError]]] = {
    "empty": ("a.pdf", b"", InputEmpty),
    "truncated pdf": ("a.pdf", pdf(3)[:200], InputDamaged),
    "encrypted pdf": ("a.pdf", encrypted_pdf(), InputEncrypted),
    "100,000 pages": ("a.pdf", HUNDRED_THOUSAND_PAGES, InputTooLarge),
    "cyclic page tree": ("a.pdf", CYCLE, InputDamaged),
    "pdf without pages": ("a.pdf", NO_PAGES, InputDamaged),
    "two gigapixels": ("a.png", png_claiming(50_000, 40_000), InputTooLarge),
    "png without its pixels": ("a.png", png_claiming(500, 400), InputDamaged),
    "truncated jpeg": ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", InputDamaged),
    "truncated zip": ("a.zip", zipped({"a.txt": b"abc" * 100})[:60], InputDamaged),
    "encrypted zip": ("a.zip", encrypted_zip(), InputEncrypted),
    "zip bomb": ("a.zip", zipped({"bomb.txt": bytes(40 << 20)}), InputTooLarge),
    "member outside": ("a.zip", zipped({"../../etc/x": b"x"}), InputDamaged),
    "docx bomb": ("a.docx", docx_with(b" " * (40 << 20)), InputTooLarge),
    "entities": ("a.docx", docx_with(BILLION), InputDamaged),
    "docx without a document": ("a.docx", zipped({"x.txt": b"x"}), InputDamaged),
    "pdf called png": ("a.png", pdf(), InputMislabelled),
    "png called pdf": ("a.pdf", png_claiming(10, 10), InputMislabelled),
    "noise called pdf": ("a.pdf", bytes(range(256)) * 20, InputDamaged),
    "noise called text": ("a.txt", bytes(range(128, 256)) * 20, InputDamaged),
    "noise called csv": ("a.csv", b"\x00\x01\x02\x03" * 100, InputDamaged),
    "no json": ("a.json", b'{"a": [1, 2', InputDamaged),
    "deep json": ("a.json", b"[" * 200_000, InputDamaged),
    "no svg": ("a.svg", b"<html/>", InputDamaged),
    "svg without a size": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', InputDamaged),
    "half a dxf": ("a.dxf", b"0\nSECTION\n2\n", InputDamaged),
    "truncated parquet": ("a.parquet", b"PAR1" + bytes(50), InputDamaged),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_files_are_refused_by_name(name: str, tmp_path: Path) -> None:
    file, data, error = CASES[name]
    path = tmp_path / file
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        read(path, sniff(path))
    assert caught.value.hint


def test_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        sniff(tmp_path / "gone.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(InputUnreadable):
        sniff(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(InputUnreadable):
        sniff(tmp_path / "folder.pdf")


def valid(folder: Path) -> dict[str, bytes]:
    made: dict[str, bytes] = {"a.pdf": pdf(2), "a.zip": zipped({"n.txt": b"hello " * 40})}
    for ending, form in (("png", "PNG"), ("jpg", "JPEG"), ("tif", "TIFF"), ("webp", "WEBP"), ("bmp", "BMP")):
        out = io.BytesIO()
        Image.effect_noise((90, 70), 60).convert("RGB").save(out, form)
        made[f"a.{ending}"] = out.getvalue()
    made["a.svg"] = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>x</text></svg>'
    return made


def test_any_truncation_is_read_or_refused_never_worse(tmp_path: Path) -> None:
    for name, data in valid(tmp_path).items():
        for part in (0.05, 0.3, 0.5, 0.8, 0.97):
            path = tmp_path / name
            path.write_bytes(data[: max(1, int(len(data) * part))])
            kind = detect(path)
            assert outcome(lambda: read(path, kind)) in ("read", "input")  # noqa: B023 (called at once)
            assert outcome(lambda: render(path, kind, 0)) in ("read", "input")  # noqa: B023 (called at once)


def outcome(work: Callable[[], object]) -> str:
    """Tell how reading ended: "read", or the first word of the error's code."""
    try:
        work()
    except SealtraceError as e:
        return e.code.partition("-")[0]
    return "read"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", "萃取段流量与酸度控制要求，第二版。".encode("gb18030"), Kind.TEXT),
        ("a.txt", "萃取段".encode("utf-16"), Kind.TEXT),
        ("a.txt", b"\xef\xbb\xbfplain", Kind.TEXT),
        ("a.md", b"# Heading\n", Kind.MARKDOWN),
        ("a.py", b"print(1)\n", Kind.SOURCE),
        ("noname", b"plain words\n", Kind.TEXT),
        ("noname", b"<!doctype html><p>x", Kind.HTML),
        ("noname", b"\x00\x9f\x01" * 60, Kind.OPAQUE),
        ("a.xyz", bytes(range(256)), Kind.OPAQUE),
    ],
)
def test_kinds_are_told_by_content(tmp_path: Path, name: str, data: bytes, kind: Kind) -> None:
    (tmp_path / name).write_bytes(data)
    assert sniff(tmp_path / name) is kind


def test_chinese_text_is_read_right_in_every_encoding(tmp_path: Path) -> None:
    words = "萃取段流量与酸度控制要求，反萃剂浓度。"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        (tmp_path / "a.txt").write_bytes(words.encode(encoding))
        assert read(tmp_path / "a.txt", Kind.TEXT).text == words


@pytest.fixture
def office(tmp_path: Path) -> Callable[[str], Path]:
    def make(kind: str) -> Path:
        path = tmp_path / f"a.{kind}"
        if kind == "docx":
            import docx

            document = docx.Document()
            document.core_properties.title = "Stage plan"
            document.add_paragraph("first paragraph 萃取")
            document.add_table(1, 2).cell(0, 1).text = "in a table"
            document.sections[0].header.paragraphs[0].text = "a header"
            document.save(str(path))
        elif kind == "xlsx":
            import openpyxl

            book = openpyxl.Workbook()
            book.active.append(["flow", 12.5])
            book.create_sheet("Second").append(["acid", "strong"])
            book.save(path)
        else:
            import pptx

            deck = pptx.Presentation()
            deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Cascade"
            deck.save(str(path))
        return path

    return make


def test_office_text_is_read_from_every_part(office: Callable[[str], Path]) -> None:
    document = read(office("docx"), Kind.DOCX)
    assert document.title == "Stage plan"
    assert all(words in document.text for words in ("first paragraph 萃取", "in a table", "a header"))
    book = read(office("xlsx"), Kind.XLSX)
    assert [part.name for part in book.parts] == ["Sheet", "Second"]
    assert "flow\t12.5" in book.text
    assert "strong" in book.text
    assert "Cascade" in read(office("pptx"), Kind.PPTX).text


def test_zip_members_are_known_by_digest_and_text(tmp_path: Path) -> None:
    import hashlib

    inner = zipped({"deep.txt": b"inner words"})
    (tmp_path / "a.zip").write_bytes(zipped({"n.txt": b"outer words", "b.bin": bytes(99), "in.zip": inner}))
    content = read(tmp_path / "a.zip", Kind.ZIP)
    assert {m.name: m.sha256 for m in content.members}["n.txt"] == hashlib.sha256(b"outer words").digest()
    assert "outer words" in content.text
    assert "inner words" in content.text
