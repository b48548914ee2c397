"""Which held text a leaked text comes from: windows of it vote, the best is compared, ties are reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sealtrace.content.text_index import MIN_ALIKE, TextIndex, alike

WINDOW, STEP = 320, 240  # characters; an excerpt pasted among other text fills a window of its own
MAX_WINDOWS = 60  # spread evenly over a long leak
TIE = 0.98  # versions within 2 % of the best fit equally well


@dataclass(frozen=True, slots=True)
class TextVote:
    """The version rows that a text fits best, best first; where in the best one, and how well it fits."""

    tied: tuple[int, ...]
    part: int
    likeness: float

    @property
    def best(self) -> int:
        """The version row that fits best."""
        return self.tied[0]


@dataclass(slots=True)
class _Standing:
    """What windows gave one version: all their scores, and the best window with its part."""

    score: float = 0.0
    best: float = 0.0
    part: int = 0
    window: str = ""


def vote(
    texts: Sequence[str],
    index: TextIndex,
    place_of: Callable[[int], tuple[int, int] | None],
    text_of: Callable[[int, int], str],
) -> TextVote | None:
    """Find the versions a text comes from; None when nothing held has its words in their order.

    `place_of` turns a text unit into its version row and part number, `text_of` gives a part's text.
    """
    standings: dict[int, _Standing] = defaultdict(_Standing)
    for window in _windows(texts):
        seen: dict[int, tuple[float, int]] = {}
        for hit in index.search(window):
            place = place_of(hit.unit)
            if place is not None and hit.score > seen.get(place[0], (0.0, 0))[0]:
                seen[place[0]] = (hit.score, place[1])
        for row, (score, part) in seen.items():
            standing = standings[row]
            standing.score += score
            if score > standing.best:
                standing.best, standing.part, standing.window = score, part, window
    if not standings:
        return None
    order = sorted(standings, key=lambda row: (-standings[row].score, -row))
    top = standings[order[0]]
    likeness = alike(top.window, text_of(order[0], top.part))
    if likeness < MIN_ALIKE:
        return None
    tied = tuple(row for row in order if standings[row].score >= TIE * top.score)
    return TextVote(tied, top.part, likeness)


def _windows(texts: Sequence[str]) -> Iterator[str]:
    found = [
        text[at : at + WINDOW] for text in texts for at in range(0, max(1, len(text) - WINDOW // 4), STEP)
    ]
    found = [window for window in found if window.strip()]
    stride = max(1, -(-len(found) // MAX_WINDOWS))
    yield from found[::stride]
