"""Descriptions against headings, in Chinese and English."""

from __future__ import annotations

import pytest

from sealtrace.trade.goods import elements_named
from sealtrace.trade.text import HeadingModel, contradiction, grams

PAIRS = [("250700", "水洗高岭土", 40), ("250700", "kaolin clay, washed", 30), ("282560", "钇稳定氧化锆粉体", 50),
         ("284690", "氧化镝 99.9%", 30), ("690919", "氧化铝陶瓷件", 20)]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> HeadingModel:
    return HeadingModel(PAIRS)


@pytest.mark.parametrize(
    ("heading", "words", "element"),
    [
        ("250700", "水洗高岭土", ""),
        ("250700", "高岭土 洗选", ""),
        ("250700", "washed kaolin", ""),
        ("282560", "钇稳定氧化锆粉体", ""),  # names yttrium, is no yttrium compound
        ("284690", "镝 氧化物", "Dy"),
    ],
)
def test_words_that_fit_raise_no_doubt(model: HeadingModel, heading: str, words: str, element: str) -> None:
    assert contradiction(model.judge(heading, words), heading, element) < 0.3


@pytest.mark.parametrize(
    ("heading", "words", "element", "least"),
    [
        ("250700", "氧化镝粉", "", 4.0),
        ("250700", "dysprosium oxide", "", 4.0),
        ("250700", "Nd2O3 powder", "", 4.0),
        ("284690", "氧化铽", "La", 4.0),
        ("690919", "水洗高岭土", "", 1.0),
        ("250700", "稀土富集物", "", 4.0),
    ],
)
def test_words_that_say_otherwise_are_doubted(
    model: HeadingModel, heading: str, words: str, element: str, least: float
) -> None:
    assert contradiction(model.judge(heading, words), heading, element) >= least


def test_the_better_heading_is_named(model: HeadingModel) -> None:
    assert model.judge("690919", "水洗高岭土").better == "250700"


def test_nothing_written_says_nothing(model: HeadingModel) -> None:
    assert contradiction(model.judge("250700", ""), "250700", "") == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [("氧 化 钕", {"Nd"}), ("Tb4O7 铽", {"Tb"}), ("yttria-stabilised zirconia", set()), ("瓷砖", set())],
)
def test_elements_are_named_by_name_or_formula(text: str, found: set[str]) -> None:
    assert elements_named(text) == found


def test_grams_take_both_scripts() -> None:
    assert sum(grams("氧化镝").values()) == 6
    assert sum(grams("oxide").values()) == 3 + 2 + 1
