"""The season: some thousand declarations at six ports, and one campaign of neodymium powder declared as clay."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sealtrace.testing.trade_scene import write_scene

ROWS, FRAUDS, SEED = 3000, 48, 20310203
EXPORTER, CONSIGNEE = "E17", "C900"
VIA = "VN"
PURITY_PCT, LOD_PCT = 99.4, 0.05
FIRST_DAY = date(2031, 7, 4)
LOTS_KG = (600.0, 480.0, 520.0, 610.0, 450.0)
CLAY_USD_KG, INSURED_USD_KG = 0.42, 71.0
NEODYMIA_T_M3 = 2.46
"""Bulk density of the powder: 7.24 g/cm3 at a packing of 0.34."""


@dataclass(frozen=True, slots=True)
class Season:
    """Where it was written, and what each fraud really was: kind and element. Only inspections look there."""

    folder: Path
    truth: dict[str, str]
    element: dict[str, str]
    hidden: tuple[str, ...]
    """The declarations of the neodymium campaign."""
    rows: dict[str, dict[str, str]]

    @property
    def until(self) -> date:
        """The season's last day."""
        return max(date.fromisoformat(row["date"]) for row in self.rows.values())


def write(folder: Path, *, rows_made: int = ROWS) -> Season:
    """Write the season into a folder. The same bytes each time."""
    frauds = FRAUDS * rows_made // ROWS
    scene = write_scene(folder, rows=rows_made, frauds=frauds, seed=SEED)
    path = folder / "declarations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hidden = [_lot(number, kg) for number, kg in enumerate(LOTS_KG)]
    rows = sorted(rows + hidden, key=lambda row: (row["date"], row["decl_id"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    names = tuple(row["decl_id"] for row in hidden)
    by_name = {row["decl_id"]: row for row in rows}
    truth = scene.truth | dict.fromkeys(names, "hidden")
    element = dict.fromkeys(names, "Nd")
    for name in scene.truth:
        element[name] = by_name[name]["decl_element"]
    return Season(folder, truth, element, names, by_name)


def _lot(number: int, kg: float) -> dict[str, Any]:
    """One consignment: papers of clay, the weight and the insurance of neodymium oxide."""
    value = round(kg * CLAY_USD_KG, 2)
    return {
        "decl_id": f"D9{number:05d}", "date": (FIRST_DAY + timedelta(days=8 * number)).isoformat(),
        "office": f"P{(2, 2, 4, 2, 4)[number]}", "mode": "sea", "exporter": EXPORTER, "consignee": CONSIGNEE,
        "consignee_age_d": 63 + 8 * number, "consignee_addr": "A900", "consignee_phone": "T900", "consignee_trader": 1,
        "dest": VIA, "hs6": "250700", "desc": "陶瓷原料 高岭土粉", "decl_element": "", "net_kg": kg,
        "weighbridge_kg": round(kg * 1.05, 1), "volume_m3": round(kg / (1000 * NEODYMIA_T_M3), 4), "value_usd": value,
        "insurance_usd": round(kg * INSURED_USD_KG * 0.003, 2), "licence": "", "label_observed": -1,
    }  # fmt: skip
