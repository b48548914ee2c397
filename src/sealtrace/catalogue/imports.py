"""Take in other control lists (EU, US, an office's own) from CSV or YAML tables with named columns.

One row is one entry. The columns are the fields of our own form; a mapping renames those of a foreign table.
A row that can't be read stops the import: half a control list would clear what the other half controls.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sealtrace.errors import MalformedList

from .elements import WEIGHTS
from .lists import SCHEMA, ControlList, Document, load_yaml, read_list

FIELDS = ("code", "elements", "form", "zh", "en", "hs", "from", "to", "family", "classes", "source", "note")
FORMS = frozenset(
    [
        "metal",
        "alloy",
        "target",
        "magnet",
        "oxide",
        "compound",
        "functional",
        "ore_or_reagent",
        "equipment",
        "technology",
        "other",
    ]
)
MANY = re.compile(r"[,;、\s]+")


@dataclass(frozen=True, slots=True)
class ImportAs:
    """What the table itself does not say: names, the instrument the entries stand under, its days."""

    id: str
    version: str
    title: str
    instrument: str
    published: date
    commences: date
    recorded: date
    columns: Mapping[str, str]  # our field -> the table's column


def import_csv(data: bytes, how: ImportAs) -> ControlList:
    """Read a CSV table (UTF-8, a head line) as a control list. Raises MalformedList."""
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as e:
        raise MalformedList(f"the table is not CSV in UTF-8: {e}") from e
    return read_list(document_of(rows, how))


def import_yaml(data: bytes, how: ImportAs) -> ControlList:
    """Read a YAML file, either a whole list in our form or a map with `entries`. Raises MalformedList."""
    document = load_yaml(data)
    if document.get("schema") == SCHEMA:
        return read_list(document)
    rows = document.get("entries")
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise MalformedList("the file has no list of entries")
    return read_list(document_of(rows, how))


def document_of(rows: Iterable[Mapping[str, object]], how: ImportAs) -> Document:
    """Make a document in our form from rows."""
    made = [_entry(number, row, how) for number, row in enumerate(rows, 1)]
    if not made:
        raise MalformedList("the table has no entries")
    return {
        "schema": SCHEMA,
        "id": how.id,
        "version": how.version,
        "title": {"zh": how.title, "en": how.title},
        "recorded": how.recorded.isoformat(),
        "instruments": [
            {
                "id": how.instrument,
                "title": {"zh": how.title, "en": how.title},
                "events": [
                    {"event": "published", "date": how.published.isoformat()},
                    {
                        "event": "commences",
                        "date": how.commences.isoformat(),
                        "known": how.published.isoformat(),
                    },
                ],
            }
        ],
        "entries": made,
    }


def _entry(number: int, row: Mapping[str, object], how: ImportAs) -> dict[str, object]:
    given = {field: row.get(how.columns.get(field, field)) for field in FIELDS}
    code, form = _text(given["code"]), _text(given["form"]) or "other"
    if not code:
        raise MalformedList(f"row {number} has no code")
    if form not in FORMS:
        raise MalformedList(f"row {number}: form {form!r} is none of {', '.join(sorted(FORMS))}")
    elements = _many(given["elements"])
    unknown = [e for e in elements if e not in WEIGHTS]
    if unknown:
        raise MalformedList(f"row {number}: {', '.join(unknown)} is no element")
    en = _text(given["en"]) or _text(given["zh"])
    if not en:
        raise MalformedList(f"row {number} has no text")
    made: dict[str, object] = {
        "code": code, "instrument": how.instrument, "form": form, "zh": _text(given["zh"]) or en, "en": en,
    }  # fmt: skip
    for field in ("elements", "hs", "classes"):
        if _many(given[field]):
            made[field] = _many(given[field])
    for field in ("from", "to", "family", "source", "note"):
        if _text(given[field]):
            made[field] = _text(given[field])
    return made


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _many(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(v) for v in value]
    return [part for part in MANY.split(_text(value)) if part]
