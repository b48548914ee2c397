"""Which registered page a leaked picture shows: an inverted index of visual words.

Found by vote and geometry, never by reading the text: screenshots, photos, crops and negatives alike.
Pages that look alike (versions, filled forms) come out tied and are all reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .page_features import MOST_ON_PAGE, PAGE_SIDE, SCALES, Coded, Features, describe, vocabulary
from .page_vote import Found, Matches, vote
from .segments import Segments

FORM = "page-features 1"
ARRAYS = ("starts", "page", "signature", "place", "ref", "size")
MOST_SEGMENTS = 8
LEAK_SIDES = (640, 1280)  # long sides a leak is described at; the second only when the first finds nothing
WORDS_A_FEATURE = 3
MOST_BITS = 18  # of 64 that matching signatures may differ in
MOST_POSTINGS = 3_000_000  # scanned for one search, rarest words first
LEAST_PAGES = 1_000  # rarity is reckoned as in an index at least this large, so that scores mean the same
SPREAD = 11.0  # bits: weight of a match falls as exp(-(h / SPREAD)^2)
THRESHOLD = 12.0
"""Unregistered pages scored 9.3 at most against 64 (48 pages, two thirds of them crops, by the calibration
in benchmarks/retrieval.py); a quarter of a registered page scores 17 and more in 95 of 100 cases."""
CLEAR = 30.0
"""From here on a hit is trusted by itself; below, only when the picture also registers onto the page."""
SURE = 60.0  # no second look is taken above this
TIE = 0.5  # of the best score


@dataclass(frozen=True, slots=True, order=True)
class PageRef:
    """Names a registered page: the register's row id of the version, and the page from 0."""

    version: int
    page: int


@dataclass(frozen=True, slots=True, eq=False)
class PageHit:
    """A page that a picture may show.

    to_leak: (2, 3) affine map from canonical raster pixels to leak pixels. inverted: found in the negative.
    """

    ref: PageRef
    score: float
    inliers: int
    to_leak: NDArray[np.float64]
    inverted: bool


@dataclass(frozen=True, slots=True, eq=False)
class PageSearch:
    """What a search found: hits best first, the tied set, and the score below which nothing is reported."""

    hits: tuple[PageHit, ...]
    tied: tuple[PageRef, ...]
    threshold: float = THRESHOLD


@dataclass(eq=False)
class _Segment:
    """Postings sorted by word, and the pages they belong to."""

    starts: NDArray[np.int64]
    page: NDArray[np.int32]
    signature: NDArray[np.uint64]
    place: NDArray[np.uint16]
    ref: NDArray[np.int64]
    size: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Fresh:
    coded: Coded
    width: int
    height: int


class PageIndex:
    """An index of page pictures in a folder; derived data that can be built again."""

    def __init__(self, segments: Segments) -> None:
        self._store = segments
        self._segments = [_Segment(**segments.load(name, ARRAYS)) for name in segments.names]
        self._held = {PageRef(int(v), int(p)) for segment in self._segments for v, p in segment.ref}
        self._fresh: dict[PageRef, _Fresh] = {}

    @classmethod
    def open(cls, folder: Path) -> PageIndex:
        """Open the index, making it when there is none."""
        return cls(Segments(folder, FORM))

    def add(self, ref: PageRef, raster: NDArray[np.uint8]) -> None:
        """Take in a page's canonical raster; adding one that is held changes nothing. Durable by `flush`."""
        if ref in self._held or ref in self._fresh:
            return
        height, width = raster.shape[:2]
        coded = vocabulary().code(describe(raster, PAGE_SIDE, MOST_ON_PAGE), width, height)
        self._fresh[ref] = _Fresh(coded, width, height)

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

    def refs(self) -> set[PageRef]:
        """The pages the index holds."""
        return self._held | set(self._fresh)

    def search(self, raster: NDArray[np.uint8], top: int = 8) -> PageSearch:
        """Find the pages a picture may show. Both polarities are tried; no hit is below the threshold."""
        segments = [*self._segments, *([_build(self._fresh)] if self._fresh else [])]
        best: dict[PageRef, PageHit] = {}
        for side in LEAK_SIDES if segments else ():
            features = describe(raster, side)
            for inverted in (False, True):
                seen = features.negative() if inverted else features
                for hit in _search(segments, seen, inverted=inverted):
                    if hit.ref not in best or hit.score > best[hit.ref].score:
                        best[hit.ref] = hit
                if _top(best) >= SURE:
                    break
            if _top(best) >= THRESHOLD:
                break
        hits = sorted(best.values(), key=lambda hit: (-hit.score, hit.ref))
        tied = tuple(hit.ref for hit in hits if hit.score >= TIE * hits[0].score)
        return PageSearch(tuple(hits[: max(top, len(tied))]), tied)


def _top(best: dict[PageRef, PageHit]) -> float:
    return max((hit.score for hit in best.values()), default=0.0)


