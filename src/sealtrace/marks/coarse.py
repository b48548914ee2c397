"""Find a held page in a leaked picture without any hint: features, a Hough vote, an affine map.

Every feature keeps its nearest few matches, without a ratio test: on repetitive text the best match is
often as good as the next, and only the vote on scale, angle and place of the page's centre tells.
Sources: Lowe, IJCV 60(2), 2004; Arandjelovic & Zisserman, CVPR 2012 (RootSIFT).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .planes import Matrix, Plane

NEIGHBOURS = 3
FEWEST_VOTES = 10
TRIED = 6  # fullest bins of the vote whose affine map is fitted
_SCALE_BIN, _ANGLE_BIN, _PLACE_BIN = 0.5, 20.0, 0.12  # octaves, degrees, leak sides
_RANSAC_SEED = 7


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: the longer side at which features are taken, in pixels, and how many at most."""

    page_side: int
    leak_side: int
    features: int
    contrast: float


EFFORTS = (
    Effort(900, 1300, 2500, 0.02),
    Effort(1300, 1300, 5000, 0.003),
)  # the second for small crops and faint shades


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    """Keypoints (n, 4): x, y, size in full pixels, angle in degrees; descriptors (n, 128)."""

    places: Matrix
    descriptors: Plane


def places(page: Plane, leak: Plane, *, thorough: bool = True) -> Iterator[tuple[Matrix, bool]]:
    """Yield affine maps, 3 x 3, from page pixels to leak pixels, each with whether the leak is a negative.

    A thorough search looks for the negative too, and a second time with more effort.
    """
    for effort in EFFORTS if thorough else EFFORTS[:1]:
        here = _features(page, effort.page_side, effort)
        for inverted in (False, True) if thorough else (False,):
            there = _features(255 - leak if inverted else leak, effort.leak_side, effort)
            found = _find(here, there, np.array(page.shape[::-1]) / 2, float(max(leak.shape)))
            if found is not None:
                yield found, inverted


def _find(here: _Features, there: _Features, centre: Matrix, side: float) -> Matrix | None:
    """Match page features to leak features; the affine map most of them agree on, or None."""
    if min(len(here.places), len(there.places)) < FEWEST_VOTES:
        return None
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(there.descriptors, here.descriptors, k=NEIGHBOURS)
    pairs = [
        (m.queryIdx, m.trainIdx) for near in matches for m in near if _alike(m.distance, near[0].distance)
    ]
    leak_index, page_index = np.array(pairs).T
    a, b = here.places[page_index], there.places[leak_index]
    best, most = None, FEWEST_VOTES - 1
    for chosen in _votes(a, b, centre, side):
        cv2.setRNGSeed(_RANSAC_SEED)
        reach = 6 * float(np.median(b[chosen, 2] / a[chosen, 2]))  # six page pixels
        affine, kept = cv2.estimateAffine2D(
            a[chosen, :2], b[chosen, :2], method=cv2.RANSAC, ransacReprojThreshold=reach
        )
        agreeing = 0 if affine is None else len(np.unique(leak_index[chosen][kept[:, 0] > 0]))
        if agreeing > most and _sane(affine):
            best, most = np.vstack([affine, [0, 0, 1]]), agreeing
    return best


def _alike(distance: float, nearest: float) -> bool:
    return distance < 1.15 * nearest + 0.02


def _features(picture: Plane, side: int, effort: Effort) -> _Features:
    scale = min(1.0, side / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    sift = cv2.SIFT.create(nfeatures=effort.features, contrastThreshold=effort.contrast)
    points, descriptors = sift.detectAndCompute(np.clip(small, 0, 255).astype(np.uint8), None)
    if not len(points):
        return _Features(np.zeros((0, 4)), np.zeros((0, 128), np.float32))
    places = np.array(
        [
            ((p.pt[0] + 0.5) / scale - 0.5, (p.pt[1] + 0.5) / scale - 0.5, p.size / scale, p.angle)
            for p in points
        ]
    )
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9))
    return _Features(places, root.astype(np.float32))


def _votes(a: Matrix, b: Matrix, centre: Matrix, side: float) -> list[NDArray[np.intp]]:
    """Vote on (scale, angle, place of the page's centre in the leak); return the fullest bins' matches."""
    octaves, turn = np.log2(b[:, 2] / a[:, 2]), (b[:, 3] - a[:, 3]) % 360
    scale, angle = b[:, 2] / a[:, 2], np.deg2rad(turn)
    vx, vy = (centre - a[:, :2]).T * scale
    x = b[:, 0] + np.cos(angle) * vx - np.sin(angle) * vy
    y = b[:, 1] + np.sin(angle) * vx + np.cos(angle) * vy
    turns = round(360 / _ANGLE_BIN)
    found: list[tuple[int, NDArray[np.intp]]] = []
    for offset in (0.0, 0.5):  # two shifted grids, so that no true peak is split everywhere
        bins = np.stack(
            [
                np.floor(octaves / _SCALE_BIN + offset),
                np.floor(turn / _ANGLE_BIN + offset) % turns,
                np.floor(x / (_PLACE_BIN * side) + offset),
                np.floor(y / (_PLACE_BIN * side) + offset),
            ],
            axis=1,
        )
        _, which, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
        for fullest in np.argsort(-counts)[:TRIED]:
            if counts[fullest] >= FEWEST_VOTES:
                found.append((int(counts[fullest]), np.flatnonzero(which.reshape(-1) == fullest)))
    found.sort(key=lambda item: -item[0])
    return [chosen for _, chosen in found[:TRIED]]


def _sane(affine: Matrix) -> bool:
    """A picture of a page is neither mirrored nor squeezed to a line."""
    large, small = np.linalg.svd(affine[:, :2])[1]
    return bool(np.linalg.det(affine[:, :2]) > 0 and small > 0.5 * large and 0.05 < large < 20)
