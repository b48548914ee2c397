"""From a marked page through a leak back to the copy, and never to another."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.detect import PageReading, read_page
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.overlay import evidence_overlay
from sealtrace.marks.tint import plan_raster, tint_raster
from sealtrace.testing import attacks, pages

Raster = NDArray[np.uint8]

SIZE = (880, 1245)
ISSUED = np.arange(1, 501, dtype=np.uint64)
LIMIT = threshold(100_000, 1e-9)


class Document:
    """One registered page with its copies."""

    def __init__(self, page: Raster, key: bytes = bytes(range(32))) -> None:
        self.page = page
        self.grid, self.symbols = plan_raster(page.shape[1], page.shape[0])
        self.book = CodeBook(key, "page", self.symbols)
        self.layout = Layout(self.book.layout_key, self.grid, self.symbols)
        self.words = self.book.words(ISSUED)

    def bits(self, number: int) -> NDArray[np.uint8]:
        return np.unpackbits(self.words[number])

    def copy(self, number: int) -> Raster:
        return tint_raster(self.page, self.grid, self.layout.chips(self.bits(number)))

    def read(self, picture: Raster, hint: NDArray[np.float64] | None = None) -> PageReading | None:
        return read_page(self.page, picture, self.grid, self.layout, hint)

    def weigh(self, reading: PageReading) -> NDArray[np.float64]:
        return Weigher(reading.symbols, self.book.biases).log_e(self.words)


@cache
def document(sort: str = "mixed", seed: int = 15) -> Document:
    return Document(pages.sorts()[sort](np.random.default_rng(seed), SIZE))


def hint_of(leak: attacks.Leak) -> NDArray[np.float64]:
    corners = np.float32([[100, 100], [SIZE[0] - 100, 100], [100, SIZE[1] - 100]])
    at = cv2.perspectiveTransform(corners[None], leak.to_leak)[0]
    return cv2.getAffineTransform(corners, (at + 3).astype(np.float32))


def assert_names(document: Document, reading: PageReading | None, number: int) -> None:
    assert reading is not None
    scores = document.weigh(reading)
    assert scores[number] >= LIMIT
    assert np.delete(scores, number).max() < 12


@pytest.mark.parametrize("attack", [name for name in attacks.ATTACKS if "photo" not in name])
@pytest.mark.parametrize("sort", ["hanzi", "drawing"])
def test_a_leak_names_its_copy(sort: str, attack: str) -> None:
    held = document(sort)
    leak = attacks.ATTACKS[attack](held.copy(42), np.random.default_rng(6))
    assert_names(held, held.read(leak.picture, hint_of(leak)), 42)


@pytest.mark.parametrize("sort", ["hanzi", "table", "photo"])
def test_a_photo_names_its_copy(sort: str) -> None:
    held = document(sort)
    leak = attacks.phone_photo(2.5)(held.copy(7), np.random.default_rng(8))
    reading = held.read(leak.picture, hint_of(leak))
    assert_names(held, reading, 7)
    assert reading is not None
    assert reading.coverage > 0.9


def test_a_leak_is_found_without_a_hint_and_with_a_useless_one() -> None:
    held = document()
    leak = attacks.screenshot()(held.copy(3), np.random.default_rng(2))
    assert_names(held, held.read(leak.picture), 3)
    useless = np.array([[1.0, 0, 4000], [0, 1, 4000]])
    assert_names(held, held.read(leak.picture, useless), 3)


def test_a_negative_and_a_grey_picture_name_their_copy() -> None:
    held = document()
    copy = held.copy(11)
    assert_names(held, held.read(255 - copy), 11)
    assert_names(held, held.read(cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY)), 11)


def test_a_fiftieth_of_a_page_is_enough_when_its_place_is_known() -> None:
    held = document("hanzi")
    leak = attacks.crop(0.03)(held.copy(19), np.random.default_rng(4))
    reading = held.read(leak.picture, leak.to_leak[:2])
    assert_names(held, reading, 19)
    assert reading is not None
    assert reading.coverage < 0.05


@pytest.mark.parametrize("how", [np.mean, np.min, np.max, np.median])
def test_a_blend_of_three_copies_names_all_three_and_nobody_else(how: object) -> None:
    held = document("drawing")
    stack = np.stack([held.copy(i) for i in range(3)]).astype(np.float32)
    blend = np.rint(how(stack, axis=0)).astype(np.uint8)  # type: ignore[operator]  # a numpy reduction
    leak = attacks.jpeg(75)(blend, np.random.default_rng(1))
    reading = held.read(leak.picture, hint_of(leak))
    assert reading is not None
    scores = held.weigh(reading)
    assert scores[:3].min() >= LIMIT
    assert scores[3:].max() < 12


def test_two_pages_under_one_codeword_add_up() -> None:
    """Pages of one document share a codeword; in another group they don't share a layout."""
    page = document("latin")
    grid = ChipGrid(page.grid.rows, page.grid.cols, page.grid.x0, page.grid.y0, page.grid.x1, page.grid.y1, 1)
    second = Layout(page.book.layout_key, grid, page.symbols)
    readings = []
    for held_page, layout, seed in ((page.page, page.layout, 1), (document("table").page, second, 2)):
        copy = tint_raster(held_page, layout.grid, layout.chips(page.bits(5)))
        leak = attacks.chain(attacks.crop(0.05), attacks.jpeg(40))(copy, np.random.default_rng(seed))
        reading = read_page(held_page, leak.picture, layout.grid, layout, leak.to_leak[:2])
        assert reading is not None
        readings.append(reading.symbols)
    single = [Weigher(symbols, page.book.biases).log_e(page.words)[5] for symbols in readings]
    both = Weigher(readings[0] + readings[1], page.book.biases).log_e(page.words)
    assert both[5] > max(single)
    assert both[5] >= LIMIT
    assert np.delete(both, 5).max() < 12


