"""Registration: the page's true place in the leak, or None."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks import coarse
from sealtrace.marks.field import fit_field
from sealtrace.marks.planes import Matrix, grey, mapped_points, scaling
from sealtrace.marks.registration import Registration, register
from sealtrace.testing import attacks, pages

SIZE = (880, 1245)


@cache
def page(sort: str = "mixed", seed: int = 5) -> NDArray[np.uint8]:
    return pages.sorts()[sort](np.random.default_rng(seed), SIZE)


def near(to_leak: Matrix, seed: int) -> Matrix:
    """An affine map a little off the truth, as a page index gives it: some pixels, half a percent."""
    rng = np.random.default_rng(seed)
    corners = np.float32([[150, 150], [SIZE[0] - 150, 150], [150, SIZE[1] - 150]])
    at = mapped_points(to_leak, corners.astype(np.float64)) + rng.normal(0, 4, (3, 2))
    return np.vstack([cv2.getAffineTransform(corners, at.astype(np.float32)), [0, 0, 1]])


def errors(found: Registration, true: Matrix, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far, in page pixels, points of the page inside the leak are from where they truly are."""
    points = np.random.default_rng(1).uniform(0, 1, (400, 2)) * SIZE
    at = mapped_points(true, points)
    inside = np.all((at > 0) & (at < np.array(picture.shape[1::-1]) - 1), axis=1)
    points, at = points[inside], at[inside]
    here = mapped_points(found.homography, points + found.field.at(points))
    scale = np.sqrt(abs(np.linalg.det(true[:2, :2])))
    return np.linalg.norm(here - at, axis=1) / scale


@pytest.mark.parametrize("sort", ["hanzi", "drawing", "photo"])
@pytest.mark.parametrize("attack", ["none", "jpeg 50", "resize 0.5", "crop 25 %", "rotate", "screenshot"])
def test_a_page_is_found_to_a_part_of_a_pixel(sort: str, attack: str) -> None:
    leak = attacks.ATTACKS[attack](page(sort), np.random.default_rng(3))
    found = register(grey(page(sort)), grey(leak.picture), near(leak.to_leak, 4))
    assert found is not None
    off = errors(found, leak.to_leak, leak.picture)
    assert np.median(off) < 0.25
    assert np.quantile(off, 0.95) < 0.8


def test_a_printed_and_scanned_page_is_found() -> None:
    leak = attacks.print_scan()(page(), np.random.default_rng(3))
    found = register(grey(page()), grey(leak.picture), near(leak.to_leak, 4))
    assert found is not None
    assert np.median(errors(found, leak.to_leak, leak.picture)) < 0.4


