"""The shipped tables: readings of Han characters, surnames, given-name characters, Western given names.

Readings come from the Unicode Han database 15.0 (`benchmarks/build_readings.py`); the other tables were compiled
for this project from published statistics and from usage. Each is read once, on first use.
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNLISTED_GIVEN = 0.15e-3
UNLISTED_SURNAME = 0.2e-3


@dataclass(frozen=True, slots=True)
class Reading:
    """How one character is read: toneless pinyin, Jyutping, on and kun, Hangul, Sino-Vietnamese; usual first."""

    fold: frozenset[str]
    mandarin: tuple[str, ...]
    cantonese: tuple[str, ...]
    on: tuple[str, ...]
    kun: tuple[str, ...]
    hangul: tuple[str, ...]
    vietnamese: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surname:
    """A surname's share of the population and its spellings that are fixed by use, with their costs in nats."""

    share: float
    fixed: tuple[tuple[str, float], ...]
    korean: tuple[str, ...]
    vietnamese: tuple[str, ...]


# Surnames read otherwise than the character's usual reading. Source: 现代汉语词典, entries marked 姓.
SURNAME_READING = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "任": "ren", "翟": "zhai", "覃": "qin",
    "朴": "piao", "盖": "ge", "区": "ou", "尉迟": "yuchi", "万俟": "moqi", "华": "hua", "缪": "miao", "乐": "yue",
    "召": "shao", "繁": "po", "黑": "he", "折": "she", "秘": "bi", "冼": "xian", "员": "yun", "长孙": "zhangsun",
    "令狐": "linghu", "单于": "chanyu", "澹台": "tantai", "洗": "xian", "那": "na", "重": "chong", "种": "chong",
    "尹": "yin", "佘": "she", "逄": "pang", "郗": "xi", "晁": "chao", "阚": "kan", "隗": "wei", "费": "fei",
    "曲": "qu", "宁": "ning", "燕": "yan", "应": "ying", "鲜于": "xianyu", "宿": "su", "柏": "bai", "谌": "chen",
    "纪": "ji", "葛": "ge", "哈": "ha", "车": "che", "石": "shi", "卜": "bu", "谷": "gu", "祭": "zhai", "沈": "shen",
}  # fmt: skip
SURNAME_ALSO = {"覃": ("tan",), "缪": ("miu", "mou"), "翟": ("di",), "乐": ("le",), "盖": ("gai",), "查": ("cha",), "纪": ("ji",),
                "吕": ("lv",), "阚": ("kan",), "尉迟": ("weichi",), "谌": ("shen",), "柏": ("bo",), "单": ("dan",), "曾": ("ceng",)}  # fmt: skip
COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 尉迟 东方 皇甫 慕容 令狐 夏侯 公孙 端木 独孤 南宫 长孙 司徒 宇文 申屠 西门 百里 呼延 东郭 "
    "淳于 鲜于 万俟 闻人 赫连 澹台 公冶 宗政 濮阳 太叔 仲孙 轩辕 钟离 鲜于 司空 亓官 司寇 子车 颛孙 巫马 公西 漆雕 "
    "壤驷 公良 拓跋 夹谷 谷梁 第五 南门 左丘 梁丘 完颜 耶律 纳兰 叶赫 爱新觉罗 東方 公羊 单于 段干 羊舌 微生 "
    "阿史那 贺兰 呼衍 乐正 车正 宰父 东宫 北宫".split()
)


def _rows(name: str) -> Iterator[list[str]]:
    for line in (files(__package__) / "data" / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def readings() -> dict[str, Reading]:
    """Readings of every character the table knows."""
    packed = (files(__package__) / "data" / "readings.tsv.xz").read_bytes()
    more: dict[str, list[str]] = defaultdict(list)
    for reading, chars in _rows("vietnamese.tsv"):
        for char in chars.split():
            more[char].append(reading)
    out = {}
    for line in lzma.decompress(packed).decode().splitlines():
        char, fold, mandarin, cantonese, on, kun, hangul, vietnamese = line.split("\t")
        out[char] = Reading(
            frozenset(fold),
            tuple(mandarin.split()),
            tuple(cantonese.split()),
            tuple(on.split()),
            tuple(kun.split()),
            tuple(hangul.split()),
            (*vietnamese.split(), *more.get(char, ())),
        )
    return out


def _costed(words: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    for place, word in enumerate(words.split()):
        plain, _, rare = word.partition("@")
        found.setdefault(plain, 3.0 if rare else 0.1 * min(place, 8))
    return tuple(found.items())


@cache
def surnames() -> dict[str, Surname]:
    """The surnames with known share, in simplified characters."""
    rows = list(_rows("surnames.tsv"))
    total = sum(float(row[1]) for row in rows) * 1.03  # what is not listed is about 3 % of bearers
    out: dict[str, Surname] = {}
    for char, share, fixed, korean, vietnamese in rows:
        out.setdefault(
            char,
            Surname(float(share) / total, _costed(fixed), tuple(korean.split()), tuple(vietnamese.split())),
        )
    return out


@cache
def hokkien() -> dict[str, tuple[str, ...]]:
    """Hokkien readings of given-name characters."""
    out: dict[str, list[str]] = defaultdict(list)
    for reading, chars in _rows("southern.tsv"):
        for char in chars.split():
            out[char].append(reading)
    return {char: tuple(dict.fromkeys(found)) for char, found in out.items()}


@cache
def frozen() -> dict[str, tuple[tuple[str, float], ...]]:
    """Spellings of given-name characters that are fixed by use and follow no table."""
    out: dict[str, list[str]] = defaultdict(list)
    for char, words in _rows("frozen.tsv"):
        out[char] += words.split()
    return {char: _costed(" ".join(dict.fromkeys(words))) for char, words in out.items()}


@cache
def given_shares() -> dict[str, float]:
    """Share of each listed character among the characters of given names."""
    out: dict[str, float] = {}
    for weight, chars in _rows("given.tsv"):
        for char in chars.split():
            out.setdefault(char, float(weight) / 1000)
    return out


@cache
def western() -> frozenset[str]:
    """Western given names that people with Chinese names commonly add."""
    return frozenset(
        word for line in (files(__package__) / "data" / "western.txt").read_text("utf-8").splitlines()
        if not line.startswith("#") for word in line.split()
    )  # fmt: skip


@cache
def simplified(char: str) -> str:
    """The simplified form of a character, itself when there is none or several."""
    reading = readings().get(char)
    if reading is None:
        return char
    others = sorted(reading.fold - {char})
    return others[0] if len(others) == 1 else _chosen(char, others)


def _chosen(char: str, others: list[str]) -> str:
    """Of several simpler forms take the one in use in names: listed as surname, else as given-name character."""
    for known in (surnames(), given_shares()):
        for other in [char, *others]:
            if other in known:
                return other
    return others[0] if others else char


def same_character(left: str, right: str) -> bool:
    """Whether two characters are one in different dress: simplified, traditional, or a mere graphic variant."""
    if left == right:
        return True
    a, b = readings().get(left), readings().get(right)
    return a is not None and b is not None and not a.fold.isdisjoint(b.fold)
