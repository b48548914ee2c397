"""Register a leaked picture onto a held page: where every point of the page is in the leak.

From a coarse affine (of the page index, or of `coarse`) the page is matched block by block against the
leak warped onto it, from a quarter of its resolution to the whole: a homography by MAGSAC, then a smooth
polynomial field for lens, curl and paper feed. Better no registration than a bad one: None.

Nothing here knows of chips, layouts or codewords.
Sources: Barath et al., MAGSAC++, CVPR 2020; Bouguet, pyramidal Lucas-Kanade, 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .field import Field, fit_field
from .planes import (
    Mask,
    Matrix,
    Plane,
    box,
    gaussian,
    magnification,
    mapped,
    mapped_points,
    reduced,
    sampled,
    scaling,
    shrunk,
    warped,
)

FINEST = 1
STEPS = (4, 4, 2, FINEST)  # the page is matched at 1/4 of its resolution, ...; at the finest only if need be
BLOCK, SEARCH = 48, 14  # pixels at the resolution matched
FINE = 4.0  # pixels; only detail finer than this is matched: coarse shades have no sharp place
LEAST_LIKENESS = 0.3  # normalised correlation of a block with its match
SECOND_BEST = 0.95  # of the best likeness: a pattern that repeats itself has no sure place
FEWEST_BLOCKS = 8
HOMOGRAPHY_BLOCKS, HOMOGRAPHY_SPAN = 16, 0.2  # with fewer, or on less of the page, an affine map is surer
LATTICE = 40  # pixels between the points followed at full resolution
WINDOW = 41  # pixels around such a point
TEXTURE = 5.0  # grey levels: the least standard deviation of a block or window that is matched
CORNER = 1e-3  # the least smaller eigenvalue of a window's gradients: along a lone line nothing holds
FIELD_LIMIT = 8.0  # pixels; a lens or a curled sheet moves no place further off the homography
ALIKE = 0.4  # normalised correlation of the detail of two windows that show the same
LEAST_AGREEMENT = 0.35  # true pages are above 0.5 even as noisy prints of photographs (measured)
_RANSAC_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Page pixel x is at H(x + field(x)) in the leak.

    drawn: the leak drawn on the page's pixels, (H, W).
    seen: where the leak shows the page at all.
    agreement: the part of the page's textured places, as far as seen, that look alike in both, 0 to 1.
    """

    homography: Matrix
    field: Field
    drawn: Plane
    seen: Mask
    agreement: float


def register(page: Plane, leak: Plane, start: Matrix) -> Registration | None:
    """Refine `start`, the 3 x 3 coarse map from page to leak pixels; None where they don't fit.

    The leak should not be much finer than the page: what is finer only costs time.
    """
    homography, fits = start, False
    for step in STEPS:
        if step == FINEST and fits:
            break
        improved = _homography(*_match_blocks(page, leak, homography, step), page.shape)
        if improved is not None:
            homography, fits = improved, True
    return _follow(page, leak, homography) if fits else None


