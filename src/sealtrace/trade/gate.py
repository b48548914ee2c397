"""The gate: one declaration as it is lodged, scored against everything known, with reasons, in milliseconds.

The same checks and the same model as for millions of rows; only the context comes from look-ups that were built
once instead of from joins. A declaration is compared with those before it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from . import context, evidence, learn, reasons
from .algebra import Row
from .checks import FACTS, FIRST, SECOND
from .desk import Surroundings, Weighed
from .evidence import Floats
from .goods import STRATEGIC_HEADINGS, TRANSIT_PLACES
from .model import Reason
from .peers import prepare_row
from .text import contradiction


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says: evidence, the joint rank score, whether the books are breached, and why."""

    score: float
    evidence: float
    exact: bool
    reasons: tuple[Reason, ...]
    raised: tuple[str, ...]
    facts: Mapping[str, Any]
    """The row with everything the checks compared it with: what pictures are drawn from."""


class Gate:
    """Look-ups over weighed history. Building costs one pass; an answer costs a few milliseconds at most."""

    def __init__(self, around: Surroundings, history: Weighed, model: learn.Model | None) -> None:
        """Index the history: `history` was weighed with `around`."""
        self._around, self._calibration = around, history.calibration
        self._peers = around.peers.index()
        self._booster: Any = model.booster() if model else None
        self._weight = model.weight if model else 0.0
        self._totals = np.sort(history.total)
        self._learned = self._sorted_predictions(history) if model else np.zeros(0)
        self._profile()
        self._history(history)
        self._record = {kind: _cumulative(around.labels, keys) for kind, keys in context.RECORD_KEYS.items()}
        self._mirror = _by_key(context.mirrored(_mirror_probe(around.gaps), around.gaps), ("dest", "month"))
        xrf, licences = around.papers.xrf, around.papers.licences
        self._readings = {} if xrf is None else _by_key(xrf, ("decl_id",))
        self._licences = {} if licences is None else _by_key(licences, ("licence",))

    def _sorted_predictions(self, history: Weighed) -> Floats:
        x = learn.features(history.frame, history.parts, history.total)
        predicted = np.asarray(self._booster.predict(x, num_threads=1), dtype=np.float64)
        return np.sort(predicted)

    def _profile(self) -> None:
        profile = self._around.profile
        self._consignees = _by_key(profile.consignee, ("consignee",))
        self._shown = [
            _by_key(t, ("consignee", n)) for n, t in zip(profile.SHOWN, profile.shown, strict=True)
        ]
        self._shared = [_by_key(t, (n,)) for n, t in zip(profile.SHARED, profile.shared, strict=True)]

    def _history(self, history: Weighed) -> None:
        frame = history.frame
        self._pairs: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
        self._young: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._drawn: dict[str, float] = defaultdict(float)
        self._exporters: dict[str, tuple[int, float]] = {}
        self._quarters: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
        columns = ("exporter", "consignee", "day", "net_kg", "consignee_age_d", "licence", "date", "transit")
        rows = frame.select(*columns).with_columns(e=history.total).sort("day", "consignee")
        for exporter, consignee, day, net, age, licence, at, transit, e in rows.iter_rows():
            self._pairs[exporter, consignee].append((day, net, e))
            if age is not None and age < context.YOUNG_DAYS:
                self._young[exporter].append((day, consignee))
            if licence:
                self._drawn[licence] += net
            n, via = self._exporters.get(exporter, (0, 0.0))
            self._exporters[exporter] = (n + 1, via + transit)
            n, via_now = self._quarters[exporter].get(_quarter(at), (0, 0))
            self._quarters[exporter][_quarter(at)] = (n + 1, via_now + transit)

    def answer(self, declaration: Mapping[str, Any], *, language: str = "en") -> Answer:
        """Score one declaration, given with the columns of `model.COLUMNS`; missing ones are unknown."""
        row = self._gathered(declaration)
        scores = evidence.scores_of_row(row, FIRST)
        row.update(self._companions(row))
        scores |= evidence.scores_of_row(row, SECOND)
        parts = evidence.nats(self._calibration, scores)
        total = evidence.total(parts)
        exact = any(parts[c.name][0] > 0 for c in FIRST if c.exact)
        score = _tail(self._totals, float(total[0]))
        raised: tuple[str, ...] = ()
        if self._booster is not None:
            x = learn.features_of_row(row, parts, total)
            score += self._weight * _tail(self._learned, float(self._booster.predict(x, num_threads=1)[0]))
            raised = tuple(name for name, _ in learn.shares(self._booster, x)[0])
        row |= {name: formula(Row(row)).value for name, formula in FACTS.items()}
        why = reasons.reasons([row], parts, scores, self._calibration, language)[0]
        return Answer(score + (100.0 if exact else 0.0), float(total[0]), exact, tuple(why), raised, row)

    def _gathered(self, declaration: Mapping[str, Any]) -> dict[str, Any]:
        row = prepare_row(declaration)
        self._peers.attach(row)
        self._add_profile(row)
        self._add_exporter(row)
        self._add_papers(row)
        return row

    def _add_profile(self, row: dict[str, Any]) -> None:
        known = self._consignees.get((row["consignee"],), {})
        row["consignee_n"] = known.get("consignee_n", 0) + 1
        row["consignee_age_mid"] = known.get("consignee_age_mid", row["consignee_age_d"])
        for name, table in zip(context.Profile.SHOWN, self._shown, strict=True):
            row[f"{name}_n"] = table.get((row["consignee"], row[name]), {}).get(f"{name}_n", 0) + 1
        for name, table in zip(context.Profile.SHARED, self._shared, strict=True):
            row[f"{name}_shared"] = table.get((row[name],), {}).get(f"{name}_shared")
        row["transit"] = row["dest"] in TRANSIT_PLACES

    def _add_exporter(self, row: dict[str, Any]) -> None:
        day, exporter, pair = (
            row["day"],
            row["exporter"],
            self._pairs.get((row["exporter"], row["consignee"]), []),
        )
        near = [n for d, n, _ in pair if abs(d - day) <= context.SPLIT_DAYS and n < context.SMALL_LOT_KG]
        small = row["net_kg"] is not None and row["net_kg"] < context.SMALL_LOT_KG
        row["small_lots"] = len(near) + 1 if small else None
        row["small_lots_kg"] = sum(near) + row["net_kg"] if small else None
        young = row["consignee_age_d"] is not None and row["consignee_age_d"] < context.YOUNG_DAYS
        row["fresh_consignees"] = len(self._fresh(exporter, day) | {row["consignee"]}) if young else None
        n, via = self._exporters.get(exporter, (0, 0.0))
        row["exporter_n"], row["exporter_transit_share"] = n + 1, (via + row["transit"]) / (n + 1)
        row.update(self._shift(exporter, row["date"], row["transit"]))

    def _fresh(self, exporter: str, day: int) -> set[str]:
        used = self._young.get(exporter, [])
        start = bisect_left(used, (day - context.ROTATION_DAYS, ""))
        return {consignee for d, consignee in used[start:] if d <= day}

    def _shift(self, exporter: str, at: date, transit: bool) -> dict[str, float | None]:
        quarters = self._quarters.get(exporter, {})
        start = _quarter(at)
        earlier = [counts for quarter, counts in quarters.items() if quarter < start]
        n_before, via_before = sum(n for n, _ in earlier), sum(via for _, via in earlier)
        if n_before < context.PAST_ENOUGH:
            return {"transit_jump": None, "transit_now": None, "transit_before": None}
        n, via_now = quarters.get(start, (0, 0))
        n, via_now = n + 1, via_now + transit
        share = (via_before + 1) / (n_before + 3)
        jump = (via_now - n * share) / math.sqrt(n * share * (1 - share))
        return {"transit_jump": jump, "transit_now": via_now / n, "transit_before": via_before / n_before}

    def _add_papers(self, row: dict[str, Any]) -> None:
        licence = row["licence"]
        granted = self._licences.get((licence,), {}) if licence else {}
        row["drawn_kg"] = self._drawn.get(licence, 0.0) + row["net_kg"] if licence else None
        for name in ("licence_holder", "licence_element", "grant_kg"):
            row[name] = granted.get(name)
        absent = dict.fromkeys(("xrf_element", "xrf_wt_pct", "xrf_lod"))
        row.update(self._readings.get((row["decl_id"],), absent))
        verdict = self._around.headings.judge(row["hs6"], row["desc"])
        row["text_doubt"] = contradiction(verdict, row["hs6"], row["decl_element"])
        row["text_better"], row["text_named"] = verdict.better, " ".join(sorted(verdict.named))
        mirror = self._mirror.get((row["dest"], row["month"]), {})
        hidden = row["hs6"] not in STRATEGIC_HEADINGS
        for name in ("mirror_excess_z", "mirror_excess_kg"):
            row[name] = mirror.get(name) if hidden else None
        for kind, keys in context.RECORD_KEYS.items():
            held = self._record[kind].get(tuple(row[k] for k in keys), [])
            at = bisect_left(held, row["day"], key=lambda entry: entry[0])
            row[f"{kind}_seen"], row[f"{kind}_hits"] = held[at - 1][1:] if at else (0, 0)

    def _companions(self, row: Mapping[str, Any]) -> dict[str, Any]:
        pair = self._pairs.get((row["exporter"], row["consignee"]), [])
        near = [e for d, _, e in pair if abs(d - row["day"]) <= context.PAIR_DAYS]
        return {
            "pair_others": len(near) or None,
            "pair_evidence": sum(near) / len(near) if near else None,
            "evidence_mean": self._calibration.mean,
        }


