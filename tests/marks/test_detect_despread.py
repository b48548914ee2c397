"""From a residual to symbols: stripes cut out, outliers clipped, signs undone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks.despread import cleaned, despread, per_chip
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.residual import weighted_residual

ROWS, COLS = 150, 110
LAYOUT = Layout(bytes(32), ChipGrid(ROWS, COLS, 0, 0, 1, 1), 512)
BITS = np.random.default_rng(3).integers(0, 2, 512).astype(np.uint8)
CHIPS = LAYOUT.chips(BITS).astype(float)


def likeness(found: NDArray[np.float64]) -> float:
    return float(np.corrcoef(found.ravel(), CHIPS.ravel())[0, 1])


@pytest.mark.parametrize("period", [1.7, 2.3, 5.0, 11.0, 60.0])
def test_stripes_ten_times_as_strong_as_the_tint_are_cut_out(period: float) -> None:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:ROWS, :COLS]
    stripes = 10 * np.sin(2 * np.pi * (0.8 * x + 0.6 * y) / period + 1e-3 * x * y / period)
    noisy = CHIPS + rng.normal(size=CHIPS.shape)
    even = np.ones_like(CHIPS)
    assert likeness(noisy + stripes) < 0.15
    assert likeness(cleaned(noisy + stripes, even)) > 0.8 * likeness(cleaned(noisy, even))


def test_a_leak_without_stripes_keeps_its_tint() -> None:
    noisy = CHIPS + np.random.default_rng(1).normal(size=CHIPS.shape)
    assert likeness(cleaned(noisy, np.ones_like(CHIPS))) > 0.95 * likeness(noisy)


def test_outliers_are_clipped_and_the_unseen_says_nothing() -> None:
    rng = np.random.default_rng(2)
    evidence, weights = CHIPS + rng.normal(size=CHIPS.shape), np.ones_like(CHIPS)
    evidence[rng.random(CHIPS.shape) < 0.02] = 1e6
    weights[:, :40] = 0
    evidence[:, :40] = np.nan
    found = cleaned(evidence, weights)
    assert np.all(found[:, :40] == 0)
    assert np.abs(found).max() < 12
    assert np.array_equal(cleaned(evidence, np.zeros_like(weights)), np.zeros_like(weights))


def test_evidence_scales_with_the_square_root_of_its_weight() -> None:
    rng = np.random.default_rng(2)
    evidence, weights = CHIPS + rng.normal(size=CHIPS.shape), np.ones_like(CHIPS)
    assert np.allclose(cleaned(2 * evidence, 4 * weights), 2 * cleaned(evidence, weights))


def test_symbols_add_up_their_chips_upright() -> None:
    symbols = despread(CHIPS * 3, np.full_like(CHIPS, 2.0), LAYOUT)
    count = np.bincount(LAYOUT.index.ravel(), minlength=512)
    assert np.allclose(symbols.sums, 3 * count * (2.0 * BITS - 1))
    assert np.allclose(symbols.information, 2 * count)


def test_a_chip_is_the_mean_of_its_pixels() -> None:
    plane = np.arange(12 * 18, dtype=np.float32).reshape(12, 18)
    means = plane.reshape(2, 6, 3, 6).mean(axis=(1, 3))
    assert np.allclose(per_chip(plane, 6), means)


def test_the_residual_forgets_light_contrast_and_blur_but_not_the_tint() -> None:
    import cv2

    rng = np.random.default_rng(7)
    page = np.full((480, 480), 255, np.float32)
    for _ in range(160):
        x, y = (int(v) for v in rng.integers(0, 460, 2))
        page[y : y + int(rng.integers(2, 14)), x : x + int(rng.integers(2, 14))] = 20
    grid = ChipGrid(60, 60, 0, 0, 1, 1)
    chips = Layout(bytes(32), grid, 512).chips(BITS).astype(np.float32)
    tint = cv2.resize(chips, (480, 480), interpolation=cv2.INTER_NEAREST) * 1.5
    y, x = np.mgrid[:480, :480].astype(np.float32) / 480
    light = 0.7 + 0.2 * x - 0.1 * y
    leak = cv2.GaussianBlur((page + tint - 1.5) * light + 12, (0, 0), 1.2).astype(np.float32)
    leak += rng.normal(0, 1, leak.shape).astype(np.float32)
    seen = np.ones(page.shape, bool)
    seen[:, 400:] = False
    residual, weight = weighted_residual(page, leak, seen, 8)
    assert np.all(weight[:, 404:] == 0)
    assert np.all(weight[5:-5, 5:390] > 0)
    found = per_chip(residual * weight, 8)[:, :48]
    assert np.corrcoef(found.ravel(), chips[:, :48].ravel())[0, 1] > 0.75
    ink = cv2.dilate((page < 100).astype(np.uint8), np.ones((5, 5))) > 0
    assert weight[:, :390][ink[:, :390]].mean() < 0.3 * weight[:, :390][~ink[:, :390]].mean()
