"""Has the world changed? Population stability without outcomes, a change test on outcomes, new parties.

Alarms ask for a look and a larger random share; they switch nothing off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

RECENT_DAYS = 28
PSI_ALARM = 0.25
"""The usual reading of the index: below 0.1 stable, above 0.25 changed."""
LEAST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: what changed, by how much, against which bound."""

    what: str
    value: float
    bound: float

    def as_dict(self) -> dict[str, Any]:
        """Give the alarm for JSON."""
        return {"what": self.what, "value": round(self.value, 4), "bound": self.bound}


def psi(before: NDArray[np.float64], now: NDArray[np.float64], bins: int = 10) -> float:
    """Give the population stability index of two samples over the deciles of the first.

    Sum of (q - p) ln(q / p) over bins, each share at least 1e-4. 0 for equal samples; symmetric.
    """
    before, now = before[np.isfinite(before)], now[np.isfinite(now)]
    if not len(before) or not len(now):
        return 0.0
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    p = np.bincount(np.searchsorted(edges, before), minlength=len(edges) + 1) / len(before)
    q = np.bincount(np.searchsorted(edges, now), minlength=len(edges) + 1) / len(now)
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return float(np.sum((q - p) * np.log(q / p)))


def page_hinkley(values: NDArray[np.float64], *, slack: float = 0.05, bound: float = 12.0) -> int | None:
    """Give the first place where a mean has fallen, by Page's cumulative sum (1954), or None.

    The sum of (running mean - value - slack) is compared with its minimum; it grows when values stay below what
    they were on average.
    """
    total, least, mean = 0.0, 0.0, 0.0
    for count, value in enumerate(values, 1):
        mean += (value - mean) / count
        total += mean - value - slack
        least = min(least, total)
        if total - least > bound:
            return count - 1
    return None


def alarms(declarations: pl.LazyFrame, until: date) -> list[Alarm]:
    """Compare the last four weeks up to a day with all before: price, mass, share of new consignees."""
    price = (pl.col("value_usd") / pl.col("net_kg")).log()
    frame = declarations.select("date", "consignee", price=price, mass=pl.col("net_kg").log()).collect()
    start = until - timedelta(days=RECENT_DAYS - 1)
    before, now = frame.filter(pl.col("date") < start), frame.filter(pl.col("date") >= start)
    if min(len(before), len(now)) < LEAST_ROWS:
        return []
    found = []
    for name in ("price", "mass"):
        value = psi(before[name].to_numpy(), now[name].to_numpy())
        if value > PSI_ALARM:
            found.append(Alarm(f"distribution of {name}", value, PSI_ALARM))
    return found + _newcomers(before, now)


def _newcomers(before: pl.DataFrame, now: pl.DataFrame) -> list[Alarm]:
    """The share of declarations to consignees never seen before, against that of the four weeks before."""
    known = set(before["consignee"].to_list())
    share = _share(~now["consignee"].is_in(list(known)))
    last = before["date"].max()
    assert isinstance(last, date), "there are rows before"
    earlier = before.filter(pl.col("date") <= last - timedelta(days=RECENT_DAYS))
    middle = before.filter(pl.col("date") > last - timedelta(days=RECENT_DAYS))
    if len(earlier) < LEAST_ROWS or middle.is_empty():
        return []
    was = _share(~middle["consignee"].is_in(earlier["consignee"].unique().to_list()))
    spread = 3 * float(np.sqrt(max(was, 0.001) * (1 - was) / len(now)))
    return [Alarm("share of new consignees", share, round(was + spread, 4))] if share > was + spread else []


def _share(true: pl.Series) -> float:
    return float(true.to_numpy().mean()) if len(true) else 0.0


def falling_hits(labels: pl.DataFrame, until: date) -> list[Alarm]:
    """Sound the alarm when the share of inspections that find something falls and stays down."""
    ordered = labels.filter(pl.col("date") <= until).sort("date", "decl_id")
    hits = ordered["label"].cast(pl.Float64).to_numpy()
    where = page_hinkley(hits)
    if where is None:
        return []
    return [
        Alarm(
            "hit rate of inspections fell", float(hits[where:].mean()), round(float(hits[:where].mean()), 4)
        )
    ]
