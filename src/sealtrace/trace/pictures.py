"""Leaked pictures: which held page each shows, and the soft symbols it carries.

Nothing here looks at a codeword of any copy: pages are found, registered and read on the leak, the
held original and the document's layout alone. That is what makes the e-values valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.page_index import PageHit, PageIndex, PageRef
from sealtrace.marks.detect import read_page
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.halves import Book

from .model import PageFinding

CANDIDATE_PAGES = 6  # tied pages read per picture; near-identical versions and templates
Raster = NDArray[np.uint8]


class Held(Protocol):
    """What the register holds of a version. Row ids are the register's; pages count from 0."""

    def raster(self, ref: PageRef) -> Raster:
        """The unmarked canonical raster of a page, (H, W, 3) RGB."""
        ...

    def grid(self, ref: PageRef) -> ChipGrid | None:
        """Where the page's chips are, or None when it carries none."""
        ...

    def book(self, version: int) -> Book | None:
        """The version's code book for the page channel."""
        ...

    def copies(self, version: int) -> NDArray[np.uint64]:
        """The ids of all copies and views issued of the version."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One leaked picture: which piece it came from and its number there."""

    piece: int
    number: int
    raster: Raster


def candidates(index: PageIndex, picture: Picture) -> list[PageHit]:
    """Give the held pages this picture may show: the tied set, best first."""
    found = index.search(picture.raster)
    tied = set(found.tied)
    return [hit for hit in found.hits if hit.ref in tied][:CANDIDATE_PAGES]


def read(picture: Picture, hits: Sequence[PageHit], held: Held) -> Iterator[tuple[PageFinding, SoftSymbols]]:
    """Read the symbols of a picture on each candidate page, at most one page a version, best hit first.

    A version's page is chosen by how well it registers, never by what its copies would score.
    """
    done: set[int] = set()
    for hit in hits:
        if hit.ref.version in done:
            continue
        reading = read_on(picture, hit.ref, held, hit.to_leak, inverted=hit.inverted)
        if reading is not None:
            done.add(hit.ref.version)
            yield reading


def read_on(
    picture: Picture, ref: PageRef, held: Held, hint: NDArray[np.float64] | None, *, inverted: bool = False
) -> tuple[PageFinding, SoftSymbols] | None:
    """Register a picture onto one held page and read its symbols; None when it can't be registered."""
    book, grid = held.book(ref.version), held.grid(ref)
    if book is None or grid is None:
        return None
    leak = 255 - picture.raster if inverted else picture.raster
    layout = Layout(book.layout_key, grid, book.symbols)
    reading = read_page(held.raster(ref), leak, grid, layout, hint)
    if reading is None:
        return None
    finding = PageFinding(
        picture.piece, picture.number, ref.version, ref.page, reading.to_leak, reading.coverage
    )
    return finding, reading.symbols
