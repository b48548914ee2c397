"""A small season of trade with a known truth: honest declarations, honest oddities and a few campaigns of fraud."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sealtrace.trade.goods import BY_SYMBOL

START = date(2031, 2, 3)
PRICES = {"La": 1.4, "Ce": 1.9, "Nd": 88.0, "Dy": 310.0, "Tb": 990.0, "Y": 9.5}
CHEAP = {
    "250700": ("精制高岭土", "kaolin for ceramics", 0.31, 2.6),
    "281820": ("煅烧氧化铝粉", "calcined alumina powder", 0.9, 3.95),
    "320720": ("陶瓷釉料", "ceramic glaze powder", 2.2, 3.2),
    "282560": ("氧化锆粉体", "zirconia powder", 7.0, 5.85),
}
CONTROLLED = ("Dy", "Tb", "Y")
NEAR, FAR = ("JP", "KR", "DE", "US", "FR"), ("VN", "MY", "AE")
FRAUDS = ("hidden", "underpriced", "light", "dribble", "overdrawn")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the scene was written and which declarations are frauds, by kind."""

    folder: Path
    truth: dict[str, str]
    rows: int


def write_scene(folder: Path, *, rows: int = 6000, frauds: int = 60, days: int = 200, seed: int = 1) -> Scene:
    """Write declarations, licences, xrf and mirror; give the truth to the caller only."""
    rnd = np.random.default_rng(seed)
    made = sorted((_honest(rnd, days) for _ in range(rows - frauds)), key=lambda r: str(r["date"]))
    kinds: list[str] = []
    while len(kinds) < frauds:
        kinds += [FRAUDS[len(kinds) // 6 % len(FRAUDS)]] * min(6, frauds - len(kinds))
    for at in range(0, frauds, 6):
        made += _campaign(rnd, kinds[at : at + 6], days, made)
    made.sort(key=lambda r: (r["date"], str(r["desc"])))
    licences = _license(rnd, made)
    for number, row in enumerate(made):
        row["decl_id"] = f"D{number:06d}"
    truth = {r["decl_id"]: r["_fraud"] for r in made if r["_fraud"]}
    inspected = rnd.random(len(made)) < np.where([bool(r["_fraud"]) for r in made], 0.35, 0.08)
    for row, seen in zip(made, inspected, strict=True):
        row["label_observed"] = int(bool(row["_fraud"])) if seen else -1
    folder.mkdir(parents=True, exist_ok=True)
    names = [n for n in made[0] if not n.startswith("_")]
    _write(folder / "declarations.csv", ["decl_id", *(n for n in names if n != "decl_id")], made)
    _write(folder / "licences.csv", ["licence", "exporter", "element", "grant_kg"], licences)
    read = [
        {
            "decl_id": r["decl_id"],
            "element": r["_element"],
            "wt_pct": 84.0 if r["_element"] else 0.0,
            "lod_wt_pct": 0.05,
        }
        for r, seen in zip(made, inspected, strict=True)
        if seen and rnd.random() < 0.3
    ]
    _write(folder / "xrf.csv", ["decl_id", "element", "wt_pct", "lod_wt_pct"], read)
    mirror = [
        {"month": r["date"].replace(day=1), "reporter": r["dest"], "hs6": _true_heading(r), "kg": r["net_kg"]}
        for r in made
    ]
    _write(folder / "mirror.csv", ["month", "reporter", "hs6", "kg"], mirror)
    return Scene(folder, truth, len(made))


def _write(path: Path, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _true_heading(row: dict[str, Any]) -> str:
    return "284690" if row["_element"] else str(row["hs6"])


def _honest(rnd: np.random.Generator, days: int) -> dict[str, Any]:
    element = str(rnd.choice(list(PRICES))) if rnd.random() < 0.3 else ""
    heading = ("284610" if element == "Ce" else "284690") if element else str(rnd.choice(list(CHEAP)))
    price = PRICES[element] if element else CHEAP[heading][2]
    density = BY_SYMBOL[element].density if element else CHEAP[heading][3]
    net = float(np.exp(rnd.normal(6.0 if element else 8.5, 0.9)))
    consignee = int(rnd.zipf(1.4)) % 250
    oddity = rnd.random()
    row = {
        "date": START + timedelta(days=int(rnd.integers(days))),
        "office": f"P{rnd.integers(6)}",
        "mode": str(rnd.choice(["sea", "air", "rail"], p=[0.75, 0.1, 0.15])),
        "exporter": f"E{int(rnd.zipf(1.4)) % 60}",
        "consignee": f"C{consignee}",
        **_consignee(consignee),
        "hs6": heading,
        "desc": f"氧化{BY_SYMBOL[element].zh}" if element else CHEAP[heading][int(rnd.random() < 0.4)],
        "decl_element": element,
        "net_kg": net,
        "_price": price * float(np.exp(rnd.normal(0, 0.15))) * (0.5 if oddity < 0.004 else 1.0),
        "_gross": 1.04 + float(rnd.normal(0, 0.01)) + (0.12 if 0.004 < oddity < 0.008 else 0.0),
        "_bulk": density * rnd.uniform(0.28, 0.42) * (1.6 if 0.008 < oddity < 0.012 else 1.0),
        "_insured": 0.003 * float(np.exp(rnd.normal(0, 0.4))),
        "licence": "",
        "_element": element,
        "_fraud": "",
    }
    return _measured(row, net)


@cache
def _consignee(number: int) -> dict[str, Any]:
    """What a consignee states about itself, the same each time."""
    own = np.random.default_rng(number)
    return {
        "consignee_age_d": int(own.integers(300, 9000)),
        "consignee_addr": f"A{own.integers(220)}",
        "consignee_phone": f"T{own.integers(220)}",
        "consignee_trader": int(own.random() < 0.3),
        "dest": str(own.choice(NEAR + FAR)),
    }


def _measured(row: dict[str, Any], true_net: float) -> dict[str, Any]:
    """Weigh, measure and value the goods: instruments see the true mass, papers the declared one."""
    row["weighbridge_kg"] = round(true_net * row["_gross"], 1)
    row["volume_m3"] = round(true_net / (1000 * row["_bulk"]), 4)
    row["value_usd"] = round(row["net_kg"] * row["_price"], 2)
    row["insurance_usd"] = round(row["value_usd"] * row["_insured"], 2)
    row["net_kg"] = round(row["net_kg"], 2)
    return row


def _campaign(
    rnd: np.random.Generator, kinds: Sequence[str], days: int, honest: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """One actor's consignments: the same exporter and consignee over some weeks."""
    first = int(rnd.integers(20, days - 40))
    parties = honest[int(rnd.integers(len(honest)))]
    element = str(rnd.choice(["Nd", "Dy", "Tb"]))
    rows = []
    for kind in kinds:
        row = _honest(rnd, 1)
        row |= {n: parties[n] for n in ("exporter", "consignee", "consignee_age_d", "consignee_addr", "dest")}
        span = 8 if kind == "dribble" else 35
        row |= {
            "date": START + timedelta(days=first + int(rnd.integers(span))),
            "_element": element,
            "_fraud": kind,
        }
        net = float(rnd.uniform(30, 90)) if kind == "dribble" else float(np.exp(rnd.normal(5.4, 0.5)))
        true_net = net
        if kind in ("hidden", "dribble"):
            heading = str(rnd.choice(list(CHEAP)))
            row |= {
                "hs6": heading,
                "desc": CHEAP[heading][0],
                "decl_element": "",
                "dest": str(rnd.choice(FAR)),
            }
            row |= {"_price": CHEAP[heading][2], "_insured": 0.003 * float(rnd.uniform(3, 30))}
        else:
            named = "Dy" if kind == "overdrawn" else element
            row |= {
                "hs6": "284690",
                "desc": f"氧化{BY_SYMBOL[named].zh}",
                "decl_element": named,
                "_element": named,
            }
            row |= {"_price": PRICES[named] * (0.4 if kind == "underpriced" else 1.0), "_insured": 0.003}
            true_net = net * 1.35 if kind == "light" else net
        row["net_kg"], row["_gross"] = net, 1.04
        row["_bulk"] = BY_SYMBOL[row["_element"]].density * rnd.uniform(0.28, 0.42)
        rows.append(_measured(row, true_net))
    return rows


def _license(rnd: np.random.Generator, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give controlled goods their licences; overdrawn ones draw on one that is too small."""
    granted: list[dict[str, Any]] = []
    left: dict[tuple[str, str], tuple[str, float]] = {}
    for row in rows:
        if row["decl_element"] not in CONTROLLED:
            continue
        key = (row["exporter"], row["decl_element"])
        name, rest = left.get(key, ("", 0.0))
        over = row["_fraud"] == "overdrawn"
        if not name or (not over and rest < row["net_kg"]) or (over and rest > row["net_kg"]):
            name = f"L{len(granted):04d}"
            rest = row["net_kg"] * (0.5 if over else float(rnd.uniform(1.5, 5)))
            granted.append(
                {"licence": name, "exporter": key[0], "element": key[1], "grant_kg": round(rest, 2)}
            )
        row["licence"] = name
        left[key] = (name, rest - row["net_kg"])
    return granted
