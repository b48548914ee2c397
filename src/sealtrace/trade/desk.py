"""The desk: everything known around the declarations, fitted once, and the scoring of any number of them.

`Surroundings` is fitted on all declarations by streaming aggregation. `gather` gives a set of rows their context;
the set may be all rows or all rows of some exporters, which is how ten million rows pass through bounded memory
and how a cluster would divide them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from . import context, evidence
from .algebra import Columns
from .checks import FACTS, FIRST, SECOND
from .evidence import Calibration, Floats
from .model import COLUMNS
from .peers import Peers, prepare
from .text import HeadingModel


@dataclass(frozen=True)
class Papers:
    """What lies beside the declarations: licences, readings, partners' statistics, outcomes. Each may be missing.

    licences: licence, licence_holder, licence_element, grant_kg. xrf: decl_id, xrf_element, xrf_wt_pct, xrf_lod.
    mirror: month, reporter, hs6, kg. labels: decl_id, label (1 fraud, 0 clean), known_day (days since 1970),
    weight (one over the propensity).
    """

    licences: pl.DataFrame | None = None
    xrf: pl.DataFrame | None = None
    mirror: pl.DataFrame | None = None
    labels: pl.DataFrame | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is usual, fitted on all declarations there are."""

    peers: Peers
    profile: context.Profile
    headings: HeadingModel
    gaps: pl.DataFrame | None
    labels: pl.DataFrame | None
    papers: Papers

    @classmethod
    def fit(cls, declarations: pl.LazyFrame, papers: Papers) -> Surroundings:
        """Fit on a frame or on files: each table is one streaming pass, its size that of its groups."""
        prepared = prepare(declarations)
        texts = prepared.group_by("hs6", "desc").agg(pl.len()).collect(engine="streaming").sort("hs6", "desc")
        gaps = labels = None
        if papers.mirror is not None:
            monthly = prepared.group_by("month", "dest", "hs6").agg(pl.col("net_kg").sum())
            gaps = context.mirror_gaps(monthly.collect(engine="streaming"), papers.mirror)
        if papers.labels is not None:
            parties = prepared.select("decl_id", "exporter", "consignee", "consignee_addr")
            known = parties.join(papers.labels.lazy(), on="decl_id", how="inner")
            labels = known.collect(engine="streaming").sort("known_day", "decl_id")
        return cls(
            Peers.fit(prepared),
            context.Profile.fit(prepared),
            HeadingModel(texts.iter_rows()),
            gaps,
            labels,
            papers,
        )

    def gather(self, declarations: pl.DataFrame) -> pl.DataFrame:
        """Give the rows of whole exporters their context, in the order they came."""
        frame = prepare(declarations.select(*COLUMNS).lazy()).with_row_index("row").collect()
        frame = self.profile.attach(self.peers.attach(frame))
        frame = context.transit_shift(context.rotation(context.splits(frame)))
        frame = context.readings(context.draws(frame, self.papers.licences), self.papers.xrf)
        frame = context.mirrored(context.wording(frame, self.headings), self.gaps)
        return context.record(frame, self.labels)


@dataclass(frozen=True)
class Weighed:
    """Rows with their scores and evidence; arrays are in the frame's order."""

    frame: pl.DataFrame
    scores: Mapping[str, Floats]
    parts: Mapping[str, Floats]
    total: Floats
    """Evidence without what the books say."""
    exact: np.ndarray[tuple[int], np.dtype[np.bool_]]
    calibration: Calibration


def weigh(gathered: pl.DataFrame, calibration: Calibration | None = None) -> Weighed:
    """Run the checks, rank their scores, add the evidence up.

    Without a calibration these rows are their own population.
    """
    first = evidence.scores(gathered, FIRST)
    early = calibration or Calibration(evidence.hold(first), len(gathered), 0.0)
    parts = evidence.nats(early, first)
    alone = evidence.total(parts)
    mean = calibration.mean if calibration else float(alone.mean()) if len(alone) else 0.0
    frame = context.companions(gathered, pl.Series("evidence", alone)).with_columns(
        evidence_mean=pl.lit(mean)
    )
    second = evidence.scores(frame, SECOND)
    whole = calibration or Calibration(evidence.hold(first | second), len(gathered), mean)
    parts |= evidence.nats(whole, second)
    exact = np.any([parts[c.name] > 0 for c in FIRST if c.exact], axis=0)
    columns = Columns()
    frame = frame.with_columns(**{name: formula(columns) for name, formula in FACTS.items()})
    return Weighed(frame, first | second, parts, evidence.total(parts), exact, whole)