def test_chips_of_any_pitch_are_read() -> None:
    """A grid as a PDF page has it: an inner box, a pitch that is no whole number of pixels, large chips."""
    held = document("table")
    for rows, cols in ((120, 83), (54, 38), (190, 131)):
        grid = ChipGrid(rows, cols, 0.035, 0.034, 0.966, 0.967)
        layout = Layout(held.book.layout_key, grid, 512)
        book = CodeBook(bytes(32), "page", 512)
        words = book.words(ISSUED)
        copy = tint_raster(held.page, grid, layout.chips(np.unpackbits(words[9])))
        leak = attacks.resize(0.6)(copy, np.random.default_rng(1))
        reading = read_page(held.page, leak.picture, grid, layout, hint_of(leak))
        assert reading is not None
        assert reading.coverage > 0.99
        scores = Weigher(reading.symbols, book.biases).log_e(words)
        assert scores[9] >= LIMIT
        assert np.delete(scores, 9).max() < 12


def test_the_reported_place_is_the_true_one() -> None:
    held = document()
    leak = attacks.screenshot()(held.copy(3), np.random.default_rng(12))
    reading = held.read(leak.picture)
    assert reading is not None
    corners = np.array([[[0, 0], [SIZE[0] - 1, 0], [SIZE[0] - 1, SIZE[1] - 1], [0, SIZE[1] - 1]]], np.float32)
    found = cv2.perspectiveTransform(corners, reading.to_leak)
    assert np.abs(found - cv2.perspectiveTransform(corners, leak.to_leak)).max() < 1.5
    assert reading.agreement > 0.6


def test_reading_twice_gives_the_same_symbols() -> None:
    held = document()
    leak = attacks.phone_photo(1.5)(held.copy(3), np.random.default_rng(5))
    first, second = (held.read(leak.picture, hint_of(leak)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.symbols.sums, second.symbols.sums)
    assert np.array_equal(first.symbols.information, second.symbols.information)


@pytest.mark.parametrize("shape", [(1, 1, 3), (15, 400, 3), (40, 41, 3)])
def test_pictures_too_small_for_anything_are_not_read(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(1)
    for picture in (np.full(shape, 255, np.uint8), rng.integers(0, 256, shape).astype(np.uint8)):
        assert document().read(picture) is None
        assert document().read(picture, np.array([[1.0, 0, 0], [0, 1, 0]])) is None


@pytest.mark.parametrize("entry", [np.nan, np.inf, 0.0, 1e300])
def test_a_nonsensical_hint_does_no_harm(entry: float) -> None:
    held = document()
    assert_names(held, held.read(held.copy(1), np.full((2, 3), entry)), 1)


def test_the_overlay_shows_agreement_where_the_leak_shows_the_page() -> None:
    held = document("drawing")
    leak = attacks.crop(0.25)(held.copy(42), np.random.default_rng(3))
    reading = held.read(leak.picture, leak.to_leak[:2])
    assert reading is not None
    before = held.page.copy()
    true, false = (evidence_overlay(held.page, reading, held.bits(number)) for number in (42, 43))
    assert true.shape == held.page.shape
    assert true.dtype == np.uint8
    assert np.array_equal(held.page, before)
    assert greenness(true) > 0.95 > greenness(false)
    away = np.ones(held.page.shape[:2], bool)
    x, y = -leak.to_leak[:2, 2].astype(int)
    away[max(0, y - 12) : y + leak.picture.shape[0] + 12, max(0, x - 12) : x + leak.picture.shape[1] + 12] = (
        False
    )
    colourless = np.ptp(true.astype(int), axis=2) - np.ptp(held.page.astype(int), axis=2)
    assert np.all(colourless[away] <= 0)


def greenness(overlay: Raster) -> float:
    """The share of the coloured pixels that lean to green rather than magenta, chips of weak evidence too."""
    red, green, blue = (overlay[..., c].astype(int) for c in range(3))
    lean = 2 * green - red - blue
    return float(np.mean(lean[np.abs(lean) > 20] > 0))
