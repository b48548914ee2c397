"""A name as somebody wrote it: script, parts, commas, capitals, initials, tone marks taken away."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .kana import letters

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af々]")

TITLES = frozenset(
    [
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "madam",
        "sir",
        "dame",
        "datuk",
        "dato",
        "phd",
        "md",
        "jr",
        "sr",
    ]
)
HANGUL = re.compile(r"[\uac00-\ud7a3]")
WORDS = re.compile(r"[^\s,，;·・/()\[\]（）]+")
NOT_ASPIRATION = re.compile(r"(?<!p)(?<!t)(?<!k)(?<!ch)(?<!ts)(?<!tz)'|'$")
MARKS = {
    "‘": "'",
    "’": "'",
    "ʻ": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "′": "'",
    "đ": "d",
    "ø": "o",
    "ß": "ss",
    "ł": "l",
}
HYPHENS = re.compile(r"[-\u2010-\u2015\u2212\uff0d_]")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of letters: lower case, ASCII; `word` counts the words it stands in; `initial` for abbreviations."""

    text: str
    word: int
    initial: bool
    capitals: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A parsed spelling. `comma` is the number of parts before the first comma, 0 when there is none."""

    text: str
    han: str
    parts: tuple[Part, ...]
    comma: int
    hangul: bool
    spaced: bool


def plain(word: str) -> str:
    """Lower-case ASCII letters with diacritics removed; ü becomes v; Hangul stays."""
    out: list[str] = []
    lowered = word.lower()
    for mark, other in MARKS.items():
        if mark in lowered:
            lowered = lowered.replace(mark, other)
    for char in unicodedata.normalize("NFD", unicodedata.normalize("NFC", lowered)):
        if char == "\u0308" and out and out[-1] == "u":
            out[-1] = "v"
        elif not unicodedata.combining(char):
            out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def _letters(piece: str) -> str:
    """Keep letters; an apostrophe only where Wade-Giles has it; digits that stand for letters become letters."""
    text = plain(piece)
    if re.fullmatch(r"(?:[a-z]+[1-5])+", text):
        text = re.sub(r"\d", "", text)  # tone numbers
    text = text.translate(str.maketrans("015", "ols"))
    text = re.sub(r"[^a-z'\uac00-\ud7a3]", "", text)
    return NOT_ASPIRATION.sub("", text)


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Written:
    """Read one written name."""
    normal = letters(unicodedata.normalize("NFKC", text))
    for mark, other in (("‘", "'"), ("’", "'"), ("ʻ", "'"), ("ʼ", "'"), ("`", "'")):
        normal = normal.replace(mark, other)
    if HAN.search(normal) and not re.search(r"[A-Za-z]", normal):
        return Written(text, normal.strip(), (), 0, False, bool(re.search(r"\s", normal.strip())))
    parts: list[Part] = []
    comma, word_count = 0, 0
    latin_words = [w for w in WORDS.findall(normal) if not HAN.search(w)]
    all_upper = all(w == w.upper() for w in latin_words)
    for chunk_number, chunk in enumerate(re.split(r"[,，]", normal)):
        if chunk_number == 1:
            comma = len(parts)
        for word in WORDS.findall(chunk):
            if HAN.search(word) or plain(word).strip(".") in TITLES:
                continue
            parts += _parts_of(word, word_count, all_upper=all_upper)
            word_count += 1
    han = "".join(HAN.findall(normal))
    return Written(text, han, tuple(parts), comma, bool(HANGUL.search(normal)), False)


def _parts_of(word: str, number: int, *, all_upper: bool) -> list[Part]:
    out = []
    for piece in HYPHENS.split(word):
        capitals = not all_upper and len(piece) > 1 and piece == piece.upper()
        if "." in piece.rstrip(".") or (piece.endswith(".") and len(piece) <= 3):
            for letter in piece.split("."):
                clean = _letters(letter)
                if clean:
                    out.append(Part(clean, number, len(clean) <= 2, False))
            continue
        clean = _letters(piece.strip("."))
        if clean:
            out.append(Part(clean, number, len(clean) == 1 and not HANGUL.match(clean), capitals))
    return out