def _search(segments: list[_Segment], features: Features, *, inverted: bool) -> list[PageHit]:
    if len(features.places) < 4:
        return []
    words = vocabulary().nearest(features.descriptors, WORDS_A_FEATURE)
    signatures = [vocabulary().signatures(features.descriptors, words[:, i]) for i in range(WORDS_A_FEATURE)]
    pages = sum(len(s.ref) for s in segments)
    found, offset = [], 0
    for segment in segments:
        part = _matches(segment, features, words, np.stack(signatures, axis=1))
        found.append((part, offset))
        offset += len(segment.ref)
    sizes = np.concatenate([np.asarray(s.size) for s in segments])
    refs = np.concatenate([np.asarray(s.ref) for s in segments])
    matches = _joined(found, features, sizes, pages)
    return [_hit(one, refs, inverted=inverted) for one in vote(matches, sizes) if one.score >= THRESHOLD]


def _hit(found: Found, refs: NDArray[np.int64], *, inverted: bool) -> PageHit:
    version, page = refs[found.page]
    return PageHit(PageRef(int(version), int(page)), found.score, found.inliers, found.to_leak, inverted)


_Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint16]]


def _matches(
    segment: _Segment, features: Features, words: NDArray[np.int64], signatures: NDArray[np.uint64]
) -> _Part:
    """Scan the postings of the query's words, rarest words first: page, query feature, distance, place."""
    count = len(features.places)
    word, query = words.ravel(), np.repeat(np.arange(count), words.shape[1])
    first, length = segment.starts[word], segment.starts[word + 1] - segment.starts[word]
    order = np.argsort(length, kind="stable")
    order = order[np.cumsum(length[order]) <= MOST_POSTINGS]
    first, length, query, mine = first[order], length[order], query[order], signatures.ravel()[order]
    total = int(length.sum())
    at = np.repeat(first - np.concatenate([[0], np.cumsum(length)[:-1]]), length) + np.arange(total)
    which = np.repeat(np.arange(len(order)), length)
    distance = np.bitwise_count(segment.signature[at] ^ mine[which])
    near = distance <= MOST_BITS
    at, which = at[near], which[near]
    return segment.page[at].astype(np.int64), query[which], distance[near], np.asarray(segment.place[at])


def _joined(
    found: list[tuple[_Part, int]], features: Features, sizes: NDArray[np.float64], pages: int
) -> Matches:
    """Put the matches of all segments together, weighted by rarity and closeness."""
    page = np.concatenate([part[0] + offset for part, offset in found])
    query = np.concatenate([part[1] for part, _ in found])
    distance = np.concatenate([part[2] for part, _ in found]).astype(np.float64)
    place = np.concatenate([part[3] for part, _ in found]).astype(np.float64)
    often = np.bincount(query, minlength=len(features.places))
    weight = np.maximum(np.log((max(pages, LEAST_PAGES) + 1) / (often[query] + 1)), 0.2) * np.exp(
        -((distance / SPREAD) ** 2)
    )
    width, height = sizes[page].T if len(page) else (np.empty(0), np.empty(0))
    stored = np.stack(
        [
            place[:, 0] / 65535 * width - 0.5,
            place[:, 1] / 65535 * height - 0.5,
            (place[:, 2] - 8192) / SCALES,
            place[:, 3] / 65536,
        ],
        axis=1,
    )
    seen = features.places[query].astype(np.float64)
    seen = np.stack([seen[:, 0], seen[:, 1], np.log2(np.maximum(seen[:, 2], 0.25)), seen[:, 3] / 360], axis=1)
    return Matches(page, query, weight, stored, seen)


def _build(fresh: dict[PageRef, _Fresh]) -> _Segment:
    counts = [len(f.coded.words) for f in fresh.values()]
    return _sorted(
        np.concatenate([f.coded.words for f in fresh.values()]),
        np.repeat(np.arange(len(fresh)), counts),
        np.concatenate([f.coded.signatures for f in fresh.values()]),
        np.concatenate([f.coded.places for f in fresh.values()]),
        np.array([(ref.version, ref.page) for ref in fresh], np.int64).reshape(-1, 2),
        np.array([(f.width, f.height) for f in fresh.values()], np.float64).reshape(-1, 2),
    )


def _merged(segments: list[_Segment]) -> _Segment:
    words, pages, offset = [], [], 0
    for s in segments:
        words.append(np.repeat(np.arange(len(s.starts) - 1), np.diff(s.starts)))
        pages.append(np.asarray(s.page) + offset)
        offset += len(s.ref)
    return _sorted(
        np.concatenate(words),
        np.concatenate(pages),
        np.concatenate([np.asarray(s.signature) for s in segments]),
        np.concatenate([np.asarray(s.place) for s in segments]),
        np.concatenate([np.asarray(s.ref) for s in segments]),
        np.concatenate([np.asarray(s.size) for s in segments]),
    )


def _sorted(
    words: NDArray[np.int64],
    pages: NDArray[np.int64],
    signatures: NDArray[np.uint64],
    places: NDArray[np.uint16],
    refs: NDArray[np.int64],
    sizes: NDArray[np.float64],
) -> _Segment:
    order = np.argsort(words, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(words, minlength=len(vocabulary())))]).astype(
        np.int64
    )
    return _Segment(starts, pages[order].astype(np.int32), signatures[order], places[order], refs, sizes)