def _quarter(at: date) -> date:
    return date(at.year, 3 * ((at.month - 1) // 3) + 1, 1)


def _tail(ordered: Floats, value: float) -> float:
    above = len(ordered) - int(np.searchsorted(ordered, value, side="left"))
    return -math.log(max(above, 1) / len(ordered))


def _by_key(table: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[k] for k in keys): row for row in table.iter_rows(named=True)}


def _mirror_probe(gaps: pl.DataFrame | None) -> pl.DataFrame:
    """Every partner and month once, as rows of a heading that is not strategic."""
    if gaps is None:
        return pl.DataFrame(schema={"dest": pl.String, "month": pl.Date, "hs6": pl.String})
    months = gaps.select(month=pl.concat([gaps["month"], gaps["month"].dt.offset_by("-1mo")]).unique())
    return gaps.select(dest="reporter").unique().join(months, how="cross").with_columns(hs6=pl.lit("000000"))


def _cumulative(
    labels: pl.DataFrame | None, keys: tuple[str, ...]
) -> dict[tuple[Any, ...], list[tuple[int, int, int]]]:
    """Running (day, seen, hits) of each key, by day."""
    found: dict[tuple[Any, ...], list[tuple[int, int, int]]] = defaultdict(list)
    if labels is None:
        return found
    for row in labels.sort("known_day").iter_rows(named=True):
        key = tuple(row[k] for k in keys)
        if all(key):
            _, seen, hits = found[key][-1] if found[key] else (0, 0, 0)
            found[key].append((row["known_day"], seen + 1, hits + int(row["label"])))
    return found
