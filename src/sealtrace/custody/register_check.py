"""Compare the register's rows with what the log's entries commit to: a row that was altered shows, by name.

The log holds hashes; the openings of its commitments lie sealed in the register. What an opening says and
what the row beside it says must be the same. Names of parts and the state of the indexes are derived: no
entry commits to them, and nothing but the database's own structure is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from sealtrace.errors import SealtraceError
from sealtrace.ledger import issuers
from sealtrace.ledger.check import Part
from sealtrace.ledger.heads import FIRST, generations
from sealtrace.ledger.model import Generation
from sealtrace.ledger.verify import verify_commitment

from . import (
    controls,
    controls_rows,
    devices,
    keys,
    looks,
    proof_store,
    publication,
    reading,
    register,
    retention,
    store,
)
from .office import Office

Wrong = tuple[str, str]
"""What is wrong: where, and what."""

MAX_STRUCTURE_PROBLEMS = 20


def check(office: Office, part: Part) -> Iterator[Wrong]:
    """Yield what differs. Rows are read with the part their entry belongs to, settings always."""
    yield from _structure(office)
    yield from _versions(office, part)
    yield from _copies(office, part)
    yield from _home_and_traces(office, part)
    yield from _deeds(office, part)
    yield from _acts(office, part)
    yield from _looks(office, part)
    yield from _controls(office, part)
    for work in (_openings, _generations, _policy, _issuers, _shards, _lines):
        try:
            yield from work(office)
        except SealtraceError as e:
            yield work.__name__.strip("_"), e.message


def _structure(office: Office) -> Iterator[Wrong]:
    """SQLite's own look at its pages, indexes, constraints and references."""
    for (said,) in office.db.execute(f"PRAGMA integrity_check({MAX_STRUCTURE_PROBLEMS})"):
        if said != "ok":
            yield "database", str(said)
    for table, row, parent, _ in office.db.execute("PRAGMA foreign_key_check"):
        yield f"table {table}", f"row {row} belongs to a row of {parent} that is not there"


def _differences(opening: Mapping[str, Any], row: Mapping[str, object]) -> list[str]:
    """The names of the fields in which a row differs from what its entry commits to."""
    return [name for name, value in row.items() if name in opening and opening[name][1] != value]


def _compared(place: str, opening: Mapping[str, Any], row: Mapping[str, object]) -> Iterator[Wrong]:
    for name in _differences(opening, row):
        yield place, f"its {name} on record differs from what its entry commits to"


def _versions(office: Office, part: Part) -> Iterator[Wrong]:
    for v in store.versions(office.db):
        if not part.holds(v.entry):
            continue
        row: dict[str, object] = {
            "code": str(v.code), "version": v.version, "sha256": v.sha256, "size_bytes": v.size_bytes,
            "kind": v.kind.value, "iscc": v.iscc, "registered_at": v.registered_at,
            "name": v.name, "pages": v.pages, "plan_sha256": register.plan_digest(v),
        }  # fmt: skip
        if v.version == 1:  # title and level are the file's; its first version brought them
            row |= {"title": v.title, "level": v.level.value}
        with suppress(SealtraceError):  # the check of the openings names one that does not open
            opening = office.subjects.unseal_office(store.opening_of_version(office.db, v.row), v.key_id)
            yield from _compared(f"version {v.ref}", opening, row)


def _copies(office: Office, part: Part) -> Iterator[Wrong]:
    """A copy's digest may have come later, by delivery; then its issue commits to none."""
    known = {bytes(token) for (token,) in office.db.execute("SELECT token FROM subjects")}
    for row in store.copies(office.db):
        if part.holds(row.entry) and row.subject not in known:
            yield f"copy {row.id}", "the person it was issued to is not in the register"
        elif part.holds(row.entry):
            record = None
            with suppress(SealtraceError):
                record = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
            if record is not None:
                yield from _copy(office, row, record["opening"])


