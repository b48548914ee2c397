"""The plot of scores and the figures beside it."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sealtrace.web.custody import measured, plot

scores = st.floats(-400, 4000) | st.just(float("-inf"))


@given(
    st.lists(st.tuples(st.text("0123456789ABC", min_size=4, max_size=8), scores), max_size=40),
    st.floats(5, 60),
    st.none() | st.floats(-50, 50),
)
def test_every_dot_and_label_lies_on_the_plot(others, threshold, runner_up) -> None:
    drawn = plot.plot(others, [("C1…", threshold + 3)], threshold, runner_up)
    places = [float(x) for x in re.findall(r"M(-?[\d.]+) ", drawn.dots)]
    labels = [drawn.threshold, *drawn.named, *([drawn.next] if drawn.next else [])]
    assert len(places) == len(others)
    assert all(plot.LEFT <= x <= plot.RIGHT for x in [*places, *(label.x for label in labels)])
    assert drawn.named[0].x > drawn.threshold.x
    assert [x for x, _ in drawn.ticks] == sorted(x for x, _ in drawn.ticks)


def test_the_figures_stand_in_the_benchmarks_page() -> None:
    printed = Path("docs/benchmarks.md").read_text("utf-8")
    for test in (*measured.BY_CHANNEL.values(), measured.LUCK):
        assert test.figure in printed
        assert test.command in printed
