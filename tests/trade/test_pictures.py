"""Pictures: accessible, in the design's classes only, safe with any words, and true to the numbers."""

from __future__ import annotations

import itertools
import math
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import NotRegistered
from sealtrace.testing.trade_scene import Scene
from sealtrace.trade import flows, service
from sealtrace.trade.checks import CHECKS, NAMES
from sealtrace.trade.doubts import DOUBTS
from sealtrace.trade.flows import Goods
from sealtrace.trade.pictures import checks, graph, world
from sealtrace.trade.pictures import words as picture_words
from sealtrace.trade.pictures.places import PLACES
from sealtrace.trade.pictures.scale import Scale, plain
from sealtrace.trade.pictures.series import Line, series
from sealtrace.trade.pictures.svg import CLASSES, Picture
from sealtrace.trade.service import Desk

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ElementTree.Element:
    """Parse a picture and hold it to the house's rules."""
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert [c.tag for c in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    for element in root.iter():
        assert "style" not in element.attrib
        assert not [a for a in element.attrib if a.lower().startswith("on")]
        assert element.get("class", "") in CLASSES
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "text", "rect", "circle", "path"}
        for name in ("x", "y", "cx", "cy", "width", "height", "r"):
            assert math.isfinite(float(element.get(name, "0")))
        assert "nan" not in element.get("d", "")
    return root


@pytest.fixture(scope="module")
def desk(scene: Scene) -> Desk:
    return service.open_desk(scene.folder)


ROW: dict[str, Any] = {
    "decl_id": "D1", "date": date(2031, 3, 1), "hs6": "250700", "desc": "陶瓷原料 <powder>", "dest": "VN",
    "mode": "air", "net_kg": 600.0, "weighbridge_kg": 900.0, "usd_per_kg": 0.4, "implied_usd_per_kg": 80.0,
    "price_mid": -1.0,
    "price_sd": 0.2, "price_month_mid": None, "tare_mid": 0.03, "tare_sd": 0.01, "bulk_t_m3": 2.4, "bulk_low": 0.75,
    "bulk_high": 1.15, "bulk_mid": -0.05, "net_mid": 8.5, "net_sd": 0.6, "insured_mid": -6.0, "insured_sd": 0.4,
    "drawn_kg": 120.0, "grant_kg": 100.0, "licensed_share": 0.97, "xrf_element": "Nd", "xrf_wt_pct": 86.0,
    "xrf_lod": 0.05, "peers_mode": 40, "peers": 8000, "consignee_age_d": 40.0, "consignee_age_mid": 45.0,
    "consignee_addr_n": 2, "consignee_n": 5, "consignee_addr_shared": 6, "dest_n": 1, "transit_before": 0.1,
    "transit_now": 0.6, "small_lots": 4, "small_lots_kg": 310.0, "mirror_excess_kg": 4000.0, "mirror_excess_z": 4.2,
    "pair_hits": 1, "pair_seen": 2, "consignee_hits": 1, "consignee_seen": 3, "exporter_hits": 1, "exporter_seen": 40,
    "pair_evidence": 9.0, "evidence_mean": 0.6, "pair_others": 3, "text_better": "284690", "text_named": "Nd",
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("check", NAMES)
def test_every_check_has_its_picture(check: str, language: str) -> None:
    svg = checks.picture(check, ROW, "why & <how>", language)
    assert svg is not None
    root = read(svg)
    assert root.findtext(f"{SVG}desc") == "why & <how>"
    assert [t for t in root.iter(f"{SVG}text") if t.text], "values are written, not only drawn"
    empty = checks.picture(check, {}, "why", language)
    assert empty is None, "without facts there is no picture"


def test_checks_doubts_and_pictures_are_the_same_list() -> None:
    assert set(checks.DRAWN) == {c.name for c in CHECKS} == set(DOUBTS)
    for zh, en in (*DOUBTS.values(), *picture_words.TEXT.values()):
        assert zh.strip()
        assert en.strip()


def test_this_one_stands_right_of_its_peers_exactly_when_it_is_more() -> None:
    for net, right in ((200_000.0, True), (10.0, False)):
        svg = checks.picture("lot", ROW | {"net_kg": net}, "why", "en")
        assert svg is not None
        root = read(svg)
        [band] = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "band"]
        [this] = [p for p in root.iter(f"{SVG}path") if p.get("class") == "this"]
        x = float(re.match(r"M(-?[\d.]+)", this.get("d", ""))[1])  # type: ignore[index]
        end = float(band.get("x", "0")) + (float(band.get("width", "0")) if right else 0.0)
        assert (x > end) is right


numbers = st.floats(-1e9, 1e9, allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(ROW)), st.one_of(st.none(), numbers, st.just("<x>"))),
    st.text(max_size=9),
)
def test_odd_facts_give_a_sound_picture_or_none(odd: dict[str, Any], text: str) -> None:
    words = "".join(c for c in text if c.isprintable())
    for check in NAMES:
        svg = checks.picture(check, ROW | odd | {"desc": words}, words or "-", "en")
        if svg is not None:
            read(svg)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=5), st.booleans())
def test_a_scale_keeps_order_and_stays_inside(values: list[float], log: bool) -> None:
    scale = Scale.around(values, 10.0, 500.0, log=log)
    places = [scale.at(v) for v in sorted(values)]
    assert places == sorted(places)
    assert all(10.0 <= p <= 500.0 for p in places)
    assert all(scale.low <= t <= scale.high * (1 + 1e-9) for t in scale.ticks())


def test_numbers_are_written_as_people_do() -> None:
    assert [plain(v) for v in (0, 1234567, 12.345, 0.0456, -3.2, 7.4)] == [
        "0", "1,234,567", "12.3", "0.0456", "−3.2", "7.4",
    ]  # fmt: skip


