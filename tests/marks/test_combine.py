"""Products, averages and standings: what may be multiplied, and what it then bounds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.combine import average, averages, log_choices, product
from sealtrace.marks.evalue import SoftSymbols, Weigher
from sealtrace.marks.models import BLENDS, levels
from sealtrace.testing.blends import soft

log_es = st.lists(st.floats(-50, 50), min_size=1, max_size=6)


@given(log_es)
def test_an_average_lies_between_and_a_product_adds(values: list[float]) -> None:
    assert min(values) - 1e-9 <= average(values) <= max(values) + 1e-9
    assert product(values) == pytest.approx(math.fsum(values))


def test_nothing_says_nothing_and_void_voids() -> None:
    assert average([]) == 0
    assert product([3.0, -math.inf]) == -math.inf
    assert averages(np.zeros(0), np.zeros(0, np.int64), 2).tolist() == [0, 0]


@given(log_es, log_es)
def test_averages_of_many_owners_are_each_ones_average(first: list[float], other: list[float]) -> None:
    owners = np.array([0] * len(first) + [2] * len(other))
    found = averages(np.array(first + other), owners, 3)
    assert found == pytest.approx([average(first), 0, average(other)])


def test_all_sets_of_leaks_together_spend_the_chance_once() -> None:
    """Each set has its weight, whatever comes later; over all sets of the first twelve leaks they stay below 1."""
    places = range(1, 13)
    sets = [chosen for size in places for chosen in itertools.combinations(places, size)]
    spent = math.fsum(math.exp(-log_choices(chosen)) for chosen in sets)
    assert 0.5 < spent < 1
    assert log_choices([2, 1, 2]) == log_choices([1, 2]) == pytest.approx(math.log(6 * 4))
    with pytest.raises(ValueError, match="no set"):
        log_choices([])


def test_a_standing_that_may_be_looked_at_any_time_stays_within_its_bound() -> None:
    """Ville: over innocent recipients, the share that EVER reaches t is at most 1/t."""
    recipients, now, peak = 20_000, np.zeros(20_000), np.zeros(20_000)
    for document in range(8):
        book, rng = CodeBook(bytes([document]) * 32, "table", 128), np.random.default_rng(document)
        symbols = soft(rng.integers(0, 2, 128).astype(np.uint8), 1.0, rng)
        now += Weigher(symbols, book.biases, BLENDS).log_e(book.words(np.arange(recipients, dtype=np.uint64)))
        peak = np.maximum(peak, now)
    for t in (5, 10, 100):
        assert np.mean(peak >= np.log(t)) <= 1 / t


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9, 9), st.integers(8, 248)), min_size=8, max_size=8),
    st.integers(0, 255),
    st.integers(0, 3),
)
def test_with_copies_known_the_mean_is_still_one_and_the_chance_bound_holds(
    rows: list[tuple[float, int]], word: int, known: int
) -> None:
    """Over every word there is, with its probability: no sampling, no slack."""
    sums, k = (np.array(column) for column in zip(*rows, strict=True))
    packed = (word + 37 * np.arange(known)) % 256
    named = np.unpackbits(packed.astype(np.uint8)[:, None], axis=1)
    weigher = Weigher(SoftSymbols(sums, np.ones(8)), k.astype(np.uint8), BLENDS, named if known else None)
    every = np.arange(256, dtype=np.uint8)[:, None]
    bits, p = np.unpackbits(every, axis=1), k / 256
    chances = np.prod(np.where(bits == 1, p, 1 - p), axis=1)
    log_e = weigher.log_e(every)
    assert chances @ np.exp(log_e) == pytest.approx(1, rel=1e-6)
    for value in np.quantile(log_e, (0.5, 0.9, 1.0)):
        reached = chances[log_e >= value - 1e-12].sum()
        assert reached <= math.exp(weigher.log_chance(float(value))) * (1 + 1e-9)
        assert weigher.log_chance(float(value)) <= -value + 1e-9 or value <= 0


@pytest.mark.parametrize("known", [1, 2])
@pytest.mark.parametrize("model", [m for m in BLENDS if m.colluders > 3][::3], ids=str)
def test_levels_given_known_copies_are_a_distribution(known: int, model: object) -> None:
    p = np.array([8, 64, 128, 200, 248]) / 256
    named = np.array([[0, 1, 0, 1, 1], [1, 1, 0, 0, 1]], np.uint8)[:known]
    level = levels(model, p, named)  # type: ignore[arg-type]
    assert np.allclose(level.given_one.sum(axis=0), 1)
    assert np.allclose(level.given_zero.sum(axis=0), 1)
