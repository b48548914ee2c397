"""The customs desk: one function per thing an officer looks at. Screens call these and draw nothing themselves.

`open_desk` reads a folder once; everything else answers from memory in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from sealtrace.errors import InputMissing, NotRegistered

from . import network, reasons
from .declarations import find, newest, read
from .desk import Surroundings, Weighed, weigh
from .doubts import doubt
from .flows import Gap, Goods, around, chosen, flows, gap_picture, gaps, month_picture, months
from .goods import STRATEGIC_HEADINGS
from .model import COLUMNS, Kind, Problem, Reason
from .network import Motif
from .pictures.checks import picture
from .pictures.graph import Network, draw
from .pictures.world import flow_map
from .ranking import Ranking, papers, rank

LOTS_DAYS = 10


@dataclass
class Desk:
    """A season of declarations, ranked and weighed, and ready to be looked at."""

    ranking: Ranking
    weighed: Weighed
    around: Surroundings
    declarations: pl.DataFrame

    @cached_property
    def rank_of(self) -> dict[str, int]:
        """The rank of each declaration, from 1."""
        return {name: place for place, name in enumerate(self.ranking.decl_id, 1)}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each declaration in the weighed frame."""
        return {name: place for place, name in enumerate(self.weighed.frame["decl_id"].to_list())}

    @property
    def problems(self) -> list[Problem]:
        """Rows that could not be read."""
        return self.ranking.problems


def open_desk(folder: Path, *, labels: pl.DataFrame | None = None, until: date | None = None) -> Desk:
    """Read, rank and weigh a folder of declarations, up to a day when one is given.

    Raises:
        InputMissing: the folder has no declarations.
    """
    ranking = rank(folder, labels=labels, until=until, explain=False)
    source = find(folder, "declarations")
    if source is None:
        raise InputMissing(f"{folder} has no declarations.csv, .parquet or .jsonl")
    kinds = {**COLUMNS, "label_observed": Kind.NUMBER} if labels is None else dict(COLUMNS)
    rows = newest(batch.frame for batch in read(source, kinds=kinds))
    if until is not None:
        rows = rows.filter(pl.col("date") <= until)
    known = labels
    if known is None and rows["label_observed"].is_not_null().any():
        seen = rows.filter(pl.col("label_observed").is_in([0.0, 1.0]))
        known = seen.select("decl_id", "date", pl.col("label_observed").alias("label"))
    if known is not None and until is not None:
        known = known.filter(pl.col("date") <= until)
    surroundings = Surroundings.fit(rows.lazy(), papers(folder, known, until))
    return Desk(ranking, weigh(surroundings.gather(rows)), surroundings, rows.select(*COLUMNS))


@dataclass(frozen=True, slots=True)
class Why:
    """One reason with its picture and a harmless explanation."""

    reason: Reason
    name: str
    picture: str | None
    doubt: str

    def as_dict(self) -> dict[str, Any]:
        """Give it for JSON."""
        return {**self.reason.as_dict(), "name": self.name, "picture": self.picture, "doubt": self.doubt}


@dataclass(frozen=True, slots=True)
class Alert:
    """A declaration as an officer looks at it: what it says, where it ranks, and why."""

    declaration: Mapping[str, Any]
    rank: int
    of: int
    score: float
    evidence: float
    breach: bool
    why: tuple[Why, ...]
    outcomes: tuple[tuple[str, bool], ...]
    """Earlier outcomes of the same pair of parties: day, fraud."""

    def as_dict(self) -> dict[str, Any]:
        """Give it for JSON."""
        row = {k: v.isoformat() if isinstance(v, date) else v for k, v in self.declaration.items()}
        return {
            "declaration": row, "rank": self.rank, "of": self.of, "score": self.score, "evidence": self.evidence,
            "breach": self.breach, "why": [w.as_dict() for w in self.why],
            "outcomes": [{"date": day, "fraud": fraud} for day, fraud in self.outcomes],
        }  # fmt: skip


def queue(desk: Desk, language: str, *, start: int = 0, limit: int = 50, office: str = "",
          pictures: bool = False) -> list[Alert]:  # fmt: skip
    """The declarations to look at first, best first; of one office when it is named."""
    names = desk.ranking.decl_id
    if office:
        mine = set(desk.declarations.filter(pl.col("office") == office)["decl_id"].to_list())
        names = [name for name in names if name in mine]
    return _alerts(desk, names[start : start + limit], language, pictures=pictures)


def alert(desk: Desk, decl_id: str, language: str) -> Alert:
    """One declaration with its reasons and their pictures. Raises NotRegistered."""
    if decl_id not in desk.row_of:
        raise NotRegistered(f"no declaration has the number {decl_id!r}", advice="Check the number.")
    return _alerts(desk, [decl_id], language, pictures=True)[0]


