"""The tint of rasters: invisible by measure, on every shape and depth, and never outside its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from sealtrace.marks import tint
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.tint import plan_raster, tint_raster
from sealtrace.testing.pages import sorts

KEY = bytes(range(32))


def chips_of(grid: ChipGrid, seed: int = 1) -> NDArray[np.int8]:
    """A pattern as a codeword gives it."""
    bits = np.random.default_rng(seed).integers(0, 2, 256).astype(np.uint8)
    return Layout(KEY, grid, 256).chips(bits)


def psnr(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    top = float(np.iinfo(a.dtype).max)
    error = np.mean(np.square(a.astype(np.float64) - b.astype(np.float64)))
    return float("inf") if error == 0 else 10 * np.log10(top**2 / error)


def ssim(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    return float(structural_similarity(a, b, channel_axis=2 if a.ndim == 3 else None))


def marked(image: NDArray[np.uint8 | np.uint16]) -> NDArray[np.uint8 | np.uint16]:
    grid, symbols = plan_raster(image.shape[1], image.shape[0])
    assert symbols
    return tint_raster(image, grid, chips_of(grid))


@pytest.mark.parametrize("sort", list(sorts()))
@pytest.mark.parametrize("size", [(1240, 1754), (500, 640)])
def test_pages_keep_42_db_and_98_percent(sort: str, size: tuple[int, int]) -> None:
    page = sorts()[sort](np.random.default_rng(4), size)
    copy = marked(page)
    assert psnr(page, copy) >= 42
    assert ssim(page, copy) >= 0.98
    assert np.mean(copy != page) > 0.3


def plain(kind: str) -> NDArray[np.uint8]:
    rng = np.random.default_rng(9)
    shape = (420, 380, 3)
    return {
        "white": np.full(shape, 255, np.uint8),
        "grey": np.full(shape, 128, np.uint8),
        "dark": np.full(shape, 26, np.uint8),
        "near black": np.full(shape, 10, np.uint8),
        "black": np.zeros(shape, np.uint8),
        "saturated": rng.choice(np.array([0, 255], np.uint8), shape),
        "noise": rng.integers(0, 256, shape).astype(np.uint8),
        "checks": (np.indices(shape[:2]).sum(0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2),
        "almost white": np.full(shape, 254, np.uint8),
        "ramp": np.linspace(0, 255, 380).astype(np.uint8)[None, :, None].repeat(420, 0).repeat(3, 2),
    }[kind]


KINDS = [
    "white",
    "grey",
    "dark",
    "near black",
    "black",
    "saturated",
    "noise",
    "checks",
    "almost white",
    "ramp",
]


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_grounds_keep_42_db_and_98_percent(kind: str) -> None:
    page = plain(kind)
    copy = marked(page)
    assert psnr(page, copy) >= 42
    assert ssim(page, copy) >= 0.98


def test_paper_darkens_and_ground_does_both() -> None:
    white, grey = marked(plain("white")), marked(plain("grey"))
    assert set(np.unique(white)) <= {252, 253, 254, 255}
    assert np.mean(white == 252) > 0.3
    assert np.mean(white == 255) > 0.3
    assert grey.min() == 126
    assert grey.max() == 129


def test_lighter_and_darker_chips_are_where_the_pattern_says() -> None:
    page = np.full((480, 480), 200, np.uint8)
    grid, _ = plan_raster(480, 480)
    chips = chips_of(grid)
    copy = tint_raster(page, grid, chips)
    pitch = round(grid.pitch(480, 480)[0])
    assert grid.rows * pitch == grid.cols * pitch == 480
    middle = copy.reshape(grid.rows, pitch, grid.cols, pitch)[:, 2:4, :, 2:4].mean(axis=(1, 3))
    assert np.all((middle > 200) == (chips > 0))


@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_every_shape_and_depth_keeps_its_alpha(channels: int | None, depth: type) -> None:
    rng = np.random.default_rng(2)
    smooth = np.linspace(40, 250, 300)[:, None] * np.linspace(0.8, 1, 260)
    levels = smooth if channels is None else np.repeat(smooth[..., None], channels, axis=2)
    image = (levels * (np.iinfo(depth).max / 255)).astype(depth)
    if channels in (2, 4):
        image[..., -1] = rng.integers(0, np.iinfo(depth).max, image.shape[:2])
    before = image.copy()
    copy = marked(image)
    assert np.array_equal(image, before)
    assert copy.shape == image.shape
    assert copy.dtype == image.dtype
    assert psnr(image, copy) >= 42
    if channels in (2, 4):
        assert np.array_equal(copy[..., -1], image[..., -1])
    assert not np.array_equal(copy, image)


def test_sixteen_bits_carry_the_same_tint_as_eight() -> None:
    page = sorts()["mixed"](np.random.default_rng(4), (500, 640))
    low = marked(page).astype(int) - page
    high = marked(page.astype(np.uint16) * 257).astype(int) - page.astype(int) * 257
    assert np.corrcoef(low.ravel(), high.ravel())[0, 1] > 0.95
    assert np.abs(high).max() < 257 * 8


def test_bands_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large image is worked on in bands; the result is the same as in one piece."""
    page = sorts()["mixed"](np.random.default_rng(6), (500, 640))
    whole = marked(page)
    monkeypatch.setattr(tint, "_BAND_PIXELS", 500 * 37)
    assert np.array_equal(marked(page), whole)


