"""The e-value: mean exactly 1 over innocent copies, large for sources, silent on nonsense."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols, Weigher, threshold
from sealtrace.marks.models import BLENDS, Model, levels

KEY = bytes(range(32))
BOOK = CodeBook(KEY, "page", 2048)
WORDS = BOOK.words(np.arange(400, dtype=np.uint64))
LIMIT = threshold(100_000, 1e-9)

anything = st.floats(-1e12, 1e12)
amounts = st.floats(0, 1e9)


def every_word(symbols: int) -> NDArray[np.uint8]:
    """All 2^symbols packed words."""
    numbers = np.arange(1 << symbols, dtype=">u4").view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(numbers[:, 4 - symbols // 8 :])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(anything, amounts, st.integers(8, 248)), min_size=8, max_size=8),
)
def test_the_mean_over_all_innocent_words_is_exactly_one(rows: list[tuple[float, float, int]]) -> None:
    """Summed over every word there is, with its probability: no sampling, no slack."""
    sums, information, k = (np.array(column) for column in zip(*rows, strict=True))
    weigher = Weigher(SoftSymbols(sums, information), k.astype(np.uint8))
    words = every_word(8)
    bits = np.unpackbits(words, axis=1)
    probability = np.where(bits == 1, k / 256, 1 - k / 256).prod(axis=1)
    assert math.isclose(float(probability @ np.exp(weigher.log_e(words))), 1.0, rel_tol=1e-9)


def test_the_mean_is_one_on_sixteen_symbols_of_a_real_leak() -> None:
    rng = np.random.default_rng(5)
    k = BOOK.biases[:16]
    true = np.unpackbits(WORDS[3])[:16]
    sums = 30.0 * (2.0 * true - 1) + rng.normal(size=16) * 3
    weigher = Weigher(SoftSymbols(sums, np.full(16, 9.0)), k)
    words = every_word(16)
    bits = np.unpackbits(words, axis=1)
    probability = np.where(bits == 1, k / 256, 1 - k / 256).prod(axis=1)
    e = np.exp(weigher.log_e(words))
    assert math.isclose(float(probability @ e), 1.0, rel_tol=1e-9)
    assert e.max() > 50


def leak_of(words: NDArray[np.uint8], blend: str, amplitude: float, seed: int) -> SoftSymbols:
    """Soft symbols of a blend of copies with unit noise and uneven information."""
    rng = np.random.default_rng(seed)
    shown = 2.0 * np.unpackbits(words, axis=1) - 1
    level = {
        "mean": lambda: shown.mean(axis=0),
        # the darkest or lightest of the copies' chips: half of a symbol's chips are inverted, so that
        # where the copies differ they cancel
        "darkest": lambda: (shown.min(axis=0) + shown.max(axis=0)) / 2,
        "median": lambda: np.median(shown, axis=0),
        "patchwork": lambda: shown[rng.integers(0, len(shown), shown.shape[1]), np.arange(shown.shape[1])],
    }[blend]()
    information = rng.uniform(4, 30, shown.shape[1])
    return SoftSymbols(
        amplitude * level * information + rng.normal(size=len(level)) * np.sqrt(information), information
    )


def test_a_single_source_is_far_above_the_threshold_and_nobody_else() -> None:
    scores = Weigher(leak_of(WORDS[7:8], "mean", 0.5, 1), BOOK.biases).log_e(WORDS)
    assert scores[7] > 10 * LIMIT
    assert np.delete(scores, 7).max() < 10


@pytest.mark.parametrize("blend", ["mean", "darkest", "median", "patchwork"])
@pytest.mark.parametrize("colluders", [2, 3])
def test_blends_of_two_and_three_name_every_one_of_them(blend: str, colluders: int) -> None:
    scores = Weigher(leak_of(WORDS[:colluders], blend, 1.5, 2), BOOK.biases).log_e(WORDS)
    assert scores[:colluders].min() >= LIMIT
    assert scores[colluders:].max() < LIMIT / 2


@pytest.mark.parametrize("blend", ["mean", "darkest", "median", "patchwork"])
def test_blends_of_five_name_one_of_them_at_least(blend: str) -> None:
    scores = Weigher(leak_of(WORDS[:5], blend, 2.5, 3), BOOK.biases).log_e(WORDS)
    assert scores[:5].max() >= LIMIT
    assert scores[5:].max() < LIMIT / 2


def test_evidence_of_weak_pages_adds_up() -> None:
    """Three pages, none of which suffices, name the copy together."""
    pages = [leak_of(WORDS[9:10], "mean", 0.047, seed) for seed in (11, 12, 13)]
    alone = [Weigher(page, BOOK.biases).log_e(WORDS)[9] for page in pages]
    together = Weigher(pages[0] + pages[1] + pages[2], BOOK.biases).log_e(WORDS)
    assert max(alone) < LIMIT <= together[9]
    assert np.delete(together, 9).max() < 10


def test_the_order_of_copies_and_chunks_does_not_matter() -> None:
    weigher = Weigher(leak_of(WORDS[:2], "darkest", 1.0, 4), BOOK.biases)
    many = np.tile(WORDS, (12, 1))
    assert np.allclose(weigher.log_e(many), np.tile(weigher.log_e(WORDS), 12), rtol=1e-12, atol=1e-12)
    one_by_one = np.array([weigher.log_e(word[None])[0] for word in WORDS])
    assert np.allclose(one_by_one, weigher.log_e(WORDS), rtol=1e-9, atol=1e-9)


def test_no_evidence_is_an_e_value_of_one() -> None:
    zero = np.zeros(2048)
    for silent in (SoftSymbols(zero, zero), SoftSymbols(zero, zero + 1), SoftSymbols(zero + 5, zero)):
        assert np.array_equal(Weigher(silent, BOOK.biases).log_e(WORDS), np.zeros(len(WORDS)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["sums", "information"])
def test_one_bad_symbol_voids_all_evidence(bad: float, where: str) -> None:
    leak = leak_of(WORDS[7:8], "mean", 0.5, 1)
    sums, information = leak.sums.copy(), leak.information.copy()
    (sums if where == "sums" else information)[17] = bad
    assert np.all(Weigher(SoftSymbols(sums, information), BOOK.biases).log_e(WORDS) == -np.inf)


def test_negative_information_voids_all_evidence() -> None:
    leak = leak_of(WORDS[7:8], "mean", 0.5, 1)
    information = leak.information.copy()
    information[0] = -1
    assert np.all(Weigher(SoftSymbols(leak.sums, information), BOOK.biases).log_e(WORDS) == -np.inf)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=16, max_size=16))
def test_nonsense_never_gives_a_nan_nor_an_accusation(rows: list[tuple[float, float]]) -> None:
    sums, information = np.array(rows).T
    with np.errstate(all="ignore"):
        scores = Weigher(SoftSymbols(sums, information), BOOK.biases[:16]).log_e(WORDS[:, :2])
    assert not np.isnan(scores).any()
    assert scores.max() < LIMIT  # sixteen symbols can't say that much, whatever they show


def test_what_does_not_fit_together_is_refused() -> None:
    leak = leak_of(WORDS[:1], "mean", 0.5, 1)
    with pytest.raises(ValueError, match="biases"):
        Weigher(leak, BOOK.biases[:8])
    with pytest.raises(ValueError, match="do not carry"):
        Weigher(leak, BOOK.biases).log_e(WORDS[:, :8])
    with pytest.raises(ValueError, match="information"):
        SoftSymbols(np.zeros(8), np.zeros(16))
    assert Weigher(leak, BOOK.biases).log_e(WORDS[:0]).shape == (0,)


def test_threshold_is_the_union_bound() -> None:
    assert threshold(100_000, 1e-9) == pytest.approx(math.log(1e5 / 1e-9))
    assert threshold(0, 1e-9) == threshold(1, 1e-9)


@pytest.mark.parametrize("model", BLENDS, ids=str)
def test_a_model_s_levels_are_a_distribution(model: Model) -> None:
    p = np.array([8, 64, 128, 200, 248]) / 256
    level = levels(model, p)
    assert np.allclose(level.given_one.sum(axis=0), 1)
    assert np.allclose(level.given_zero.sum(axis=0), 1)
    assert level.values.min() == -1
    assert level.values.max() == 1
    bits = np.random.default_rng(1).random((4000, model.colluders)) < p[1]
    means = [sum(level * chance for level, chance in model.shows(k)) for k in range(model.colluders + 1)]
    shown = np.array(means)[bits.sum(axis=1)]
    one = bits[:, 0]
    assert shown[one].mean() == pytest.approx(level.values @ level.given_one[:, 1], abs=0.1)
    assert shown[~one].mean() == pytest.approx(level.values @ level.given_zero[:, 1], abs=0.1)
