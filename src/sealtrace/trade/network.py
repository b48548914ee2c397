"""Networks: who is tied to whom, and shapes of trade that honest trade rarely takes.

Each function is pure: declarations in, motifs out, strongest first. A motif is a place to look, with the figures
that made it stand out; it accuses nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from .goods import STRATEGIC_HEADINGS, TRANSIT_PLACES

CROWDED = 12
"""An address or telephone of more consignees than this is an agent's or a free zone's, and ties nobody together."""
YOUNG_DAYS, ROTATION_DAYS = 365, 90


class Shape(StrEnum):
    """What kind of motif."""

    SHARED_DOOR = "shared door"
    ROTATION = "rotation"
    HUB = "hub"
    CIRCLE = "circle"


@dataclass(frozen=True, slots=True)
class Motif:
    """A shape in the network: the names in it, how strong it is, and the figures behind that."""

    shape: Shape
    names: tuple[str, ...]
    strength: float
    figures: Mapping[str, float]


def shared_doors(declarations: pl.DataFrame) -> list[Motif]:
    """Give groups of consignees tied by addresses and telephones, largest share of young ones first.

    Ties are transitive: A and B share an address, B and C a telephone. Groups of one are left out.
    """
    import rustworkx as rx

    names = declarations["consignee"].unique().sort().to_list()
    place = {name: at for at, name in enumerate(names)}
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(names)
    for column in ("consignee_addr", "consignee_phone"):
        groups = (
            declarations.filter(pl.col(column).fill_null("") != "")
            .group_by(column)
            .agg(pl.col("consignee").unique().sort())
            .filter(pl.col("consignee").list.len().is_between(2, CROWDED))
        )
        for members in groups["consignee"].to_list():
            graph.add_edges_from([(place[members[0]], place[other], column) for other in members[1:]])
    young = dict(
        declarations.group_by("consignee")
        .agg((pl.col("consignee_age_d").min() < YOUNG_DAYS).fill_null(False))
        .iter_rows()
    )
    exporters = dict(declarations.group_by("consignee").agg(pl.col("exporter").unique()).iter_rows())
    found = []
    for component in rx.connected_components(graph):
        if len(component) < 2:
            continue
        members = sorted(graph[at] for at in component)
        fresh = sum(young[m] for m in members)
        senders = set().union(*(exporters[m] for m in members))
        figures = {"consignees": len(members), "young": fresh, "exporters": len(senders)}
        found.append(
            Motif(Shape.SHARED_DOOR, tuple(members), fresh / len(senders) * fresh / len(members), figures)
        )
    return _ordered(found)


def rotations(declarations: pl.DataFrame, *, least: int = 3) -> list[Motif]:
    """Give exporters that went through several young consignees within 90 days, against how many they usually have."""
    used: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = declarations.filter(pl.col("consignee_age_d") < YOUNG_DAYS).sort("date", "decl_id")
    for exporter, day, consignee in rows.select(
        "exporter", pl.col("date").to_physical(), "consignee"
    ).iter_rows():
        used[exporter].append((day, consignee))
    partners = dict(declarations.group_by("exporter").agg(pl.col("consignee").n_unique()).iter_rows())
    found = []
    for exporter, uses in used.items():
        best: set[str] = set()
        start = 0
        for end, (day, _) in enumerate(uses):
            while day - uses[start][0] > ROTATION_DAYS:
                start += 1
            window = {consignee for _, consignee in uses[start : end + 1]}
            best = max(best, window, key=len)
        if len(best) >= least:
            figures = {"young": len(best), "consignees": partners[exporter]}
            found.append(
                Motif(
                    Shape.ROTATION, (exporter, *sorted(best)), len(best) / partners[exporter] ** 0.5, figures
                )
            )
    return _ordered(found)


def hubs(declarations: pl.DataFrame) -> list[Motif]:
    """Give places of trans-shipment by how far their share of strategic kilograms exceeds their share of all else.

    Strength is the logarithm of the ratio of the two shares times the strategic share, each with one tonne of prior.
    """
    place = pl.col("dest").is_in(list(TRANSIT_PLACES))
    strategic = pl.col("hs6").is_in(list(STRATEGIC_HEADINGS))
    table = (
        declarations.group_by("dest")
        .agg(
            pl.col("net_kg").filter(strategic).sum().alias("strategic"),
            pl.col("net_kg").filter(~strategic).sum().alias("other"),
            (pl.col("consignee_trader") > 0).mean().alias("traders"),
        )
        .with_columns(
            share=(pl.col("strategic") + 1000) / (pl.col("strategic").sum() + 1000),
            usual=(pl.col("other") + 1000) / (pl.col("other").sum() + 1000),
        )
        .filter(place & (pl.col("strategic") > 0))
    )
    rows = table.with_columns(strength=(pl.col("share") / pl.col("usual")).log() * pl.col("share")).iter_rows(
        named=True
    )
    return _ordered(
        Motif(
            Shape.HUB,
            (r["dest"],),
            r["strength"],
            {
                "strategic_kg": r["strategic"],
                "share": r["share"],
                "usual": r["usual"],
                "traders": r["traders"] or 0.0,
            },
        )
        for r in rows
    )


def circles(movements: Iterable[tuple[str, str, float]], *, longest: int = 4) -> list[Motif]:
    """Give closed routes of at most `longest` parties: goods that come back to where they left.

    `movements` are (from, to, kg). The strength is the smallest kilograms on any leg: what can have gone all the way
    round. Only parties inside a strongly connected group are searched, so the cost follows the circles there are.
    """
    import rustworkx as rx

    carried: dict[tuple[str, str], float] = defaultdict(float)
    for source, target, kg in movements:
        if source != target:
            carried[source, target] += kg
    names = sorted({name for pair in carried for name in pair})
    place = {name: at for at, name in enumerate(names)}
    graph = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(names)
    graph.add_edges_from([(place[a], place[b], kg) for (a, b), kg in sorted(carried.items())])
    found = []
    for group in rx.strongly_connected_components(graph):
        inside = set(group)
        for first in sorted(inside):
            for way in _ways_back(graph, first, inside, longest):
                legs = [graph.get_edge_data(a, b) for a, b in zip(way, [*way[1:], first], strict=True)]
                figures = {"legs": len(legs), "least_kg": min(legs)}
                found.append(Motif(Shape.CIRCLE, tuple(names[at] for at in way), min(legs), figures))
    return _ordered(found)


def _ways_back(graph: object, first: int, inside: set[int], longest: int) -> Iterable[list[int]]:
    """Walk from `first` through higher-numbered nodes back to it, so that each circle is met once."""
    stack = [[first]]
    while stack:
        way = stack.pop()
        for follower in sorted(graph.successor_indices(way[-1])):  # type: ignore[attr-defined]  # a PyDiGraph
            if follower == first and len(way) > 1:
                yield way
            elif follower in inside and follower > first and follower not in way and len(way) < longest:
                stack.append([*way, follower])


def _ordered(motifs: Iterable[Motif]) -> list[Motif]:
    return sorted(motifs, key=lambda m: (-m.strength, m.names))
