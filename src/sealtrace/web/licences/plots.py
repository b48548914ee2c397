"""Figures as geometry: values in, coordinates out; the templates only draw them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sealtrace.licences.review.board import Statistics
from sealtrace.licences.store import LineRow

from . import words

WIDTH, HEIGHT = 640, 170  # of a plot, user units
LEFT, BASE, TOP = 56, 140, 20
LIMIT_DAYS = 45
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place, size, what it stands for and its value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        """Where its value stands."""
        return round(self.y - 5, 1)

    @property
    def end(self) -> float:
        """Where the value of a lying bar stands."""
        return round(self.x + self.width + 6, 1)


def account(line: LineRow) -> dict[str, Any]:
    """A line of a quantity account: parts in mg, and as shares of the grant in percent, rounded down."""
    balance = line.balance
    granted = balance.granted.element_mg
    parts = {
        k: getattr(balance, k).element_mg for k in ("granted", "drawn", "reserved", "lapsed", "available")
    }
    share = {k: int(v * 1000 // granted) / 10 if granted else 0.0 for k, v in parts.items()}
    return {"key": line.key, **parts, "drawn_share": share["drawn"], "reserved_share": share["reserved"],
            "number": f"{line.key.entry}-{line.key.element}".replace(".", "-")}  # fmt: skip


def standing(values: dict[str, int]) -> list[Bar]:
    """Upright bars, evenly spread, the largest value at the full height."""
    if not values:
        return []
    step = (WIDTH - LEFT) / len(values)
    wide, top = min(step * 0.7, 48), max(*values.values(), 1)
    bars = []
    for n, (label, value) in enumerate(values.items()):
        height = round(value / top * (BASE - TOP), 1)
        bars.append(
            Bar(round(LEFT + n * step + (step - wide) / 2, 1), BASE - height, wide, height, label, value)
        )
    return bars


def lying(values: dict[str, int]) -> list[Bar]:
    """Lying bars, one a row, largest first."""
    top = max([*values.values(), 1])
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Bar(LEFT, 8 + n * 28, round(v / top * (WIDTH - LEFT - 120), 1), 18, k, v)
        for n, (k, v) in enumerate(ordered)
    ]


def figures(found: Statistics) -> dict[str, Any]:
    """Everything the page of figures draws, with the tables behind."""
    months = sorted({m for m, _element, _to in found.quantities})[-MONTHS:]
    elements = sorted({e for _month, e, _to in found.quantities})
    by_element = [
        {"element": e, "bars": standing({m: _sum(found, m, e) for m in months})} for e in elements
    ]  # fmt: skip
    to: Counter[str] = Counter()
    for (_month, _element, destination), mg in found.quantities.items():
        to[destination] += mg
    destinations = lying(dict(to))
    return {
        "found": found, "by_element": by_element, "destinations": destinations,
        "destinations_height": 16 + 28 * len(destinations), "days": _days(found.working_days),
        "rows": sorted((*key, mg) for key, mg in found.quantities.items()), "base": BASE, "left": LEFT,
        "width": WIDTH, "height": HEIGHT, "median": _median(found.working_days),
    }  # fmt: skip


def counts(kept: dict[str, Any], made: dict[str, Any]) -> list[tuple[object, object, object]]:
    """Two statistics side by side: each state and outcome, late cases, days, and the drawn mg of each element."""
    sides = []
    for said in (kept, made):
        elements: Counter[str] = Counter()
        for row in said["quantities"]:
            elements[row["element"]] += row["element_mg"]
        sides.append(
            {**{words.STATES.get(k, k): n for k, n in said["by_state"].items()},
             **{_("Outcome: %s") % words.STATES.get(k, k): n for k, n in said["by_outcome"].items()},
             **{_("Appeals: %s") % words.APPEALS[k]: n for k, n in said["appeals"].items()},
             _("Late"): said["late"], _("Working days, added up"): sum(said["working_days"]),
             **{f"{e}, mg": f"{mg:,}" for e, mg in sorted(elements.items())}}
        )  # fmt: skip
    return [(k, sides[0].get(k, "–"), sides[1].get(k, "–")) for k in dict.fromkeys((*sides[0], *sides[1]))]


def _sum(found: Statistics, month: str, element: str) -> int:
    return sum(mg for (m, e, _to), mg in found.quantities.items() if (m, e) == (month, element))


def _days(days: tuple[int, ...]) -> dict[str, Any]:
    """Decided cases by working days, five to a bar, with the limit of 45."""
    last = max([LIMIT_DAYS, *days]) // 5
    counts = Counter(d // 5 for d in days)
    bars = standing({f"{5 * n}–{5 * n + 4}": counts[n] for n in range(last + 1)})
    step = (WIDTH - LEFT) / (last + 1)
    return {"bars": bars, "limit": round(LEFT + (LIMIT_DAYS + 1) / 5 * step, 1)}


def _median(days: tuple[int, ...]) -> int | None:
    return days[len(days) // 2] if days else None
