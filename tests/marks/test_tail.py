"""The bound on false accusations, on real leaks: P(E >= t) <= 1/t over more than a million innocent copies.

Every leak below is weighed against INNOCENT copies of the same document, of which none was issued, tinted
or leaked. The bound has no slack for sampling: the same assertion must fail for a weigher that breaks any
of the proof's conditions, and the last tests show that it does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.detect import read_page
from sealtrace.marks.evalue import SoftSymbols, Weigher, threshold
from sealtrace.marks.geometry import Layout
from sealtrace.marks.tint import plan_raster, tint_raster
from sealtrace.testing import attacks, pages

SIZE = (880, 1245)
INNOCENT = np.arange(10**6, 10**6 + 100_000, dtype=np.uint64)
GUILTY = np.arange(5, dtype=np.uint64)
GRID, SYMBOLS = plan_raster(*SIZE)
BOOK = CodeBook(bytes(range(32)), "page", SYMBOLS)
LAYOUT = Layout(BOOK.layout_key, GRID, SYMBOLS)
ELSEWHERE = CodeBook(bytes(32), "page", SYMBOLS)  # the same page registered by another installation

Raster = NDArray[np.uint8]


@cache
def page() -> Raster:
    return pages.mixed(np.random.default_rng(21), SIZE)


def copy_of(book: CodeBook, number: int) -> Raster:
    word = np.unpackbits(book.words(GUILTY[number : number + 1])[0])
    return tint_raster(page(), GRID, Layout(book.layout_key, GRID, SYMBOLS).chips(word))


@cache
def innocent_words() -> NDArray[np.uint8]:
    return BOOK.words(INNOCENT)


def blend(how: Callable[..., NDArray[np.floating]], colluders: int) -> Raster:
    stack = np.stack([copy_of(BOOK, i) for i in range(colluders)]).astype(np.float32)
    return np.clip(np.rint(how(stack, axis=0)), 0, 255).astype(np.uint8)


def read(picture: Raster, attack: attacks.Attack, seed: int) -> SoftSymbols:
    """The symbols of a picture after an attack, placed by the true affine part of its geometry."""
    leak = attack(picture, np.random.default_rng([31, seed]))
    corners = np.float32([[100, 100], [SIZE[0] - 100, 100], [100, SIZE[1] - 100]])
    at = cv2.perspectiveTransform(corners[None], leak.to_leak)[0].astype(np.float32)
    reading = read_page(page(), leak.picture, GRID, LAYOUT, cv2.getAffineTransform(corners, at))
    assert reading is not None
    return reading.symbols


def heavy_tails() -> SoftSymbols:
    rng = np.random.default_rng(41)
    information = rng.uniform(0, 40, SYMBOLS) * (rng.random(SYMBOLS) > 0.2)
    return SoftSymbols(rng.standard_cauchy(SYMBOLS) * np.sqrt(information), information)


def popular_bits() -> SoftSymbols:
    """What somebody who knew the document's biases would leak to incriminate everybody."""
    information = np.full(SYMBOLS, 16.0)
    return SoftSymbols(information * np.sign(BOOK.biases - 128.0), information)


LEAKS: dict[str, Callable[[], SoftSymbols]] = {
    "unmarked, JPEG": lambda: read(page(), attacks.jpeg(50), 1),
    "unmarked, photo": lambda: read(page(), attacks.phone_photo(2.0), 2),
    "another copy, as it is": lambda: read(copy_of(BOOK, 0), attacks.chain(), 3),
    "another copy, printed and scanned": lambda: read(copy_of(BOOK, 1), attacks.print_scan(), 4),
    "another copy, cropped photo": lambda: read(
        copy_of(BOOK, 2), attacks.chain(attacks.phone_photo(2.0), attacks.crop(0.5)), 5
    ),
    "another installation's copy": lambda: read(copy_of(ELSEWHERE, 0), attacks.screenshot(), 6),
    "three copies' darkest, JPEG": lambda: read(blend(np.min, 3), attacks.jpeg(70), 7),
    "five copies' mean, halved": lambda: read(blend(np.mean, 5), attacks.resize(0.5), 8),
    "five copies' median": lambda: read(blend(np.median, 5), attacks.chain(), 9),
    "heavy-tailed noise": heavy_tails,
    "the likely bits": popular_bits,
}


