"""Pictures that no copy of ours is behind: more than a thousand of them, and never an accusation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks import registration
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.detect import read_page
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.tint import plan_raster, tint_raster
from sealtrace.testing import attacks, pages

Raster = NDArray[np.uint8]

ISSUED = np.arange(1, 201, dtype=np.uint64)
CASES = 17  # leaks a document and kind
DOCUMENTS = 20
LIMIT = threshold(len(ISSUED), 1e-6)  # a thousand times laxer than the product's
ATTACKS = [
    attacks.chain(),
    attacks.jpeg(60),
    attacks.resize(0.8),
    attacks.crop(0.6),
    attacks.chain(attacks.resize(1.3), attacks.jpeg(75)),
]
SORTS = ["hanzi", "table", "latin", "slide", "mixed"]


class Held:
    """A small registered picture with issued copies; `key` is its installation's document key."""

    def __init__(self, number: int, key: bytes) -> None:
        rng = np.random.default_rng([51, number])
        size = (int(rng.integers(220, 320)), int(rng.integers(220, 320)))
        page = pages.sorts()[SORTS[number % len(SORTS)]](rng, (2 * size[0], 2 * size[1]))
        self.page = cv2.resize(page, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        self.grid, self.symbols = plan_raster(*size)
        self.book = CodeBook(key, "page", self.symbols)
        self.layout = Layout(self.book.layout_key, self.grid, self.symbols)
        self.words = self.book.words(ISSUED)

    def copy(self, number: int) -> Raster:
        word = np.unpackbits(self.words[number])
        return tint_raster(self.page, self.grid, self.layout.chips(word))

    def accused(self, picture: Raster, hint: NDArray[np.float64]) -> tuple[int, float] | None:
        """How many copies are accused and the best score, or None when nothing could be registered."""
        reading = read_page(self.page, picture, self.grid, self.layout, hint)
        if reading is None:
            return None
        scores = Weigher(reading.symbols, self.book.biases).log_e(self.words)
        return int(np.sum(scores >= LIMIT)), float(scores.max())


@cache
def held(number: int) -> Held:
    return Held(number, bytes([number]) * 32)


def leaks(picture: Raster, seed: int, count: int) -> Iterator[tuple[Raster, NDArray[np.float64]]]:
    """Leaks of a picture with the true place as hint."""
    for case in range(count):
        leak = ATTACKS[case % len(ATTACKS)](picture, np.random.default_rng([61, seed, case]))
        yield leak.picture, leak.to_leak[:2]


def unmarked(number: int) -> Raster:
    return held(number).page


def of_another_installation(number: int) -> Raster:
    return Held(number, bytes([number, 200]) * 16).copy(number)


def under_another_layout(number: int) -> Raster:
    """Our own copy, but of another page group: its chips mean other symbols."""
    document = held(number)
    g = document.grid
    layout = Layout(
        document.book.layout_key, ChipGrid(g.rows, g.cols, g.x0, g.y0, g.x1, g.y1, 7), document.symbols
    )
    return tint_raster(document.page, g, layout.chips(np.unpackbits(document.words[3])))


@pytest.mark.parametrize(
    "make", [unmarked, of_another_installation, under_another_layout], ids=lambda f: f.__name__
)
def test_pictures_without_our_mark_accuse_nobody(make: Callable[[int], Raster]) -> None:
    read, best = 0, -np.inf
    for number in range(DOCUMENTS):
        for picture, hint in leaks(make(number), number, CASES):
            found = held(number).accused(picture, hint)
            if found is None:
                continue
            read += 1
            best = max(best, found[1])
            assert found[0] == 0
    print(f"{make.__name__}: {read} read of {DOCUMENTS * CASES}, best log e-value {best:.1f}")
    assert read > 0.9 * DOCUMENTS * CASES  # otherwise the test says nothing


def test_the_same_reading_names_the_copies_that_did_leak() -> None:
    named = 0
    for number in range(DOCUMENTS):
        document, guilty = held(number), number
        for picture, hint in leaks(document.copy(guilty), number, 3):
            reading = read_page(document.page, picture, document.grid, document.layout, hint)
            assert reading is not None
            scores = Weigher(reading.symbols, document.book.biases).log_e(document.words)
            assert np.delete(scores, guilty).max() < LIMIT
            named += bool(scores[guilty] >= threshold(len(ISSUED), 1e-9))
    assert named >= 0.95 * DOCUMENTS * 3


@pytest.mark.parametrize("forced", [False, True])
def test_unregistered_documents_accuse_nobody(forced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other pages register where they share rules and lines; nobody is named, not even where it is forced."""
    if forced:
        monkeypatch.setattr(registration, "LEAST_AGREEMENT", 0.0)
        monkeypatch.setattr(registration, "FEWEST_BLOCKS", 4)
        monkeypatch.setattr(registration, "LEAST_LIKENESS", 0.0)
        monkeypatch.setattr(registration, "SECOND_BEST", 2.0)
        monkeypatch.setattr(registration, "TEXTURE", 0.5)
    read = 0
    for number in range(DOCUMENTS):
        strangers = [held((number + step * len(SORTS)) % DOCUMENTS).copy(step) for step in range(1, 3)]
        for stranger in strangers:
            scale = np.diag([stranger.shape[1] / held(number).page.shape[1]] * 2)
            found = held(number).accused(stranger, np.hstack([scale, np.zeros((2, 1))]))
            if found is not None:
                read += 1
                assert found[0] == 0
    print(f"forced {forced}: {read} of {DOCUMENTS * 2} read")
    assert read > 0