def _match_blocks(page: Plane, leak: Plane, homography: Matrix, step: int) -> tuple[Matrix, Matrix]:
    """Match blocks of the page within the leak warped onto it, at 1/step of the resolution.

    Returns page points and the leak points they were found at, both (n, 2).
    """
    height, width = page.shape[0] // step, page.shape[1] // step
    small = reduced(page[: height * step, : width * step], width, height)
    to_leak = homography @ scaling(step)
    drawn, seen = _drawn(leak, to_leak, width, height)
    spread, share = _spread(small, BLOCK), box(seen.astype(np.float32), BLOCK)
    small, drawn = small - gaussian(small, FINE), drawn - gaussian(drawn, FINE)
    points, matches = [], []
    for y in range(0, height - BLOCK + 1, BLOCK // 2):
        for x in range(0, width - BLOCK + 1, BLOCK // 2):
            middle = (y + BLOCK // 2, x + BLOCK // 2)
            if spread[middle] < TEXTURE or share[middle] < 0.7:
                continue
            match = _find(small[y : y + BLOCK, x : x + BLOCK], drawn, x, y)
            if match is not None:
                points.append((x + (BLOCK - 1) / 2, y + (BLOCK - 1) / 2))
                matches.append((match[0] + (BLOCK - 1) / 2, match[1] + (BLOCK - 1) / 2))
    at, found = np.array(points).reshape(-1, 2), np.array(matches).reshape(-1, 2)
    return mapped_points(scaling(step), at), mapped_points(to_leak, found)


def _find(block: Plane, drawn: Plane, x: int, y: int) -> tuple[float, float] | None:
    """Find where near (x, y) a block is in the warped leak, to a part of a pixel."""
    top, left = max(0, y - SEARCH), max(0, x - SEARCH)
    area = drawn[top : y + BLOCK + SEARCH, left : x + BLOCK + SEARCH]
    likeness = np.asarray(cv2.matchTemplate(area, block, cv2.TM_CCOEFF_NORMED), np.float32)
    _, best, _, (px, py) = cv2.minMaxLoc(likeness)
    if best < LEAST_LIKENESS:
        return None
    row, column = likeness[py].copy(), likeness[:, px].copy()
    likeness[max(0, py - 3) : py + 4, max(0, px - 3) : px + 4] = -1
    if float(likeness.max()) > SECOND_BEST * best:
        return None
    return left + px + _peak(row, px), top + py + _peak(column, py)


def _peak(line: Plane, at: int) -> float:
    """How far from `at` a parabola through a maximum and its neighbours peaks, in pixels."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = (float(v) for v in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _homography(points: Matrix, found: Matrix, shape: tuple[int, ...]) -> Matrix | None:
    """Fit page points to leak points: a homography where they reach over the page, else an affine map."""
    if len(points) < FEWEST_BLOCKS:
        return None
    span, leak_span = np.ptp(points, axis=0), np.ptp(found, axis=0)
    reach = 2.5 * float(np.hypot(*leak_span) / max(np.hypot(*span), 1))  # 2.5 page pixels
    wide = min(span[0] / shape[1], span[1] / shape[0]) >= HOMOGRAPHY_SPAN
    cv2.setRNGSeed(_RANSAC_SEED)
    if wide and len(points) >= HOMOGRAPHY_BLOCKS:
        fitted, kept = cv2.findHomography(
            points, found, cv2.USAC_MAGSAC, reach, maxIters=3000, confidence=0.999
        )
    else:
        affine, kept = cv2.estimateAffine2D(points, found, method=cv2.RANSAC, ransacReprojThreshold=reach)
        fitted = None if affine is None else np.vstack([affine, [0, 0, 1]])
    if fitted is None or np.sum(kept) < max(FEWEST_BLOCKS, 0.25 * len(points)):
        return None
    return np.asarray(fitted, np.float64)


def _follow(page: Plane, leak: Plane, homography: Matrix) -> Registration | None:
    """Follow a lattice of points by Lucas-Kanade at full resolution, and fit the smooth field."""
    height, width = page.shape
    drawn, seen = _drawn(leak, homography, width, height)
    points = _lattice(_spread(page, WINDOW) * shrunk(seen, WINDOW))
    if len(points) < FEWEST_BLOCKS:
        return None
    start = points.astype(np.float32)[:, None]
    moved, ok, corner = cv2.calcOpticalFlowPyrLK(
        _flattened(page), _flattened(drawn), start, start.copy(),
        winSize=(WINDOW, WINDOW), maxLevel=1, flags=cv2.OPTFLOW_LK_GET_MIN_EIGENVALS,
    )  # fmt: skip
    moves = np.asarray(moved, np.float64)[:, 0] - points
    firm = np.asarray(corner)[:, 0] > CORNER
    good = firm & (np.asarray(ok)[:, 0] > 0) & (np.abs(moves).max(axis=1) < FIELD_LIMIT)
    field = fit_field(points[good], moves[good], width, height)
    if field is None:
        return None
    drawn, seen = _sample(leak, homography, field)
    agreement = _agreement(page, drawn, seen)
    if agreement < LEAST_AGREEMENT:
        return None
    return Registration(homography, field, drawn, seen, agreement)


def _sample(leak: Plane, homography: Matrix, field: Field) -> tuple[Plane, Mask]:
    """Draw the leak on the page's pixels; also say where it shows the page at all."""
    across, down = field.raster()
    at = mapped(homography, across + np.arange(field.width), down + np.arange(field.height)[:, None])
    x, y = at[0].astype(np.float32), at[1].astype(np.float32)
    inside = (x >= 1) & (y >= 1) & (x <= leak.shape[1] - 2) & (y <= leak.shape[0] - 2)
    return sampled(leak, x, y), np.asarray(inside)


def _agreement(page: Plane, drawn: Plane, seen: Mask) -> float:
    """The part of the textured places seen whose window is alike in page and leak: correlated in detail."""
    places = _lattice(_spread(page, WINDOW) * shrunk(seen, WINDOW)).astype(np.intp)
    if not len(places):
        return 0.0
    a, b = page - gaussian(page, FINE), drawn - gaussian(drawn, FINE)
    likeness = box(a * b, WINDOW) / np.sqrt(box(a * a, WINDOW) * box(b * b, WINDOW) + 1)
    return float(np.mean(likeness[places[:, 1], places[:, 0]] > ALIKE))


def _lattice(spread: Plane) -> Matrix:
    """Points of a lattice around which the page has something to hold on to."""
    y, x = np.mgrid[LATTICE // 2 : spread.shape[0] : LATTICE, LATTICE // 2 : spread.shape[1] : LATTICE]
    good = spread[y, x] > TEXTURE
    return np.stack([x[good], y[good]], axis=1).astype(np.float64)


def _spread(page: Plane, window: int) -> Plane:
    """The standard deviation of the window around each pixel."""
    mean = box(page, window)
    return np.sqrt(np.maximum(box(page * page, window) - mean * mean, 0))


def _flattened(page: Plane) -> NDArray[np.uint8]:
    """Even out light and contrast: the deviation from the local mean in local standard deviations."""
    deviation = page - box(page, 61)
    spread = np.sqrt(box(deviation * deviation, 61) + 25)
    flat: NDArray[np.uint8] = np.clip(128 + 40 * deviation / spread, 0, 255).astype(np.uint8)
    return flat


def _drawn(leak: Plane, to_leak: Matrix, width: int, height: int) -> tuple[Plane, Mask]:
    """Draw the leak on width x height page pixels, first blurred if it is much finer; say where it is."""
    scale = magnification(to_leak)
    soft = gaussian(leak, 0.42 * scale) if scale > 1.3 else leak
    x, y = mapped(to_leak, np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)[:, None])
    seen = (x >= 0) & (y >= 0) & (x <= leak.shape[1] - 1) & (y <= leak.shape[0] - 1)
    return warped(soft, to_leak, width, height), np.asarray(seen)
