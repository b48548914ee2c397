"""XLSX: cells by their place in the sheet's XML, so that a value is replaced and every other byte stays.

Source: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.96 (v), 18.2.2 (calcPr). Cells of formulas are never changed; where
there are any, the workbook is told to calculate when it is opened.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sealtrace.content import bounds
from sealtrace.content.readers.archive import chunks, open_archive
from sealtrace.content.readers.xml import parse
from sealtrace.errors import InputTooLarge

from .grid import Place, locate
from .model import Changes, Table

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
WORKBOOK, RELS, STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
CELL = re.compile(rb"<((?:\w+:)?)c\b([^>]*?)(?:/>|>(.*?)</\1c>)", re.S)
VALUE = re.compile(rb"<((?:\w+:)?)v\b[^>]*>([^<]*)</\1v>")
TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<")
REFERENCE, TYPE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"'), re.compile(rb'\bt="(\w+)"')
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
LONGEST_DIGITS = 15  # a double written out in full: its shortest form is what was meant


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, where its number stands in the part (0, 0 for words), and whether it is no formula."""

    text: str
    start: int
    end: int
    free: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One worksheet: its part, its bytes, its cells."""

    name: str
    part: str
    data: bytes
    cells: dict[Place, Cell]


def read(path: Path) -> list[Table]:
    """Read the table of every sheet that holds one."""
    return [table for _, table, _, _ in _tables(path)]


def changed_parts(path: Path, changes: Sequence[Changes]) -> dict[str, bytes]:
    """Return the parts of the package that change, whole; everything else is to be copied as it is."""
    found: dict[str, bytes] = {}
    for (sheet, _table, rows, columns), wanted in zip(_tables(path), changes, strict=True):
        edits = []
        for column, texts in wanted.items():
            for row, new in zip(rows, texts, strict=True):
                cell = sheet.cells.get((row, columns[column]))
                if new is not None and cell is not None and cell.free and cell.end:
                    edits.append((cell.start, cell.end, new.encode()))
        if edits:
            found[sheet.part] = _edited(sheet.data, edits)
    with open_archive(path) as archive:
        if found and any(FORMULA.search(sheet.data) for sheet in _sheets(archive)):
            found[WORKBOOK] = _calculated_on_load(_bytes(archive, WORKBOOK))
    return found


def _edited(data: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    made, at = [], 0
    for start, end, new in sorted(edits):
        made += [data[at:start], new]
        at = end
    return b"".join([*made, data[at:]])


def _calculated_on_load(workbook: bytes) -> bytes:
    if b"fullCalcOnLoad" in workbook:
        return workbook
    if re.search(rb"<(?:\w+:)?calcPr\b", workbook):
        return re.sub(rb"(<(?:\w+:)?calcPr\b)", rb'\1 fullCalcOnLoad="1"', workbook, count=1)
    after = re.search(
        rb"</((?:\w+:)?)definedNames>|</((?:\w+:)?)sheets>(?!.*</(?:\w+:)?definedNames>)", workbook, re.S
    )
    if after is None:
        return workbook
    prefix = after[1] or after[2] or b""
    return workbook[: after.end()] + b"<" + prefix + b'calcPr fullCalcOnLoad="1"/>' + workbook[after.end() :]


def _tables(path: Path) -> Iterator[tuple[Sheet, Table, list[int], list[int]]]:
    with open_archive(path) as archive:
        for sheet in _sheets(archive):
            place = locate({at: cell.text for at, cell in sheet.cells.items()})
            if place is None:
                continue
            heading, rows, columns = place
            cells = tuple(
                tuple(sheet.cells[row, column].text if (row, column) in sheet.cells else "" for row in rows)
                for column in columns
            )
            bound = {
                i for i, column in enumerate(columns)
                if any(not sheet.cells[row, column].free for row in rows if (row, column) in sheet.cells)
            }  # fmt: skip
            yield sheet, Table(sheet.name, tuple(heading), cells, frozenset(bound)), rows, columns


def _bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > bounds.XML_BYTES:
        raise InputTooLarge(f"the part {name} has more than {bounds.XML_BYTES} bytes")
    return b"".join(chunks(archive, info))


def _sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    names = set(archive.namelist())
    targets = {str(e.get("Id")): str(e.get("Target")) for e in parse(_bytes(archive, RELS), RELS)}
    strings = _strings(archive) if STRINGS in names else []
    for element in parse(_bytes(archive, WORKBOOK), WORKBOOK).iter(f"{S}sheet"):
        target = targets.get(str(element.get(R)), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            data = _bytes(archive, part)
            yield Sheet(str(element.get("name")), part, data, _cells(data, strings))


def _strings(archive: zipfile.ZipFile) -> list[str]:
    root = parse(_bytes(archive, STRINGS), STRINGS)
    return ["".join(t.text or "" for t in item.iter(f"{S}t")) for item in root.iter(f"{S}si")]


def _cells(data: bytes, strings: Sequence[str]) -> dict[Place, Cell]:
    found: dict[Place, Cell] = {}
    for match in CELL.finditer(data):
        reference, body = REFERENCE.search(match[2]), match[3]
        if reference is None or not body:
            continue
        kind = TYPE.search(match[2])
        value = VALUE.search(body)
        place = int(reference[2]), _column(reference[1])
        if kind is not None and kind[1] == b"inlineStr":
            text = b"".join(TEXT.findall(body)).decode("utf-8", "replace")
            found[place] = Cell(text, 0, 0, free=True)
        elif value is not None:
            raw = value[2].decode("utf-8", "replace")
            start = match.start(3) + value.start(2)
            if kind is not None and kind[1] == b"s":
                index = int(raw) if raw.isdecimal() else -1
                found[place] = Cell(strings[index] if 0 <= index < len(strings) else "", 0, 0, free=True)
            else:
                free = (kind is None or kind[1] == b"n") and FORMULA.search(body) is None
                found[place] = Cell(_shortest(raw), start, start + len(value[2]), free)
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _shortest(raw: str) -> str:
    if sum(c.isdigit() for c in raw) <= LONGEST_DIGITS:
        return raw
    try:
        return repr(float(raw))
    except ValueError:
        return raw
