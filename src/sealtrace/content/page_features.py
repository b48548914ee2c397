"""What is remembered of a page picture: SIFT keypoints as visual words, signatures and places.

Pages are described at 36 dpi, where a descriptor covers about a centimetre: several characters, so that
text is distinctive without being read, and what survives is coarse enough for photos and chat pictures.
Source: Lowe, IJCV 2004 (SIFT); Jegou, Douze, Schmid, ECCV 2008 (Hamming embedding).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PAGE_SIDE = 421  # long side a page is described at: A4 at 36 dpi; OpenCV doubles it first
MOST_ON_PAGE = 560
MOST_AN_OCTAVE = 420
CONTRAST = 0.015
ANGLES, SCALES = 65536, 4096.0  # units of stored angles (a turn) and of log2 scale
MIRRORED = np.arange(128).reshape(4, 4, 8)[::-1, ::-1].reshape(-1)
"""Descriptor bins of the negative picture: gradients turn round, so the keypoint's angle does by half a
turn and its 4 x 4 cells with it; orientations relative to the keypoint stay."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Keypoints of a picture: (n, 4) x, y, size, angle in degrees, in its pixels; (n, 128) RootSIFT."""

    places: NDArray[np.float32]
    descriptors: NDArray[np.float32]

    def negative(self) -> Features:
        """The features that the negative of the picture would give."""
        places = self.places.copy()
        places[:, 3] = (places[:, 3] + 180) % 360
        return Features(places, np.ascontiguousarray(self.descriptors[:, MIRRORED]))


def describe(raster: NDArray[np.uint8], side: int, most: int | None = None) -> Features:
    """Find the features of a picture scaled to a long side of `side`; places are in the picture's own pixels."""
    grey = cv2.cvtColor(raster, cv2.COLOR_RGB2GRAY) if raster.ndim == 3 else raster
    scale = side / max(grey.shape)
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(grey, size, interpolation=how) if size != grey.shape[::-1] else grey
    found, descriptors = _sift().detectAndCompute(small, None)
    if descriptors is None or not len(found):
        return Features(np.empty((0, 4), np.float32), np.empty((0, 128), np.float32))
    keep = _strongest(found, most)
    across, down = grey.shape[1] / size[0], grey.shape[0] / size[1]
    points = np.array(
        [
            (
                (f.pt[0] + 0.5) * across - 0.5,
                (f.pt[1] + 0.5) * down - 0.5,
                f.size * (across + down) / 2,
                f.angle,
            )
            for f in (found[i] for i in keep)
        ],
        np.float32,
    )
    root = descriptors[keep].astype(np.float32)
    root = np.sqrt(root / np.maximum(root.sum(axis=1, keepdims=True), 1e-6))
    return Features(points, root)


def _strongest(found: Any, most: int | None) -> list[int]:
    """Keep the strongest of each octave, so that coarse ones stay, and at most `most` in all."""
    octave = np.array([f.octave & 0xFF for f in found])
    response = np.array([f.response for f in found])
    order = np.argsort(-response, kind="stable")
    kept: list[int] = []
    for value in np.unique(octave):
        kept += order[octave[order] == value][:MOST_AN_OCTAVE].tolist()
    kept.sort(key=lambda i: (-int(octave[i] not in (255, 0)), -response[i]))
    return kept if most is None else kept[:most]


@lru_cache(maxsize=1)
def _sift() -> Any:
    return cv2.SIFT.create(nfeatures=0, contrastThreshold=CONTRAST)


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Features as the index stores them: (n,) word, (n,) 64-bit signature, (n, 4) quantised place."""

    words: NDArray[np.int32]
    signatures: NDArray[np.uint64]
    places: NDArray[np.uint16]


class Vocabulary:
    """Visual words: centres of descriptor space, and the directions that signatures are the signs along."""

    def __init__(self, centres: NDArray[np.float32]) -> None:
        self.centres = centres
        self._norms = (centres**2).sum(axis=1)
        axes = np.linalg.qr(np.random.default_rng(20_240_138).normal(size=(128, 64)))[0]
        self._axes = axes.astype(np.float32)
        self._shifts = centres @ self._axes

    def __len__(self) -> int:
        return len(self.centres)

    def nearest(self, descriptors: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """Return (n, count) the nearest words, nearest first."""
        distance = self._norms[None, :] - 2 * (descriptors @ self.centres.T)
        if count == 1:
            closest: NDArray[np.int64] = distance.argmin(axis=1)[:, None]
            return closest
        near = np.argpartition(distance, count, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(distance, near, 1), axis=1)
        nearest: NDArray[np.int64] = np.take_along_axis(near, order, 1)
        return nearest

    def signatures(self, descriptors: NDArray[np.float32], words: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return (n,) 64-bit signatures of descriptors as seen from a word's centre."""
        side = descriptors @ self._axes > self._shifts[words]
        packed: NDArray[np.uint64] = np.packbits(side, axis=1).view(np.uint64).ravel()
        return packed

    def code(self, features: Features, width: int, height: int) -> Coded:
        """Code a page's features for storing."""
        words = self.nearest(features.descriptors, 1)[:, 0] if len(features.places) else np.empty(0, np.int64)
        x, y, size, angle = features.places.T
        places = np.stack(
            [
                np.clip((x + 0.5) / width * 65535, 0, 65535),
                np.clip((y + 0.5) / height * 65535, 0, 65535),
                np.clip(np.log2(np.maximum(size, 0.25)) * SCALES + 8192, 0, 65535),
                angle / 360 * ANGLES % ANGLES,
            ],
            axis=1,
        ).astype(np.uint16)
        return Coded(words.astype(np.int32), self.signatures(features.descriptors, words), places)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the package; see benchmarks/train_vocabulary.py."""
    with files(__package__).joinpath("data/vocabulary.npz").open("rb") as stored:
        centres = np.load(stored)["centres"].astype(np.float32) / 255
    return Vocabulary(centres)
