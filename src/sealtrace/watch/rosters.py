"""Read one published roster: CSV, XLSX, HTML or PDF; its digest, and of each row only what is compared.

Which column is what is told from its heading, or said. Columns about relatives stop the reading; columns that are not
compared are dropped and nowhere kept. The file is foreign: it is read in the sandbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sealtrace import sandbox
from sealtrace.content import bounds
from sealtrace.content.kinds import Kind, detect
from sealtrace.content.tables import files
from sealtrace.errors import InputDamaged, SealtraceError
from sealtrace.people.columns import refuse_relatives

LIMITS = sandbox.Limits(seconds=bounds.SECONDS)
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full name", "consultant", "expert", "staff", "member", "person", "nama", "姓名", "名字", "专家",
             "顾问", "人员", "名前", "氏名", "성명", "họ tên", "họ và tên"),
    "employer": ("previous employer", "prev employer", "prev_employer", "former employer", "past employer", "formerly",
                 "background", "previously at", "原单位", "原任职", "曾任职", "前雇主", "工作经历"),
    "speciality": ("speciality", "specialty", "field", "expertise", "area", "discipline", "specialisation",
                   "specialization", "专业", "研究方向", "领域", "方向"),
    "school": ("school", "university", "education", "alma mater", "degree from", "graduated from", "毕业院校", "学校",
               "院校", "学历"),
    "birth": ("birth", "year of birth", "birth year", "born", "date of birth", "dob", "出生", "出生年", "出生年份",
              "出生日期", "生年"),
}  # fmt: skip
"""Headings by which a column is known, as published rosters use them; `employer` is the former one."""
FIELDS = tuple(HEADINGS)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row: where it stands, what is compared of it. Fields that the roster lacks are blank."""

    place: str
    name: str
    employer: str = ""
    speciality: str = ""
    school: str = ""
    birth: str = ""

    @property
    def text(self) -> str:
        """The row for a reader, and for telling it again."""
        return " | ".join(getattr(self, field) for field in FIELDS)


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read: the file's digest and kind, which heading became which field, the rows that have a name."""

    sha256: bytes
    kind: Kind
    columns: Mapping[str, str]
    rows: tuple[RosterRow, ...]


Lines = tuple[list[str], list[tuple[str, list[str]]]]
"""Headings, and for each row its place and cells."""


def read_roster(path: Path, columns: Mapping[str, str] | None = None) -> Roster:
    """Read a roster. `columns` names the heading of a field where it is not known by itself.

    Raises:
        InputDamaged: it is of another kind, holds no table, or no column of names is found.
        FamilyDataRefused: a column is about relatives; nothing of it was kept.
    """
    kind = detect(path)
    digest = hashlib.sha256(path.read_bytes()).digest()
    if kind in (Kind.CSV, Kind.TSV, Kind.XLSX):
        lines = _of_table(path, kind)
    elif kind in (Kind.HTML, Kind.PDF):
        lines = sandbox.call(read_page_here, path.absolute(), kind, limits=LIMITS)
    else:
        raise InputDamaged(f"{path.name} is {kind}; a roster is CSV, XLSX, HTML or PDF")
    header, rows = lines
    refuse_relatives(header)
    chosen = _columns(header, columns or {}, path)
    made = []
    for place, cells in rows:
        values = {f: cells[i].strip() for f, i in chosen.items() if i < len(cells)}
        if values.get("name"):
            made.append(RosterRow(place, **values))
    return Roster(digest, kind, {field: header[i] for field, i in chosen.items()}, tuple(made))


def _of_table(path: Path, kind: Kind) -> Lines:
    tables = files.read(path, kind)
    if not tables:
        raise InputDamaged(f"{path.name} holds no table")
    table = max(tables, key=lambda t: t.rows)
    cells = [list(row) for row in zip(*table.columns, strict=True)]
    return list(table.header), [(f"{table.name}, row {n}", row) for n, row in enumerate(cells, 1)]


def read_page_here(path: Path, kind: Kind) -> Lines:
    """Read the table of a web page or of a PDF in this process. Only for the sandbox."""
    from . import roster_pages

    try:
        return roster_pages.html(path) if kind is Kind.HTML else roster_pages.pdf(path)
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} holds no roster as {kind}: {type(e).__name__}: {e}"[:300]) from e


def known_heading(text: str) -> str | None:
    """The field that a heading names, None when it names none of ours."""
    plain = " ".join(text.casefold().replace("_", " ").split()).strip(" :：*")
    for field, headings in HEADINGS.items():
        if plain in headings:
            return field
    found = [(len(h), f) for f, headings in HEADINGS.items() for h in headings if f != "name" and h in plain]
    if found:
        return max(found)[1]
    return "name" if plain.endswith(" name") or "姓名" in plain else None


def _columns(header: Sequence[str], said: Mapping[str, str], path: Path) -> dict[str, int]:
    chosen: dict[str, int] = {}
    for field, heading in said.items():
        if field not in FIELDS or heading not in header:
            raise InputDamaged(
                f"{path.name} has no column {heading!r}, or {field!r} is none of {', '.join(FIELDS)}",
                advice=f"Its columns are: {', '.join(h for h in header if h)}.",
            )
        chosen[field] = list(header).index(heading)
    for place, heading in enumerate(header):
        field_known = known_heading(heading)
        if field_known is not None and place not in chosen.values():
            chosen.setdefault(field_known, place)
    if "name" not in chosen:
        raise InputDamaged(
            f"{path.name} has no column that is known to hold names",
            advice=f"Say which: name=HEADING. Its columns are: {', '.join(h for h in header if h)}.",
        )
    return chosen
