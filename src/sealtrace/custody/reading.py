"""The reading room: marked pages, zoomed tiles and parts of tables, each entered before its first byte leaves.

The rule of copies: within one session one page of one version, on one device and from one address, is one
copy; its first opening enters the copy, every further opening of it (again, at another zoom level, another
part of a table) is an entry of its own that names it. What is kept in memory to be quick is bounded, and
unmarked pixels never leave this process.

In a home that seals what tells copies apart, the words of new copies come from a secret that is drawn here, sealed
with the first copy it marks, and kept in memory for a working day at most. A page that is opened again after it was
forgotten is another copy: nothing here can make the first one again.

In a home with two keys the notary's half of each copy was given beforehand, some dozen copies at a time, see `leasing`,
and is kept as long as those secrets are. The notary gives it once, so that there too a page is another copy afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import numpy as np
from numpy.typing import NDArray

from sealtrace.content import pages
from sealtrace.content.tables import files as table_files
from sealtrace.content.tables.model import Table
from sealtrace.errors import CannotMark, Corrupted, Denied, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.model import Draft, Entry
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.faint import draw_faint
from sealtrace.marks.files import find_grid
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.halves import Book, HalvedBook
from sealtrace.marks.ready import ReadyPage

from . import books, controls, issue, looks, store
from .ahead import Ahead
from .leasing import Leases
from .model import Purpose, Recipient, Version, written
from .office import Office, content_type
from .shelf import Shelf

AGAIN = "copy:viewed-again"
ZOOMS = (1, 2, 4)
TILE = 1024  # pixels along a side of a zoomed tile
ROWS_A_PART = 50
TICKET_LIFE = timedelta(minutes=15)
WORDS_LIFE = timedelta(hours=8)  # of a drawn word secret in memory: the longest session
KEPT_WORDS = 65_536  # copies whose book is kept; some 100 bytes each
QUALITY = 92  # of JPEG: measured in benchmarks/viewer.py beside PNG and WebP
MEDIA_TYPE = "image/jpeg"
MADE_BYTES, TABLE_BYTES = 96 << 20, 64 << 20
READY_MOST, READY_LEAST, READY_PART = 1 << 30, 320 << 20, 16  # a sixteenth of the memory, within these bytes
_RENDERERS = max(1, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: recipient of record, and a name of the session that opens nothing."""

    who: Recipient
    session: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One page as it was opened: the copy it is, this opening's entry, and the marked picture."""

    copy: CopyId
    entry: Entry
    first: bool
    opened_at: str
    picture: bytes


