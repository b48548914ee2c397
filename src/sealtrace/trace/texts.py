"""Which held text a leaked text comes from: votes of its parts, with ties reported, never forced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sealtrace.content.text_index import TextIndex

MAX_PARTS = 40  # parts of a leaked document that vote; the longest ones
TIE = 0.98  # versions within 2 % of the best matched share fit equally well


@dataclass(frozen=True, slots=True)
class TextVote:
    """The version rows that a text fits best, best first, and where in the best one it stands."""

    tied: tuple[int, ...]
    part: int
    share: float

    @property
    def best(self) -> int:
        """The version row that fits best."""
        return self.tied[0]


def vote(
    texts: Sequence[str], index: TextIndex, place_of: Callable[[int], tuple[int, int] | None]
) -> TextVote | None:
    """Find the versions a text's parts come from; None when nothing held is near.

    `place_of` turns a text unit into its version row and part number. Each part gives each version the
    share of its grams found there; shares are weighted by the part's length.
    """
    matched: dict[int, float] = defaultdict(float)
    where: dict[int, tuple[float, int]] = {}
    total = 0
    for text in sorted(texts, key=len, reverse=True)[:MAX_PARTS]:
        hits = index.search(text)
        best: dict[int, tuple[float, int]] = {}
        for hit in hits:
            place = place_of(hit.unit)
            if place is not None and hit.matched > best.get(place[0], (0.0, 0))[0]:
                best[place[0]] = (hit.matched, place[1])
        total += max((hit.total for hit in hits), default=len(text))
        for row, (grams, part) in best.items():
            matched[row] += grams
            where[row] = max(where.get(row, (0.0, 0)), (grams, part))
    if not matched:
        return None
    order = sorted(matched, key=lambda row: (-matched[row], -row))
    top = matched[order[0]]
    tied = tuple(row for row in order if matched[row] >= TIE * top)
    return TextVote(tied, where[tied[0]][1], min(1.0, top / max(total, 1)))
