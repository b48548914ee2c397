"""Screening lists as values, and importers: OFAC's CSV, the EU's and the UN's XML, an own CSV table.

All of a file is read or nothing: half a list would clear what the other half names. Nothing is fetched; a person
brings the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import cbor2

from sealtrace.errors import InputDamaged, MalformedList

SCHEMA = "sealtrace/screening-list/1"
DOMAIN = b"sealtrace screening list 1\0"
EFFECTS = ("barred", "watch", "notice")  # no licence; no general licence; a person looks
FORMS = ("ofac", "eu", "un", "own")
MAX_BYTES = 256 << 20
NOTHING = "-0-"  # what OFAC writes for an empty field


@dataclass(frozen=True, slots=True)
class Listed:
    """One person or body on a list, with all its names and its days."""

    id: str
    names: tuple[str, ...]
    person: bool
    countries: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    remarks: str = ""

    def on_list(self, day: date) -> bool:
        """Whether it is listed on a day; without days it is."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, eq=False)
class ScreeningList:
    """One version of a list."""

    id: str
    version: str
    effect: str
    entries: tuple[Listed, ...]
    document: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """SHA-256 over the list's canonical bytes."""
        return hashlib.sha256(DOMAIN + packed(self.document)).digest()


def packed(document: Mapping[str, Any]) -> bytes:
    """The one byte form of a list."""
    return cbor2.dumps(dict(document), canonical=True)


