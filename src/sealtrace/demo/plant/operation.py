"""One week of running the cascade, as its instruments and its laboratory saw it.

Set points wander as control loops let them (Ornstein-Uhlenbeck), the hall warms by day, and three
things happen: a batch of feed poorer in terbium, a spell of weak saponification, a scrub-acid tank
change. Readings are the simulated truth plus Gaussian noise of the declared standard uncertainty,
rounded to the instrument's resolution. Seeded: the same seed gives the same week.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

import numpy as np

from .cascade import MOLAR_MASS_G, Cascade, Conditions, Floats, Shape

SEED = 20260302
BEGIN = datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=8)))
HOURS, STEP_MIN, ROW_MIN, ASSAY_MIN = 168, 5, 10, 120
WANDER = {  # standard deviation of the set point's wandering, and its correlation time in hours
    "feed_flow": (4.0, 1.5),
    "organic_flow": (9.0, 1.5),
    "scrub_flow": (1.6, 1.0),
    "strip_flow": (4.0, 1.0),
    "feed_acid": (0.003, 6.0),
    "saponified": (0.0012, 8.0),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One measured column: how it is read, how well, and how it is written."""

    name: str
    unit: str
    uncertainty: float
    decimals: int
    chinese: str
    true: Callable[[Conditions, Cascade], float]
    relative: bool = False


def _acid(stage: int) -> Callable[[Conditions, Cascade], float]:
    return lambda _c, k: float(k.state.acid[stage])


def _grams(stream: Callable[[Cascade], Floats], element: int) -> Callable[[Conditions, Cascade], float]:
    return lambda _c, k: float(stream(k)[element] * MOLAR_MASS_G[element])


def _interface(_c: Conditions, k: Cascade) -> float:
    """Height of the phase boundary in settler 1: rises with the organic phase's load (its density)."""
    return 412.0 + 160.0 * float(k.loaded_organic.sum() - 0.115)


OPERATION = (
    Column("feed_flow", "L/h", 1.5, 1, "料液流量", lambda c, _k: c.feed_flow),
    Column("organic_flow", "L/h", 8.0, 0, "有机相流量", lambda c, _k: c.organic_flow),
    Column("scrub_flow", "L/h", 0.8, 1, "洗酸流量", lambda c, _k: c.scrub_flow),
    Column("strip_flow", "L/h", 1.5, 1, "反酸流量", lambda c, _k: c.strip_flow),
    Column("hall_temp", "degC", 0.2, 1, "车间温度", lambda c, _k: c.temperature),
    Column("mixer_e09_temp", "degC", 0.2, 1, "E9 混合室温度", lambda c, _k: c.temperature + 1.6),
    Column("mixer_s08_temp", "degC", 0.2, 1, "S8 混合室温度", lambda c, _k: c.temperature + 1.1),
    Column("saponification", "%", 0.3, 1, "皂化度", lambda c, _k: 100 * c.saponified),
    Column("raffinate_ph", "pH", 0.02, 2, "萃余液 pH", lambda _c, k: -math.log10(float(k.state.acid[0]))),
    Column("acid_e09", "mol/L", 0.004, 3, "E9 水相酸度", _acid(8)),
    Column("acid_s08", "mol/L", 0.006, 3, "S8 水相酸度", _acid(25)),
    Column("strip_liquor_acid", "mol/L", 0.03, 2, "反萃液酸度", _acid(34)),
    Column("interface_e01", "mm", 2.0, 0, "E1 界面高度", _interface),
)
ASSAYS = tuple(
    Column(
        f"{stream}_{element.lower()}",
        "g/L",
        uncertainty,
        decimals,
        f"{chinese} {element}",
        _grams(of, i),
        True,
    )
    for stream, chinese, of, uncertainty, decimals in (
        ("raffinate", "萃余液", lambda k: k.raffinate, 0.012, 3),
        ("loaded_organic", "负载有机相", lambda k: k.loaded_organic, 0.015, 3),
        ("strip_liquor", "反萃液", lambda k: k.strip_liquor, 0.012, 3),
    )
    for i, element in enumerate(("Tb", "Dy", "Y"))
)
DETECTION_LIMIT_G_L = 0.002  # of the assays; half of it is the noise near zero


@dataclass(frozen=True, slots=True)
class Week:
    """Tables of one week, rows as (time, readings in the columns' order), and the cascade at its end."""

    operation: tuple[tuple[datetime, tuple[float, ...]], ...]
    assays: tuple[tuple[datetime, tuple[float, ...]], ...]
    end: Cascade


def steady(conditions: Conditions | None = None, shape: Shape | None = None) -> Cascade:
    """The cascade in its steady state at design conditions. About 4 s of one core."""
    conditions = conditions or Conditions()
    cascade = Cascade(shape or Shape(), conditions)
    cascade.settle(conditions)
    return cascade


def happen(hour: float, base: Conditions) -> Conditions:
    """Design conditions as the week's events and the time of day change them."""
    day = replace(base, temperature=base.temperature + 2.2 * math.sin(2 * math.pi * (hour - 9) / 24))
    if 58 <= hour < 94:  # a batch of feed with less terbium and more yttrium
        day = replace(day, feed=(0.092, 0.408, 0.398))
    if 112 <= hour < 121:  # the ammonia dosing pump lost stroke
        day = replace(day, saponified=day.saponified - 0.007)
    if hour >= 139:  # a new tank of scrub acid, a little weaker
        day = replace(day, scrub_acid=day.scrub_acid - 0.02)
    return day


def conditions(rng: np.random.Generator) -> Iterator[tuple[float, Conditions]]:
    """Give hour and conditions of every step of the week."""
    base = Conditions()
    offset = dict.fromkeys(WANDER, 0.0)
    hours = STEP_MIN / 60
    for step in range(HOURS * 60 // STEP_MIN):
        now = happen(step * hours, base)
        for name, (spread, memory_h) in WANDER.items():
            keep = math.exp(-hours / memory_h)
            offset[name] = keep * offset[name] + spread * math.sqrt(1 - keep * keep) * rng.standard_normal()
        yield step * hours, replace(now, **{name: getattr(now, name) + offset[name] for name in WANDER})


def measure(column: Column, c: Conditions, k: Cascade, rng: np.random.Generator) -> float:
    """Read one instrument: truth plus noise, rounded to its resolution, never below zero."""
    true = column.true(c, k)
    noise = column.uncertainty * (true if column.relative else 1.0)
    if column.relative:
        noise = math.hypot(noise, DETECTION_LIMIT_G_L / 2)
    return max(round(true + noise * rng.standard_normal(), column.decimals), 0.0) + 0.0  # no minus zero


def simulate(start: Cascade, seed: int = SEED) -> Week:
    """Run the week from a settled cascade, which stays as it is. About 2 s of one core."""
    rng, cascade = np.random.default_rng(seed), copy.deepcopy(start)
    operation, assays = [], []
    for hour, now in conditions(rng):
        cascade.step(STEP_MIN / 60, now)
        minute = round(hour * 60)
        at = BEGIN + timedelta(minutes=minute)
        if minute % ROW_MIN == 0:
            operation.append((at, tuple(measure(column, now, cascade, rng) for column in OPERATION)))
        if minute % ASSAY_MIN == 0:
            assays.append((at, tuple(measure(column, now, cascade, rng) for column in ASSAYS)))
    return Week(tuple(operation), tuple(assays), cascade)
