"""Rank declarations: read, spread over parts, weigh each part, learn from outcomes, fuse, say why.

A part holds all declarations of some exporters and is a Parquet file on disk; one part is in memory at a time. What
is kept of all rows at once is a few numbers each. Running the parts on several processes or machines is the same code:
`rank` takes any `concurrent.futures.Executor` (a process pool, or a Dask client's `get_executor()`), `Surroundings`
travels, parts are independent, and only the numbers come together. Workers reach the parts through the file system:
on several machines `scratch` is a shared folder.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from sealtrace.errors import InputMissing

from . import drift, learn, reasons
from .checks import CHECKS
from .declarations import find, read
from .desk import Papers, Surroundings, Weighed, weigh
from .evidence import Calibration, Floats
from .model import COLUMNS, Kind, Problem

PART_BYTES = 400_000_000
ALERT_SHARE, LEAST_ALERTS = 0.05, 1000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass
class Ranking:
    """All declarations, best first, as columns; reasons for those worth looking at."""

    decl_id: list[str]
    score: Floats
    checks: Floats
    """The evidence of the checks alone, in the same order."""
    exact: np.ndarray[tuple[int], np.dtype[np.bool_]]
    day: np.ndarray[tuple[int], np.dtype[np.int32]]
    model: learn.Model | None
    alerts: list[str] = field(default_factory=list)
    """One line of reasons for each of the first declarations."""
    problems: list[Problem] = field(default_factory=list)
    alarms: list[drift.Alarm] = field(default_factory=list)
    """What changed in the last weeks, when a day was given."""

    def frame(self) -> pl.DataFrame:
        """Give decl_id, score, reasons; reasons are empty beyond the alerts."""
        rest = [""] * (len(self.decl_id) - len(self.alerts))
        return pl.DataFrame({"decl_id": self.decl_id, "score": self.score, "reasons": self.alerts + rest})


def rank(
    folder: Path,
    *,
    labels: pl.DataFrame | None = None,
    until: date | None = None,
    language: str = "en",
    explain: bool = True,
    part_bytes: int = PART_BYTES,
    executor: Executor | None = None,
    scratch: Path | None = None,
) -> Ranking:
    """Rank the declarations of a folder, those up to a day when one is given.

    `labels` are outcomes (decl_id, date, label); without them, outcomes recorded in the declarations themselves
    (`label_observed`) are used. With `until`, nothing dated later is looked at: no row, outcome, reading or statistic.

    Raises:
        InputMissing: the folder has no declarations. The errors of `declarations.read`.
    """
    source = find(folder, "declarations")
    if source is None:
        raise InputMissing(f"{folder} has no declarations.csv, .parquet or .jsonl")
    observed = labels is None
    with tempfile.TemporaryDirectory(prefix="sealtrace-trade-", dir=scratch) as place:
        spread = _spread(source, Path(place), until, observed=observed, part_bytes=part_bytes)
        known = spread.observed() if labels is None else labels
        if until is not None and known is not None:
            known = known.filter(pl.col("date") <= until)
        ranking = _rank(spread, papers(folder, known, until), language, explain=explain, executor=executor)
        if until is not None:
            ranking.alarms = drift.alarms(spread.scan(), until)
        return ranking


def papers(folder: Path, labels: pl.DataFrame | None, until: date | None) -> Papers:
    """Read what lies beside the declarations in a folder; what is not there is left out.

    Undated readings and statistics of months that would not be published yet are left out when `until` is given.
    """
    licences, xrf, mirror = (_table(folder, name) for name in ("licences", "xrf", "mirror"))
    if until is not None:
        xrf = xrf.filter(pl.col("date") <= until) if xrf is not None else None
        mirror = mirror.filter(pl.col("month").dt.offset_by("3mo") <= until) if mirror is not None else None
    return Papers(
        None
        if licences is None
        else licences.unique("licence", keep="last", maintain_order=True).rename(
            {"exporter": "licence_holder", "element": "licence_element"}
        ),
        None
        if xrf is None
        else xrf.drop("date")
        .unique("decl_id", keep="last", maintain_order=True)
        .rename({"element": "xrf_element", "wt_pct": "xrf_wt_pct", "lod_wt_pct": "xrf_lod"}),
        mirror,
        None if labels is None else _dated(labels),
    )


def _dated(labels: pl.DataFrame) -> pl.DataFrame:
    """Give outcomes their day as a number; the last one given for a declaration counts.

    `weight` is one over the propensity, where it is known: what was rarely looked at counts for more.
    """
    chance = pl.col("propensity") if "propensity" in labels.columns else pl.lit(1.0)
    return (
        labels.filter(pl.col("label").is_in([0.0, 1.0]))
        .unique("decl_id", keep="last", maintain_order=True)
        .select(
            "decl_id",
            pl.col("label").cast(pl.Int64),
            pl.col("date").to_physical().cast(pl.Int32).alias("known_day"),
            (1.0 / chance.clip(1e-6, 1.0)).fill_null(1.0).alias("weight"),
        )
    )


_BESIDE: dict[str, tuple[dict[str, Kind], tuple[str, ...]]] = {
    "licences": (
        {"licence": Kind.TEXT, "exporter": Kind.TEXT, "element": Kind.TEXT, "grant_kg": Kind.NUMBER},
        ("licence", "grant_kg"),
    ),
    "xrf": (
        {
            "decl_id": Kind.TEXT,
            "date": Kind.DAY,
            "element": Kind.TEXT,
            "wt_pct": Kind.NUMBER,
            "lod_wt_pct": Kind.NUMBER,
        },
        ("decl_id",),
    ),
    "mirror": (
        {"month": Kind.DAY, "reporter": Kind.TEXT, "hs6": Kind.TEXT, "kg": Kind.NUMBER},
        ("month", "reporter", "hs6"),
    ),
    "labels": (
        {"decl_id": Kind.TEXT, "date": Kind.DAY, "label": Kind.NUMBER, "propensity": Kind.NUMBER},
        ("decl_id", "date"),
    ),
}
"""What may lie beside the declarations: columns, and those each row must have."""


def _table(folder: Path, name: str) -> pl.DataFrame | None:
    path = find(folder, name)
    return None if path is None else _read(path, name)


def _read(path: Path, name: str) -> pl.DataFrame:
    kinds, required = _BESIDE[name]
    types = {Kind.TEXT: pl.String, Kind.NUMBER: pl.Float64, Kind.DAY: pl.Date}
    empty = pl.DataFrame(schema={column: types[kind] for column, kind in kinds.items()})
    return pl.concat([empty, *(batch.frame for batch in read(path, kinds=kinds, required=required))])


def read_labels(path: Path) -> pl.DataFrame:
    """Read outcomes: decl_id, date, label (1 fraud, 0 clean), propensity where known; other labels are left out."""
    return _read(path, "labels")


@dataclass
class _Spread:
    """Declarations spread over parts on disk."""

    folder: Path
    parts: int
    rows: int
    problems: list[Problem]
    stale: frozenset[int]

    def scan(self, part: int | None = None) -> pl.LazyFrame:
        """Give one part, or all, in the order the rows came, corrections in place of what they correct."""
        where = self.folder / ("*" if part is None else str(part)) / "*.parquet"
        rows = pl.scan_parquet(where)
        return rows.filter(~pl.col("seq").is_in(list(self.stale))) if self.stale else rows

    def observed(self) -> pl.DataFrame | None:
        """Outcomes recorded in the declarations themselves."""
        rows = self.scan().filter(pl.col("label_observed").is_in([0.0, 1.0]))
        found = rows.select("decl_id", "date", pl.col("label_observed").alias("label")).collect()
        return None if found.is_empty() else found


def _spread(source: Path, scratch: Path, until: date | None, *, observed: bool, part_bytes: int) -> _Spread:
    parts = max(1, math.ceil(source.stat().st_size / part_bytes))
    kinds = {**COLUMNS, "label_observed": Kind.NUMBER} if observed else dict(COLUMNS)
    problems: list[Problem] = []
    hashes: list[pl.Series] = []
    rows = 0
    for part in range(parts):
        (scratch / str(part)).mkdir()
    for number, batch in enumerate(read(source, kinds=kinds)):
        problems += batch.problems
        frame = batch.frame.filter(pl.col("date") <= until) if until is not None else batch.frame
        frame = frame.with_columns(seq=pl.int_range(rows, rows + len(frame), dtype=pl.Int64, eager=True))
        rows += len(frame)
        hashes.append(frame["decl_id"].hash(7))
        place = frame["exporter"].hash(11) % parts
        for part in range(parts):
            frame.filter(place == part).write_parquet(
                scratch / str(part) / f"{number:06d}.parquet", compression="lz4"
            )
    if not rows:
        raise InputMissing(f"{source.name} has no declaration that can be ranked")
    ids = pl.DataFrame({"h": pl.concat(hashes)}).with_row_index("seq")
    repeated = ids.filter(pl.col("h").is_duplicated())
    stale = repeated.filter(pl.col("seq") != pl.col("seq").max().over("h"))["seq"].to_list()
    return _Spread(scratch, parts, rows - len(stale), problems, frozenset(stale))


@dataclass(frozen=True)
class _Work:
    """What a worker needs for any part: it travels whole, and is the same for all but the first."""

    spread: _Spread
    around: Surroundings
    calibration: Calibration | None
    explain: bool

    def __call__(self, part: int) -> tuple[_Part, Calibration] | None:
        """Weigh one part; None when no row fell into it."""
        rows = self.spread.scan(part).collect()
        if rows.is_empty():
            return None
        found = weigh(self.around.gather(rows), self.calibration)
        path = self.spread.folder / f"facts-{part}.parquet"
        return _Part.keep(found, path, explain=self.explain), found.calibration


def _weigh_all(work: _Work, executor: Executor | None) -> tuple[list[_Part], Calibration]:
    """Weigh every part: the first with rows here, since it calibrates; the others wherever there is room."""
    parts = iter(range(work.spread.parts))
    first = next(found for part in parts if (found := work(part)) is not None)
    calibrated = replace(work, calibration=first[1])
    rest = (executor.map if executor is not None else map)(calibrated, list(parts))
    return [first[0], *(found[0] for found in rest if found is not None)], first[1]


def _rank(
    spread: _Spread, beside: Papers, language: str, *, explain: bool, executor: Executor | None = None
) -> Ranking:
    around = Surroundings.fit(spread.scan(), beside)
    weighed, calibration = _weigh_all(_Work(spread, around, None, explain), executor)
    total = np.concatenate([p.total for p in weighed])
    x = np.concatenate([p.x for p in weighed])
    ids = [i for p in weighed for i in p.ids]
    exact = np.concatenate([p.exact for p in weighed])
    learned, model = _learn(ids, x, around)
    fused = learn.fuse(total, learned, model.weight if model else 0.0)
    score = np.where(exact, fused + 100.0, fused)
    order = np.lexsort((np.array([_tie(i) for i in ids], dtype=np.uint64), -total, -score))
    ranking = Ranking(
        [ids[i] for i in order],
        score[order],
        total[order],
        exact[order],
        np.concatenate([p.day for p in weighed])[order],
        model,
        problems=spread.problems,
    )
    if explain:
        many = min(len(order), max(LEAST_ALERTS, math.ceil(ALERT_SHARE * len(order))))
        ranking.alerts = list(_explain(weighed, order[:many], x, model, calibration, language))
    return ranking


@dataclass(frozen=True)
class _Part:
    """What is kept of a weighed part: numbers in memory, facts on disk."""

    ids: list[str]
    day: np.ndarray[tuple[int], np.dtype[np.int32]]
    total: Floats
    exact: np.ndarray[tuple[int], np.dtype[np.bool_]]
    x: learn.Inputs
    facts: Path

    @classmethod
    def keep(cls, found: Weighed, path: Path, *, explain: bool) -> _Part:
        if explain:
            names = sorted({n for c in CHECKS for n in c.facts})
            scores = pl.DataFrame({f"score {c.name}": found.scores[c.name] for c in CHECKS})
            parts = pl.DataFrame({f"nats {c.name}": found.parts[c.name] for c in CHECKS})
            pl.concat([found.frame.select(names), scores, parts], how="horizontal").write_parquet(
                path, compression="lz4"
            )
        x = learn.features(found.frame, found.parts, found.total)
        return cls(
            found.frame["decl_id"].to_list(), found.frame["day"].to_numpy(), found.total, found.exact, x, path
        )


def _learn(
    ids: Sequence[str], x: learn.Inputs, around: Surroundings
) -> tuple[Floats | None, learn.Model | None]:
    labels = around.labels
    if labels is None or labels.is_empty():
        return None, None
    places = pl.DataFrame({"decl_id": ids}).with_row_index("place")
    known = places.join(labels, on="decl_id").sort("place")
    pairs = (known["exporter"] + "\0" + known["consignee"]).to_list()
    inspected, truth = known["place"].to_numpy().astype(np.int64), known["label"].to_numpy()
    return learn.cross_fitted(x, inspected, truth, pairs, known["weight"].to_numpy())


def _tie(decl_id: str) -> int:
    """Equal scores are ordered by a hash, which nobody's numbering can steer."""
    return int.from_bytes(hashlib.blake2b(decl_id.encode(), digest_size=8).digest(), "big")


def _explain(
    weighed: Sequence[_Part],
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]],
    x: learn.Inputs,
    model: learn.Model | None,
    calibration: Calibration,
    language: str,
) -> Iterator[str]:
    starts = np.cumsum([0, *(len(p.ids) for p in weighed)])
    lines: dict[int, str] = {}
    booster = model.booster() if model else None
    for number, part in enumerate(weighed):
        inside = np.sort(chosen[(chosen >= starts[number]) & (chosen < starts[number + 1])])
        if not len(inside):
            continue
        rows = pl.read_parquet(part.facts)[(inside - starts[number]).tolist()]
        scores = {c.name: rows[f"score {c.name}"].to_numpy() for c in CHECKS}
        parts = {c.name: rows[f"nats {c.name}"].to_numpy() for c in CHECKS}
        why = reasons.reasons(rows.iter_rows(named=True), parts, scores, calibration, language)
        raised = learn.shares(booster, x[inside]) if booster is not None else [[]] * len(inside)
        for place, found, shares in zip(inside, why, raised, strict=True):
            lines[int(place)] = reasons.line(found, [name for name, _ in shares], language)
    return (lines[int(i)] for i in chosen)