def _copy(office: Office, row: store.CopyRow, opening: Mapping[str, Any]) -> Iterator[Wrong]:
    place, version = f"copy {row.id}", store.version_by_row(office.db, row.version)
    shown: dict[str, object] = {
        "copy": bytes(row.id), "code": str(version.code), "version": version.version,
        "original_sha256": version.sha256, "issued_at": row.issued_at, "page": row.page,
        "event": row.purpose.event,
    }  # fmt: skip
    if opening["copy_sha256"][1] is not None:
        shown["copy_sha256"] = row.sha256
    yield from _compared(place, opening, shown)
    secret, request = (opening.get(name, (b"", None))[1] for name in ("word_key_sha256", "request"))
    if secret is not None and proof_store.word_key_of(office.db, row.id) != secret:
        yield place, "its sealed word secret is another than its entry commits to"
    used = hashlib.sha256(request).digest() if request is not None else b""
    if used and proof_store.request_entry(office.db, used) != row.entry:
        yield place, "the request it was issued on is not on record as used"
    for kind, token in (("operator", row.subject), ("device", row.device)):
        if office.subjects.token(kind, opening[kind][1]) != token:
            yield place, f"its search token of the {kind} differs from what its entry commits to"


def _home_and_traces(office: Office, part: Part) -> Iterator[Wrong]:
    for entry, sealed in office.db.execute("SELECT entry, opening FROM home"):
        yield from _opened(office, "home", entry, bytes(sealed), b"home", {})
    for name, at, entry in store.traces(office.db):
        found = store.trace_by_id(office.db, name)
        if found is not None and part.holds(entry):
            row = {"trace": name, "at": at}
            yield from _opened(office, f"trace {name}", entry, found[2], name.encode(), row)


def _deeds(office: Office, part: Part) -> Iterator[Wrong]:
    """Deliveries, receipts and enrolments: what is kept opens the entry's commitment."""
    if not proof_store.laid(office.db):
        return
    kept = [(f"copy {c}", d.entry, d.event, d.subject, d.sealed) for c, d in proof_store.all_deeds(office.db)]
    kept += [
        ("device", d.entry, devices.ENROLLED, d.subject, d.sealed) for d in proof_store.devices(office.db)
    ]
    for place, entry, event, subject, sealed in kept:
        if not part.holds(entry) or office.ledger.purged(entry):
            continue
        try:
            bound_to = store.act_bound_to(event) if place != "device" else event.encode()
            record = office.subjects.unseal(office.db, subject, sealed, bound_to)
            if record is not None and not verify_commitment(
                office.ledger.entry(entry).statement, record["opening"]
            ):
                yield place, f"what is on record does not open the commitment of entry {entry}"
        except IndexError:
            yield place, f"its entry {entry} is not in the log"
        except SealtraceError as e:
            yield place, e.message


def _openings(office: Office) -> Iterator[Wrong]:
    """Which pieces were traced before is what the openings in the log say."""
    said = {
        (sha256[i : i + 32], entry)
        for entry, opening in office.acts("leak:opened")
        for sha256 in [opening["leak_sha256"][1]]
        for i in range(0, len(sha256), 32)
    }
    if set(proof_store.opened_pieces(office.db)) != said:
        yield "openings", "the pieces on record are not those of the entries that opened traces"


def _acts(office: Office, part: Part) -> Iterator[Wrong]:
    if office.db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'acts'").fetchone() is None:
        return
    for entry, event, sealed in office.db.execute("SELECT entry, event, sealed FROM acts ORDER BY entry"):
        if part.holds(entry):
            bound_to = store.act_bound_to(event)
            yield from _opened(office, f"act {event}", entry, bytes(sealed), bound_to, {"event": event})


def _looks(office: Office, part: Part) -> Iterator[Wrong]:
    """Each opening of a page after the first, read under its reader's key; an erased reader's say nothing."""
    for entry, number, sealed in looks.looks(office.db):
        if not part.holds(entry) or not sealed:
            continue
        row = store.copy_by_id(office.db, store.unsigned(number))
        assert row is not None, "a foreign key"
        shown: dict[str, object] = {"event": reading.AGAIN, "copy": bytes(row.id)}
        yield from _of_person(office, f"look {entry}", entry, row.subject, sealed, bytes(row.id), shown)


def _controls(office: Office, part: Part) -> Iterator[Wrong]:
    for row in controls_rows.all_rows(office.db):
        place, bound_to = f"control {row.event}", controls.bound_to(row.event)
        shown: dict[str, object] = {"event": row.event, "at": row.at, "until": row.until}
        if row.copy is not None:
            shown["copy"] = bytes(store.unsigned(row.copy))
        if not part.holds(row.entry):
            continue
        if row.subject is None:
            yield from _opened(office, place, row.entry, row.sealed, bound_to, shown)
        elif row.sealed:
            yield from _of_person(office, place, row.entry, row.subject, row.sealed, bound_to, shown)


