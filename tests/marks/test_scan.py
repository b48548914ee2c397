"""Choosing whom to weigh costs power only: the same sources, and each copy chosen by its own word alone."""

from __future__ import annotations

import numpy as np
import pytest

from sealtrace.marks.codewords import BLOCK_SYMBOLS, CodeBook
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.models import BLENDS
from sealtrace.marks.scan import CHOSEN, WEIGHED_ALL, scan
from sealtrace.testing.blends import blend, hard

BOOK = CodeBook(bytes(range(32)), "table", 1024)
MANY = np.arange(60_000, dtype=np.uint64)


def weigher(sources: int) -> Weigher:
    rng = np.random.default_rng(sources)
    words = np.unpackbits(BOOK.words(MANY[:sources]), axis=1)
    return Weigher(hard(blend(words, "interleave", rng), 0.05, rng), BOOK.biases, BLENDS)


@pytest.mark.parametrize("sources", [1, 2])
def test_the_chosen_hold_the_sources_with_their_full_e_values(sources: int) -> None:
    found = scan(weigher(sources), BOOK, MANY)
    assert 0.5 * CHOSEN < len(found.ids) < 2 * CHOSEN
    assert set(range(sources)) <= set(found.ids.tolist())
    assert np.array_equal(found.words, BOOK.words(found.ids))
    full = weigher(sources).log_e(BOOK.words(found.ids))
    assert np.allclose(found.log_e, full)
    assert found.log_e.max() > threshold(10**6, 1e-9)


def test_a_copy_is_chosen_by_its_own_word_alone() -> None:
    one = weigher(1)
    every = set(scan(one, BOOK, MANY, chosen=6000).ids.tolist())
    half = set(scan(one, BOOK, MANY[:30_000], chosen=3000).ids.tolist())
    assert half == {i for i in every if i < 30_000}


def test_few_copies_are_all_weighed() -> None:
    assert len(scan(weigher(1), BOOK, MANY[:WEIGHED_ALL]).ids) == WEIGHED_ALL


@pytest.mark.parametrize("symbols", [8, 136, 256, 1024])
def test_parts_are_blocks_of_the_word(symbols: int) -> None:
    book = CodeBook(bytes(32), "table", symbols)
    words = np.pad(book.words(MANY[:50]), ((0, 0), (0, book.blocks * BLOCK_SYMBOLS // 8 - symbols // 8)))
    some = np.arange(book.blocks)[::-2]
    expected = words.reshape(50, -1, BLOCK_SYMBOLS // 8)[:, some].reshape(50, -1)
    assert np.array_equal(book.parts(MANY[:50], some), expected)
