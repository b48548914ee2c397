"""What the explorer shows: flows between places, quantities over time, who is around a party, mirror gaps.

Pure functions of declarations; each gives data, and a picture of that data in `pictures`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from . import context
from .goods import STRATEGIC_HEADINGS, TRANSIT_PLACES
from .model import Direction
from .network import CROWDED
from .pictures.graph import Edge, Network, Node, NodeKind
from .pictures.series import Line, series
from .pictures.svg import Picture
from .pictures.words import say
from .pictures.world import Flow

HOME = "CN"


class Goods(StrEnum):
    """Which goods are looked at."""

    ALL = "all"
    STRATEGIC = "strategic"
    OTHER = "other"


def chosen(
    declarations: pl.DataFrame,
    *,
    goods: Goods = Goods.ALL,
    heading: str = "",
    partner: str = "",
    first: date | None = None,
    last: date | None = None,
    direction: Direction | None = None,
) -> pl.DataFrame:
    """Keep the declarations that a person asked to see."""
    strategic = pl.col("hs6").is_in(list(STRATEGIC_HEADINGS))
    kept = declarations
    if goods is not Goods.ALL:
        kept = kept.filter(strategic if goods is Goods.STRATEGIC else ~strategic)
    if heading:
        kept = kept.filter(pl.col("hs6").str.starts_with(heading))
    if partner:
        kept = kept.filter(pl.col("dest") == partner)
    if first is not None:
        kept = kept.filter(pl.col("date") >= first)
    if last is not None:
        kept = kept.filter(pl.col("date") <= last)
    if direction is not None:
        kept = kept.filter(pl.col("direction").fill_null(Direction.EXPORT.value) == direction.value)
    return kept


def flows(declarations: pl.DataFrame, *, home: str = HOME) -> list[Flow]:
    """Kilograms between home and each partner, the largest first. Places of trans-shipment are the ones looked at."""
    table = (
        declarations.filter(pl.col("dest").fill_null("") != "")
        .group_by("dest", pl.col("direction").fill_null(Direction.EXPORT.value).alias("direction"))
        .agg(pl.col("net_kg").sum())
        .sort("net_kg", "dest", descending=[True, False])
    )
    return [
        Flow(dest, home, kg, dest in TRANSIT_PLACES) if direction == Direction.IMPORT.value
        else Flow(home, dest, kg, dest in TRANSIT_PLACES)
        for dest, direction, kg in table.iter_rows()
    ]  # fmt: skip


def months(declarations: pl.DataFrame) -> pl.DataFrame:
    """Declarations, kilograms, value and share through places of trans-shipment by month, in order of time."""
    via = pl.col("dest").is_in(list(TRANSIT_PLACES))
    return (
        declarations.group_by(pl.col("date").dt.truncate("1mo").alias("month"))
        .agg(
            pl.len().alias("declarations"),
            pl.col("net_kg").sum(),
            pl.col("value_usd").sum(),
            (pl.col("net_kg").filter(via).sum() / pl.col("net_kg").sum()).alias("transit_share"),
        )
        .sort("month")
    )


def month_picture(table: pl.DataFrame, column: str, language: str, *, title: str, unit: str = "kg") -> str:
    """Draw one column of `months` over time."""
    lines = [Line("", table[column].to_list(), True)]
    said = "; ".join(f"{m:%Y-%m}: {v:,.2f}" for m, v in table.select("month", column).iter_rows())
    return series(title, said or say("series", language), table["month"].to_list(), lines, unit).svg()


@dataclass(frozen=True, slots=True)
class Gap:
    """One month, partner and heading: both sides, the difference over three months, and how unusual that is."""

    month: date
    partner: str
    heading: str
    declared_kg: float
    reported_kg: float
    gap_kg: float
    spreads: float

    def as_dict(self) -> dict[str, object]:
        """Give it for JSON."""
        return {
            "month": self.month.isoformat()[:7], "partner": self.partner, "heading": self.heading,
            "declared_kg": self.declared_kg, "reported_kg": self.reported_kg, "gap_kg": self.gap_kg,
            "spreads": self.spreads,
        }  # fmt: skip


def gaps(declarations: pl.DataFrame, mirror: pl.DataFrame, *, partner: str = "", heading: str = "",
         least: float = 0.0) -> list[Gap]:  # fmt: skip
    """Gaps between what was declared and what partners report, in either direction, the most unusual first.

    A gap above zero: the partner reports more than was declared for it. One partner and one month prove nothing.
    """
    monthly = (
        declarations.with_columns(month=pl.col("date").dt.truncate("1mo"))
        .group_by("month", "dest", "hs6")
        .agg(pl.col("net_kg").sum())
    )
    table = context.mirror_gaps(monthly, mirror)
    if partner:
        table = table.filter(pl.col("reporter") == partner)
    if heading:
        table = table.filter(pl.col("hs6").str.starts_with(heading))
    table = table.filter(pl.col("gap_z").abs() >= least).sort(
        pl.col("gap_z").abs(), "month", "reporter", "hs6", descending=[True, False, False, False]
    )
    return [
        Gap(r["month"], r["reporter"], r["hs6"], r["declared_kg"], r["reported_kg"], r["gap_kg"], r["gap_z"])
        for r in table.iter_rows(named=True)
    ]


def gap_picture(found: Sequence[Gap], language: str, *, title: str = "") -> str:
    """Draw declared and reported kilograms by month, summed over the gaps given."""
    by_month: dict[date, tuple[float, float]] = {}
    for gap in found:
        declared, reported = by_month.get(gap.month, (0.0, 0.0))
        by_month[gap.month] = declared + gap.declared_kg, reported + gap.reported_kg
    days = sorted(by_month)
    said = "; ".join(f"{m:%Y-%m}: {by_month[m][0]:,.0f} / {by_month[m][1]:,.0f}" for m in days)
    lines = [
        Line(say("declared", language), [by_month[m][0] for m in days]),
        Line(say("reported", language), [by_month[m][1] for m in days], True),
    ]
    made: Picture = series(title or say("mirror", language), said or "—", days, lines, say("kg", language))
    return made.svg()


def around(declarations: pl.DataFrame, party: str, *, hops: int = 2, most: int = 40) -> Network:
    """Who deals with a party, who shares an address or telephone with them, and where the goods go.

    Breadth first, the busiest ties first, at most `most` nodes; crowded addresses tie nobody together.
    """
    ties = _ties(declarations)
    rings: dict[str, int] = {}
    queue: deque[str] = deque()
    for kind in (NodeKind.EXPORTER, NodeKind.CONSIGNEE):
        if f"{kind}:{party}" in ties:
            rings[f"{kind}:{party}"] = 0
            queue.append(f"{kind}:{party}")
    left_out = 0
    while queue:
        node = queue.popleft()
        if rings[node] >= hops or node.startswith(f"{NodeKind.COUNTRY}:"):
            continue
        for other, _ in sorted(ties[node].items(), key=lambda t: (-t[1][0], t[0])):
            if other in rings:
                continue
            if len(rings) >= most:
                left_out += 1
                continue
            rings[other] = rings[node] + 1
            queue.append(other)
    young = _young(declarations)
    nodes = tuple(
        Node(n, NodeKind(n.partition(":")[0]), n.partition(":")[2], ring, ring == 0 or n in young)
        for n, ring in rings.items()
    )
    edges = tuple(
        Edge(a, b, count, kg)
        for a in rings
        for b, (count, kg) in sorted(ties[a].items())
        if b in rings and a < b
    )
    return Network(nodes, edges, left_out)


def _ties(declarations: pl.DataFrame) -> dict[str, dict[str, tuple[int, float]]]:
    pairs = (
        ("exporter", "consignee", NodeKind.EXPORTER, NodeKind.CONSIGNEE),
        ("consignee", "consignee_addr", NodeKind.CONSIGNEE, NodeKind.ADDRESS),
        ("consignee", "consignee_phone", NodeKind.CONSIGNEE, NodeKind.PHONE),
        ("consignee", "dest", NodeKind.CONSIGNEE, NodeKind.COUNTRY),
    )
    ties: dict[str, dict[str, tuple[int, float]]] = {}
    for a, b, kind_a, kind_b in pairs:
        table = (
            declarations.filter((pl.col(a).fill_null("") != "") & (pl.col(b).fill_null("") != ""))
            .group_by(a, b)
            .agg(pl.len(), pl.col("net_kg").sum())
        )
        if kind_b in (NodeKind.ADDRESS, NodeKind.PHONE):
            shared = table.group_by(b).agg(pl.col(a).n_unique().alias("n"))
            table = table.join(shared.filter(pl.col("n").is_between(2, CROWDED)), on=b, how="semi")
        for x, y, count, kg in table.iter_rows():
            one, two = f"{kind_a}:{x}", f"{kind_b}:{y}"
            ties.setdefault(one, {})[two] = (count, kg)
            ties.setdefault(two, {})[one] = (count, kg)
    return ties


def _young(declarations: pl.DataFrame) -> set[str]:
    young = (
        declarations.filter(pl.col("consignee_age_d") < context.YOUNG_DAYS)["consignee"].unique().to_list()
    )
    return {f"{NodeKind.CONSIGNEE}:{name}" for name in young}
