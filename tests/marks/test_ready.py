"""A page made ready gives the pictures that tinting it anew would give, whole and in tiles."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks.faint import CELL, draw_faint
from sealtrace.marks.ready import ReadyPage
from sealtrace.marks.tint import plan_raster, tint_raster

from ..conftest import page_image


def _page(kind: str) -> NDArray[np.uint8]:
    page = np.asarray(page_image(3, size=(620, 877)).convert("L").convert("RGB")).copy()
    if kind == "colour":
        page[..., 0] = np.minimum(page[..., 0].astype(int) + 40, 255)
    if kind == "photograph":
        steps = np.random.default_rng(1).integers(-3, 4, page.shape)
        page = (np.cumsum(steps, axis=1) % 256).astype(np.uint8)
    if kind == "blank":
        page[:] = 255
    return page


@pytest.mark.parametrize("kind", ["text", "colour", "photograph", "blank"])
def test_a_ready_page_is_tinted_as_the_page_itself(kind: str) -> None:
    page = _page(kind)
    grid, _ = plan_raster(page.shape[1], page.shape[0])
    chips = np.random.default_rng(2).choice([-1, 1], (grid.rows, grid.cols)).astype(np.int8)
    ready = ReadyPage(page, grid)
    made, wanted = ready.mark(chips), tint_raster(page, grid, chips)
    assert (made.ndim == 2) == (kind in ("text", "blank")), "grey pages are kept as one plane"
    if made.ndim == 2:
        made = np.repeat(made[..., None], 3, axis=2)
    apart = np.abs(made[..., ::-1].astype(int) - wanted)
    assert apart.max() <= 1
    assert np.mean(apart > 0) < 0.01, "only pixels on the edge of rounding"
    assert 10 * np.log10(255**2 / np.mean((made[..., ::-1].astype(float) - page) ** 2)) > 42


def test_a_ready_page_takes_a_few_bytes_for_each_inked_pixel() -> None:
    page = _page("text")
    ready = ReadyPage(page, plan_raster(page.shape[1], page.shape[0])[0])
    assert ready.size_bytes == 8 * np.count_nonzero((page != 255).any(axis=2))


def test_the_faint_line_of_tiles_fits_together() -> None:
    text, whole = "op-031  dev-2c70  12345678  2026-03-01 08:00Z", np.full((700, 1300), 255, np.uint8)
    draw_faint(whole, text)
    assert 0.004 < np.mean(whole < 250) < 0.1
    assert whole[: CELL[1], : CELL[0]].min() >= 225, "it stays faint"
    for left, top in ((0, 0), (400, 100), (1000, 350)):
        tile = np.full((300, 300), 255, np.uint8)
        draw_faint(tile, text, (left, top))
        assert np.array_equal(tile, whole[top : top + 300, left : left + 300])
