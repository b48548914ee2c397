"""Trace a leak: from a file, picture or text to the copy it came from, or to an honest 'not enough'.

Cheapest and surest first: exact bytes, authenticated stamp, then identification by page picture and by
text, then detection against the copies really issued. How many copies are considered, the chance, the models and
the software are an entry in the ledger before anything is decoded; the answer is one before it is given.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from sealtrace.content import pages as content_pages
from sealtrace.content.kinds import Kind, detect
from sealtrace.content.page_index import CLEAR, PageHit, PageRef
from sealtrace.content.reader import Content, read
from sealtrace.content.tables import files as table_files
from sealtrace.content.tables.model import Table
from sealtrace.content.text_index import MIN_ALIKE
from sealtrace.errors import InputEmpty, SealtraceError, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.files import find_grid, find_stamps
from sealtrace.marks.geometry import ChipGrid
from sealtrace.marks.halves import Book, HalvedBook
from sealtrace.marks.table.extras import together
from sealtrace.marks.table.plan import TablePlan
from sealtrace.trace import evidence, pictures, software, tables
from sealtrace.trace.model import (
    DIGEST_CHANCE,
    Accused,
    Answer,
    ChannelFinding,
    Identified,
    Opening,
    PageFinding,
    Piece,
    Result,
    TableFinding,
    Weighed,
    best_first,
    threshold,
)
from sealtrace.trace.texts import TextVote, vote
from sealtrace.trace.weigh import accuse, accuse_both, models_text, weigh, weigh_halves

from . import circumstances, indexing, proof_store, store
from .books import reading_book
from .digests import digest_file
from .issue import person_of
from .model import Recipient, Version, entry_dict, written
from .office import Office
from .twokey import NotaryHalf

OPENED, TRACED = "leak:opened", "leak:traced"
MAX_PICTURES = 12  # pages of one leaked document that are read as pictures
PICTURE_KINDS = {Kind.PDF, Kind.PNG, Kind.JPEG, Kind.TIFF, Kind.WEBP, Kind.BMP, Kind.SVG}
SCAN_KINDS = PICTURE_KINDS - {Kind.PDF, Kind.SVG}
OCR_MIN_CHARACTERS = 24
Tell = Callable[[str], None]
STAGES = ("exact", "recognise", "weigh", "enter")
"""What `tell` is called with, in this order; a stage that isn't needed is left out."""


@dataclass(frozen=True, slots=True)
class Named:
    """An accused copy with its recipient of record."""

    accused: Accused
    operator: str
    device: str
    ip: str
    issued_at: str
    purpose: str
    entry: int

    def as_dict(self) -> dict[str, object]:
        """The contract's row in `copies`."""
        return {
            "id": str(self.accused.copy),
            "operator": self.operator,
            "device": self.device,
            "ip": self.ip,
            "issued_at": self.issued_at,
            "purpose": self.purpose,
            "chance_of_error": self.accused.chance_of_error,
            "chance_of_error_chernoff": self.accused.chernoff,
            "round": self.accused.round,
            "channels": list(self.accused.channels),
            "log_e": self.accused.log_e,
            "entry": self.entry,
            **(
                {
                    "halves": {score.half: score.as_dict() for score in self.accused.halves},
                    "chance_of_error_both_secret": self.accused.both_secret,
                }
                if self.accused.halves
                else {}
            ),
        }


