"""The control room's own record of the line: every instrument, every five minutes, for a week.

Wider and denser than the readings a report quotes: 26 columns, 2,016 rows. What the instruments read is the
same simulated cascade; densities, conductivity and further temperatures follow from its state by round
formulas of textbook size. Seeded: the same seed gives the same record.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta

import numpy as np

from .cascade import Cascade, Conditions, Floats
from .operation import BEGIN, OPERATION, SEED, Column, conditions, measure

UNITS = {
    "L/h": "l_h",
    "degC": "degc",
    "%": "pct",
    "mol/L": "mol_l",
    "mm": "mm",
    "g/L": "g_l",
    "mS/cm": "ms_cm",
}


def _organic_density(_c: Conditions, k: Cascade) -> float:
    return 842.0 + 310.0 * float(k.loaded_organic.sum())


def _conductivity(_c: Conditions, k: Cascade) -> float:
    return 340.0 * float(k.state.acid[0]) + 62.0


EXTRA = (
    Column("feed_temp", "degC", 0.2, 1, "料液温度", lambda c, _k: c.temperature - 1.4),
    Column("mixer_e01_temp", "degC", 0.2, 1, "E1 混合室温度", lambda c, _k: c.temperature + 0.5),
    Column("mixer_e05_temp", "degC", 0.2, 1, "E5 混合室温度", lambda c, _k: c.temperature + 1.2),
    Column("mixer_r03_temp", "degC", 0.2, 1, "R3 混合室温度", lambda c, _k: 1.02 * c.temperature + 0.6),
    Column("acid_e05", "mol/L", 0.004, 3, "E5 水相酸度", lambda _c, k: float(k.state.acid[4])),
    Column("acid_s04", "mol/L", 0.006, 3, "S4 水相酸度", lambda _c, k: float(k.state.acid[21])),
    Column("acid_r03", "mol/L", 0.03, 2, "R3 水相酸度", lambda _c, k: float(k.state.acid[-3])),
    Column("organic_density", "g/L", 0.5, 1, "负载有机相密度", _organic_density),
    Column("raffinate_conductivity", "mS/cm", 0.6, 1, "萃余液电导率", _conductivity),
    Column("interface_e09", "mm", 2.0, 0, "E9 界面高度", lambda c, _k: 390.0 + 0.05 * c.organic_flow),
    Column("interface_s08", "mm", 2.0, 0, "S8 界面高度", lambda c, _k: 402.0 + 0.04 * c.scrub_flow),
    Column("interface_r03", "mm", 2.0, 0, "R3 界面高度", lambda c, _k: 371.0 + 0.06 * c.strip_flow),
    Column("scrub_acid_made_up", "mol/L", 0.01, 3, "洗酸浓度", lambda c, _k: c.scrub_acid),
)
INSTRUMENTS = OPERATION + EXTRA


def headings() -> list[str]:
    """Column names with units."""
    return [c.name if c.unit == "pH" else f"{c.name}_{UNITS[c.unit]}" for c in INSTRUMENTS]


def record(start: Cascade, seed: int = SEED) -> tuple[list[datetime], Floats]:
    """Run a week from a settled cascade, which stays as it is; times, and readings (rows, columns)."""
    rng, cascade, before = np.random.default_rng([seed, 1]), copy.deepcopy(start), 0.0
    times, rows = [], []
    for hour, now in conditions(rng):
        cascade.step(hour - before, now)
        before = hour
        times.append(BEGIN + timedelta(minutes=round(hour * 60)))
        rows.append([measure(column, now, cascade, rng) for column in INSTRUMENTS])
    return times, np.array(rows)


def as_csv(times: list[datetime], readings: Floats) -> str:
    """Write the record as CSV: a time column, then every instrument with its own decimals."""
    lines = [",".join(["time", *headings()])]
    for at, row in zip(times, readings, strict=True):
        values = (f"{v:.{c.decimals}f}" for v, c in zip(row, INSTRUMENTS, strict=True))
        lines.append(",".join([at.isoformat(), *values]))
    return "\n".join(lines) + "\n"


def declaration() -> dict[str, object]:
    """The instruments' uncertainties, as `file register --uncertainty` reads them."""
    columns = {
        name: {"uncertainty": c.uncertainty, "unit": c.unit}
        for name, c in zip(headings(), INSTRUMENTS, strict=True)
    }
    return {"columns": columns}
