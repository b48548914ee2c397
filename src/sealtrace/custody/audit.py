"""Check the log, the register and the vault against each other. Finds; never repairs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sealtrace.errors import SealtraceError
from sealtrace.ledger.check import Part
from sealtrace.ledger.keys import key_id
from sealtrace.ledger.model import Entry
from sealtrace.ledger.statement import statement_key_id
from sealtrace.ledger.verify import verify_commitment

from . import register_check, store
from .office import Office


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where."""

    place: str
    problem: str


def check(office: Office, part: Part | None = None) -> list[Problem]:
    """Return every problem found; an empty list means all is well.

    Structure: the tree against its signed head, one entry for each row and one row for each entry,
    an original for each version. With a part also its statements' signatures, its openings against
    their entries' commitments, and its bytes in the vault; `EVERYTHING` is the whole.
    """
    found = [Problem(f"ledger {p.place}", p.problem) for p in office.ledger.check(part)]
    found += _register(office)
    if part is not None:
        found += _after_retirement(office, part)
        found += [Problem(*wrong) for wrong in register_check.check(office, part)]
        found += _openings(office, part)
        found += [
            Problem(f"vault {name.decode()}", problem) for name, problem in office.vault.check(part.holds)
        ]
    return found


def _register(office: Office) -> Iterator[Problem]:
    size = office.ledger.size()
    for version in store.versions(office.db):
        if version.sha256 not in office.vault:
            yield Problem(f"version {version.ref}", "its original is not in the vault")
        if version.entry >= size:
            yield Problem(f"version {version.ref}", f"its entry {version.entry} is not in the log")
    for row in store.copies(office.db):
        if row.entry >= size:
            yield Problem(f"copy {row.id}", f"its entry {row.entry} is not in the log")


def _after_retirement(office: Office, part: Part) -> Iterator[Problem]:
    """A key signs nothing from the tree size on at which it was retired."""
    retired = {
        key_id(signers.statement.public_key()): signers.generation.retired_at
        for signers in office.ledger.heads.every_signers
        if signers.generation.retired_at is not None
    }
    for entry in _read(office, part, min(retired.values(), default=office.ledger.size())):
        past = retired.get(statement_key_id(entry.statement) or b"")
        if past is not None and entry.index >= past:
            yield Problem(f"entry {entry.index}", f"it is signed by a key that was retired at {past} entries")


def _read(office: Office, part: Part, first: int) -> Iterator[Entry]:
    """The entries of a part from `first` on that can be read; the log's own check names the others."""
    for index in range(first, office.ledger.size()):
        if part.holds(index):
            with suppress(SealtraceError, IndexError):
                yield office.ledger.entry(index)


def _openings(office: Office, part: Part) -> Iterator[Problem]:
    for version in store.versions(office.db):
        if not part.holds(version.entry):
            continue
        yield from _opens(
            office, f"version {version.ref}", version.entry,
            lambda v=version: office.subjects.unseal_office(store.opening_of_version(office.db, v.row), v.key_id),
        )  # fmt: skip
    for row in store.copies(office.db):
        if not part.holds(row.entry):
            continue
        sealed = None
        try:
            sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
        except SealtraceError as e:
            yield Problem(f"copy {row.id}", e.message)
        if sealed is not None:
            yield from _opens(office, f"copy {row.id}", row.entry, lambda s=sealed: s["opening"])


def _opens(office: Office, place: str, entry: int, opening: object) -> Iterator[Problem]:
    if office.ledger.purged(entry):
        return
    try:
        assert callable(opening)
        if not verify_commitment(office.ledger.entry(entry).statement, opening()):
            yield Problem(place, f"what is on record does not open the commitment of entry {entry}")
    except IndexError:
        yield Problem(place, f"its entry {entry} is not in the log")
    except SealtraceError as e:
        yield Problem(place, e.message)
