"""Fragments of registered tables find them among many that are alike; the index survives being closed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sealtrace.content.table_index import MOST_SEGMENTS, TableIndex, sketch
from sealtrace.content.tables.model import Table
from sealtrace.testing.tables import of_numbers

ROWS, COLUMNS, TABLES = 300, 6, 300


def values(number: int) -> np.ndarray:
    """Tables of five plants, alike within a plant."""
    rng = np.random.default_rng([number, 1])
    plant = np.random.default_rng(number % 5).uniform(1, 1000, COLUMNS)
    level = plant * (1 + 0.01 * rng.standard_normal(COLUMNS))
    return level * (1 + 0.004 * rng.standard_normal((ROWS, COLUMNS)))


def table(numbers: np.ndarray) -> Table:
    made = Table("t", ("",) * numbers.shape[1], (("",) * len(numbers),) * numbers.shape[1])
    made.__dict__["numbers"] = numbers
    return made


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TableIndex:
    made = TableIndex.open(tmp_path_factory.mktemp("tables"))
    for number in range(TABLES):
        made.add(number, table(values(number)))
        if number % 100 == 99:
            made.flush()
    return made


def fragments(whole: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    even = np.arange(COLUMNS) % 2
    step = 0.005 * whole.mean(axis=0)
    return {
        "rows": whole[rng.permutation(ROWS)[:100]],
        "columns": whole[:, rng.permutation(COLUMNS)[:4]],
        "rounded": np.round(whole / step) * step,
        "units": (whole * np.where(even, 1.8, 1e-3) + np.where(even, 32, 0))[:, ::-1],
    }


@pytest.mark.parametrize("kind", ["rows", "columns", "rounded", "units"])
def test_a_fragment_finds_its_table_among_the_candidates(index: TableIndex, kind: str) -> None:
    rng, first = np.random.default_rng(3), 0
    for number in range(0, TABLES, 25):
        found = [hit.unit for hit in index.search(of_numbers(fragments(values(number), rng)[kind]))]
        assert number in found
        first += found[0] == number
    assert first >= 9


def test_what_is_flushed_is_found_again_and_segments_are_merged(tmp_path: Path) -> None:
    made = TableIndex.open(tmp_path)
    for number in range(MOST_SEGMENTS + 3):
        made.add(number, table(values(number)))
        made.add(number, table(values(number + 1)))  # held already: changes nothing
        made.flush()
    again = TableIndex.open(tmp_path)
    for number in range(MOST_SEGMENTS + 3):
        assert again.search(table(values(number)))[0].unit == number
    assert len(list(tmp_path.glob("*.medians.npy"))) <= MOST_SEGMENTS


def test_words_and_constants_have_no_sketch(index: TableIndex) -> None:
    words = Table("t", ("a", "b"), (("x", "y", "z"), ("1", "1", "1")))
    assert len(sketch(words)) == 0
    assert index.search(words) == []
