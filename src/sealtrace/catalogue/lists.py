"""Control lists as values: entries under dated instruments, scope notes, bars; a digest names each list.

A list is a document (plain maps, lists and texts). Its canonical bytes are deterministic CBOR (RFC 8949,
4.2.1) of that document, its digest their SHA-256; every decision carries it, so the decision can be made
again bit for bit. The digest is over the data, not over a file's spelling: comments and order of keys in
a YAML file don't change it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from typing import Any

import cbor2
import yaml

from sealtrace.errors import MalformedList

from .elements import WEIGHTS
from .instruments import FOREVER, Alarm, Event, Instrument, State, What, state

SCHEMA = "sealtrace/control-list/1"
DOMAIN = b"sealtrace control list 1\0"
SHIPPED = "cn-rare-earth"
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """One line of a closed list: an alloy or target that is controlled by its name."""

    zh: str
    en: str
    of: frozenset[str]
    confidence: str


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of a control list: a code, the goods' form, and the elements that bring goods under it."""

    code: str
    instrument: Instrument
    part: str | None
    elements: tuple[str, ...]
    form: str
    zh: str
    en: str
    named: tuple[Named, ...] = ()
    family: str | None = None
    classes: frozenset[str] = frozenset()
    open: bool = False
    words: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    valid_from: date = date.min
    valid_to: date = FOREVER
    known: date = date.min
    confidence: str = "high"
    source: str = ""
    minimum_value_ratio: Decimal | None = None
    annex: tuple[Mapping[str, Any], ...] = ()

    def on_list(self, on: date, known: date = FOREVER) -> bool:
        """Whether this line is in the list's text on a day."""
        return self.valid_from <= on <= self.valid_to and self.known <= known

    def state(self, on: date, known: date = FOREVER) -> State | None:
        """The state of the entry's instrument on a day; None when this line is not in the list's text then."""
        if not self.on_list(on, known):
            return None
        return state(self.instrument, self.part, on, known)


@dataclass(frozen=True, slots=True)
class ScopeNote:
    """What the authority said about forms outside an instrument, from a day on."""

    id: str
    instrument: str
    on: date
    forms: frozenset[str]
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class Bar:
    """A prohibition by destination and military use, whatever licence there is."""

    id: str
    instrument: Instrument
    part: str | None
    destinations: frozenset[str]
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class ControlList:
    """One version of a control list, complete and consistent."""

    id: str
    version: str
    zh: str
    en: str
    recorded: date
    instruments: Mapping[str, Instrument]
    entries: tuple[Entry, ...]
    notes: tuple[ScopeNote, ...]
    bars: tuple[Bar, ...]
    document: Document

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over the canonical bytes."""
        return digest_of(self.document)

    @cached_property
    def elements(self) -> frozenset[str]:
        """Every element that some entry names."""
        return frozenset(e for entry in self.entries for e in entry.elements)

    @cached_property
    def by_code(self) -> Mapping[str, Entry]:
        """Entries by code."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def turns(self) -> tuple[tuple[date, ...], tuple[date, ...]]:
        """The days on which the law changes, and those on which more became known; between two all stays as it was."""
        events = [e for i in self.instruments.values() for e in i.events]
        law = {e.on for e in events} | {after(e.until) for e in events if e.until is not None}
        law |= {e.valid_from for e in self.entries} | {after(e.valid_to) for e in self.entries}
        known = {e.known for e in events} | {e.known for e in self.entries}
        return tuple(sorted(law)), tuple(sorted(known))

    def alarms(self, today: date) -> list[Alarm]:
        """The suspensions that run out within 90 days, or ran out with nothing known after; soonest first."""
        found = [alarm for instrument in self.instruments.values() for alarm in instrument.alarms(today)]
        return sorted(found, key=lambda a: (a.until, a.instrument, a.part or ""))


def after(day: date) -> date:
    """The next day; the last day of all has none."""
    return day if day == FOREVER else day + timedelta(days=1)


def turn(turns: Sequence[date], day: date) -> date:
    """The last of the days at or before a day; the first day of all when there is none."""
    at = bisect_right(turns, day)
    return turns[at - 1] if at else date.min


def canonical(document: Document) -> bytes:
    """The one byte form of a list."""
    return cbor2.dumps(dict(document), canonical=True)


def digest_of(document: Document) -> bytes:
    """The digest that names a list's content."""
    return hashlib.sha256(DOMAIN + canonical(document)).digest()