def test_the_map_shows_every_flow_it_can_place_and_tells_the_others() -> None:
    some = [world.Flow("CN", "VN", 5000.0, True), world.Flow("CN", "DE", 100.0), world.Flow("CN", "XX", 70.0)]
    root = read(world.flow_map(some, "en"))
    texts = [t.text for t in root.iter(f"{SVG}text")]
    assert {"VN 5,000 kg", "DE 100 kg", "CN"} <= set(texts)
    assert "XX: 70 kg" in (root.findtext(f"{SVG}desc") or "")
    arcs = [p for p in root.iter(f"{SVG}path") if "Q" in p.get("d", "")]
    assert [p.get("class") for p in arcs] == ["peer", "this"]


def test_land_is_inside_the_map_and_never_drawn_across_it() -> None:
    for ring in world.land().split("z")[:-1]:
        points = [tuple(map(float, p.split())) for p in ring.removeprefix("M").split("L")]
        assert all(0 <= x <= world.WIDTH for x, _ in points)
        assert all(math.dist(a, b) < world.WIDTH / 4 for a, b in itertools.pairwise(points))
    for place in PLACES.values():
        x, y = world.project(*place)
        assert 0 < x < world.WIDTH
        assert 0 < y < world.HEIGHT


def test_a_series_draws_what_is_known() -> None:
    days = [date(2031, m, 1) for m in (1, 2, 3)]
    root = read(
        series("t", "d", days, [Line("a", [1.0, None, 3.0], True), Line("b", [2.0, 2.0, 2.0])], "kg").svg()
    )
    [trail] = [p for p in root.iter(f"{SVG}path") if p.get("class") == "trace"]
    assert trail.get("d", "").count("L") == 1
    assert len(list(root.iter(f"{SVG}circle"))) == 3
    read(series("t", "d", [], [], "kg").svg())


def test_hostile_names_stay_text() -> None:
    made = Picture('"><script>', "</desc><script>alert(1)</script>", 10)
    made.say(1, 1, "<img onerror=x>&")
    root = read(made.svg())
    assert [t.text for t in root.iter(f"{SVG}text")] == ["<img onerror=x>&"]


# -- the desk ------------------------------------------------------------------------------------------


def test_the_queue_is_the_ranking_with_its_reasons(desk: Desk) -> None:
    first = service.queue(desk, "en", limit=5)
    assert [a.declaration["decl_id"] for a in first] == desk.ranking.decl_id[:5]
    assert [a.rank for a in first] == [1, 2, 3, 4, 5]
    assert all(a.why and all(w.doubt for w in a.why) for a in first)
    one = service.queue(desk, "en", limit=3, office="P2")
    assert {a.declaration["office"] for a in one} == {"P2"}
    assert [a.rank for a in one] == sorted(a.rank for a in one)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_alert_says_why_in_words_numbers_and_pictures(desk: Desk, language: str) -> None:
    found = service.alert(desk, desk.ranking.decl_id[0], language)
    assert found.breach
    for why in found.why:
        assert why.picture is not None
        read(why.picture)
        assert why.name
        assert why.reason.text in (read(why.picture).findtext(f"{SVG}desc") or "")
    with pytest.raises(NotRegistered):
        service.alert(desk, "no such", language)


def test_the_explorer_s_numbers_add_up(desk: Desk) -> None:
    carried, svg = service.goods_map(desk, "en")
    read(svg)
    assert sum(kg for _, _, kg in carried) == pytest.approx(desk.declarations["net_kg"].sum())
    table, picture = service.over_time(desk, "net_kg", "zh")
    read(picture)
    assert table["net_kg"].sum() == pytest.approx(desk.declarations["net_kg"].sum())
    strategic, _ = service.goods_map(desk, "en", goods=Goods.STRATEGIC)
    other, _ = service.goods_map(desk, "en", goods=Goods.OTHER)
    assert sum(k for *_, k in strategic) + sum(k for *_, k in other) == pytest.approx(
        sum(k for *_, k in carried)
    )


def test_mirror_gaps_go_both_ways_and_are_declared_less_reported(desk: Desk) -> None:
    found, svg = service.mirror(desk, "en")
    read(svg)
    assert {g.gap_kg > 0 for g in found} == {True, False}
    assert [abs(g.spreads) for g in found] == sorted((abs(g.spreads) for g in found), reverse=True)
    vn, _ = service.mirror(desk, "en", partner="VN", heading="2846")
    assert vn
    assert {(g.partner, g.heading[:4]) for g in vn} == {("VN", "2846")}
    declared = flows.chosen(desk.declarations, partner="VN", heading="2846")["net_kg"].sum()
    assert sum(g.declared_kg for g in vn) == pytest.approx(declared)


def test_a_network_is_drawn_around_a_party(desk: Desk) -> None:
    party = desk.declarations["exporter"][0]
    found, svg = service.network_of(desk, party, "en", most=20)
    read(svg)
    assert len(found.nodes) <= 20
    assert [n.name for n in found.nodes if n.ring == 0] == [party]
    names = {n.id for n in found.nodes}
    assert all({e.source, e.target} <= names for e in found.edges)
    assert all(any(n.id in (e.source, e.target) for e in found.edges) for n in found.nodes)
    with pytest.raises(NotRegistered):
        service.network_of(desk, "nobody", "en")
    read(graph.draw(graph.Network((), (), 0), "en"))


def test_the_summary_counts_what_there_is(desk: Desk, scene: Scene) -> None:
    found = service.summary(desk)
    assert found["declarations"] == scene.rows == sum(found["offices"].values())
    assert 0 < found["confirmed"] <= found["inspected"]
    assert {m.shape for m in service.motifs(desk, limit=3)} >= {"shared door", "hub"}