def test_lens_distortion_goes_into_the_field() -> None:
    """A barrel lens of 3 %: no homography fits it, and the field brings it below a pixel."""
    h, w = SIZE[1], SIZE[0]
    y, x = np.mgrid[:h, :w].astype(np.float32)
    half = np.hypot(w, h) / 2
    bend = 1 + 0.03 * (((x - w / 2) / half) ** 2 + ((y - h / 2) / half) ** 2)
    looked_x, looked_y = np.float32((x - w / 2) * bend + w / 2), np.float32((y - h / 2) * bend + h / 2)
    leak = cv2.remap(grey(page()), looked_x, looked_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    found = register(grey(page()), leak, np.eye(3))
    assert found is not None
    across, down = found.field.raster()
    at = mapped_points(found.homography, np.stack([(x + across).ravel(), (y + down).ravel()], axis=1))
    back_x, back_y = looked_x.ravel(), looked_y.ravel()
    inside = np.all((at > 5) & (at < np.array([w, h]) - 6), axis=1)
    column, row = at[inside, 0].round().astype(int), at[inside, 1].round().astype(int)
    shown_x, shown_y = back_x.reshape(h, w)[row, column], back_y.reshape(h, w)[row, column]
    off = np.hypot(shown_x - x.ravel()[inside], shown_y - y.ravel()[inside])
    assert np.quantile(off, 0.95) < 1.3  # of which up to 0.7 is the rounding to whole pixels here


def test_the_sampled_leak_is_the_page_again() -> None:
    leak = attacks.rotate()(page(), np.random.default_rng(8))
    found = register(grey(page()), grey(leak.picture), near(leak.to_leak, 4))
    assert found is not None
    assert found.seen.mean() > 0.98
    error = np.abs(found.drawn - grey(page()))[found.seen]
    assert np.median(error) < 1
    assert error.mean() < 5


@pytest.mark.parametrize("other", ["mixed", "hanzi", "latin", "photo", "table"])
def test_another_page_is_not_registered(other: str) -> None:
    rng = np.random.default_rng(6)
    stranger = grey(page(other, seed=77))
    for hint in (np.eye(3), near(np.eye(3), 1), scaling(0.7)):
        assert register(grey(page("mixed")), stranger, hint) is None
    assert (
        register(grey(page("mixed")), grey(rng.integers(0, 256, (900, 700)).astype(np.uint8)), np.eye(3))
        is None
    )


@pytest.mark.parametrize("level", [0, 255])
def test_a_blank_page_or_leak_is_not_registered(level: int) -> None:
    blank = np.full(SIZE[::-1], level, np.float32)
    assert register(blank, grey(page()), np.eye(3)) is None
    assert register(grey(page()), blank, np.eye(3)) is None
    assert list(coarse.places(blank, grey(page()))) == []


def test_a_hint_far_off_is_not_believed() -> None:
    leak = attacks.jpeg(80)(page(), np.random.default_rng(1))
    wrong = np.array([[1, 0, 300.0], [0, 1, 400], [0, 0, 1]])
    assert register(grey(page()), grey(leak.picture), wrong) is None


@pytest.mark.parametrize("attack", ["resize 0.5", "crop 25 %", "rotate", "screenshot"])
def test_the_search_without_a_hint_comes_within_a_few_pixels(attack: str) -> None:
    leak = attacks.ATTACKS[attack](page(), np.random.default_rng(9))
    found, inverted = next(iter(coarse.places(grey(page()), grey(leak.picture))))
    assert not inverted
    centre = np.array(leak.picture.shape[1::-1], np.float64)[None] / 2
    there = mapped_points(np.linalg.inv(leak.to_leak), centre)
    scale = np.sqrt(abs(np.linalg.det(leak.to_leak[:2, :2])))
    assert np.linalg.norm(mapped_points(found, there) - centre) / scale < 10


def test_a_negative_is_found_as_one() -> None:
    found = list(coarse.places(grey(page()), 255 - grey(page())))
    assert [inverted for _, inverted in found][:1] == [True]


def test_registration_repeats_exactly() -> None:
    leak = attacks.screenshot()(page(), np.random.default_rng(2))
    first, second = (register(grey(page()), grey(leak.picture), near(leak.to_leak, 4)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.homography, second.homography)
    assert np.array_equal(first.field.coefficients, second.field.coefficients)


def test_a_field_is_fitted_through_outliers() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 1, (300, 2)) * SIZE
    x, y = 2 * points.T / np.array(SIZE)[:, None] - 1
    true = np.stack([1 + 2 * x * y - y**2, 0.5 * x**3 - x], axis=1)
    moves = true + rng.normal(0, 0.05, true.shape)
    moves[:60] = rng.uniform(-8, 8, (60, 2))
    field = fit_field(points, moves, *SIZE)
    assert field is not None
    assert np.abs(field.at(points) - true).max() < 0.15
    across, down = field.raster()
    row, column = 700, 333
    assert np.allclose(
        field.at(np.array([[column, row]], float))[0], [across[row, column], down[row, column]]
    )
    assert fit_field(points[:4], moves[:4], *SIZE) is None
