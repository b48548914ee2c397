"""Two halves under two keys: the bound holds against whoever has one of them, and falls when either half may name."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import HalvedBook, joined, parted
from sealtrace.marks.models import BLENDS, Model
from sealtrace.marks.rounds import MOST_ROUNDS, Weighing, find_sources, together

SYMBOLS, COPIES, LEAKS, INVERSE_CHANCE = 128, 40, 120, 10.0
LIMIT = math.log(INVERSE_CHANCE)
ONE = (Model(1, "linear"),)
IDS = np.arange(COPIES, dtype=np.uint64)


def books(seed: int, symbols: int = SYMBOLS) -> tuple[CodeBook, CodeBook]:
    """The office's and the notary's book of one document."""
    rnd = np.random.default_rng(seed)
    return CodeBook(rnd.bytes(32), "page", symbols), CodeBook(rnd.bytes(32), "page", symbols)


def signs(book: CodeBook, copy: int) -> np.ndarray:
    return 2.0 * book.word(CopyId(copy)) - 1


def read(*halves: np.ndarray) -> SoftSymbols:
    sums = np.concatenate(halves)
    return SoftSymbols(sums, np.ones(len(sums)))


def fabricated(seed: int, *, by_office: bool) -> tuple[SoftSymbols, tuple[CodeBook, CodeBook]]:
    """A leak that one party makes up against copy 3: its own half without a fault, the other as cunning as it can.

    It knows the other half's biases and everything else, but no word: here it bets on each symbol's likelier bit,
    harder where that is surer, or tosses coins.
    """
    both, rnd = books(seed), np.random.default_rng(1000 + seed)
    mine, other = both if by_office else both[::-1]
    guess = np.sign(other.biases / 256 - 0.5 + 1e-9) if seed % 2 else rnd.choice([-1.0, 1.0], SYMBOLS)
    guess = guess * rnd.uniform(0.2, 3.0, SYMBOLS)
    pair = (3 * signs(mine, 3), guess)
    return read(*(pair if by_office else pair[::-1])), both


def weighed(leak: SoftSymbols, both: Sequence[CodeBook]) -> list[Weighing]:
    return [Weighing(part, book, IDS, LIMIT, ONE) for part, book in zip(parted(leak), both, strict=True)]


@pytest.mark.parametrize("by_office", [True, False], ids=["office", "notary"])
def test_one_party_names_an_innocent_copy_no_more_often_than_the_bound(by_office: bool) -> None:
    """P(named) <= 1/t against either party alone. Named by EITHER half, the victim would be named each time."""
    both_halves = either_half = 0
    for seed in range(LEAKS):
        leak, pair = fabricated(seed, by_office=by_office)
        halves = weighed(leak, pair)
        found = together(halves)
        both_halves += CopyId(3) in {sources[0].copy for sources in found.named}
        either_half += any(CopyId(3) in {s.copy for s in half.above(1, [])} for half in halves)
        assert len(found.alone) == 2
    allowed = LEAKS / INVERSE_CHANCE
    spread = 3 * math.sqrt(LEAKS / INVERSE_CHANCE)
    assert both_halves <= allowed + spread
    assert either_half == LEAKS  # the rule that is not used: this many accusations of an innocent person


def test_the_smaller_e_value_has_a_mean_of_at_most_one_whichever_key_is_known() -> None:
    """The tail over all innocent copies: P(min(E, E') >= t) <= 1/t at t = 10 and 100, one half being known."""
    smaller = []
    for seed in range(LEAKS):
        leak, pair = fabricated(seed, by_office=bool(seed % 3))
        own, other = weighed(leak, pair)
        smaller.append(np.minimum(own.scores.log_e, other.scores.log_e))
    tail = np.concatenate(smaller)
    for t in (10.0, 100.0):
        count = int((tail >= math.log(t)).sum())
        assert count <= len(tail) / t + 3 * math.sqrt(len(tail) / t)


def test_an_honest_leak_is_named_by_both() -> None:
    both = books(7, 256)
    leak = read(*(2 * signs(book, 11) + np.random.default_rng(1).standard_normal(256) for book in both))
    halves = weighed(leak, both)
    [sources] = together(halves).named
    assert {s.copy for s in sources} == {CopyId(11)}
    assert together(halves).alone == (0, 0)


def test_a_blend_is_named_round_by_round_and_needs_both_halves_in_each() -> None:
    both = books(3, 1024)
    blend = [np.mean([signs(book, c) for c in (1, 2, 3)], axis=0) for book in both]
    limit = math.log(1e9)
    halves = [
        Weighing(part, book, IDS, limit, BLENDS)
        for part, book in zip(parted(read(*blend)), both, strict=True)
    ]
    named = together(halves).named
    assert {s[0].copy.value for s in named} == {1, 2, 3}
    assert all(a.round == b.round <= MOST_ROUNDS for a, b in named)
    silent = read(blend[0], np.zeros(1024))
    nothing = [
        Weighing(part, book, IDS, limit, BLENDS) for part, book in zip(parted(silent), both, strict=True)
    ]
    found = together(nothing)
    assert found.named == ()
    assert found.alone[0] >= 1
    assert found.alone[1] == 0


def test_one_half_alone_is_what_it_was_without_the_other() -> None:
    both = books(5, 512)
    part = read(np.mean([signs(both[0], c) for c in (4, 5)], axis=0))
    limit = math.log(1e9)
    whole = find_sources(part, both[0], IDS, limit, BLENDS)
    alone = together([Weighing(part, both[0], IDS, limit, BLENDS)])
    assert [s.copy for s in whole.named] == [s[0].copy for s in alone.named]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 32), st.integers(0, (1 << 64) - 1), st.binary(min_size=32, max_size=32))
def test_a_word_is_parted_as_it_was_joined(eighths: int, copy: int, key: bytes) -> None:
    own, other = CodeBook(key, "page", 8 * eighths), CodeBook(bytes(32), "page", 8 * eighths)
    packed = other.words(np.array([copy], np.uint64))[0].tobytes()
    book = HalvedBook(own, lambda _copies: [packed])
    word = book.word(CopyId(copy)).astype(float)
    assert (book.symbols, len(word)) == (16 * eighths, 16 * eighths)
    assert np.array_equal(joined(own.word(CopyId(copy)), packed), word)
    first, second = parted(read(word))
    assert np.array_equal(first.sums, own.word(CopyId(copy)))
    assert np.array_equal(second.sums, other.word(CopyId(copy)))
