"""Several leaks weighed together: the bound holds whatever is chosen and whenever it is looked at."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.combine import log_choices
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.testing.blends import hard
from sealtrace.trace.together import Document, factors


@dataclass(frozen=True)
class EveryWord:
    """A book of eight symbols in which copy number i carries the bits of i: all words there are."""

    biases: NDArray[np.uint8]
    parts_of: tuple[tuple[str, int], ...] = (("page", 8),)

    def words(self, copies: NDArray[np.uint64]) -> NDArray[np.uint8]:
        return copies.astype(np.uint8)[:, None]

    @property
    def chances(self) -> NDArray[np.float64]:
        bits, p = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), self.biases / 256
        return np.prod(np.where(bits == 1, p, 1 - p), axis=1)


ALL = np.arange(256)
eight = st.lists(st.floats(-9, 9), min_size=8, max_size=8).map(lambda s: SoftSymbols(np.array(s), np.ones(8)))
books = st.lists(st.integers(8, 248), min_size=8, max_size=8).map(lambda k: EveryWord(np.array(k, np.uint8)))


def document(book: EveryWord, *leaks: SoftSymbols) -> Document:
    return Document(leaks, "table", book, ALL.astype(np.uint64), ALL)


@settings(max_examples=12, deadline=None)
@given(eight, eight, eight, books, books)
def test_an_innocents_mean_is_one_over_leaks_and_documents(
    first: SoftSymbols, again: SoftSymbols, other: SoftSymbols, book: EveryWord, second: EveryWord
) -> None:
    """Over every pair of words there is, with its probability. Multiplying two leaks of one document breaks this."""
    one, two = factors([document(book, first, again), document(second, other)], 256)
    means = book.chances @ np.exp(one), second.chances @ np.exp(two)
    assert means == pytest.approx((1, 1), rel=1e-6)


def test_choosing_leaks_by_their_scores_is_paid_for() -> None:
    """Eight leaks, each of one symbol: nearly every innocent has ONE that fits. Over all words, exactly."""
    book = EveryWord(np.full(8, 128, np.uint8))
    leaks = [SoftSymbols(9.0 * one, np.ones(8)) for one in np.eye(8)]
    free, paid = np.full(256, -np.inf), np.full(256, -np.inf)
    for chosen in itertools.chain.from_iterable(itertools.combinations(range(8), m) for m in (1, 2)):
        found = document(book, *(leaks[i] for i in chosen)).factor(256)
        free = np.maximum(free, found)
        paid = np.maximum(paid, found - log_choices([i + 1 for i in chosen]))
    assert book.chances[free >= math.log(1.5)].sum() > 1 / 1.5, "so it must be paid for"
    for t in (1.01, 1.5, 2, 5):
        assert book.chances[paid >= math.log(t)].sum() <= 1 / t


def test_innocent_recipients_of_several_copies_stay_within_the_bound_over_leaks_of_two_documents() -> None:
    """Ten thousand innocents with two copies of each document; one guilty one stands out."""
    people, rng, made = 10_001, np.random.default_rng(4), []
    for number, times in ((1, 3), (2, 1)):
        book = CodeBook(bytes([number]) * 32, "table", 128)
        copies = np.arange(2 * people, dtype=np.uint64)
        word = np.unpackbits(book.words(np.zeros(1, np.uint64))[0])
        leak = hard(word, 0.25, rng)
        read = tuple(
            SoftSymbols(leak.sums + 0.1 * rng.normal(size=128), leak.information) for _ in range(times)
        )
        made.append(Document(read, "table", book, copies, (copies // 2).astype(np.int64)))
    log_e = factors(made, people).sum(axis=0)
    assert log_e.argmax() == 0
    for t in (2, 10, 100):
        assert np.mean(log_e[1:] >= math.log(t)) <= 1 / t


def test_two_weak_leaks_name_together_whom_neither_names_and_a_stranger_has_no_say() -> None:
    made = []
    for number in (1, 2):
        book, rng = CodeBook(bytes([number]) * 32, "table", 256), np.random.default_rng(number)
        leak = hard(np.unpackbits(book.words(np.zeros(1, np.uint64))[0]), 0.2, rng)
        made.append(Document((leak,), "table", book, np.arange(50, dtype=np.uint64), np.arange(50)))
    found = factors(made, 51)
    limit = math.log(50 / 1e-9) + log_choices([1, 2])
    assert (found < limit).all()
    assert np.flatnonzero(found.sum(axis=0) >= limit).tolist() == [0]
    assert found[:, 50].tolist() == [0, 0]
    assert made[0].alone(0)[0] == pytest.approx(found[0, 0])
