"""Each check: what it says follows from its physics, in both algebras, in both languages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.trade import evidence, reasons
from sealtrace.trade.checks import CHECKS, FACTS
from sealtrace.trade.desk import Papers, Surroundings, weigh
from sealtrace.trade.model import COLUMNS, Kind

BY_NAME = {c.name: c for c in CHECKS}
TEXT = {
    "licence",
    "licence_element",
    "licence_holder",
    "exporter",
    "decl_element",
    "xrf_element",
    "mode",
    "dest",
    "material",
}
ROW: dict[str, Any] = {
    "licence": "",
    "drawn_kg": None,
    "grant_kg": None,
    "licence_element": None,
    "licence_holder": None,
    "exporter": "E1",
    "decl_element": "",
    "material": "250700",
    "licensed_share": 0.0,
    "xrf_element": None,
    "xrf_wt_pct": None,
    "xrf_lod": None,
    "price_month_mid": math.log(0.3),
    "price_mid": math.log(0.3),
    "price_sd": 0.15,
    "log_price": math.log(0.3),
    "log_insured": math.log(0.003),
    "insured_mid": math.log(0.003),
    "insured_sd": 0.4,
    "log_tare": 0.035,
    "tare_mid": 0.035,
    "tare_sd": 0.012,
    "log_bulk": math.log(0.9),
    "bulk_mid": math.log(0.9),
    "bulk_sd": 0.13,
    "log_net": 8.5,
    "net_mid": 8.5,
    "net_sd": 1.0,
    "peers": 900,
    "peers_mode": 700,
    "mode": "sea",
    "consignee_n": 20,
    "consignee_addr_n": 20,
    "consignee_phone_n": 20,
    "consignee_trader_n": 20,
    "dest_n": 20,
    "consignee_age_d": 4000.0,
    "consignee_age_mid": 4000.0,
    "consignee_addr_shared": 1,
    "fresh_consignees": None,
    "exporter_n": 50,
    "consignee_trader": 0.0,
    "transit": False,
    "transit_jump": None,
    "small_lots": None,
    "mirror_excess_z": None,
    "text_doubt": 0.0,
    "pair_hits": 0,
    "pair_seen": 0,
    "consignee_hits": 0,
    "consignee_seen": 0,
    "address_hits": 0,
    "address_seen": 0,
    "exporter_hits": 0,
    "exporter_seen": 0,
    "pair_evidence": None,
    "pair_others": None,
    "evidence_mean": 0.4,
    "dest": "JP",
    "usd_per_kg": 0.3,
    "insured_share": 0.003,
    "weighbridge_kg": 1035.0,
    "net_kg": 1000.0,
}
SUSPICIOUS: dict[str, dict[str, Any]] = {
    "licence": {"licence": "L1", "drawn_kg": 101.0, "grant_kg": 100.0},
    "unlicensed": {"decl_element": "Dy", "licensed_share": 0.97},
    "xrf": {"xrf_element": "Nd", "xrf_wt_pct": 80.0, "xrf_lod": 0.05},
    "price-low": {"price_mid": math.log(90), "price_month_mid": math.log(90), "log_price": math.log(40)},
    "price-high": {"log_price": math.log(2.0)},
    "insurance": {"log_insured": math.log(0.09)},
    "weighbridge": {"log_tare": 0.3, "price_mid": math.log(90)},
    "density": {"log_bulk": math.log(2.5)},
    "lot": {"log_net": 4.0},
    "freight": {"mode": "air", "peers_mode": 4},
    "description": {"text_doubt": 4.5},
    "split": {"small_lots": 9},
    "party": {"consignee_age_d": 30.0, "consignee_addr_n": 1},
    "route": {"dest_n": 1, "transit": True},
    "mirror": {"mirror_excess_z": 9.0},
    "record": {"pair_hits": 1, "pair_seen": 1},
    "company": {"pair_evidence": 6.0, "pair_others": 3},
}


def score(name: str, **facts: Any) -> float:
    return float(evidence.scores_of_row(ROW | facts, (BY_NAME[name],))[name][0])


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_is_silent_on_the_usual_and_speaks_on_its_own_physics(name: str) -> None:
    assert score(name) <= 0
    assert score(name, **SUSPICIOUS[name]) > 0


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("weighbridge", {"log_tare": 0.3}),  # nobody shaves kilograms off clay
        ("price-low", {"log_price": math.log(0.1)}),  # a fire sale of clay
        ("freight", {"mode": "air", "peers_mode": 4, "price_mid": math.log(900)}),  # dear goods do fly
        ("xrf", {"xrf_element": "Nd", "xrf_wt_pct": 0.06, "xrf_lod": 0.05}),  # at the limit of detection
        (
            "xrf",
            {"xrf_element": "Dy", "xrf_wt_pct": 80.0, "xrf_lod": 0.05, "decl_element": "Dy"},
        ),  # as declared
        ("licence", {"licence": "L1", "drawn_kg": 100.0, "grant_kg": 100.0}),  # to the last gram
        ("route", {"dest_n": 1, "consignee_n": 2, "transit": True}),  # a newcomer has no habits
        (
            "density",
            {"log_bulk": math.log(1.0), "bulk_mid": math.log(0.3)},
        ),  # dense for pumice, too light for an oxide
        ("density", {"log_bulk": None}),  # no volume was measured
        ("record", {"exporter_hits": 0, "exporter_seen": 40}),
    ],
)
def test_honest_oddities_do_not_speak(name: str, facts: dict[str, Any]) -> None:
    assert score(name, **facts) == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"licence": "L1", "drawn_kg": 5.0, "grant_kg": 9.0, "licence_element": "Tb", "decl_element": "Dy"},
        {"licence": "L1", "drawn_kg": 5.0, "grant_kg": 9.0, "licence_holder": "E2"},
    ],
)
def test_a_licence_for_another_element_or_holder_is_a_breach(facts: dict[str, Any]) -> None:
    assert score("licence", **facts) == 1


COUNTS = sorted(n for n, v in ROW.items() if type(v) is int)
QUANTITIES = sorted(set(ROW) - TEXT - {"transit", *COUNTS})
changes = st.dictionaries(
    st.sampled_from(QUANTITIES),
    st.one_of(st.none(), st.floats(-50, 50).map(lambda v: round(v, 3))),
    max_size=12,
)
counts = st.dictionaries(st.sampled_from(COUNTS), st.integers(1, 40), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.builds(lambda a, b: a | b, changes, counts), st.sampled_from([None, "Nd", "Dy", ""]), st.booleans())
def test_columns_and_rows_compute_the_same(
    changed: dict[str, float | None], element: str | None, transit: bool
) -> None:
    row = ROW | changed | {"xrf_element": element, "transit": transit, "decl_element": element or ""}
    row = {k: float(v) if type(v) is int else v for k, v in row.items()}
    types = {n: pl.String if n in TEXT else pl.Boolean if n == "transit" else pl.Float64 for n in row}
    frame = pl.DataFrame([row], schema=types)
    whole = evidence.scores(frame, CHECKS)
    single = evidence.scores_of_row(row, CHECKS)
    for name in whole:
        np.testing.assert_allclose(whole[name], single[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", BY_NAME)
def test_every_sentence_takes_its_facts_known_or_not(name: str, language: str) -> None:
    check = BY_NAME[name]
    known = {n: "x" if n in TEXT | {"desc", "hs6", "text_better", "text_named"} else 1 for n in check.facts}
    assert reasons.sentence(check, known, language)
    assert "?" in reasons.sentence(check, {}, language)
    assert reasons.named(name, "zh") != name


def honest(rows: int = 400) -> pl.DataFrame:
    """A dull trade in kaolin, by one pair of parties each."""
    rnd = np.random.default_rng(3)
    net = np.exp(rnd.normal(8.5, 0.5, rows))
    frame = pl.DataFrame(
        {
            "decl_id": [f"D{i}" for i in range(rows)],
            "date": pl.Series([f"2031-0{1 + i % 6}-1{i % 9}" for i in range(rows)]).str.to_date(),
            "exporter": [f"E{i % 40}" for i in range(rows)],
            "consignee": [f"C{i % 37}" for i in range(rows)],
            "consignee_age_d": [3000.0] * rows,
            "dest": ["JP"] * rows,
            "hs6": ["250700"] * rows,
            "desc": ["高岭土"] * rows,
            "mode": ["sea"] * rows,
            "net_kg": net,
            "weighbridge_kg": net * (1.035 + rnd.normal(0, 0.005, rows)),
            "volume_m3": net / 1000 / rnd.uniform(0.75, 1.05, rows),
            "value_usd": net * 0.3 * np.exp(rnd.normal(0, 0.1, rows)),
            "insurance_usd": net * 0.3 * 0.003 * np.exp(rnd.normal(0, 0.3, rows)),
        }
    )
    types = {Kind.TEXT: pl.String, Kind.NUMBER: pl.Float64, Kind.DAY: pl.Date}
    missing = [pl.lit(None, types[k]).alias(n) for n, k in COLUMNS.items() if n not in frame.columns]
    return frame.with_columns(*missing).select(*COLUMNS)


@pytest.mark.parametrize("direction", ["export", "import"])
def test_neodymium_declared_as_kaolin_stands_out_in_both_directions(direction: str) -> None:
    frame = honest().with_columns(direction=pl.lit(direction))
    hidden = frame[0].with_columns(
        decl_id=pl.lit("X"),
        net_kg=200.0,
        weighbridge_kg=207.0,
        volume_m3=0.2 / 2.5,
        value_usd=60.0,
        insurance_usd=20.0,
    )
    rows = pl.concat([frame, hidden])
    around = Surroundings.fit(rows.lazy(), Papers())
    found = weigh(around.gather(rows))
    assert np.argmax(found.total) == len(rows) - 1
    last = found.frame[-1]
    why = reasons.reasons(
        last.iter_rows(named=True),
        {n: p[-1:] for n, p in found.parts.items()},
        {n: s[-1:] for n, s in found.scores.items()},
        found.calibration,
        "en",
    )[0]
    assert {"density", "insurance"} <= {r.check for r in why}
    assert "2.59 t/m3" in next(r.text for r in why if r.check == "density")
    assert set(FACTS) <= set(found.frame.columns)