@dataclass(frozen=True, slots=True)
class Zoomed:
    """One zoom level of a page as it was opened; `ticket` lets its tiles be cut for this reader."""

    copy: CopyId
    entry: Entry
    width: int
    height: int
    columns: int
    rows: int
    ticket: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """Some rows of the reader's own marked copy of a table."""

    copy: CopyId
    entry: Entry
    names: tuple[str, ...]
    table: int
    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the page channel needs for one page of one version. own: the book of this home's key, with two keys of
    its half."""

    version: Version
    page: int
    grid: ChipGrid
    own: CodeBook

    @property
    def symbols(self) -> int:
        """How many symbols the whole codeword has."""
        return self.own.symbols * (2 if self.version.plan.halves else 1)


class ReadingRoom:
    """Shows pages of one open home to many readers at once."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._ready: Shelf[ReadyPage] = Shelf(_ready_bytes(), lambda page: page.size_bytes)
        self._ahead = Ahead(self._prepare)
        self._made: Shelf[bytes] = Shelf(MADE_BYTES, len)
        self._layouts: Shelf[Layout] = Shelf(
            32 << 20, lambda layout: layout.index.nbytes + layout.sign.nbytes
        )
        self._books: Shelf[CodeBook] = Shelf(256, lambda _: 1)
        self._drawn: dict[int, tuple[datetime, CodeBook]] = {}  # by version: when, and the book of new copies
        self._words: Shelf[Book] = Shelf(  # by copy, where it can't be had again; a notary's half is longer
            KEPT_WORDS, lambda book: 4 if isinstance(book, HalvedBook) else 1
        )
        self._forgets = office.tracing_key is not None or office.two_keys
        self._leases = Leases(office)
        self._tables: Shelf[list[Table]] = Shelf(TABLE_BYTES, _table_bytes)
        self._rendering = threading.BoundedSemaphore(_RENDERERS)
        self._marking = threading.BoundedSemaphore(_RENDERERS)
        self._drawing = threading.Lock()
        self._ticket_key = office.home.keyring.secret("reading/ticket")

    # -- pages -----------------------------------------------------------------------------------

    def open_page(self, ref: VersionRef, page: int, reader: Reader) -> Opening:
        """Open page `page` (from 1): its marked picture, entered before it is given.

        Raises:
            CannotMark: the file has no pages, or this one is too small to carry a mark.
            CopyEnded, UndertakingMissing: something stands against this reader.
            HomeLocked, StorageFailed: the ledger could not take the entry; nothing is shown.
        """
        sheet = self._sheet(ref, page)
        controls.require_reading(self.office, sheet.version, reader.who)
        with self._ahead.held():
            opened = self._open(sheet, page, reader)
        if page < sheet.version.pages:
            self._ahead.want((ref, page + 1))
        return opened

    def _open(self, sheet: _Sheet, page: int, reader: Reader) -> Opening:
        token = self._token(sheet.version, page, reader)
        kept = looks.copy_of(self.office.db, token)
        if kept is None or self._book(sheet.own, store.unsigned(kept)) is None:
            try:
                return self._first(sheet, reader, token, kept)
            except apsw.ConstraintError:  # the same session opened it in the meantime
                kept = looks.copy_of(self.office.db, token)
                if kept is None:
                    raise
        return self._again(sheet, reader, store.unsigned(kept))

    def _first(self, sheet: _Sheet, reader: Reader, token: bytes, instead: int | None) -> Opening:
        copy, book = self._fresh(sheet.version, sheet.own)
        at = self.office.clock.now()
        picture = self._picture(sheet, copy, reader, written(at))
        marks = (AppliedMark(ChannelName.EXACT, 256), AppliedMark(ChannelName.PAGE, sheet.symbols))
        digest = hashlib.sha256(picture).digest()
        entry = self._enter_copy(
            sheet.version, copy, reader, token, sheet.page, at, (digest, marks), book, instead
        )
        self._made.put((copy, 1, 0, 0), picture)
        return Opening(copy, entry, True, written(at), picture)

    def _again(self, sheet: _Sheet, reader: Reader, copy: CopyId) -> Opening:
        row = self.office.copy(copy)

        def make() -> bytes:
            picture = self._picture(sheet, copy, reader, row.issued_at)
            if hashlib.sha256(picture).digest() != row.sha256:
                raise Corrupted(
                    f"page {sheet.page} of {sheet.version.ref} made again differs from its digest"
                )
            return picture

        picture = self._made.get_or_make((copy, 1, 0, 0), make)
        entry = self._enter_look(row, reader, {"zoom": 1, "part": None})
        return Opening(copy, entry, False, row.issued_at, picture)

    def _fresh(self, version: Version, own: CodeBook) -> tuple[CopyId, Book]:
        """A new copy, and the book that marks it; with two keys the notary gave its half of it."""
        copy, book = self._leases.take(version, own) if version.plan.halves else (CopyId.random(), own)  # type: tuple[CopyId, Book]
        if self._forgets:
            self._words.put(copy, book)
        return copy, book

    def _picture(self, sheet: _Sheet, copy: CopyId, reader: Reader, at: str) -> bytes:
        ready = self._ready_page(sheet, 1, (0, 0))
        return self._encoded(ready, sheet, copy, faint_line(reader, at))

    def copy_of(self, version: Version, page: int, reader: Reader) -> store.CopyRow | None:
        """The copy that this session's page is, once it was opened."""
        kept = looks.copy_of(self.office.db, self._token(version, page, reader))
        return None if kept is None else self.office.copy(store.unsigned(kept))

    # -- zoom ------------------------------------------------------------------------------------

    def zoom(self, ref: VersionRef, page: int, zoom: int, reader: Reader) -> Zoomed:
        """Open a zoom level of a page that this session has opened; its tiles belong to this one entry.

        Raises:
            UsageProblem: there is no such level, or the page was not opened in this session.
            And as `open_page`.
        """
        sheet = self._sheet(ref, page)
        if zoom not in ZOOMS:
            raise UsageProblem(f"zoom {zoom} is not one of {', '.join(map(str, ZOOMS))}")
        controls.require_reading(self.office, sheet.version, reader.who)
        kept = looks.copy_of(self.office.db, self._token(sheet.version, page, reader))
        if kept is None:
            raise UsageProblem(f"page {page} of {sheet.version.ref} is not open in this session")
        row = self.office.copy(store.unsigned(kept))
        if self._book(sheet.own, row.id) is None:
            raise UsageProblem(
                f"page {page} of {sheet.version.ref} was opened too long ago", advice="Open the page again."
            )
        width, height = self._size(sheet)
        entry = self._enter_look(row, reader, {"zoom": zoom, "part": None})
        width, height = width * zoom, height * zoom
        until = self.office.clock.now() + TICKET_LIFE
        ticket = self._ticket(row.id, sheet, zoom, reader, until)
        return Zoomed(row.id, entry, width, height, -(-width // TILE), -(-height // TILE), ticket)

    def tile(self, ticket: str, column: int, row: int, reader: Reader) -> bytes:
        """Cut one tile of a zoom level that was opened: marked for the copy the ticket names.

        Raises:
            Denied: the ticket is not this reader's, or too old.
            UsageProblem: there is no such tile.
            CopyEnded: the copy was revoked meanwhile.
        """
        copy, ref, page, zoom = self._read_ticket(ticket, reader)
        sheet = self._sheet(ref, page)
        controls.require_reading(self.office, sheet.version, reader.who)
        width, height = self._size(sheet)
        if not (0 <= column < -(-width * zoom // TILE) and 0 <= row < -(-height * zoom // TILE)):
            raise UsageProblem(f"zoom {zoom} has no tile {column}, {row}")
        at = self.office.copy(copy).issued_at

        def make() -> bytes:
            origin = column * TILE, row * TILE
            ready = self._ready_page(sheet, zoom, origin)
            return self._encoded(ready, sheet, copy, faint_line(reader, at), origin, zoom)

        return self._made.get_or_make((copy, zoom, column, row), make)

    def _ticket(self, copy: CopyId, sheet: _Sheet, zoom: int, reader: Reader, until: datetime) -> str:
        said = f"{copy}.{sheet.version.ref}.{sheet.page}.{zoom}.{int(until.timestamp())}"
        return f"{said}.{self._seal(said, reader)}"

    def _seal(self, said: str, reader: Reader) -> str:
        who = "\0".join((said, reader.who.operator, reader.who.device, reader.who.ip, reader.session))
        return hmac.digest(self._ticket_key, who.encode(), "sha256").hex()[:32]

    def _read_ticket(self, ticket: str, reader: Reader) -> tuple[CopyId, VersionRef, int, int]:
        said, _, seal = ticket.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(said, reader).encode()):
            raise Denied("this part of the page was not opened by you", advice="Open the page again.")
        copy, ref, page, zoom, until = said.split(".")
        if int(until) < self.office.clock.now().timestamp():
            raise Denied("this zoom level was opened too long ago", advice="Open the page again.")
        return CopyId.parse(copy), VersionRef.parse(ref), int(page), int(zoom)

    # -- tables ----------------------------------------------------------------------------------

    def open_table(self, ref: VersionRef, table: int, part: int, reader: Reader) -> TablePart:
        """Open part `part` (from 1) of table `table` (from 0) of the reader's own marked copy.

        The copy is made once a session, with its own digest on record, and is never given out whole.

        Raises:
            CannotMark: the values have no declared uncertainty, so that no cell may differ.
            And as `open_page`.
        """
        version = self.office.version(ref)
        if version.plan.table is None:
            raise CannotMark(
                f"{version.ref} has no values that may differ, so its cells can't be shown marked",
                advice="Register it with the uncertainty of its columns, or issue a copy of it.",
            )
        controls.require_reading(self.office, version, reader.who)
        token = self._token(version, 0, reader)
        kept = looks.copy_of(self.office.db, token)
        entered: Entry | None = None
        at_hand = kept is not None and self._book(self._new_book(version), store.unsigned(kept)) is not None
        if not at_hand:
            copy, book = self._fresh(version, self._new_book(version))
            tables, made = self._marked_tables(version, copy)
            try:
                at = self.office.clock.now()
                entered = self._enter_copy(version, copy, reader, token, None, at, made, book, kept)
                self._tables.put(copy, tables)
            except apsw.ConstraintError:  # the same session opened it in the meantime
                kept, at_hand = looks.copy_of(self.office.db, token), True
                if kept is None:
                    raise
        if at_hand:
            assert kept is not None, "looked up above"
            copy = store.unsigned(kept)
        tables = self._tables.get_or_make(copy, lambda: self._marked_tables(version, copy)[0])
        if not 0 <= table < len(tables):
            raise UsageProblem(f"{version.ref} has {len(tables)} tables; there is no table {table + 1}")
        shown, first = tables[table], (part - 1) * ROWS_A_PART
        if not 0 <= first < max(1, shown.rows):
            raise UsageProblem(f"the table has {shown.rows} rows; there is no part {part}")
        look = self._enter_look(self.office.copy(copy), reader, {"zoom": None, "part": f"{table}:{part}"})
        cells = [column[first : first + ROWS_A_PART] for column in shown.columns]
        return TablePart(
            copy, entered or look, tuple(t.name for t in tables), table, tuple(shown.header),
            tuple(zip(*cells, strict=True)), first, shown.rows,
        )  # fmt: skip

    def _marked_tables(
        self, version: Version, copy: CopyId
    ) -> tuple[list[Table], tuple[bytes | None, tuple[AppliedMark, ...]]]:
        book = self._book(self._new_book(version), copy)
        if book is None:
            raise Denied("what marks this table is no longer at hand", advice="Open it again.")
        with self._rendering, issue.workshop(self.office, version, wrapped=False, book=book) as shop:
            made = shop.make(copy)
            return table_files.read(made.path, version.kind), (made.sha256, made.marks)

    # -- marking ---------------------------------------------------------------------------------

    def _sheet(self, ref: VersionRef, page: int) -> _Sheet:
        version = self.office.version(ref)
        if not version.pages:
            raise CannotMark(
                f"{version.ref} ({version.kind}) has no pages to look at",
                advice="Issue a copy of it instead.",
            )
        if not 1 <= page <= version.pages:
            raise UsageProblem(f"{version.ref} has {version.pages} page(s); page {page} is not among them")
        grid = find_grid(version.plan, page - 1)
        if grid is None:
            raise CannotMark(f"page {page} of {version.ref} is too small to carry an individual mark")

        return _Sheet(version, page, grid, self._new_book(version))

    def _new_book(self, version: Version) -> CodeBook:
        """The book of a version's new copies, with two keys of this home's half; where copies are forgotten, for hours.

        From the document key, or in a sealed home from a secret drawn here.
        """

        def plain() -> CodeBook:
            found = books.code_book(self.office, version)
            assert found is not None, "a page with a grid, and a table with cells that differ, have symbols"
            return found

        if not self._forgets:
            return self._books.get_or_make(version.row, plain)
        now = self.office.clock.now()
        with self._drawing:
            for row in [row for row, (at, _) in self._drawn.items() if now - at >= WORDS_LIFE]:
                del self._drawn[row]
            if version.row not in self._drawn:
                drawn_yet = [kept for _, kept in self._drawn.values()]
                self._words.drop(lambda book: all(_own(book) is not kept for kept in drawn_yet))
                drawn = books.own_marking_book(self.office, version)
                assert drawn is not None, "as above"
                self._drawn[version.row] = now, drawn
            return self._drawn[version.row][1]

    def _book(self, own: CodeBook, copy: CopyId) -> Book | None:
        """The book that a copy was marked from; None when that is no longer in memory and can't be had again."""
        return self._words.get(copy) if self._forgets else own

    def _layout(self, sheet: _Sheet) -> Layout:
        key = (sheet.version.row, sheet.grid)
        return self._layouts.get_or_make(key, lambda: Layout(sheet.own.layout_key, sheet.grid, sheet.symbols))

    def _size(self, sheet: _Sheet) -> tuple[int, int]:
        return self._ready_page(sheet, 1, (0, 0)).size

    def _ready_page(self, sheet: _Sheet, zoom: int, origin: tuple[int, int]) -> ReadyPage:
        """The page, or one tile of it, rendered and made ready; from memory when it was shown lately."""

        def make() -> ReadyPage:
            whole = self._size(sheet) if zoom > 1 else (0, 0)
            with self._rendering:
                if zoom == 1:
                    return ReadyPage(self._rendered(sheet, 1, None), sheet.grid)
                full = whole[0] * zoom, whole[1] * zoom
                size = min(TILE, full[0] - origin[0]), min(TILE, full[1] - origin[1])
                return ReadyPage(self._rendered(sheet, zoom, (*origin, *size)), sheet.grid, full, origin)

        return self._ready.get_or_make((sheet.version.row, sheet.page, zoom, origin), make)

    def _prepare(self, wanted: tuple[VersionRef, int]) -> None:
        """Make ready the page that a reader turns to next; nothing of it leaves, so nothing is entered."""
        self._ready_page(self._sheet(*wanted), 1, (0, 0))

    def close(self) -> None:
        """Stop working ahead, and let go of what is kept."""
        self._ahead.close()
        self._leases.close()
        for shelf in (self._ready, self._made, self._layouts, self._books, self._tables):
            shelf.drop()

    def _rendered(self, sheet: _Sheet, zoom: int, box: tuple[int, int, int, int] | None) -> NDArray[np.uint8]:
        version = sheet.version
        with self.office.staging("view") as folder:
            original = folder / f"original{Path(version.name).suffix}"
            self.office.vault.export(version.sha256, original)
            if box is None:
                return pages.render(original, version.kind, sheet.page - 1)
            return pages.render_part(original, version.kind, sheet.page - 1, zoom, box)

    def _encoded(
        self,
        ready: ReadyPage,
        sheet: _Sheet,
        copy: CopyId,
        line: str,
        origin: tuple[int, int] = (0, 0),
        zoom: int = 1,
    ) -> bytes:
        import cv2

        book = self._book(sheet.own, copy)
        if book is None:
            raise Denied("what marks this page is no longer at hand", advice="Open the page again.")
        chips = self._layout(sheet).chips(book.word(copy))
        with self._marking:
            marked = ready.mark(chips)
            draw_faint(marked, line, origin, zoom)
            done, data = cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        assert done, "OpenCV encodes 8 bit pixels"
        return data.tobytes()

    # -- entering --------------------------------------------------------------------------------

    def _token(self, version: Version, page: int, reader: Reader) -> bytes:
        who = reader.who
        return self.office.subjects.token(
            "view", "\0".join((str(version.row), str(page), who.operator, who.device, who.ip, reader.session))
        )

    def _enter_copy(
        self, version: Version, copy: CopyId, reader: Reader, token: bytes, page: int | None, at: datetime,
        made: tuple[bytes | None, tuple[AppliedMark, ...]], book: Book | None, instead: int | None,
    ) -> Entry:  # fmt: skip
        """Enter a copy and that it is what this session sees; `instead`: of the copy that it saw there before."""
        drafts, rows = issue.copy_acts(
            self.office, version, [(copy, reader.who)], [made], book, purpose=Purpose.VIEW, page=page,
            issued_at=written(at), further={"session": reader.session},
        )  # fmt: skip

        def together(db: apsw.Connection, entries: Sequence[Entry]) -> None:
            rows(db, entries)
            if instead is not None:
                looks.replace_view(db, token, instead)
            looks.insert_view(db, token, store.signed(copy))

        return self.office.clerk.enter(drafts, together)[0]

    def _enter_look(
        self, row: store.CopyRow, reader: Reader, fields: Mapping[str, str | int | None]
    ) -> Entry:
        sealed = commit(
            {
                "event": AGAIN, "copy": bytes(row.id), "session": reader.session, **fields,
                "at": written(self.office.clock.now()),
            }
        )  # fmt: skip
        draft = Draft(AGAIN, bytes(row.id).hex(), sealed.digest, content_type(AGAIN))

        def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
            box = self.office.subjects.seal(db, row.subject, {"opening": sealed.opening}, bytes(row.id))
            looks.insert_look(db, entries[0].index, store.signed(row.id), box)

        return self.office.clerk.enter([draft], rows)[0]


def _own(book: Book) -> CodeBook:
    """This home's half of a book, or all of it."""
    return book.own if isinstance(book, HalvedBook) else book


def faint_line(reader: Reader, at: str) -> str:
    """What stands faintly over a page: operator, device, session, time to the minute (UTC)."""
    who = reader.who
    return f"{who.operator}  {who.device}  {reader.session[:8]}  {at[:16].replace('T', ' ')}Z"


def _ready_bytes() -> int:
    """How much of this machine's memory pages made ready may take in one process."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(READY_MOST, max(READY_LEAST, memory // READY_PART))


def _table_bytes(tables: list[Table]) -> int:
    return sum(64 * table.rows * len(table.columns) for table in tables) + 1
