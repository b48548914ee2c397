"""The search behind a trace: cheapest and surest first, from exact bytes to what a picture's pixels tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from sealtrace.content import pages as content_pages
from sealtrace.content.kinds import Kind
from sealtrace.content.page_index import CLEAR, PageHit, PageRef
from sealtrace.content.reader import Content, read
from sealtrace.content.tables import files as table_files
from sealtrace.content.text_index import MIN_ALIKE
from sealtrace.custody import indexing, store
from sealtrace.custody.office import Office
from sealtrace.errors import SealtraceError
from sealtrace.ids import CopyId
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.files import find_stamps
from sealtrace.marks.halves import Book, HalvedBook
from sealtrace.marks.table.extras import together
from sealtrace.trace import pictures, tables
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
from sealtrace.trace.weigh import accuse, accuse_both, weigh, weigh_halves

from .held import HeldPages

MAX_PICTURES = 12  # pages of one leaked document that are read as pictures
PICTURE_KINDS = {Kind.PDF, Kind.PNG, Kind.JPEG, Kind.TIFF, Kind.WEBP, Kind.BMP, Kind.SVG}
SCAN_KINDS = PICTURE_KINDS - {Kind.PDF, Kind.SVG}
OCR_MIN_CHARACTERS = 24
Tell = Callable[[str], None]
STAGES = ("exact", "recognise", "weigh", "enter")
"""What `tell` is called with, in this order; a stage that isn't needed is left out."""

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
