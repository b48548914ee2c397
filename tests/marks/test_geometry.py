"""Chips on a page and their keyed layout."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.marks.geometry import ChipGrid, Layout, MarkPlan, PagePlan

KEY = bytes(range(32))
A4 = ChipGrid(219, 155, 0.0, 0.0, 1.0, 1.0)

fractions = st.floats(0, 0.4)
grids = st.builds(
    lambda rows, cols, x0, y0, group: ChipGrid(rows, cols, x0, y0, 1 - x0 / 2, 1 - y0 / 3, group),
    st.integers(1, 90), st.integers(1, 90), fractions, fractions, st.integers(0, 2**32 - 1),
)  # fmt: skip
plans = st.builds(PagePlan, grids, st.sampled_from(["under", "over", "raster"]))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 512).map(lambda n: 8 * n), st.lists(st.none() | plans, max_size=6))
def test_a_plan_survives_json(symbols: int, pages: list[PagePlan | None]) -> None:
    plan = MarkPlan(symbols, tuple(pages))
    assert MarkPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_pages_alike_are_written_once() -> None:
    page = PagePlan(A4, "under")
    plan = MarkPlan(2048, (page,) * 400 + (None,))
    assert len(json.dumps(plan.to_dict())) < 2500
    assert MarkPlan.from_dict(plan.to_dict()) == plan


@settings(max_examples=60, deadline=None)
@given(grids, st.integers(1, 64).map(lambda n: 8 * n))
def test_every_symbol_has_as_many_chips_as_any_other(grid: ChipGrid, symbols: int) -> None:
    layout = Layout(KEY, grid, symbols)
    assert layout.index.shape == layout.sign.shape == (grid.rows, grid.cols)
    count = np.bincount(layout.index.ravel(), minlength=symbols)
    assert len(count) == symbols
    assert count.max() - count.min() <= 1
    assert set(np.unique(layout.sign)) <= {-1, 1}


def test_a_layout_never_changes() -> None:
    layout = Layout(KEY, A4, 2048)
    digest = hashlib.sha256(layout.index.astype("<i4").tobytes() + layout.sign.tobytes()).hexdigest()
    assert digest == GOLDEN


GOLDEN = "a014663db37672f844fd45993c3c9845eb0eabf2caa59664559726b7b4499b6a"


def test_layouts_of_other_groups_and_keys_are_independent() -> None:
    first = Layout(KEY, A4, 2048)
    for other in (
        Layout(KEY, ChipGrid(219, 155, 0, 0, 1, 1, group=1), 2048),
        Layout(bytes(32), A4, 2048),
    ):
        assert np.mean(first.index == other.index) < 0.002
        assert abs(np.mean(first.sign == other.sign) - 0.5) < 0.02
    same_group = Layout(KEY, ChipGrid(219, 155, 0.1, 0.1, 0.9, 0.9), 2048)
    assert np.array_equal(first.index, same_group.index)


def test_signs_are_balanced_and_unlike_their_neighbours() -> None:
    sign = Layout(KEY, A4, 2048).sign.astype(float)
    n = sign.size
    assert abs(sign.mean()) < 4 / np.sqrt(n)
    assert abs((sign[1:] * sign[:-1]).mean()) < 4 / np.sqrt(n)
    assert abs((sign[:, 1:] * sign[:, :-1]).mean()) < 4 / np.sqrt(n)


def test_a_quarter_of_a_page_holds_nearly_every_symbol() -> None:
    index = Layout(KEY, A4, 2048).index
    for top, left in ((0, 0), (110, 78), (40, 31), (73, 5)):
        piece = np.unique(index[top : top + 109, left : left + 77])
        assert len(piece) > 0.975 * 2048  # 8,393 chips thrown at random would miss 1.7 %


def test_chips_show_bits_upright_or_inverted() -> None:
    layout = Layout(KEY, ChipGrid(9, 7, 0, 0, 1, 1), 16)
    bits = np.random.default_rng(1).integers(0, 2, 16).astype(np.uint8)
    chips = layout.chips(bits)
    assert chips.dtype == np.int8
    for r in range(9):
        for c in range(7):
            assert chips[r, c] == layout.sign[r, c] * (1 if bits[layout.index[r, c]] else -1)
    assert np.array_equal(layout.chips(1 - bits), -chips)


def test_pitch_is_in_the_rendering_s_units() -> None:
    across, down = ChipGrid(10, 20, 0.1, 0.2, 0.9, 0.7).pitch(1000, 400)
    assert (across, down) == (pytest.approx(40), pytest.approx(20))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ChipGrid(0, 5, 0, 0, 1, 1),
        lambda: ChipGrid(5, 5, 0.5, 0, 0.5, 1),
        lambda: ChipGrid(5, 5, 0, -0.1, 1, 1),
        lambda: ChipGrid(5, 5, 0, 0, 1, 1.01),
        lambda: ChipGrid(5, 5, 0, 0, float("nan"), 1),
        lambda: ChipGrid(5, 5, 0, 0, 1, 1, group=-1),
        lambda: PagePlan(A4, "beside"),
        lambda: MarkPlan(12),
        lambda: MarkPlan(-8),
        lambda: Layout(KEY, A4, 0),
        lambda: Layout(KEY, A4, 16).chips(np.zeros(8, np.uint8)),
    ],
)
def test_impossible_values_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        wrong()  # type: ignore[operator]  # each is a constructor call
