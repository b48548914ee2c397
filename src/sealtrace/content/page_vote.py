"""From matched features to a page: Hough votes with the predicted page centre, then a robust affine map."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

ANGLE_BINS, SCALE_OCTAVES = 12, 0.75
CENTRE_SHARE = 0.22  # of the page's diagonal: the width of a bin for the predicted centre
CANDIDATES = 24
INLIER_SHARE = 0.012  # of the page's diagonal: how near a match must come to the affine map
MOST_SHEAR = 2.2  # ratio of the map's two stretches beyond which no camera was that oblique

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Matched features, one row each: page number, query number, weight, and both places.

    `page_places` and `query_places` are (n, 4): x, y in pixels, log2 size, angle in turns.
    """

    page: NDArray[np.int64]
    query: NDArray[np.int64]
    weight: Floats
    page_places: Floats
    query_places: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A page whose matches agree on one affine map, page pixels to leak pixels."""

    page: int
    score: float
    inliers: int
    to_leak: Floats


def vote(matches: Matches, sizes: Floats) -> list[Found]:
    """Rank pages by what their matches agree on. `sizes` is (pages, 2): width and height in pixels."""
    if len(matches.page) < 4:
        return []
    weight = _burst_divided(matches)
    diagonal = np.hypot(*sizes[matches.page].T)
    turn = (matches.query_places[:, 3] - matches.page_places[:, 3]) % 1.0
    octaves = matches.query_places[:, 2] - matches.page_places[:, 2]
    centre = (
        _predicted_centre(matches, sizes, turn, octaves) / (CENTRE_SHARE * diagonal * 2.0**octaves)[:, None]
    )
    best = np.zeros(len(sizes))
    chosen: dict[int, tuple[float, int]] = {}
    keys: list[NDArray[np.int64]] = []
    for shift in (0.0, 1 / 3, 2 / 3):
        bins = np.stack(
            [
                np.floor(turn * ANGLE_BINS + shift) % ANGLE_BINS,
                np.floor(octaves / SCALE_OCTAVES + shift) + 32,
                np.floor(centre[:, 0] + shift) % 256,
                np.floor(centre[:, 1] + shift) % 256,
            ]
        ).astype(np.int64)
        key = (((matches.page * 16 + bins[0]) * 64 + bins[1] % 64) * 256 + bins[2]) * 256 + bins[3]
        distinct, place = np.unique(key, return_inverse=True)
        votes = np.bincount(place, weights=weight)
        pages = distinct // (16 * 64 * 65536)
        np.maximum.at(best, pages, votes)
        for number in np.argsort(-votes)[: 2 * CANDIDATES]:
            page = int(pages[number])
            if votes[number] > chosen.get(page, (0.0, 0))[0]:
                chosen[page] = (float(votes[number]), len(keys))
                keys.append(np.flatnonzero(place == number))
    ranked = sorted(chosen, key=lambda page: -best[page])[:CANDIDATES]
    verified = [_verify(page, keys[chosen[page][1]], matches, sizes, turn, octaves) for page in ranked]
    return sorted((v for v in verified if v is not None), key=lambda v: -v.score)


def _burst_divided(matches: Matches) -> Floats:
    """One query feature gives one page one vote, however often the page repeats what it shows."""
    pair = matches.page * (int(matches.query.max()) + 1) + matches.query
    _, place, count = np.unique(pair, return_inverse=True, return_counts=True)
    divided: Floats = matches.weight / count[place]
    return divided


def _predicted_centre(matches: Matches, sizes: Floats, turn: Floats, octaves: Floats) -> Floats:
    """Where each match, taken as a similarity, puts the page's centre in the leak."""
    toward = (sizes[matches.page] - 1) / 2 - matches.page_places[:, :2]
    stretch, angle = 2.0**octaves, 2 * np.pi * turn
    cos, sin = stretch * np.cos(angle), stretch * np.sin(angle)
    x = matches.query_places[:, 0] + cos * toward[:, 0] - sin * toward[:, 1]
    y = matches.query_places[:, 1] + sin * toward[:, 0] + cos * toward[:, 1]
    return np.stack([x, y], axis=1)


def _verify(
    page: int, seed: NDArray[np.int64], matches: Matches, sizes: Floats, turn: Floats, octaves: Floats
) -> Found | None:
    """Fit an affine map to the matches near the winning bin and count who follows it, one to one."""
    mine = np.flatnonzero(matches.page == page)
    middle_turn = np.angle(np.mean(np.exp(2j * np.pi * turn[seed]))) / (2 * np.pi)
    middle_octave = np.median(octaves[seed])
    away = np.abs((turn[mine] - middle_turn + 0.5) % 1.0 - 0.5)
    near = mine[(away < 0.12) & (np.abs(octaves[mine] - middle_octave) < 1.0)]
    if len(near) < 4:
        return None
    start, end = matches.page_places[near, :2], matches.query_places[near, :2]
    diagonal = float(np.hypot(*sizes[page]))
    reach = INLIER_SHARE * diagonal * 2.0**middle_octave
    cv2.setRNGSeed(1)
    fitted, inside = cv2.estimateAffine2D(
        start,
        end,
        method=cv2.RANSAC,
        ransacReprojThreshold=max(1.5, 1.4 * reach),
        maxIters=1000,
        confidence=0.995,
    )
    if fitted is None or inside.sum() < 4 or not _plausible(np.asarray(fitted, np.float64)):
        return None
    error = np.hypot(*(start @ fitted[:, :2].T + fitted[:, 2] - end).T)
    kept = near[error < max(1.5, 1.6 * reach)]
    kept = _one_to_one(kept, matches)
    if len(kept) < 4:
        return None
    return Found(page, float(matches.weight[kept].sum()), len(kept), np.asarray(fitted, np.float64))


def _plausible(fitted: NDArray[np.float64]) -> bool:
    stretches = np.linalg.svd(fitted[:, :2], compute_uv=False)
    mirrored = np.linalg.det(fitted[:, :2]) <= 0
    return bool(not mirrored and stretches[1] > 1e-3 and stretches[0] < MOST_SHEAR * stretches[1])


def _one_to_one(kept: NDArray[np.int64], matches: Matches) -> NDArray[np.int64]:
    """Each feature of either side counts once, with its best match."""
    order = kept[np.argsort(-matches.weight[kept], kind="stable")]
    _, first = np.unique(matches.query[order], return_index=True)
    order = order[np.sort(first)]
    spots = np.round(matches.page_places[order, :2]).astype(np.int64)
    _, first = np.unique(spots[:, 0] * 65536 + spots[:, 1], return_index=True)
    chosen: NDArray[np.int64] = order[np.sort(first)]
    return chosen
