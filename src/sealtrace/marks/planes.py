"""Grey planes, (H, W) float32 in grey levels, and maps between their pixels. Pixel centres are whole numbers.

OpenCV's own types say only "some array"; these say which.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]
"""A 3 x 3 homography, or points as (n, 2)."""


def grey(picture: NDArray[np.uint8]) -> Plane:
    """The luma of an (H, W, 3) RGB or (H, W) picture."""
    luma = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(luma, np.float32)


def gaussian(plane: Plane, sigma: float) -> Plane:
    """Blur with a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def box(plane: Plane, side: int) -> Plane:
    """The mean over the `side` x `side` window around each pixel."""
    return np.asarray(cv2.boxFilter(plane, -1, (side, side)), np.float32)


def reduced(plane: Plane, width: int, height: int) -> Plane:
    """Resize by averaging areas."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def gradient(plane: Plane) -> tuple[Plane, Plane]:
    """The Sobel derivatives across and down, in grey levels a pixel."""
    across, down = (cv2.Sobel(plane, cv2.CV_32F, dx, 1 - dx, ksize=3, scale=1 / 8) for dx in (1, 0))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def largest(plane: Plane, side: int) -> Plane:
    """The maximum over the `side` x `side` window around each pixel."""
    return np.asarray(cv2.dilate(plane, np.ones((side, side), np.uint8)), np.float32)


def shrunk(mask: Mask, side: int) -> Mask:
    """Where the whole `side` x `side` window around a pixel is in the mask."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def warped(plane: Plane, to_plane: Matrix, width: int, height: int, *, cubic: bool = False) -> Plane:
    """Draw width x height pixels, each at its place `to_plane` in the plane; the border repeats beyond it."""
    way = (cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpPerspective(plane, to_plane, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.float32)


def sampled(plane: Plane, x: Plane, y: Plane) -> Plane:
    """The plane at places (x, y), by cubic interpolation; the border repeats beyond it."""
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def scaling(factor: float) -> Matrix:
    """The map that scales pixel areas: x -> (x + 1/2) factor - 1/2."""
    shift = factor / 2 - 0.5
    return np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1]])


def magnification(homography: Matrix) -> float:
    """How many pixels a pixel becomes along one direction, on the whole."""
    return float(np.sqrt(abs(np.linalg.det(homography[:2, :2]))))


def mapped(homography: Matrix, x: Matrix | Plane, y: Matrix | Plane) -> tuple[Matrix, Matrix]:
    """Map coordinate arrays through a homography."""
    scale = homography[2, 0] * x + homography[2, 1] * y + homography[2, 2]
    across = (homography[0, 0] * x + homography[0, 1] * y + homography[0, 2]) / scale
    return across, (homography[1, 0] * x + homography[1, 1] * y + homography[1, 2]) / scale


def mapped_points(homography: Matrix, points: Matrix) -> Matrix:
    """Map points (n, 2) through a homography."""
    return np.stack(mapped(homography, points[:, 0], points[:, 1]), axis=1)
