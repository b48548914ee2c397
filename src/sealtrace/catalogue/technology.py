"""The technology catalogue: which item a technical file's own words put it under.

A file is about an item when its words name the catalogue's subject and a control point of the item. Words
only ever bring a file in: that none is found clears nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from sealtrace.errors import MalformedList

from .instruments import FOREVER, Instrument, State, state
from .lists import ControlList, digest_of, load_yaml, read_instrument
from .lists import shipped as control_list

SCHEMA = "sealtrace/technology-catalogue/1"
CLASSES = ("prohibited", "restricted", "uncertain", "dual_use")


@dataclass(frozen=True, slots=True)
class Point:
    """One control point of an item, with the words that speak of it."""

    zh: str
    en: str
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Item:
    """One item of the catalogue: prohibited, restricted, uncertain, or a dual-use entry of a control list."""

    code: str
    kind: str
    zh: str
    en: str
    points: tuple[Point, ...]
    instrument: Instrument
    part: str | None = None

    def state(self, on: date, known: date = FOREVER) -> State:
        """Whether the item binds on a day."""
        return state(self.instrument, self.part, on, known)


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that a text is about, the point, and the words that say so."""

    item: Item
    point: Point
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TechnologyCatalogue:
    """One version of the catalogue."""

    id: str
    version: str
    digest: bytes
    subject: tuple[str, ...]
    service: tuple[str, ...]
    process: tuple[str, ...]
    items: tuple[Item, ...]
    exemptions: tuple[Point, ...]

    def about_subject(self, text: str) -> bool:
        """Tell whether a text names the catalogue's subject at all."""
        return bool(_found(self.subject, text.casefold()))

    def hits(self, text: str) -> list[Hit]:
        """Give the items a text is about, one hit an item, in the catalogue's order.

        Work on a production line (assembly, repair) and recycling are not the process that makes the goods,
        unless the text speaks of the process as well.
        """
        plain = text.casefold()
        if not _found(self.subject, plain):
            return []
        only_service = bool(_found(self.service, plain)) and not _found(self.process, plain)
        made = []
        for item in self.items:
            if only_service and item.kind == "prohibited":
                continue
            found = [Hit(item, p, words) for p in item.points if (words := _found(p.words, plain))]
            if found:
                made.append(max(found, key=lambda hit: len(hit.words)))
        return made

    def exemption(self, text: str) -> Point | None:
        """The exemption that a text claims."""
        plain = text.casefold()
        return next((e for e in self.exemptions if _found(e.words, plain)), None)


def _found(words: tuple[str, ...], plain: str) -> tuple[str, ...]:
    return tuple(w for w in words if w in plain)


@cache
def shipped() -> TechnologyCatalogue:
    """The catalogue that comes with Sealtrace."""
    return over(control_list())


def over(controls: ControlList) -> TechnologyCatalogue:
    """The shipped catalogue beside another control list, whose entries its dual-use items are."""
    path = resources.files("sealtrace.catalogue") / "data" / "cn-technology.yaml"
    return read_catalogue(load_yaml(path.read_bytes()), controls)


def read_catalogue(document: Mapping[str, Any], controls: ControlList) -> TechnologyCatalogue:
    """Turn a document into a catalogue. Raises MalformedList."""
    if document.get("schema") != SCHEMA:
        raise MalformedList(f"schema is {document.get('schema')!r}, not {SCHEMA!r}")
    try:
        instruments = {i["id"]: read_instrument(i) for i in document["instruments"]}
        return TechnologyCatalogue(
            id=document["id"],
            version=str(document["version"]),
            digest=digest_of(document),
            subject=_words(document["subject"]),
            service=_words(document["service"]),
            process=_words(document["process"]),
            items=tuple(_item(i, instruments, controls) for i in document["items"]),
            exemptions=tuple(_point(e) for e in document["exemptions"]),
        )
    except (KeyError, TypeError, ValueError) as e:
        raise MalformedList(f"the catalogue lacks or mistypes something: {type(e).__name__} {e}") from e


def _item(raw: Mapping[str, Any], instruments: Mapping[str, Instrument], controls: ControlList) -> Item:
    kind = raw["class"]
    if kind not in CLASSES:
        raise MalformedList(f"{raw['code']}: class {kind!r} is none of {', '.join(CLASSES)}")
    points = tuple(_point(p) for p in raw["points"])
    if kind == "dual_use":
        entry = controls.by_code[raw["code"]]
        return Item(raw["code"], kind, raw["zh"], raw["en"], points, entry.instrument, entry.part)
    return Item(raw["code"], kind, raw["zh"], raw["en"], points, instruments[raw["instrument"]])


def _point(raw: Mapping[str, Any]) -> Point:
    return Point(raw["zh"], raw["en"], _words(raw["words"]))


def _words(raw: list[str]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in raw)
