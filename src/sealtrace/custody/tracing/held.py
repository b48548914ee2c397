"""The register as the trace engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.content import pages as content_pages
from sealtrace.content.page_index import PageRef
from sealtrace.content.reader import read
from sealtrace.content.tables import files as table_files
from sealtrace.content.tables.model import Table
from sealtrace.custody import store
from sealtrace.custody.books import reading_book
from sealtrace.custody.model import Version
from sealtrace.custody.office import Office
from sealtrace.custody.twokey import NotaryHalf
from sealtrace.ids import CopyId
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.files import find_grid
from sealtrace.marks.geometry import ChipGrid
from sealtrace.marks.halves import Book, HalvedBook
from sealtrace.marks.table.plan import TablePlan
from sealtrace.trace.model import (
    Opening,
)


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
