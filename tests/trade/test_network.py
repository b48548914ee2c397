"""Motifs: each shape is found where it was planted, and ordinary trade shows none of it first."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.testing.trade_scene import Scene
from sealtrace.trade import network
from sealtrace.trade.declarations import newest, read
from sealtrace.trade.model import COLUMNS, Kind

TYPES = {Kind.TEXT: pl.String, Kind.NUMBER: pl.Float64, Kind.DAY: pl.Date}


def rows(*given_rows: dict[str, object]) -> pl.DataFrame:
    usual = {"date": date(2031, 3, 1), "exporter": "E1", "hs6": "250700", "net_kg": 1000.0, "dest": "JP"}
    full = [{n: (usual | {"decl_id": str(i)} | r).get(n) for n in COLUMNS} for i, r in enumerate(given_rows)]
    return pl.DataFrame(full, schema={n: TYPES[k] for n, k in COLUMNS.items()})


def test_consignees_behind_shared_doors_are_one_group_however_long_the_chain() -> None:
    frame = rows(
        {"consignee": "A", "consignee_addr": "road 1", "consignee_age_d": 30},
        {"consignee": "B", "consignee_addr": "road 1", "consignee_phone": "7", "consignee_age_d": 40},
        {"consignee": "C", "consignee_phone": "7", "consignee_age_d": 50},
        {"consignee": "D", "consignee_addr": "road 2", "consignee_age_d": 9000},
        *(
            {"consignee": f"Z{i}", "consignee_addr": "free zone", "consignee_age_d": 20}
            for i in range(network.CROWDED + 1)
        ),
    )
    (motif,) = network.shared_doors(frame)
    assert motif.names == ("A", "B", "C")
    assert motif.figures == {"consignees": 3, "young": 3, "exporters": 1}


def test_an_exporter_that_goes_through_new_consignees_stands_out() -> None:
    start = date(2031, 1, 1)
    quick = [
        {
            "exporter": "fast",
            "consignee": f"N{i}",
            "consignee_age_d": 50,
            "date": start + timedelta(days=20 * i),
        }
        for i in range(4)
    ]
    slow = [
        {
            "exporter": "slow",
            "consignee": f"S{i}",
            "consignee_age_d": 50,
            "date": start + timedelta(days=95 * i),
        }
        for i in range(4)
    ]
    old = [
        {"exporter": "old", "consignee": f"O{i}", "consignee_age_d": 5000, "date": start} for i in range(9)
    ]
    (motif,) = network.rotations(rows(*quick, *slow, *old))
    assert motif.names == ("fast", "N0", "N1", "N2", "N3")
    assert motif.strength == 2.0


def test_a_hub_is_a_place_with_more_strategic_goods_than_its_trade_explains() -> None:
    frame = rows(
        *({"consignee": "A", "dest": "VN", "hs6": "284690", "net_kg": 9000.0} for _ in range(5)),
        *({"consignee": "B", "dest": "MY", "hs6": "284690", "net_kg": 900.0} for _ in range(5)),
        *(
            {"consignee": "C", "dest": d, "net_kg": 50_000.0}
            for d in ("JP", "MY", "VN", "KR")
            for _ in range(5)
        ),
        {"consignee": "C", "dest": "JP", "hs6": "284690", "net_kg": 90_000.0},
    )
    found = network.hubs(frame)
    assert [m.names for m in found] == [("VN",), ("MY",)]
    assert found[0].strength > 0 > found[1].strength


def test_goods_that_come_back_make_a_circle() -> None:
    (motif,) = network.circles(
        [("A", "B", 500), ("B", "C", 300), ("C", "A", 450), ("C", "D", 900), ("A", "A", 5)]
    )
    assert (set(motif.names), motif.strength) == ({"A", "B", "C"}, 300)


edges = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(1, 9)), max_size=14
)


@settings(max_examples=80, deadline=None)
@given(edges, st.integers(2, 5))
def test_circles_are_exactly_the_closed_routes_there_are(
    movements: list[tuple[str, str, int]], longest: int
) -> None:
    carried = {(a, b) for a, b, _ in movements if a != b}
    expected = set()
    for size in range(2, longest + 1):
        for way in itertools.permutations("ABCDE", size):
            if way[0] == min(way) and all(leg in carried for leg in itertools.pairwise((*way, way[0]))):
                expected.add(way)
    found = network.circles([(a, b, float(kg)) for a, b, kg in movements], longest=longest)
    assert {m.names for m in found} == expected
    assert len(found) == len(expected)


def test_a_season_of_trade_is_read_in_one_go(scene: Scene) -> None:
    frame = newest(b.frame for b in read(scene.folder / "declarations.csv"))
    doors = network.shared_doors(frame)
    assert all(len(m.names) >= 2 for m in doors)
    assert [m.strength for m in doors] == sorted((m.strength for m in doors), reverse=True)
    assert {m.names[0] for m in network.hubs(frame)} <= {"VN", "MY", "AE"}