@cache
def symbols_of(name: str) -> SoftSymbols:
    return LEAKS[name]()


def assert_bounded(log_e: NDArray[np.float64]) -> None:
    """The claim: at most one innocent copy in t has an e-value of t or more, and none is accused."""
    assert not np.isnan(log_e).any()
    for t in (10, 100, 1000):
        share = np.mean(log_e >= np.log(t))
        assert share <= 1 / t, f"P(E >= {t}) = {share:.2e}"
    assert log_e.max() < threshold(len(INNOCENT) * len(LEAKS), 1e-9)


def test_the_bound_holds_over_a_million_innocent_copies() -> None:
    scores = {name: Weigher(symbols_of(name), BOOK.biases).log_e(innocent_words()) for name in LEAKS}
    for name, log_e in scores.items():
        print(name, [f"{np.mean(log_e >= np.log(t)):.1e}" for t in (10, 100, 1000)], f"max {log_e.max():.1f}")
        assert_bounded(log_e)
    pooled = np.concatenate(list(scores.values()))
    assert len(pooled) > 10**6
    assert_bounded(pooled)


def test_the_sources_are_found_in_the_same_leaks() -> None:
    """The test above would also pass on leaks that say nothing; these do not."""
    words = BOOK.words(GUILTY)
    limit = threshold(10**6, 1e-9)
    for name, sources in {
        "another copy, as it is": [0],
        "another copy, printed and scanned": [1],
        "another copy, cropped photo": [2],
        "three copies' darkest, JPEG": [0, 1, 2],
    }.items():
        log_e = Weigher(symbols_of(name), BOOK.biases).log_e(words)
        assert log_e[sources].min() >= limit, name
        assert np.delete(log_e, sources).max() < limit / 2
    for name in ("five copies' mean, halved", "five copies' median"):
        assert Weigher(symbols_of(name), BOOK.biases).log_e(words).max() >= limit, name


def without_marginal(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: takes every bit for a fair coin, so that it divides by the wrong marginal."""
    return Weigher(symbols, np.full(SYMBOLS, 128, np.uint8)).log_e(words)


def fitted_on_the_candidate(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: leaves out the parts of the leak that speak against the copy being weighed."""
    total = np.zeros(len(words))
    for part in range(8):
        mine = np.arange(SYMBOLS) % 8 == part
        kept = SoftSymbols(np.where(mine, symbols.sums, 0), np.where(mine, symbols.information, 0))
        total += np.maximum(Weigher(kept, BOOK.biases).log_e(words), 0)
    return total


def best_of_many_registrations(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: reads the leak in 30 ways and keeps, for each copy, the one that suits it best."""
    best = np.full(len(words), -np.inf)
    for way in range(30):
        turned = SoftSymbols(np.roll(symbols.sums, 37 * way), np.roll(symbols.information, 37 * way))
        best = np.maximum(best, Weigher(turned, BOOK.biases).log_e(words))
    return best


@pytest.mark.parametrize(
    "broken",
    [without_marginal, fitted_on_the_candidate, best_of_many_registrations],
    ids=lambda f: f.__name__,
)
def test_a_weigher_that_breaks_the_proof_fails_the_same_assertion(
    broken: Callable[[SoftSymbols, NDArray[np.uint8]], NDArray[np.float64]],
) -> None:
    words = innocent_words()[:3_000]
    caught = []
    for name in ("unmarked, JPEG", "another copy, as it is", "the likely bits"):
        try:
            assert_bounded(broken(symbols_of(name), words))
        except AssertionError:
            caught.append(name)
    assert caught


def test_codewords_that_are_not_independent_fail_the_same_assertion() -> None:
    """Broken: an issuer whose copies share most of their bits (a code, a weak generator) with a source."""
    source = BOOK.words(GUILTY[:1])[0]
    words = innocent_words()[:3_000].copy()
    words[:, : SYMBOLS // 32] = source[: SYMBOLS // 32]
    log_e = Weigher(symbols_of("another copy, as it is"), BOOK.biases).log_e(words)
    with pytest.raises(AssertionError):
        assert_bounded(log_e)
