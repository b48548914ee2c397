"""What a registered leak shows beside the page itself: the residual, and how far each pixel is to be trusted.

The leak is predicted from the original by a blur fitted to the whole page and a gain and offset fitted
around each pixel (a guided filter); what is left is tint and noise, weighted by the inverse of the noise.
Source: He, Sun & Tang, Guided Image Filtering, TPAMI 35(6), 2013.
"""

from __future__ import annotations

import numpy as np

from .planes import Mask, Plane, box, gaussian, gradient, largest, shrunk

BLURS = (1.0, 2.0, 4.0)  # pixels; the original is blended from itself and these
WINDOW_CHIPS = 3  # side of the window in which gain and offset are fitted, in chips
_FLAT = 4.0  # grey levels squared: below this variance there is no gain to fit
_EDGE_NOISE = 0.15  # of the squared gradient: what a small misfit of place or blur leaves at edges
_LEAST_NOISE = 0.4  # grey levels squared: rounding and coding
_LEAST_GAIN = 0.02  # of the page's contrast; with less the leak shows nothing to fit a blur to
_RIDGE = 1e-6  # of the bases' energy
_CLIP = 2.5  # deviations at which a pixel stops counting more


def weighted_residual(page: Plane, leak: Plane, seen: Mask, chip: int) -> tuple[Plane, Plane]:
    """Return residual and weight, (H, W) each, of a leak drawn on the page's pixels.

    `seen` says where the leak shows the page; the weight is 0 elsewhere. `chip` is in pixels.
    """
    valid = shrunk(seen, 5).astype(np.float32)
    side = WINDOW_CHIPS * chip | 1
    norm = box(valid, side) + np.float32(1e-6)

    def mean(plane: Plane) -> Plane:
        return box(plane * valid, side) / norm

    guide = _blurred_alike(page, leak, valid)
    guide_mean, leak_mean = mean(guide), mean(leak)
    variance = mean(guide * guide) - guide_mean * guide_mean + np.float32(_FLAT)
    gain = np.asarray((mean(guide * leak) - guide_mean * leak_mean) / variance, np.float32)
    offset = leak_mean - gain * guide_mean
    residual = (leak - mean(gain) * guide - mean(offset)) * valid
    residual -= mean(residual)
    around = gaussian(residual * residual, 0.8 * chip)
    noise = around + np.float32(_EDGE_NOISE) * _steepness(guide) + np.float32(_LEAST_NOISE)
    limit = np.float32(_CLIP) * (np.sqrt(around) + np.float32(0.5))
    return np.clip(residual, -limit, limit), valid / noise


def _blurred_alike(page: Plane, leak: Plane, valid: Plane) -> Plane:
    """Blend the page with blurs of itself until it is as sharp as the leak: least squares on fine detail."""
    bases = [page, *(gaussian(page, blur) for blur in BLURS)]
    wide = box(page, 25)
    target = _every_other((leak - box(leak, 25)) * valid)
    details = np.stack([_every_other((base - wide) * valid) for base in bases])
    matrix = (details @ details.T).astype(np.float64)
    ridge = _RIDGE * np.trace(matrix) * np.eye(len(bases))
    blend = np.linalg.lstsq(matrix + ridge, (details @ target).astype(np.float64), rcond=None)[0]
    total = float(blend.sum())
    if not np.isfinite(total) or total < _LEAST_GAIN:
        return page
    guide = np.zeros_like(page)
    for share, base in zip(blend / total, bases, strict=True):
        guide += np.float32(share) * base
    return guide


def _every_other(plane: Plane) -> Plane:
    return plane[::2, ::2].reshape(-1)


def _steepness(page: Plane) -> Plane:
    """The largest squared gradient within three pixels."""
    across, down = gradient(page)
    return largest(across * across + down * down, 7)
