"""DOCX, XLSX, PPTX: text by part, straight from the XML; no object model touches the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, Part
from sealtrace.errors import InputDamaged, InputTooLarge

from .archive import FREE_BYTES, chunks, open_archive
from .xml import parse

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
NUMBERED = re.compile(r"(\d+)\.xml$")


def read(path: Path, kind: Kind) -> Content:
    """Read the text of every story, sheet or slide, and the title of the core properties."""
    with open_archive(path) as archive:
        names = archive.namelist()
        total = sum(info.file_size for info in archive.infolist())
        if total > bounds.UNPACKED_BYTES:
            raise InputTooLarge(f"{path.name} unpacks to more than {bounds.UNPACKED_BYTES} bytes")
        parts = tuple({Kind.DOCX: _word, Kind.XLSX: _sheets, Kind.PPTX: _slides}[kind](archive, names))
        title = _title(archive, names)
    return Content(kind, title, parts)


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise InputDamaged(f"the part {name} is missing") from None
    if info.file_size > FREE_BYTES and info.file_size > bounds.RATIO * max(info.compress_size, 1):
        raise InputTooLarge(f"the part {name} unpacks more than {bounds.RATIO}-fold")
    if info.file_size > bounds.XML_BYTES:
        raise InputTooLarge(f"the part {name} has more than {bounds.XML_BYTES} bytes")
    return parse(b"".join(chunks(archive, info)), name)


def _in_order(names: list[str], pattern: str) -> list[str]:
    found = [name for name in names if re.fullmatch(pattern, name)]
    return sorted(found, key=lambda name: int(match[1]) if (match := NUMBERED.search(name)) else 0)


def _title(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    if "docProps/core.xml" not in names:
        return None
    found = _xml(archive, "docProps/core.xml").findtext(DC_TITLE)
    return found.strip() or None if found else None


def core_properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """The core properties by their local names: creator, lastModifiedBy, created, modified and so on."""
    if "docProps/core.xml" not in archive.namelist():
        return {}
    root = _xml(archive, "docProps/core.xml")
    return {
        etree.QName(node).localname: node.text for node in root if isinstance(node.tag, str) and node.text
    }


def _paragraphs(root: etree._Element, paragraph: str, run: str, breaks: tuple[str, ...]) -> str:
    lines = []
    for element in root.iter(paragraph):
        words = [
            (node.text or "") if node.tag == run else "\t"
            for node in element.iter(run, *breaks)
            if next(node.iterancestors(paragraph), None) is element
        ]
        lines.append("".join(words))
    return "\n".join(line for line in lines if line.strip())


def _word(archive: zipfile.ZipFile, names: list[str]) -> Iterator[Part]:
    stories = [
        "word/document.xml",
        *_in_order(names, r"word/(header|footer|footnotes|endnotes|comments)\d*\.xml"),
    ]
    for name in stories:
        text = _paragraphs(_xml(archive, name), f"{W}p", f"{W}t", (f"{W}tab", f"{W}br"))
        yield Part(Path(name).stem, text)


def _slides(archive: zipfile.ZipFile, names: list[str]) -> Iterator[Part]:
    for folder, label in (("slides/slide", "slide"), ("notesSlides/notesSlide", "notes")):
        for name in _in_order(names, rf"ppt/{folder}\d+\.xml"):
            match = NUMBERED.search(name)
            text = _paragraphs(_xml(archive, name), f"{A}p", f"{A}t", (f"{A}br",))
            yield Part(f"{label} {match[1] if match else ''}".strip(), text)


def _sheets(archive: zipfile.ZipFile, names: list[str]) -> Iterator[Part]:
    shared = _shared_strings(archive, names)
    titles = [str(e.get("name")) for e in _xml(archive, "xl/workbook.xml").iter(f"{S}sheet")]
    for number, name in enumerate(_in_order(names, r"xl/worksheets/sheet\d+\.xml")):
        rows = []
        for row in _xml(archive, name).iter(f"{S}row"):
            rows.append("\t".join(_cell(cell, shared) for cell in row.iter(f"{S}c")))
            if len(rows) >= bounds.TABLE_ROWS:
                break
        yield Part(titles[number] if number < len(titles) else f"sheet {number + 1}", "\n".join(rows))


def _shared_strings(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    if "xl/sharedStrings.xml" not in names:
        return []
    return [
        "".join(t.text or "" for t in item.iter(f"{S}t"))
        for item in _xml(archive, "xl/sharedStrings.xml").iter(f"{S}si")
    ]


def _cell(cell: etree._Element, shared: list[str]) -> str:
    value = cell.findtext(f"{S}v") or ""
    if cell.get("t") == "s":
        index = int(value) if value.isdecimal() else -1
        return shared[index] if 0 <= index < len(shared) else ""
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{S}t"))
    return value