def load_yaml(text: str | bytes) -> Document:
    """Read a document without any type but text, whole number, truth, list and map.

    Raises:
        MalformedList: it is not YAML, or not a map.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(text, Loader=loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise MalformedList(f"the list is not YAML: {e}") from e
    if not isinstance(document, dict):
        raise MalformedList("a list is a map with schema, id, version, instruments and entries")
    return document


@cache
def shipped() -> ControlList:
    """The control list that comes with Sealtrace."""
    path = resources.files("sealtrace.catalogue") / "data" / f"{SHIPPED}.yaml"
    return read_list(load_yaml(path.read_bytes()))


def read_list(document: Document) -> ControlList:
    """Turn a document into a list, checking all of it.

    Raises:
        MalformedList: a part is missing, a reference leads nowhere, an element does not exist.
    """
    if document.get("schema") != SCHEMA:
        raise MalformedList(f"schema is {document.get('schema')!r}, not {SCHEMA!r}")
    try:
        instruments = {i["id"]: read_instrument(i) for i in document["instruments"]}
        made = ControlList(
            id=str(document["id"]),
            version=str(document["version"]),
            zh=document["title"]["zh"],
            en=document["title"]["en"],
            recorded=_day(document["recorded"]),
            instruments=instruments,
            entries=tuple(_entry(e, instruments) for e in document["entries"]),
            notes=tuple(_note(n) for n in document.get("scope_notes", ())),
            bars=tuple(_bar(b, instruments) for b in document.get("bars", ())),
            document=document,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as e:
        raise MalformedList(f"the list lacks or mistypes something: {type(e).__name__} {e}") from e
    codes = [entry.code for entry in made.entries]
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        raise MalformedList(f"codes stand twice: {', '.join(sorted(twice))}")
    return made


def read_instrument(raw: Document) -> Instrument:
    """Read one instrument. `known` of an event is its own day unless it says otherwise."""
    return Instrument(
        id=raw["id"],
        zh=raw["title"]["zh"],
        en=raw["title"]["en"],
        events=tuple(_event(e) for e in raw["events"]),
        note=raw.get("note", ""),
    )


def _event(raw: Document) -> Event:
    on = _day(raw["date"])
    return Event(
        what=What(raw["event"]),
        on=on,
        known=_day(raw["known"]) if "known" in raw else on,
        until=_day(raw["until"]) if "until" in raw else None,
        by=raw.get("by"),
        parts=frozenset(map(str, raw["parts"])) if "parts" in raw else None,
        source=raw.get("source", ""),
        confidence=raw.get("confidence", "high"),
    )


def _entry(raw: Document, instruments: Mapping[str, Instrument]) -> Entry:
    elements = _elements(raw.get("elements", ()))
    confidence = raw.get("confidence", "high")
    named = [
        Named(n["zh"], n.get("en", ""), frozenset(_elements(n["of"])), n.get("confidence", confidence))
        for n in raw.get("named", ())
    ]
    ratio = raw.get("threshold", {}).get("value_ratio_min")
    return Entry(
        code=str(raw["code"]),
        instrument=instruments[raw["instrument"]],
        part=raw.get("part"),
        elements=elements,
        form=raw["form"],
        zh=raw["zh"],
        en=raw["en"],
        named=tuple(named),
        family=raw.get("family"),
        classes=frozenset(raw.get("classes", ())),
        open=bool(raw.get("open", False)),
        words=tuple(w.replace("_", " ").casefold() for w in raw.get("words", ())),
        hs=tuple(map(str, raw.get("hs", ()))),
        valid_from=_day(raw["from"]) if "from" in raw else date.min,
        valid_to=_day(raw["to"]) if "to" in raw else FOREVER,
        known=_day(raw["known"]) if "known" in raw else date.min,
        confidence=confidence,
        source=raw.get("source", ""),
        minimum_value_ratio=None if ratio is None else Decimal(str(ratio)),
        annex=tuple(line for part in raw.get("annex", {}).values() for line in part),
    )


def _note(raw: Document) -> ScopeNote:
    return ScopeNote(
        raw["id"], raw["instrument"], _day(raw["date"]), frozenset(raw["forms"]), raw["zh"], raw["en"]
    )


def _bar(raw: Document, instruments: Mapping[str, Instrument]) -> Bar:
    instrument = instruments[raw["instrument"]]
    return Bar(raw["id"], instrument, raw.get("part"), frozenset(raw["destinations"]), raw["zh"], raw["en"])


def _elements(symbols: Sequence[str]) -> tuple[str, ...]:
    unknown = [s for s in symbols if s not in WEIGHTS]
    if unknown:
        raise MalformedList(f"{', '.join(map(str, unknown))}: no such element")
    return tuple(symbols)


def _day(text: object) -> date:
    return date.fromisoformat(str(text))


# -- comparing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two lists; `before` or `after` is None where the thing did not exist."""

    place: str
    before: object
    after: object


def diff(old: Document, new: Document) -> list[Change]:
    """List what differs, in the order of the new list, then what is gone."""
    changes = list(_differences("", old, new))
    return sorted(changes, key=lambda c: c.after is None)


def _differences(place: str, old: object, new: object) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*new, *old)):
            yield from _differences(f"{place}.{key}".removeprefix("."), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and _keyed(old) and _keyed(new):
        before, after = ({_key(x): x for x in side} for side in (old, new))
        for name in dict.fromkeys((*after, *before)):
            yield from _differences(f"{place}[{name}]", before.get(name), after.get(name))
    elif old != new:
        yield Change(place, old, new)


def _keyed(rows: Sequence[object]) -> bool:
    return all(isinstance(r, Mapping) and _key(r) for r in rows) and len({_key(r) for r in rows}) == len(rows)


def _key(row: object) -> str:
    assert isinstance(row, Mapping)
    if "event" in row:
        return f"{row['event']} {row['date']}"
    return str(row.get("code") or row.get("id") or row.get("case") or row.get("zh") or "")