def read_list(document: Mapping[str, Any]) -> ScreeningList:
    """Turn a document into a list, checking all of it. Raises MalformedList."""
    if document.get("schema") != SCHEMA or document.get("effect") not in EFFECTS:
        raise MalformedList(f"a screening list has the schema {SCHEMA} and an effect of {', '.join(EFFECTS)}")
    try:
        made = ScreeningList(
            document["id"], document["version"], document["effect"],
            tuple(_listed(e) for e in document["entries"]), document,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as e:
        raise MalformedList(f"the list lacks or mistypes something: {type(e).__name__} {e}") from e
    names = [e.id for e in made.entries]
    if not names or len(set(names)) != len(names) or not all(e.names and all(e.names) for e in made.entries):
        raise MalformedList("a screening list has entries, each with an id of its own and a name")
    return made


def _listed(raw: Mapping[str, Any]) -> Listed:
    first, last = (date.fromisoformat(raw[k]) if raw.get(k) else None for k in ("from", "to"))
    return Listed(
        str(raw["id"]), tuple(raw["names"]), raw["person"] is True, tuple(raw.get("countries", ())), first, last,
        raw.get("remarks", ""),
    )  # fmt: skip


def import_list(
    data: bytes, form: str, list_id: str, version: str, effect: str, alt: bytes = b""
) -> ScreeningList:
    """Read a file in a published form. `alt` is OFAC's file of further names, beside its main one.

    Raises:
        MalformedList: it is not in this form, or has no entries.
    """
    if form not in FORMS:
        raise MalformedList(f"no importer is called {form!r}: {', '.join(FORMS)}")
    if len(data) > MAX_BYTES:
        raise MalformedList(f"a screening list has at most {MAX_BYTES} bytes")
    try:
        rows = _ofac(data, alt) if form == "ofac" else _READERS[form](data)
        entries = [
            {k: v for k, v in row.items() if v not in ("", [], None)} | {"person": row["person"]}
            for row in rows
        ]
    except (UnicodeDecodeError, csv.Error, KeyError, IndexError, ValueError) as e:
        raise MalformedList(f"the file is not in the form {form}: {type(e).__name__} {e}") from e
    document = {"schema": SCHEMA, "id": list_id, "version": version, "effect": effect, "entries": entries}
    return read_list(document)


Row = dict[str, Any]


def _csv(data: bytes) -> str:
    """The text of a table, without the blanks that OFAC leaves behind quotes and the mark at its end."""
    return re.sub(r'" +(?=,|\r?\n|$)', '"', data.decode("utf-8-sig").rstrip("\x1a\r\n"))


def _ofac(data: bytes, alt: bytes) -> Iterable[Row]:
    """SDN.CSV has no head: number, name, type, programme, title, six of vessels, remarks; ALT.CSV further names."""
    others: dict[str, list[str]] = {}
    for row in csv.reader(io.StringIO(_csv(alt), newline=""), strict=True) if alt else ():
        others.setdefault(row[0].strip(), []).append(row[3].strip())
    for row in csv.reader(io.StringIO(_csv(data), newline=""), strict=True):
        if len(row) < 12:
            raise ValueError(f"a line has {len(row)} fields, 12 are needed")
        number, name, kind, programme = (cell.strip() for cell in row[:4])
        remarks = " ".join(c.strip() for c in (programme, row[11]) if c.strip() not in ("", NOTHING))
        yield {
            "id": number,
            "names": [name, *others.get(number, ())],
            "person": kind == "individual",
            "remarks": remarks,
        }


def _xml(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as e:
        raise InputDamaged(f"the list is not XML: {e}") from e
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
    return root


def _eu(data: bytes) -> Iterator[Row]:
    """The EU's consolidated list: sanctionEntity with nameAlias/@wholeName, subjectType, citizenship, regulation."""
    for entity in _xml(data).iter("sanctionEntity"):
        names = [a.get("wholeName", "").strip() for a in entity.iter("nameAlias")]
        subject = entity.find("subjectType")
        kind = (subject.get("code") or subject.get("classificationCode") or "") if subject is not None else ""
        countries = [
            c.get("countryIso2Code", "") for tag in ("citizenship", "address") for c in entity.iter(tag)
        ]
        remark = entity.find("remark")
        yield {
            "id": entity.get("euReferenceNumber") or entity.attrib["logicalId"], "names": _once(names),
            "person": kind.casefold() in ("person", "p"), "countries": _once(c for c in countries if c != "00"),
            "remarks": (remark.text or "").strip() if remark is not None else "",
        }  # fmt: skip


def _un(data: bytes) -> Iterator[Row]:
    """The UN's consolidated list: INDIVIDUAL and ENTITY with names in four parts and aliases."""
    root = _xml(data)
    for tag, alias in (("INDIVIDUAL", "INDIVIDUAL_ALIAS"), ("ENTITY", "ENTITY_ALIAS")):
        for entity in root.iter(tag):
            said = {child.tag: (child.text or "").strip() for child in entity if isinstance(child.tag, str)}
            whole = " ".join(
                filter(None, (said.get(f"{n}_NAME", "") for n in ("FIRST", "SECOND", "THIRD", "FOURTH")))
            )
            aliases = [(a.findtext("ALIAS_NAME") or "").strip() for a in entity.iter(alias)]
            yield {
                "id": said.get("REFERENCE_NUMBER") or said["DATAID"],
                "names": _once([whole, said.get("NAME_ORIGINAL_SCRIPT", ""), *aliases]),
                "person": tag == "INDIVIDUAL", "from": said.get("LISTED_ON", "")[:10],
                "remarks": said.get("COMMENTS1", ""),
            }  # fmt: skip


def _own(data: bytes) -> Iterator[Row]:
    """An own table with a head: id, name, names (divided by |), person (yes), countries, from, to, remarks."""
    for number, row in enumerate(csv.DictReader(io.StringIO(_csv(data), newline=""), strict=True), 1):
        cell = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
        yield {
            "id": cell.get("id") or str(number), "names": _once([cell["name"], *cell.get("names", "").split("|")]),
            "person": cell.get("person", "").casefold() in ("yes", "true", "1", "是"),
            "countries": _once(cell.get("countries", "").upper().replace(";", " ").split()),
            "from": cell.get("from", ""), "to": cell.get("to", ""), "remarks": cell.get("remarks", ""),
        }  # fmt: skip


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(v.strip() for v in values if v.strip()))


_READERS: dict[str, Callable[[bytes], Iterator[Row]]] = {"eu": _eu, "un": _un, "own": _own}
