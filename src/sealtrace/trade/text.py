"""Does the description say what the heading says? Character n-grams, TF-IDF, centroids; Chinese and English alike.

A heading's centroid is built from the words of the nomenclature and from the descriptions that others declared
under it. The answer for a description is how much nearer it is to another heading than to its own. Descriptions
repeat, so the work is done once for each distinct pair of heading and description.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .goods import HEADING_WORDS, STRATEGIC_HEADINGS, STRATEGIC_WORDS, VAGUE_WORDS, elements_named

_BUCKETS = 1 << 18
_SPACE = re.compile(r"[\s,;，、；。()（）%]+")


def grams(text: str) -> Counter[int]:
    """Count the hashed character 1- to 3-grams of the Chinese and 3- to 5-grams of the Latin words in `text`."""
    found: Counter[int] = Counter()
    folded = text.lower()
    latin = " ".join(re.findall(r"[a-z0-9][a-z0-9.\-]*", folded))
    han = "".join(ch for ch in _SPACE.sub("", folded) if "\u4e00" <= ch <= "\u9fff")
    for source, sizes in ((han, (1, 2, 3)), (latin, (3, 4, 5))):
        for size in sizes:
            for at in range(len(source) - size + 1):
                found[zlib.crc32(source[at : at + size].encode()) % _BUCKETS] += 1
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a description says about its heading.

    `doubt` is in nats: how much likelier another heading is; `better` is that heading; `named` are elements the
    words name; `vague` tells words that fit anything.
    """

    doubt: float
    better: str
    named: frozenset[str]
    strategic: bool
    vague: bool


class HeadingModel:
    """Centroids of headings in TF-IDF space. Fit once; `judge` costs some tens of microseconds, then is remembered."""

    def __init__(self, pairs: Iterable[tuple[str, str, int]]) -> None:
        """Learn from (heading, description, how often); the nomenclature's own words are always known."""
        texts: list[tuple[str, Counter[int], float]] = [(h, grams(w), 3.0) for h, w in HEADING_WORDS.items()]
        texts += [(heading, grams(words), 1 + math.log(count)) for heading, words, count in pairs]
        documents: Counter[int] = Counter()
        for _, found, _ in texts:
            documents.update(found.keys())
        total = len(texts)
        self._idf = {g: math.log((1 + total) / (1 + n)) + 1 for g, n in documents.items()}
        self._centroids: dict[str, dict[int, float]] = {}
        for heading, found, weight in texts:
            centroid = self._centroids.setdefault(heading, {})
            for gram, value in self._unit(found).items():
                centroid[gram] = centroid.get(gram, 0.0) + weight * value
        for heading, centroid in self._centroids.items():
            norm = math.sqrt(sum(v * v for v in centroid.values())) or 1.0
            self._centroids[heading] = {g: v / norm for g, v in centroid.items()}
        self._seen: dict[tuple[str, str], Verdict] = {}

    def _unit(self, found: Mapping[int, int]) -> dict[int, float]:
        raw = {g: (1 + math.log(n)) * self._idf.get(g, 1.0) for g, n in found.items()}
        norm = math.sqrt(sum(v * v for v in raw.values())) or 1.0
        return {g: v / norm for g, v in raw.items()}

    def judge(self, heading: str, words: str) -> Verdict:
        """Say how far `words` doubt `heading`."""
        key = (heading, words)
        if key not in self._seen:
            if len(self._seen) > 500_000:
                self._seen.clear()
            self._seen[key] = self._judge(heading, words)
        return self._seen[key]

    def _judge(self, heading: str, words: str) -> Verdict:
        unit = self._unit(grams(words))
        likeness = {h: sum(v * c.get(g, 0.0) for g, v in unit.items()) for h, c in self._centroids.items()}
        own = likeness.pop(heading, 0.0)
        better, best = max(likeness.items(), key=lambda item: item[1], default=("", 0.0))
        doubt = math.log((best + 0.05) / (own + 0.05)) if unit else 0.0
        folded = words.lower()
        return Verdict(
            doubt=max(0.0, doubt),
            better=better if doubt > 0 else "",
            named=elements_named(words),
            strategic=any(w in folded for w in STRATEGIC_WORDS),
            vague=any(w in folded for w in VAGUE_WORDS),
        )


def contradiction(verdict: Verdict, heading: str, element: str) -> float:
    """Turn a verdict into the score of the description check.

    Naming a rare earth under a heading that holds none, or another element than the declared one, weighs most;
    then likeness to another heading; vagueness adds a little to either.
    """
    score = verdict.doubt
    hides = heading not in STRATEGIC_HEADINGS
    if (hides and not element and (verdict.named or verdict.strategic)) or (
        element and verdict.named and element not in verdict.named
    ):
        score += 4.0
    return score * 1.25 if verdict.vague and score > 0 else score