def _alerts(desk: Desk, names: list[str], language: str, *, pictures: bool) -> list[Alert]:
    places = [desk.row_of[name] for name in names]
    frame = desk.weighed.frame[places]
    rows = list(frame.iter_rows(named=True))
    parts = {n: v[places] for n, v in desk.weighed.parts.items()}
    scores = {n: v[places] for n, v in desk.weighed.scores.items()}
    found = reasons.reasons(rows, parts, scores, desk.weighed.calibration, language)
    made = []
    for name, place, row, why in zip(names, places, rows, found, strict=True):
        facts = _more(desk, row) if pictures else row
        made.append(
            Alert(
                {n: row.get(n) for n in COLUMNS}, desk.rank_of[name], len(desk.ranking.decl_id),
                float(desk.ranking.score[desk.rank_of[name] - 1]), float(desk.weighed.total[place]),
                bool(desk.weighed.exact[place]),
                tuple(
                    Why(r, reasons.named(r.check, language),
                        picture(r.check, facts, r.text, language) if pictures else None, doubt(r.check, language))
                    for r in why
                ),
                _outcomes(desk, row) if pictures else (),
            )
        )  # fmt: skip
    return made


def _more(desk: Desk, row: Mapping[str, Any]) -> dict[str, Any]:
    """What only pictures need: the pair's small lots one by one, the partner's gaps month by month."""
    facts = dict(row)
    pair = desk.declarations.filter(
        (pl.col("exporter") == row["exporter"]) & (pl.col("consignee") == row["consignee"])
        & (pl.col("date") - pl.lit(row["date"])).dt.total_days().abs().le(LOTS_DAYS)
    ).sort("date", "decl_id")  # fmt: skip
    facts["lots"] = list(pair.select("date", "net_kg").iter_rows())
    table = desk.around.gaps
    if table is not None and row.get("mirror_excess_kg") is not None:
        mine = table.filter(
            (pl.col("reporter") == row["dest"]) & pl.col("hs6").is_in(list(STRATEGIC_HEADINGS))
        )
        monthly = (
            mine.group_by("month").agg(pl.col("declared_kg").sum(), pl.col("reported_kg").sum()).sort("month")
        )
        facts["gaps"] = list(monthly.select("month", "declared_kg", "reported_kg").iter_rows())
    return facts


def _outcomes(desk: Desk, row: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    labels = desk.around.labels
    if labels is None:
        return ()
    same = labels.filter((pl.col("exporter") == row["exporter"]) & (pl.col("consignee") == row["consignee"]))
    days = same.with_columns(day=pl.col("known_day").cast(pl.Date)).sort("known_day", descending=True)
    return tuple((d.isoformat(), bool(label)) for d, label in days.select("day", "label").iter_rows())


def network_of(
    desk: Desk, party: str, language: str, *, hops: int = 2, most: int = 40
) -> tuple[Network, str]:
    """Who is around a party, as data and as a picture. Raises NotRegistered when nobody of that name declares."""
    found = around(desk.declarations, party, hops=hops, most=most)
    if not found.nodes:
        raise NotRegistered(
            f"no party is called {party!r}", advice="Use the name as it stands in declarations."
        )
    return found, draw(found, language, title=party)


def motifs(desk: Desk, *, limit: int = 50) -> list[Motif]:
    """Shapes of trade that honest trade rarely takes: shared doors, rotation, hubs; each kind strongest first."""
    kinds = (network.shared_doors, network.rotations, network.hubs)
    return [motif for find_them in kinds for motif in find_them(desk.declarations)[:limit]]


def goods_map(desk: Desk, language: str, *, goods: Goods = Goods.ALL, heading: str = "", first: date | None = None,
              last: date | None = None) -> tuple[list[tuple[str, str, float]], str]:  # fmt: skip
    """Where goods go, as (from, to, kilograms) and as a map."""
    found = flows(chosen(desk.declarations, goods=goods, heading=heading, first=first, last=last))
    return [(f.source, f.target, f.kg) for f in found], flow_map(found, language)


def over_time(desk: Desk, column: str, language: str, *, goods: Goods = Goods.ALL, heading: str = "",
              partner: str = "", title: str = "") -> tuple[pl.DataFrame, str]:  # fmt: skip
    """Declarations, net_kg, value_usd or transit_share by month, as a table and as a plot."""
    table = months(chosen(desk.declarations, goods=goods, heading=heading, partner=partner))
    units = {"declarations": "n", "net_kg": "kg", "value_usd": "USD", "transit_share": ""}
    return table, month_picture(table, column, language, title=title or column, unit=units[column])


def mirror(desk: Desk, language: str, *, partner: str = "", heading: str = "",
           least: float = 0.0) -> tuple[list[Gap], str]:  # fmt: skip
    """Gaps to partners' statistics in either direction, the most unusual first; declared beside reported by month."""
    statistics = desk.around.papers.mirror
    if statistics is None:
        return [], gap_picture([], language)
    found = gaps(desk.declarations, statistics, partner=partner, heading=heading, least=least)
    return found, gap_picture(found, language)


def summary(desk: Desk) -> dict[str, Any]:
    """Counts for the statistics page: declarations, offices, breaches, inspected, confirmed, alarms."""
    labels = desk.around.labels
    by_office = desk.declarations.group_by("office").agg(pl.len()).sort("office")
    return {
        "declarations": len(desk.declarations), "breaches": int(desk.ranking.exact.sum()),
        "inspected": 0 if labels is None else len(labels),
        "confirmed": 0 if labels is None else int(labels["label"].sum()),
        "offices": dict(by_office.iter_rows()), "alarms": [a.as_dict() for a in desk.ranking.alarms],
    }  # fmt: skip