@dataclass(frozen=True, slots=True, eq=False)
class TraceAnswer:
    """The contract's answer of `leak trace`."""

    trace: str
    answer: Answer
    copies: tuple[Named, ...]
    seconds: float
    entry: Entry
    circumstances: tuple[circumstances.Circumstance, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """One JSON-able object, fields as DESIGN names them."""
        found = self.answer.identified
        return {
            "ok": True,
            "trace": self.trace,
            "result": str(self.answer.result),
            "file": {
                "code": str(found.ref.code),
                "version": found.ref.version,
                "versions": list(found.versions),
                "title": found.title,
                "by": list(found.by),
                "others": [str(ref) for ref in found.others],
            }
            if found
            else None,
            "copies": [copy.as_dict() for copy in self.copies],
            "considered": self.answer.considered,
            "opened": self.answer.opened.index if self.answer.opened else None,
            "chance": self.answer.chance,
            "channels": [channel.as_dict() for channel in self.answer.channels],
            "runner_up_behind": self.answer.runner_up_behind,
            **({"one_half_alone": True} if self.answer.one_half_alone else {}),
            "notes": list(self.answer.notes),
            "seconds": round(self.seconds, 3),
            "entry": entry_dict(self.entry),
            "circumstances": {
                "warning": circumstances.WARNING,
                "items": [one.as_dict() for one in self.circumstances],
            },
        }


ONE_HALF_ALONE = (
    "one half of the codeword points to a copy and the other does not: not enough evidence to name it. Too little of "
    "the leak may be left for the other half; or somebody who has one of the two keys made this to frame a recipient"
)


def _groups(weighed: Sequence[Weighed]) -> Iterator[list[Weighed]]:
    """Weighings that belong together: both halves of one version's codeword on one channel, or one alone."""
    found: dict[tuple[int, str], list[Weighed]] = defaultdict(list)
    for one in weighed:
        found[one.version, one.channel].append(one)
    yield from found.values()


class HeldPages:
    """The register seen from the trace engine: rasters, grids, books and copies, each fetched once."""

    def __init__(self, office: Office, opened: Opening | None) -> None:
        self._office = office
        # copies that were entered since the trace was opened are not of the family
        grown = opened is not None and store.count_copies(office.db) > opened.considered
        self._before = opened.index if opened is not None and grown else None
        self._versions: dict[int, Version] = {}
        self._books: dict[int, Book | None] = {}
        self._notary_words: dict[CopyId, list[bytes]] = {}
        self._rasters: dict[PageRef, NDArray[np.uint8]] = {}
        self._tables: dict[int, list[Table]] = {}

    def version(self, row: int) -> Version:
        """The version behind a row id."""
        if row not in self._versions:
            self._versions[row] = store.version_by_row(self._office.db, row)
        return self._versions[row]

    def raster(self, ref: PageRef) -> NDArray[np.uint8]:
        """The unmarked canonical raster of a held page."""
        if ref not in self._rasters:
            version = self.version(ref.version)
            with self._original(version) as path:
                self._rasters[ref] = content_pages.render(path, version.kind, ref.page)
        return self._rasters[ref]

    @contextmanager
    def _original(self, version: Version) -> Iterator[Path]:
        with self._office.staging("trace") as folder:
            path = folder / f"original{Path(version.name).suffix}"
            self._office.vault.export(version.sha256, path)
            yield path

    def text(self, row: int, part: int) -> str:
        """The text of one part of a held version."""
        version = self.version(row)
        with self._original(version) as path:
            return read(path, version.kind).parts[part].text

    def grid(self, ref: PageRef) -> ChipGrid | None:
        """Where a held page's chips are."""
        return find_grid(self.version(ref.version).plan, ref.page)

    def book(self, version: int) -> Book | None:
        """The code book of a held version's pages."""
        book = self._any_book(version)
        return book if book and book.channel == "page" else None

    def _any_book(self, version: int) -> Book | None:
        if version not in self._books:
            self._books[version] = reading_book(self._office, self.version(version))
        return self._books[version]

    def tables(self, version: int) -> list[Table]:
        """The tables of a held original."""
        if version not in self._tables:
            held = self.version(version)
            with self._original(held) as path:
                self._tables[version] = table_files.read(path, held.kind)
        return self._tables[version]

    def table_plan(self, version: int) -> TablePlan | None:
        """What the cells of a held version's copies carry."""
        return self.version(version).plan.table

    def table_book(self, version: int) -> Book | None:
        """The code book of a held version's cells."""
        book = self._any_book(version)
        return book if book and book.channel == "table" else None

    def word(self, version: int, copy: CopyId) -> list[bytes] | None:
        """A copy's codeword, packed, and the key of its biases; None when the version has no code book.

        Kept with the answer, so that evidence can be written when the keys are sealed again.
        """
        book = self._any_book(version)
        if book is None:
            return None
        own = book.own if isinstance(book, HalvedBook) else book
        return [own.words(np.array([copy.value], np.uint64))[0].tobytes(), own.bias_key]

    def notary_word(self, copy: CopyId) -> list[bytes] | None:
        """The notary's half of a copy's codeword and the key of its biases, where the notary pointed to it."""
        return self._notary_words.get(copy)

    def notary_half(
        self, version: int, book: HalvedBook, symbols: SoftSymbols, bound: Mapping[str, Any]
    ) -> NotaryHalf:
        """The notary's half of one leak, to be weighed by the notary."""
        half = NotaryHalf(self._office, self.version(version), book.own, symbols, self.copies(version), bound)
        half.words = self._notary_words
        return half

    def copies(self, version: int) -> NDArray[np.uint64]:
        """The ids of every copy and view issued of a version."""
        return np.array(store.copy_ids(self._office.db, version, self._before), dtype=np.uint64)


def trace(
    office: Office,
    paths: Sequence[Path],
    *,
    chance: float,
    by: Recipient | None = None,
    tell: Tell | None = None,
) -> TraceAnswer:
    """Trace one leak, given as one or several pieces. Who asks, on which device and from where, is `by`.

    Raises:
        UsageProblem: no piece, or a chance outside (0, 0.01].
        InputMissing, InputUnreadable, InputEmpty: a piece can't be read as a file.
        KeySealed: what tells copies apart is sealed, and no release is in force.
    """
    if not paths:
        raise UsageProblem("there is nothing to trace", advice="Give at least one file.")
    if not 0 < chance <= 0.01:
        raise UsageProblem(
            f"chance {chance} is outside (0, 0.01]", advice="Give a small chance, such as 1e-9."
        )
    begun = time.perf_counter()
    pieces = [_piece(path) for path in paths]
    trace_id = f"T{os.urandom(8).hex()}"
    with office.writing():
        indexing.catch_up(office)
        opened = _open(office, trace_id, pieces, chance)
    search = Search(office, pieces, opened, tell, trace_id)
    answer = search.run()
    claimed = circumstances.claimed(pieces)
    search.tell("enter")
    with office.writing():
        return _enter(office, trace_id, answer, search.held, begun, by, claimed)


def _open(office: Office, trace_id: str, pieces: Sequence[Piece], chance: float) -> Opening:
    """Fix in the log what the answer will be judged by, durable before anything is decoded."""
    release = office.released() if office.tracing_key is not None else None
    digests = [piece.sha256 for piece in pieces]
    earlier = proof_store.openings_of(office.db, digests)
    considered, models = max(1, store.count_copies(office.db)), models_text()
    fields: dict[str, str | int | bytes | None] = {
        "trace": trace_id,
        "considered": considered,
        "chance": repr(chance),
        "models": models,
        "software_sha256": software.digest(),
        "leak_sha256": b"".join(digests),
        "earlier": earlier,
        "release": release.entry.index if release else None,
    }
    entry = office.record_act(
        OPENED, trace_id, fields, lambda db, entry: proof_store.insert_opened(db, digests, entry.index)
    )
    return Opening(entry.index, considered, chance, models, software.digest(), earlier)


def _piece(path: Path) -> Piece:
    digest, size = digest_file(path)
    if size == 0:
        raise InputEmpty(f"{path} has no bytes")
    return Piece(path, digest, size, detect(path))


class Search:
    """One trace under way: collects what each step finds, then decides once."""

    def __init__(
        self,
        office: Office,
        pieces: Sequence[Piece],
        opened: Opening,
        tell: Tell | None = None,
        trace_id: str = "",
    ) -> None:
        self.trace_id = trace_id
        self.office, self.pieces, self.opened = office, tuple(pieces), opened
        self.tell: Tell = tell or (lambda _stage: None)
        self.held = HeldPages(office, opened)
        self.considered, self.chance = opened.considered, opened.chance
        self.looks = 1
        self.notes: list[str] = []
        self.channels: list[ChannelFinding] = []
        self.table_fits: dict[int, float] = {}

    def run(self) -> Answer:
        """Go from the surest evidence to the faintest and stop when a copy is named."""
        self.tell("exact")
        exact = self._by_digest()
        if exact and self._points(exact, "bytes"):
            return self._named(Result.EXACT, exact, "exact")
        original = self._original()
        if original is not None:
            self.notes.append("these are the bytes of the registered original, which carry no mark")
            return self._answer(Result.INCONCLUSIVE, identified=original)
        stamped = [] if exact else self._by_stamp()
        if stamped and self._points(stamped, "stamp"):
            return self._named(Result.EXACT, stamped, "stamp")
        return self._by_content()

    # -- exact bytes and stamps ------------------------------------------------------------------

    def _by_digest(self) -> list[store.CopyRow]:
        rows = [store.copy_by_digest(self.office.db, piece.sha256) for piece in self.pieces]
        found = {row.id: row for row in rows if row is not None}
        return list(found.values())

    def _original(self) -> Identified | None:
        for piece in self.pieces:
            version = store.version_by_digest(self.office.db, piece.sha256)
            holders = [version] if version else store.versions_with_member(self.office.db, piece.sha256)
            if holders:
                first = holders[0]
                same = tuple(sorted(v.version for v in holders if v.code == first.code))
                others = tuple(v.ref for v in holders if v.code != first.code)
                return Identified(first.ref, first.row, first.title, same, ("digest",), others)
        return None

    def _by_stamp(self) -> list[store.CopyRow]:
        found: dict[CopyId, store.CopyRow] = {}
        for piece in self.pieces:
            try:
                tokens = find_stamps(piece.path, piece.kind)
            except SealtraceError as e:
                self.notes.append(f"{piece.path.name}: stamps could not be read ({e.code})")
                continue
            ids = {copy for token in tokens if (copy := self.office.stamper.check(token)) is not None}
            if len(ids) > 1:
                self.notes.append(
                    f"{piece.path.name} carries the stamps of {len(ids)} copies: none is relied on"
                )
                continue
            for copy in ids:
                row = store.copy_by_id(self.office.db, copy)
                if row is None:
                    self.notes.append(
                        f"{piece.path.name} carries a valid stamp of a copy that is not on record"
                    )
                else:
                    found[copy] = row
        return list(found.values())

    def _points(self, rows: Sequence[store.CopyRow], what: str) -> bool:
        """Whether this names copies; with two keys it only points to them, as one party could have made it."""
        if self.office.two_keys:
            self.notes.append(
                f"the {what} of {len(rows)} issued cop{'y' if len(rows) == 1 else 'ies'} found: with two keys that "
                "names nobody by itself; both halves of the codeword are read"
            )
        return not self.office.two_keys

    def _named(self, result: Result, rows: Sequence[store.CopyRow], channel: str) -> Answer:
        self.channels.append(ChannelFinding(channel, 128.0, 128.0, found=True))
        accused = [Accused(row.id, row.version, DIGEST_CHANCE, (channel,)) for row in rows]
        return self._answer(
            result, identified=self._identify_row(rows[0].version, (channel,)), accused=accused
        )

    # -- content ---------------------------------------------------------------------------------

    def _by_content(self) -> Answer:
        self.tell("recognise")
        texts: list[str] = []
        shown: list[pictures.Picture] = []
        leaked: list[tables.Leaked] = []
        for number, piece in enumerate(self.pieces):
            content = self._read(piece)
            if content is not None:
                texts += [part.text for part in content.parts if part.text.strip()]
            shown += self._pictures(number, piece, content)
            leaked += self._leaked_tables(number, piece)
        text = self._vote(texts)
        self.looks = 2 * max(1, len(shown) + bool(leaked))
        self.tell("weigh")
        weighed, hits = self._by_pictures(shown)
        if shown and not hits and text is None:
            text = self._vote(self._ocr(shown))
            if text is not None:
                weighed = self._by_read_text(shown, text)
        by_table = self._by_tables(leaked, text)
        weighed += by_table
        accused = best_first([a for group in _groups(weighed) for a in self._accused(group)])
        identified = self._identify(accused, hits, text)
        limit = threshold(self.considered, self.chance, self.looks)
        for name in sorted({(w.channel, w.half) for w in weighed}, reverse=True):
            mine = [w for w in weighed if (w.channel, w.half) == name]
            best = max(w.best for w in mine)
            told = max(best, 0.0) if mine[0].half else best  # a notary tells no score below the threshold
            passes = any(w.sources or w.alone for w in mine)
            self.channels.append(ChannelFinding("/".join(filter(None, name)), told, limit, found=passes))
        if any(w.alone for w in weighed):
            self.notes.append(ONE_HALF_ALONE)
        result = Result.STRONG if accused else Result.INCONCLUSIVE if identified else Result.NONE
        return self._answer(result, identified=identified, accused=accused, weighed=weighed)

    def _accused(self, group: Sequence[Weighed]) -> list[Accused]:
        """The copies that a version's weighing names: by its codeword, or by both halves of it."""
        if group[0].half:
            return accuse_both(group, self.looks)
        return accuse(group[0], self.looks)

    def _read(self, piece: Piece) -> Content | None:
        try:
            return read(piece.path, piece.kind)
        except SealtraceError as e:
            self.notes.append(f"{piece.path.name}: content could not be read ({e.code}: {e.message})")
            return None

    def _leaked_tables(self, number: int, piece: Piece) -> list[tables.Leaked]:
        try:
            kind = Kind.CSV if piece.kind is Kind.TEXT else piece.kind  # a table under another name
            found = table_files.read(piece.path, kind)
        except SealtraceError as e:
            self.notes.append(f"{piece.path.name}: tables could not be read ({e.code})")
            return []
        return [tables.Leaked(number, i, table) for i, table in enumerate(found) if table.rows]

    def _by_tables(self, leaked: Sequence[tables.Leaked], text: TextVote | None) -> list[Weighed]:
        """Read each leaked table on the held tables it may come from; symbols of one version add up."""
        symbols: dict[int, SoftSymbols] = {}
        findings: dict[int, list[TableFinding]] = defaultdict(list)
        for leak in leaked:
            hits = self.office.table_index.search(leak.table)
            rows = [indexing.version_of_table(hit.unit) for hit in hits] + list(text.tied if text else ())
            for row in list(dict.fromkeys(rows))[: tables.CANDIDATES]:
                reading = tables.read(leak, row, self.held)
                fit = reading[0].fit if reading else tables.recognise(leak, row, self.held)
                self.table_fits[row] = min(fit, self.table_fits.get(row, 1.0))
                if reading is not None:
                    finding, found = reading
                    book = self.held.table_book(row)
                    assert book is not None, "only versions with marked cells are read"
                    symbols[row] = together(symbols[row], found, book) if row in symbols else found
                    findings[row].append(finding)
        weighed: list[Weighed] = []
        for row, found in symbols.items():
            book = self.held.table_book(row)
            assert book is not None, "only versions with marked cells are read"
            weighed += self._weigh(row, found, book, tables=findings[row])
        return sorted(weighed, key=lambda w: min(t.fit for t in w.tables))

    def _pictures(self, number: int, piece: Piece, content: Content | None) -> list[pictures.Picture]:
        if piece.kind not in PICTURE_KINDS or content is None:
            return []
        count = len(content.pages)
        wanted = (
            range(count)
            if count <= MAX_PICTURES
            else np.linspace(0, count - 1, MAX_PICTURES).astype(int).tolist()
        )
        if count > MAX_PICTURES:
            self.notes.append(f"{piece.path.name}: {MAX_PICTURES} of its {count} pages were read as pictures")
        try:
            rasters = content_pages.render_many(piece.path, piece.kind, list(wanted))
        except SealtraceError as e:
            self.notes.append(f"{piece.path.name}: pages could not be drawn ({e.code})")
            return []
        return [pictures.Picture(number, page, raster) for page, raster in zip(wanted, rasters, strict=True)]

    def _vote(self, texts: Sequence[str]) -> TextVote | None:
        if not texts:
            return None
        found = vote(
            texts,
            self.office.text_index,
            lambda unit: store.unit_place(self.office.db, unit),
            self.held.text,
        )
        if found is not None:
            self.channels.append(ChannelFinding("text", found.likeness, MIN_ALIKE, found=False))
        return found

    def _by_pictures(self, shown: Sequence[pictures.Picture]) -> tuple[list[Weighed], list[PageHit]]:
        """Read pictures until a copy is beyond doubt; symbols of one version's pages add up."""
        hits: list[PageHit] = []
        symbols: dict[int, SoftSymbols] = {}
        findings: dict[int, list[PageFinding]] = defaultdict(list)
        weighed: dict[int, tuple[Weighed, ...]] = {}
        for picture in shown:
            candidates = pictures.candidates(self.office.page_index, picture)
            registered: set[int] = set()
            for finding, found in pictures.read(picture, candidates, self.held):
                row = finding.version
                registered.add(row)
                symbols[row] = symbols[row] + found if row in symbols else found
                findings[row].append(finding)
                weighed[row] = self._weigh(row, symbols[row], self._page_book(row), pages=findings[row])
                if weighed[row][0].copies:
                    break
            hits += [hit for hit in candidates if hit.score >= CLEAR or hit.ref.version in registered]
            if any(group[0].copies for group in weighed.values()):
                break
        return [w for group in weighed.values() for w in group], sorted(hits, key=lambda hit: -hit.score)

    def _ocr(self, shown: Sequence[pictures.Picture]) -> list[str]:
        """Read the text of pictures that match no held page; the slow way, and only then."""
        from sealtrace.content.ocr import read_text

        texts = []
        for picture in shown[:2]:
            if self.pieces[picture.piece].kind not in SCAN_KINDS:
                continue
            try:
                text = "\n".join(line.text for line in read_text(picture.raster))
            except SealtraceError as e:
                self.notes.append(f"text recognition failed ({e.code})")
                continue
            if len(text) >= OCR_MIN_CHARACTERS:
                texts.append(text)
        return texts

    def _by_read_text(self, shown: Sequence[pictures.Picture], text: TextVote) -> list[Weighed]:
        """Text told which page it is: register the picture onto that page without a hint."""
        row, part = text.best, text.part
        version = self.held.version(row)
        if part >= version.pages:
            return []
        reading = pictures.read_on(shown[0], PageRef(row, part), self.held, None)
        if reading is None:
            return []
        finding, found = reading
        return list(self._weigh(row, found, self._page_book(row), pages=[finding]))

    def _page_book(self, row: int) -> Book:
        book = self.held.book(row)
        assert book is not None, "only versions with a page channel are read"
        return book

    def _weigh(
        self,
        row: int,
        symbols: SoftSymbols,
        book: Book,
        *,
        pages: Sequence[PageFinding] = (),
        tables: Sequence[TableFinding] = (),
    ) -> tuple[Weighed, ...]:
        """Weigh a version's copies: one weighing, or with two keys one for each half of the codeword."""
        bound: dict[str, Any] = {"considered": self.considered, "chance": self.chance, "looks": self.looks}
        copies = self.held.copies(row)
        if isinstance(book, HalvedBook):
            about = bound | {"trace": self.trace_id}
            return weigh_halves(
                row, symbols, book.own, lambda part: self.held.notary_half(row, book, part, about), copies,
                pages=pages, tables=tables, **bound,
            )  # fmt: skip
        return (weigh(row, symbols, book, copies, pages=pages, tables=tables, **bound),)

    # -- the answer ------------------------------------------------------------------------------

    def _identify(
        self,
        accused: Sequence[Accused],
        hits: Sequence[PageHit],
        text: TextVote | None,
    ) -> Identified | None:
        shown = tables.shown(self.table_fits)
        by = tuple(n for n, there in (("page", hits), ("table", shown), ("text", text)) if there)
        tied = [hit.ref.version for hit in hits if hit.score >= 0.5 * hits[0].score]
        tied = tied or shown
        if text is not None:
            tied = [row for row in tied if row in text.tied] or tied or list(text.tied)
        if accused:
            return self._identify_row(accused[0].version, by or ("page",), tied)
        return self._identify_row(tied[0], by, tied) if tied else None

    def _identify_row(self, row: int, by: tuple[str, ...], tied: Sequence[int] = ()) -> Identified:
        version = self.held.version(row)
        also = [self.held.version(other) for other in dict.fromkeys(tied)]
        same = {version.version} | {v.version for v in also if v.code == version.code}
        others = tuple(dict.fromkeys(v.ref for v in also if v.code != version.code))
        if by in (("exact",), ("stamp",)):
            same = {version.version}
        return Identified(version.ref, row, version.title, tuple(sorted(same)), by, others)

    def _answer(
        self,
        result: Result,
        *,
        identified: Identified | None = None,
        accused: Sequence[Accused] = (),
        weighed: Sequence[Weighed] = (),
    ) -> Answer:
        return Answer(
            result, identified, tuple(accused), tuple(self.channels), self.considered, self.chance,
            self.looks, tuple(weighed), tuple(self.notes), self.pieces, self.opened,
        )  # fmt: skip


def _enter(
    office: Office,
    trace_id: str,
    answer: Answer,
    held: HeldPages,
    begun: float,
    by: Recipient | None,
    claimed: Sequence[circumstances.Said],
) -> TraceAnswer:
    """Enter the trace in the ledger with everything needed to recompute it, then put names to copies."""
    opened = answer.opened
    assert opened is not None, "a trace is opened before it is answered"
    at = written(office.clock.now())
    rows_named = {a.version for a in answer.accused} | {w.version for w in answer.weighed}
    refs = {row: str(store.version_by_row(office.db, row).ref) for row in rows_named}
    kept = evidence.keep(answer, trace_id, at, refs, two_keys=office.two_keys)
    words = [held.word(a.version, a.copy) for a in answer.accused]
    notary = [held.notary_word(a.copy) if a.halves else None for a in answer.accused]

    asked = {"by_operator": by.operator, "by_device": by.device, "by_ip": by.ip} if by else {}
    title = answer.identified.title if answer.identified else None
    seconds = time.perf_counter() - begun

    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        record = {"kept": kept, "opening": sealed.opening, "opened": opened.index, "words": words}
        record |= {"notary_words": notary} if any(notary) else {}
        record |= {"title": title, "seconds": seconds, "claimed": list(claimed)}
        box = office.subjects.seal_office(record, trace_id.encode())
        store.insert_trace(db, trace_id, at, entry.index, box)

    entry = office.record(
        TRACED,
        trace_id,
        {
            "trace": trace_id,
            "opened": opened.index,
            "at": at,
            "result": str(answer.result),
            "file": str(answer.identified.ref) if answer.identified else None,
            "accused": b"".join(sorted(bytes(a.copy) for a in answer.accused)),
            "accused_versions": ",".join(sorted({refs[a.version] for a in answer.accused})),
            "considered": answer.considered,
            "chance": repr(answer.chance),
            "models": opened.models,
            "software_sha256": opened.software_sha256,
            "leak_sha256": b"".join(piece.sha256 for piece in answer.pieces),
            "findings_sha256": evidence.digest(kept),
            **asked,
        },
        rows,
    )
    copies = tuple(_name(office, accused) for accused in answer.accused)
    beside = circumstances.of(office, claimed, [copy.accused.copy for copy in copies])
    return TraceAnswer(trace_id, answer, copies, time.perf_counter() - begun, entry, beside)


def _name(office: Office, accused: Accused) -> Named:
    row = office.copy(accused.copy)
    who = person_of(office, row)
    return Named(accused, who.operator, who.device, who.ip, row.issued_at, str(row.purpose), row.entry)
