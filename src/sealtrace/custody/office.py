"""What every service of the register works with: the open home, its ledger, vault, keys and indexes."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from sealtrace.clock import Clock
from sealtrace.errors import Corrupted, KeySealed, NotRegistered
from sealtrace.ids import CopyId, VersionRef
from sealtrace.ledger.commitment import Commitment, commit
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, Entry
from sealtrace.vault.sealing import TracingKey

from . import store, subjects
from .home import LOCK_WAIT_S, Home, storage_guard, writing
from .model import Version, written
from .twokey import TWO_KEYS, Desk, Wire, wire_to

if TYPE_CHECKING:
    from sealtrace.content.page_index import PageIndex
    from sealtrace.content.reader import Content
    from sealtrace.content.table_index import TableIndex
    from sealtrace.content.text_index import TextIndex
    from sealtrace.marks.stamp import Stamper

    from .clerk import Clerk
    from .reading import ReadingRoom
    from .release import Release
    from .tally import Tally

CONTENT_TYPE = "application/vnd.sealtrace.{}+cbor"


class Office:
    """One open home. Reading needs no lock; `writing()` holds the home against other processes."""

    def __init__(self, home: Home, ledger: Ledger, clock: Clock) -> None:
        self.home, self.ledger, self.clock = home, ledger, clock
        self.vault = home.originals()
        self.subjects = subjects.Subjects(home.keyring)
        self.just_read: dict[bytes, Content] = {}  # read at registering, not indexed yet
        self.release: Release | None = None
        self.notary_wire: Wire | None = None
        """How to reach the notary other than over HTTP at the home's address for it."""
        self._depth = threading.local()

    @property
    def db(self) -> apsw.Connection:
        """This thread's read connection."""
        return self.ledger.reader()

    @cached_property
    def stamper(self) -> Stamper:
        """Makes and checks the structural stamps of this installation."""
        from sealtrace.marks.stamp import Stamper

        return Stamper(self.home.keyring.secret("marks/stamp"))

    @cached_property
    def page_index(self) -> PageIndex:
        """The page-picture index."""
        from sealtrace.content.page_index import PageIndex

        with storage_guard("opening the page index"):
            return PageIndex.open(self.home.page_index)

    @cached_property
    def text_index(self) -> TextIndex:
        """The text index; its grams are hashed under a key of this home."""
        from sealtrace.content.text_index import TextIndex

        with storage_guard("opening the text index"):
            return TextIndex.open(self.home.text_index, self.home.keyring.secret("index/text"))

    @cached_property
    def table_index(self) -> TableIndex:
        """The index of registered tables."""
        from sealtrace.content.table_index import TableIndex

        with storage_guard("opening the index of tables"):
            return TableIndex.open(self.home.table_index)

    @cached_property
    def clerk(self) -> Clerk:
        """Enters small acts of many threads together."""
        from .clerk import Clerk

        return Clerk(self)

    @cached_property
    def tally(self) -> Tally:
        """Knows how many copies each version has."""
        from .tally import Tally

        return Tally()

    @cached_property
    def reading_room(self) -> ReadingRoom:
        """Shows marked pages, and keeps what makes that quick."""
        from .reading import ReadingRoom

        return ReadingRoom(self)

    def document_key(self, version: Version) -> bytes:
        """The key of one version's marks."""
        return self.home.keyring.document_key(version.key_id)

    @cached_property
    def founding(self) -> Mapping[str, Any]:
        """What the home's first entry says, field by field."""
        row = self.db.execute("SELECT opening FROM home").fetchone()
        assert row is not None, "every home has its first entry"
        opening = self.subjects.unseal_office(bytes(row[0]), b"home")
        return {name: pair[1] for name, pair in opening.items()}

    @cached_property
    def two_keys(self) -> bool:
        """Whether no copy of this home is named unless the office's and the notary's half both point to it."""
        return TWO_KEYS in self.promises

    @cached_property
    def notary(self) -> Desk:
        """Who holds the other key of a home with two keys."""
        return Desk(self, self.notary_wire or wire_to(self.home.config.notary_url))

    @property
    def promises(self) -> frozenset[str]:
        """What the home's first entry promises of everything after it: `opened`, `sealed`, `signed`, `two-keys`."""
        return frozenset(filter(None, str(self.founding.get("promises", "")).split(",")))

    @cached_property
    def tracing_key(self) -> TracingKey | None:
        """The key that codewords are sealed to, where the home has one.

        Raises:
            Corrupted: it is not the one that the home's first entry names.
        """
        found = TracingKey.read(self.home.folder / "keys")
        named = self.founding.get("tracing_key")
        if (bytes.fromhex(found.public) if found else None) != named:
            raise Corrupted("the tracing key is not the one that the home's first entry names")
        return found

    def released(self) -> Release:
        """The release of the tracing key that is in force.

        Raises:
            KeySealed: there is none, or its time is over.
        """
        if self.release is None:
            raise KeySealed("what tells copies apart is sealed to the tracing key, which nobody has released")
        if self.clock.now() >= self.release.expires_at:
            self.release = None
            raise KeySealed("the release of the tracing key has expired")
        return self.release

    @contextmanager
    def writing(self, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
        """Hold the home for writing. Safe to nest within one thread; the ledger is caught up at entry."""
        with self.holding(wait_s) as begun:
            if begun:
                self._clear_staging()
            yield

    @contextmanager
    def holding(self, wait_s: float = LOCK_WAIT_S) -> Iterator[bool]:
        """As `writing`, without clearing up: for one entry. Yields False when this thread held the home already."""
        if getattr(self._depth, "value", 0):
            yield False
            return
        with writing(self.home, wait_s):
            self._depth.value = 1
            try:
                self.ledger.refresh()
                yield True
            finally:
                self._depth.value = 0

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        """A place for unfinished files and originals in use; removed whatever happens."""
        folder = self.home.staging / f"{os.getpid()}-{name}-{os.urandom(4).hex()}"
        with storage_guard("making room for unfinished copies"):
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _clear_staging(self) -> None:
        """Remove what killed processes left: every folder whose process is gone."""
        self.vault.sweep()
        for left in self.home.staging.iterdir():
            owner = left.name.partition("-")[0]
            if not (owner.isdecimal() and Path(f"/proc/{owner}").exists()):
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

    def record(
        self,
        event: str,
        subject: str,
        fields: Mapping[str, str | int | bytes | None],
        rows: Callable[[apsw.Connection, Entry, Commitment], None],
    ) -> Entry:
        """Commit one event to the ledger together with its rows: both or neither, durable when it returns."""
        sealed = commit({"event": event, **fields})
        draft = Draft(event, subject, sealed.digest, content_type(event))

        def together(db: apsw.Connection, entries: Sequence[Entry]) -> None:
            rows(db, entries[0], sealed)

        return self.ledger.append([draft], together)[0]

    def record_act(
        self,
        event: str,
        subject: str,
        fields: Mapping[str, str | int | bytes | None],
        rows: Callable[[apsw.Connection, Entry], None],
    ) -> Entry:
        """Record something that concerns the home itself, and keep its opening among the home's acts."""

        def together(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
            rows(db, entry)
            box = self.subjects.seal_office(sealed.opening, store.act_bound_to(event))
            store.insert_act(db, entry.index, event, box)

        return self.record(event, subject, {**fields, "at": written(self.clock.now())}, together)

    def acts(self, event: str) -> list[tuple[int, dict[str, Any]]]:
        """The home's acts of one kind, oldest first: entry index and opening."""
        return [
            (entry, self.subjects.unseal_office(sealed, store.act_bound_to(event)))
            for entry, sealed in store.acts(self.db, event)
        ]

    def entry(self, index: int) -> Entry:
        """An entry that a row names; without its statement once that was purged."""
        if self.ledger.purged(index):
            return Entry(index, self.ledger.leaf(index), b"")
        return self.ledger.entry(index)

    def version(self, ref: VersionRef) -> Version:
        """Find a registered version.

        Raises:
            NotRegistered: no file has this code, or the file has no such version.
        """
        found = store.version_by_ref(self.db, ref)
        if found is None:
            newest = store.version_by_ref(self.db, VersionRef(ref.code))
            if newest is None:
                raise NotRegistered(f"no file has the code {ref.code}")
            raise NotRegistered(
                f"{ref.code} has no version {ref.version}; its newest is {newest.version}",
                advice=f"Use {newest.ref} or leave the version out.",
            )
        return found

    def copy(self, copy: CopyId) -> store.CopyRow:
        """Find an issued copy. Raises NotRegistered."""
        row = store.copy_by_id(self.db, copy)
        if row is None:
            raise NotRegistered(f"no copy has the id {copy}")
        return row

    def close(self) -> None:
        """Let go of the database and the indexes."""
        if "reading_room" in self.__dict__:
            self.reading_room.close()
        self.ledger.close()


def content_type(event: str) -> str:
    """The media type of an event's record: copy:issued -> application/vnd.sealtrace.copy-issued+cbor."""
    return CONTENT_TYPE.format(event.replace(":", "-"))
