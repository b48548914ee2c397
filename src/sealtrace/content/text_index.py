"""Which registered text an excerpt comes from: an inverted index of keyed 4-grams.

All grams are kept, none is sampled: excerpts of 20 characters with typing errors are found. A text is one
unit: a page, a sheet, an archive member or a whole file. Versions of one document share most grams and
come out tied; ties are always reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .segments import Segments
from .text_grams import GramHasher, Grams, normalise

FORM = "text-grams 1"
ARRAYS = ("grams", "starts", "units", "held")
MOST_SEGMENTS = 8
MOST_POSTINGS = 4_000_000  # read for one search, rarest grams first: bounds time in a large index
MIN_MATCHED, MIN_SHARE = 6, 0.35
"""A hit has at least 6 of the excerpt's grams and 35 % of them: 20 % of the characters may be wrong. Texts
of one trade share words and so their grams; whether the words stand in the same order is for `alike`."""
MIN_ALIKE = 0.75
ALIKE_PIECE = 60


@dataclass(frozen=True, slots=True)
class TextHit:
    """One unit: its score, how many of the excerpt's grams it has, of how many."""

    unit: int
    score: float
    matched: int
    total: int


@dataclass(eq=False)
class _Segment:
    grams: Grams
    starts: NDArray[np.int64]
    units: NDArray[np.int64]
    held: NDArray[np.int64]

    def postings(self, wanted: Grams) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (number of the gram in `wanted`, unit) of every posting."""
        at = np.searchsorted(self.grams, wanted)
        inside = at < len(self.grams)
        found = np.flatnonzero(inside)[np.asarray(self.grams[at[inside]]) == wanted[inside]]
        first, last = self.starts[at[found]], self.starts[at[found] + 1]
        counts = last - first
        if not counts.sum():
            return np.empty(0, np.int64), np.empty(0, np.int64)
        offsets = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(
            counts.sum()
        )
        return np.repeat(found, counts), np.asarray(self.units[offsets], dtype=np.int64)


class TextIndex:
    """An index of text units in a folder; derived data that can be built again."""

    def __init__(self, segments: Segments, hasher: GramHasher) -> None:
        self._store, self._hasher = segments, hasher
        self._segments = [_Segment(**segments.load(name, ARRAYS)) for name in segments.names]
        self._held: set[int] = {int(unit) for segment in self._segments for unit in segment.held}
        self._fresh: dict[int, Grams] = {}

    @classmethod
    def open(cls, folder: Path, key: bytes) -> TextIndex:
        """Open the index, making it when there is none."""
        return cls(Segments(folder, FORM), GramHasher(key))

    def add(self, unit: int, text: str) -> None:
        """Take in a unit's text; adding one that is held changes nothing. Found at once, durable by `flush`."""
        if unit not in self._held and unit not in self._fresh:
            self._fresh[unit] = self._hasher.grams(normalise(text))

    def flush(self) -> None:
        """Write what was added; durable when it returns."""
        if not self._fresh:
            return
        made = _build(self._fresh)
        merge = len(self._segments) + 1 > MOST_SEGMENTS
        if merge:
            made = _merged([*self._segments, made])
        self._store.add(
            {name: getattr(made, name) for name in ARRAYS}, instead_of=self._store.names if merge else ()
        )
        self._segments = [made] if merge else [*self._segments, made]
        self._held |= set(self._fresh)
        self._fresh = {}

    def units(self) -> set[int]:
        """The units the index holds."""
        return self._held | set(self._fresh)

    def search(self, text: str, top: int = 20) -> list[TextHit]:
        """Find the units an excerpt comes from, best first; all that tie with the best are included."""
        wanted = self._hasher.grams(normalise(text))
        parts = [segment.postings(wanted) for segment in (*self._segments, _build(self._fresh))]
        which = np.concatenate([part[0] for part in parts])
        units = np.concatenate([part[1] for part in parts])
        count = len(self._held) + len(self._fresh)
        frequency = np.bincount(which, minlength=len(wanted))
        rarity = np.log((count + 1) / np.maximum(frequency, 0.5))
        used = _affordable(frequency)
        keep = used[which]
        if not keep.any():
            return []
        distinct, place = np.unique(units[keep], return_inverse=True)
        score = np.bincount(place, weights=rarity[which[keep]])
        matched = np.bincount(place)
        total = int(used.sum())
        good = np.flatnonzero((matched >= MIN_MATCHED) & (matched >= MIN_SHARE * total))
        order = good[np.argsort(-score[good], kind="stable")]
        tied = int(np.sum(score[order] >= score[order[0]] - 1e-9)) if len(order) else 0
        return [
            TextHit(int(distinct[i]), float(score[i]), int(matched[i]), total)
            for i in order[: max(top, tied)]
        ]


def alike(excerpt: str, text: str) -> float:
    """Return how well an excerpt's better half fits a text, 0 to 1, character by character in order.

    The excerpt is compared in pieces of 60 characters, each at its best place: sentences taken from
    different places of one text still fit. Unrelated texts with the same words come to about 0.6, an
    excerpt with 10 % wrong characters to 0.9.
    Source: normalised insertion-deletion similarity (RapidFuzz partial ratio).
    """
    from rapidfuzz.fuzz import partial_ratio

    mine, theirs = normalise(excerpt), normalise(text)
    pieces = [
        mine[at : at + ALIKE_PIECE] for at in range(0, max(1, len(mine) - ALIKE_PIECE // 2), ALIKE_PIECE)
    ]
    fits = sorted((partial_ratio(piece, theirs) / 100 for piece in pieces), reverse=True)
    better = fits[: max(1, (len(fits) + 1) // 2)]
    return sum(better) / len(better)


def _affordable(frequency: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the grams to be used: all of them, unless they stand in too many units; then the rarest."""
    order = np.argsort(frequency, kind="stable")
    used = np.empty(len(frequency), bool)
    used[order] = np.cumsum(frequency[order]) <= MOST_POSTINGS
    return used


def _build(fresh: dict[int, Grams]) -> _Segment:
    units = np.fromiter(fresh, np.int64, len(fresh))
    sizes = np.fromiter((len(g) for g in fresh.values()), np.int64, len(fresh))
    grams = np.concatenate([*fresh.values(), np.empty(0, np.uint32)])
    return _sorted(grams, np.repeat(units, sizes), units)


def _merged(segments: list[_Segment]) -> _Segment:
    grams = np.concatenate([np.repeat(np.asarray(s.grams), np.diff(s.starts)) for s in segments])
    units = np.concatenate([np.asarray(s.units) for s in segments])
    return _sorted(grams, units, np.concatenate([np.asarray(s.held) for s in segments]))


def _sorted(grams: Any, units: Any, held: Any) -> _Segment:
    order = np.argsort(grams, kind="stable")
    distinct, starts = np.unique(grams[order], return_index=True)
    ends = np.append(starts, len(grams)).astype(np.int64)
    return _Segment(distinct.astype(np.uint32), ends, units[order].astype(np.int64), held.astype(np.int64))