def test_two_copies_differ_only_in_their_chips() -> None:
    page = sorts()["table"](np.random.default_rng(6), (500, 640))
    grid, _ = plan_raster(500, 640)
    a, b = (tint_raster(page, grid, chips_of(grid, seed)) for seed in (1, 2))
    assert np.array_equal(a, tint_raster(page, grid, chips_of(grid, 1)))
    assert np.mean(a != b) > 0.1


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_plans_fit_every_size(width: int, height: int) -> None:
    grid, symbols = plan_raster(width, height)
    across, down = grid.pitch(width, height)
    for pitch in (across, down):
        assert pitch == pytest.approx(round(pitch), abs=1e-6)
    assert across == pytest.approx(down)
    left, top = grid.x0 * width, grid.y0 * height
    assert left == pytest.approx(round(left), abs=1e-6)
    assert top == pytest.approx(round(top), abs=1e-6)
    assert symbols in (0, 256, 512, 1024, 2048)
    assert grid.chips >= (8 * symbols if symbols > 256 else 2 * symbols)
    if min(width, height) >= 150:
        assert symbols
    if symbols == 0:
        assert grid.chips < 512


def test_an_a4_page_has_8_pixel_chips_and_the_same_ones_at_any_resolution() -> None:
    grid, symbols = plan_raster(1240, 1754)
    assert symbols == 2048
    assert grid.pitch(1240, 1754)[0] == pytest.approx(8)
    assert plan_raster(64, 64)[1] == 0
    for factor in (2, 4, 5):
        large, symbols = plan_raster(1240 * factor, 1754 * factor)
        assert symbols == 2048
        assert (large.rows, large.cols) == (grid.rows, grid.cols)


@settings(max_examples=25, deadline=None)
@given(st.integers(64, 300), st.integers(64, 300), st.integers(0, 255), st.integers(0, 2**32))
def test_any_small_image_keeps_42_db(width: int, height: int, level: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.clip(level + rng.normal(0, rng.uniform(0, 80), (height, width, 3)), 0, 255).astype(np.uint8)
    grid, symbols = plan_raster(width, height)
    if symbols:
        assert psnr(image, tint_raster(image, grid, chips_of(grid))) >= 42


def test_what_does_not_fit_is_refused() -> None:
    grid, _ = plan_raster(400, 400)
    with pytest.raises(ValueError, match="pattern"):
        tint_raster(np.zeros((400, 400), np.uint8), grid, np.ones((3, 3), np.int8))
    with pytest.raises(ValueError, match="uint8"):
        tint_raster(np.zeros((400, 400)), grid, chips_of(grid))  # type: ignore[type-var]  # floats, on purpose
    with pytest.raises(ValueError, match="pixels"):
        plan_raster(0, 5)
