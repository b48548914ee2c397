"""The reading lattice and its tables against the standards they follow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.watch import romanise
from sealtrace.watch.kana import letters
from sealtrace.watch.lattice import CANTONESE, PINYIN, SYSTEMS, WADE, family_name, lattice, syllable
from sealtrace.watch.tables import given_shares, readings, same_character, simplified, surnames
from sealtrace.watch.written import parse

WADE_GILES = {  # pinyin and Wade-Giles side by side, from the tables of the United States Board on Geographic Names
    "zhang": "chang", "chang": "ch'ang", "qian": "ch'ien", "xu": "hsv", "xue": "hsveh", "jiang": "chiang",
    "zi": "tzu", "si": "ssu", "zhi": "chih", "ri": "jih", "rong": "jung", "guo": "kuo", "duo": "to", "ge": "ko",
    "he": "ho", "ye": "yeh", "yan": "yen", "you": "yu", "yi": "i", "xiong": "hsiung", "jun": "chvn", "lie": "lieh",
    "gui": "kuei", "kui": "k'uei", "zong": "tsung", "cai": "ts'ai", "bo": "po", "po": "p'o", "dong": "tung",
}  # fmt: skip


@pytest.mark.parametrize(("pinyin", "wade"), WADE_GILES.items())
def test_wade_giles_follows_its_table(pinyin: str, wade: str) -> None:
    spelled = romanise.wade(pinyin)
    assert spelled[wade] == 0
    assert wade.replace("'", "") in spelled


@pytest.mark.parametrize(
    ("block", "law"),
    [("리", "이"), ("라", "나"), ("류", "유"), ("녀", "여"), ("림", "임"), ("김", "김"), ("로", "노")],
)
def test_the_law_of_initials(block: str, law: str) -> None:
    assert romanise.initial_law(block) == law


@pytest.mark.parametrize(
    ("block", "roman"),
    [("광", "gwang"), ("석", "seok"), ("훈", "hun"), ("의", "ui"), ("준", "jun"), ("철", "cheol")],
)
def test_revised_romanization(block: str, roman: str) -> None:
    assert romanise.korean(block)[roman] == 0


def test_every_listed_character_has_readings() -> None:
    for char in [*given_shares(), *(c for name in surnames() for c in name)]:
        assert readings()[char].mandarin, char
        assert readings()[char].cantonese, char


def test_every_listed_surname_has_its_pinyin_and_a_share() -> None:
    for name, known in surnames().items():
        assert 0 < known.share < 0.1
        assert any(c[PINYIN] == 0 for c in family_name(name).values()), name
    assert 0.9 < sum(s.share for s in surnames().values()) <= 1


@pytest.mark.parametrize(
    ("name", "family"),
    [("欧阳修", "欧阳"), ("司马迁", "司马"), ("陈明", "陈"), ("諸葛亮", "诸葛"), ("张 国立", "张")],
)
def test_the_surname_is_found(name: str, family: str) -> None:
    assert lattice(name).splits[0].family == family


def test_a_double_surname_is_tried() -> None:
    assert "林郑" in [s.family for s in lattice("林郑月娥").splits]


@pytest.mark.parametrize(
    ("char", "simple"),
    [("陳", "陈"), ("後", "后"), ("鍾", "钟"), ("鐘", "钟"), ("於", "于"), ("張", "张"), ("伟", "伟")],
)
def test_folding_to_simplified(char: str, simple: str) -> None:
    assert simplified(char) == simple
    assert same_character(char, simple)


@pytest.mark.parametrize(
    ("text", "roman"),
    [
        ("チョウ", "chou"),
        ("リュウ", "ryuu"),
        ("しょうへい", "shouhei"),
        ("ガッコウ", "gakkou"),
        ("ジュン", "jun"),
        ("Li", "Li"),
    ],
)
def test_kana_in_hepburn(text: str, roman: str) -> None:
    assert letters(text) == roman


@given(st.sampled_from(sorted(given_shares())))
@settings(deadline=None)
def test_a_character_has_spellings_in_the_chief_systems(char: str) -> None:
    options = syllable(char)
    for system in (PINYIN, WADE, CANTONESE):
        assert min(costs[system] for costs in options.values()) <= 0.6, SYSTEMS[system]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Zhāng Wěi", ["zhang", "wei"]), ("Lü Bu", ["lv", "bu"]), ("Xi'an Li", ["xian", "li"]),
        ("Ch‘en", ["ch'en"]),
        ("Li, X.-M.", ["li", "x", "m"]), ("Ma3 Yun2", ["ma", "yun"]), ("Prof. Ba0 Li", ["bao", "li"]),
        ("Đặng", ["dang"]),
    ],
)  # fmt: skip
def test_written_names_are_taken_apart(text: str, parts: list[str]) -> None:
    assert [p.text for p in parse(text).parts] == parts