def _of_person(
    office: Office,
    place: str,
    entry: int,
    subject: bytes,
    sealed: bytes,
    bound_to: bytes,
    row: Mapping[str, object],
) -> Iterator[Wrong]:
    """As `_opened`, for what is sealed under a person's key."""
    try:
        record = office.subjects.unseal(office.db, subject, sealed, bound_to)
        if record is None:
            return
        statement = None if office.ledger.purged(entry) else office.ledger.entry(entry).statement
        if statement is not None and not verify_commitment(statement, record["opening"]):
            yield place, f"what is on record does not open the commitment of entry {entry}"
        yield from _compared(place, record["opening"], row)
    except IndexError:
        yield place, f"its entry {entry} is not in the log"
    except SealtraceError as e:
        yield place, e.message


def _opened(
    office: Office, place: str, entry: int, sealed: bytes, bound_to: bytes, row: Mapping[str, object]
) -> Iterator[Wrong]:
    """Compare a sealed opening with its entry's commitment, and a row with the opening."""
    try:
        record = office.subjects.unseal_office(sealed, bound_to)
        opening = record.get("opening", record)  # a trace keeps its findings beside it
        statement = None if office.ledger.purged(entry) else office.ledger.entry(entry).statement
        if statement is not None and not verify_commitment(statement, opening):
            yield place, f"what is on record does not open the commitment of entry {entry}"
        yield from _compared(place, opening, row)
    except IndexError:
        yield place, f"its entry {entry} is not in the log"
    except SealtraceError as e:
        yield place, e.message


# -- settings: each is what the acts made it ---------------------------------------------------------


def _generations(office: Office) -> Iterator[Wrong]:
    made = [FIRST]
    acts = [(e, keys.ROTATED) for e, _ in office.acts(keys.ROTATED)]
    acts += [(e, keys.RETIRED) for e, _ in office.acts(keys.RETIRED)]
    for entry, event in sorted(acts):
        if event == keys.ROTATED:
            made.append(Generation(made[-1].number + 1, entry + 1))
        else:
            made[:-1] = [
                g if g.retired_at is not None else Generation(g.number, g.from_size, entry + 1)
                for g in made[:-1]
            ]
    if generations(office.db) != made:
        yield (
            "generations",
            "the keys on record are not those that the rotations and retirements in the log made",
        )


def _policy(office: Office) -> Iterator[Wrong]:
    set_to = [opening for _, opening in office.acts("ledger:policy-set")]
    now = publication.policy(office)
    witnesses, needed = "\n".join(sorted(vkey for vkey, _ in now.witnesses)), now.needed
    if not set_to:
        if (witnesses, needed) != ("", 0):
            yield "policy", "witnesses are on record that no entry names"
        return
    said = "\n".join(sorted(set_to[-1]["witnesses"][1].split("\n"))), set_to[-1]["needed"][1]
    if said != (witnesses, needed):
        yield "policy", "the witnesses on record are not those of the newest entry about them"


def _issuers(office: Office) -> Iterator[Wrong]:
    named = {(o["issuer"][1], o["key"][1]) for _, o in office.acts("ledger:issuer-trusted")}
    for name, pem in issuers.known(office.db):
        if (name, pem) not in named:
            yield f"issuer {name}", "no entry says that it is trusted"


def _shards(office: Office) -> Iterator[Wrong]:
    closed = {o["name"][1]: o for _, o in office.acts(retention.CLOSED)}
    purged = {o["name"][1]: entry for entry, o in office.acts(retention.PURGED)}
    for shard in office.ledger.shards.all():
        row = {"name": shard.name, "first": shard.first, "past": shard.past, "sha256": shard.sha256}
        opened = closed.pop(shard.name, None)
        if opened is None or _differences(opened, row) or purged.get(shard.name) != shard.purged:
            yield f"shard {shard.name}", "what is on record about it is not what the log's entries say"
    for name in closed:
        yield f"shard {name}", "the log says that it was closed; the register does not know it"


def _lines(office: Office) -> Iterator[Wrong]:
    cosigners = [vkey for vkey, _ in publication.policy(office).witnesses]
    for problem in office.ledger.heads.check_lines(office.db, cosigners):
        yield problem.place, problem.problem
