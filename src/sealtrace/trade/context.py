"""Context: what other rows, licences, readings, partners' statistics and outcomes say about each declaration.

Every function takes a prepared frame with a column `row` (0, 1, 2, ...) and gives it back in the same order with
columns added. Rows of one exporter stand on their own for pairs and licences, so a frame may hold all
exporters or any share of them; what consignees look like across exporters comes from a `Profile` fitted on all.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .goods import STRATEGIC_HEADINGS, TRANSIT_PLACES
from .text import HeadingModel, contradiction

SPLIT_DAYS, PAIR_DAYS, ROTATION_DAYS = 10, 90, 90
SMALL_LOT_KG = 150
PAST_ENOUGH = 8
"""Declarations an exporter must have behind it before a change of its routes means anything."""
YOUNG_DAYS = 365


@dataclass(frozen=True)
class Profile:
    """How often each consignee shows each country, address, phone and trader flag; who shares an address."""

    consignee: pl.DataFrame
    shown: tuple[pl.DataFrame, ...]
    shared: tuple[pl.DataFrame, ...]

    SHOWN = ("dest", "consignee_addr", "consignee_phone", "consignee_trader")
    SHARED = ("consignee_addr", "consignee_phone")

    @classmethod
    def fit(cls, prepared: pl.LazyFrame) -> Profile:
        """Count. Memory follows the number of consignees."""
        consignee = prepared.group_by("consignee").agg(
            pl.len().alias("consignee_n"), pl.col("consignee_age_d").median().alias("consignee_age_mid")
        )
        shown = [prepared.group_by("consignee", name).agg(pl.len().alias(f"{name}_n")) for name in cls.SHOWN]
        shared = [
            prepared.filter(pl.col(name) != "")
            .group_by(name)
            .agg(pl.col("consignee").n_unique().alias(f"{name}_shared"))
            for name in cls.SHARED
        ]
        return cls(
            consignee.collect(engine="streaming"),
            tuple(t.collect(engine="streaming") for t in shown),
            tuple(t.collect(engine="streaming") for t in shared),
        )

    def attach(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the counts to each row."""
        frame = frame.join(self.consignee, on="consignee", how="left", maintain_order="left")
        for name, table in zip(self.SHOWN, self.shown, strict=True):
            frame = frame.join(
                table, on=["consignee", name], how="left", maintain_order="left", nulls_equal=True
            )
        for name, table in zip(self.SHARED, self.shared, strict=True):
            frame = frame.join(table, on=name, how="left", maintain_order="left")
        return frame.with_columns(transit=pl.col("dest").is_in(list(TRANSIT_PLACES)))


def _around(frame: pl.DataFrame, keys: list[str], before: int, after: int, *what: pl.Expr) -> pl.DataFrame:
    """Aggregate, for each row, the rows of its group from `before` days before it to `after` days after it."""
    windows = (
        frame.sort(*keys, "day")
        .rolling("day", period=f"{before + after}i", offset=f"-{before}i", closed="both", group_by=keys)
        .agg(*what)
        .unique([*keys, "day"])
    )
    return frame.select("row", *keys, "day").join(windows, on=[*keys, "day"], how="left").drop(*keys, "day")


def splits(frame: pl.DataFrame) -> pl.DataFrame:
    """Count the small lots that one pair of parties declared within ten days of each small lot: `small_lots`."""
    small = frame.filter(pl.col("net_kg") < SMALL_LOT_KG).select(
        "row", "exporter", "consignee", "day", "net_kg"
    )
    near = _around(
        small,
        ["exporter", "consignee"],
        SPLIT_DAYS,
        SPLIT_DAYS,
        pl.len().alias("small_lots"),
        pl.col("net_kg").sum().alias("small_lots_kg"),
    )
    return frame.join(near, on="row", how="left", maintain_order="left")


def rotation(frame: pl.DataFrame) -> pl.DataFrame:
    """Count the young consignees an exporter used within 90 days of each declaration to one: `fresh_consignees`."""
    young = frame.filter(pl.col("consignee_age_d") < YOUNG_DAYS).select("row", "exporter", "consignee", "day")
    near = _around(
        young, ["exporter"], ROTATION_DAYS, 0, pl.col("consignee").n_unique().alias("fresh_consignees")
    )
    usual = frame.group_by("exporter").agg(
        pl.len().alias("exporter_n"), pl.col("transit").mean().alias("exporter_transit_share")
    )
    return frame.join(near, on="row", how="left", maintain_order="left").join(
        usual, on="exporter", how="left", maintain_order="left"
    )


def transit_shift(frame: pl.DataFrame) -> pl.DataFrame:
    """Compare an exporter's share of trans-shipment places in each quarter with its quarters before.

    `transit_jump` is a binomial z; null before there is a past.
    """
    quarter = (
        frame.group_by("exporter", pl.col("date").dt.truncate("1q").alias("quarter"))
        .agg(pl.len().alias("n"), pl.col("transit").sum().alias("via"))
        .sort("exporter", "quarter")
        .with_columns(
            (pl.col("n").cum_sum().over("exporter") - pl.col("n")).alias("n_before"),
            (pl.col("via").cum_sum().over("exporter").cast(pl.Int64) - pl.col("via").cast(pl.Int64)).alias(
                "via_before"
            ),
        )
    )
    share = (pl.col("via_before") + 1) / (pl.col("n_before") + 3)
    jump = (pl.col("via") - pl.col("n") * share) / (pl.col("n") * share * (1 - share)).sqrt()
    table = quarter.filter(pl.col("n_before") >= PAST_ENOUGH).select(
        "exporter",
        "quarter",
        jump.alias("transit_jump"),
        (pl.col("via") / pl.col("n")).alias("transit_now"),
        (pl.col("via_before") / pl.col("n_before")).alias("transit_before"),
    )
    return frame.with_columns(quarter=pl.col("date").dt.truncate("1q")).join(
        table, on=["exporter", "quarter"], how="left", maintain_order="left"
    )


def draws(frame: pl.DataFrame, licences: pl.DataFrame | None) -> pl.DataFrame:
    """Run each licence's account: `drawn_kg` up to and with this declaration, beside what was granted."""
    if licences is None:
        licences = pl.DataFrame(
            schema={
                "licence": pl.String,
                "licence_holder": pl.String,
                "licence_element": pl.String,
                "grant_kg": pl.Float64,
            }
        )
    used = (
        frame.filter(pl.col("licence") != "")
        .select("row", "licence", "net_kg", "day")
        .sort("day", "row")
        .select("row", pl.col("net_kg").cum_sum().over("licence").alias("drawn_kg"))
    )
    return frame.join(used, on="row", how="left", maintain_order="left").join(
        licences, on="licence", how="left", maintain_order="left"
    )


def readings(frame: pl.DataFrame, xrf: pl.DataFrame | None) -> pl.DataFrame:
    """Add the spectrometer's reading, where one was taken: `xrf_element`, `xrf_wt_pct`, `xrf_lod`."""
    if xrf is None or xrf.is_empty():
        return frame.with_columns(
            xrf_element=pl.lit(None, pl.String),
            xrf_wt_pct=pl.lit(None, pl.Float64),
            xrf_lod=pl.lit(None, pl.Float64),
        )
    return frame.join(xrf, on="decl_id", how="left", maintain_order="left")


def wording(frame: pl.DataFrame, model: HeadingModel) -> pl.DataFrame:
    """Judge each distinct description against its heading: `text_doubt`, `text_better`, `text_named`."""
    distinct = frame.select("hs6", "desc", "decl_element").unique()
    scores, better, named = [], [], []
    for heading, words, element in distinct.iter_rows():
        verdict = model.judge(heading, words)
        scores.append(contradiction(verdict, heading, element))
        better.append(verdict.better)
        named.append(" ".join(sorted(verdict.named)))
    judged = distinct.with_columns(
        text_doubt=pl.Series(scores, dtype=pl.Float64),
        text_better=pl.Series(better, dtype=pl.String),
        text_named=pl.Series(named, dtype=pl.String),
    )
    return frame.join(judged, on=["hs6", "desc", "decl_element"], how="left", maintain_order="left")


def mirror_gaps(declared: pl.DataFrame, mirror: pl.DataFrame) -> pl.DataFrame:
    """Set what the partner reports beside what was declared, in kilograms, by month, partner and heading.

    Goods arrive up to two months after they were declared, so both sides are summed over three months. `gap_kg`
    is reported less declared; `gap_z` is the gap over the spread of gaps of that heading in all partners and
    months. Values are left out on purpose: CIF and FOB differ by 2-12 % for honest reasons, kilograms do not.
    """
    ours = declared.group_by("month", pl.col("dest").alias("reporter"), "hs6").agg(
        pl.col("net_kg").sum().alias("declared_kg")
    )
    theirs = mirror.group_by("month", "reporter", "hs6").agg(pl.col("kg").sum().alias("reported_kg"))
    months = pl.DataFrame({"month": pl.concat([ours["month"], theirs["month"]]).unique().sort()})
    pairs = pl.concat([ours.select("reporter", "hs6"), theirs.select("reporter", "hs6")]).unique()
    keys = ["month", "reporter", "hs6"]
    joined = (
        months.join(pairs, how="cross")
        .join(ours, on=keys, how="left")
        .join(theirs, on=keys, how="left")
        .with_columns(pl.col("declared_kg", "reported_kg").fill_null(0.0))
        .sort(keys)
    )
    over = ["reporter", "hs6"]
    summed = joined.with_columns(
        pl.col("declared_kg", "reported_kg").rolling_sum(3, min_samples=1).over(over).name.suffix("_3m")
    )
    gap = pl.col("reported_kg_3m") - pl.col("declared_kg_3m")
    scale = (pl.col("declared_kg_3m").median().over("hs6") * pl.col("declared_kg_3m")).sqrt().clip(1.0)
    relative = gap / scale
    return (
        summed.with_columns(gap_kg=gap, relative=relative)
        .with_columns(
            gap_z=(pl.col("relative") - pl.col("relative").median().over("hs6"))
            / (
                (pl.col("relative").quantile(0.75) - pl.col("relative").quantile(0.25)).over("hs6") / 1.349
            ).clip(0.01)
        )
        .select(*keys, "declared_kg", "reported_kg", "gap_kg", "gap_z")
    )


def mirrored(frame: pl.DataFrame, gaps: pl.DataFrame | None) -> pl.DataFrame:
    """Add the largest unexplained excess of strategic goods at the partner in the months the goods arrive.

    `mirror_excess_z`, `mirror_excess_kg`: only for goods not declared as strategic themselves.
    """
    absent = (
        pl.lit(None, pl.Float64).alias("mirror_excess_z"),
        pl.lit(None, pl.Float64).alias("mirror_excess_kg"),
    )
    if gaps is None or gaps.is_empty():
        return frame.with_columns(*absent)
    strategic = (
        gaps.filter(pl.col("hs6").is_in(list(STRATEGIC_HEADINGS)))
        .group_by("reporter", "month")
        .agg(
            pl.col("gap_z").max().alias("mirror_excess_z"),
            pl.col("gap_kg").sort_by("gap_z").last().alias("mirror_excess_kg"),
        )
        .rename({"reporter": "dest"})
        .with_columns(month=pl.col("month").dt.offset_by("-1mo"))
    )
    joined = frame.join(strategic, on=["dest", "month"], how="left", maintain_order="left")
    hidden = ~pl.col("hs6").is_in(list(STRATEGIC_HEADINGS))
    return joined.with_columns(
        pl.when(hidden).then("mirror_excess_z").alias("mirror_excess_z"),
        pl.when(hidden).then("mirror_excess_kg").alias("mirror_excess_kg"),
    )


RECORD_KEYS = {
    "pair": ("exporter", "consignee"),
    "consignee": ("consignee",),
    "exporter": ("exporter",),
    "address": ("consignee_addr",),
}


def record(frame: pl.DataFrame, labels: pl.DataFrame | None) -> pl.DataFrame:
    """Count earlier inspections and confirmed frauds of the pair, the parties and the address.

    Only outcomes dated strictly before the declaration count, so nothing learns from its own future or itself.
    `labels` has decl_id, date, label; the parties come from the frame the labels were given on.
    """
    names = [f"{kind}_{what}" for kind in RECORD_KEYS for what in ("seen", "hits")]
    if labels is None or labels.is_empty():
        return frame.with_columns(*(pl.lit(0, pl.Int64).alias(name) for name in names))
    ordered = frame.sort("day", "row")
    for kind, keys in RECORD_KEYS.items():
        known = (
            labels.filter(pl.all_horizontal(*(pl.col(k).is_not_null() & (pl.col(k) != "") for k in keys)))
            .sort("known_day")
            .select(
                *keys,
                "known_day",
                pl.int_range(1, pl.len() + 1).over(list(keys)).alias(f"{kind}_seen"),
                pl.col("label").cast(pl.Int64).cum_sum().over(list(keys)).alias(f"{kind}_hits"),
            )
            .group_by(*keys, "known_day", maintain_order=True)
            .last()
            .sort("known_day")
        )
        ordered = ordered.join_asof(
            known,
            left_on="day",
            right_on="known_day",
            by=list(keys),
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        ).drop("known_day", strict=False)
    return ordered.with_columns(pl.col(*names).fill_null(0)).sort("row")


def companions(frame: pl.DataFrame, evidence: pl.Series) -> pl.DataFrame:
    """Add what the pair's other consignments within 90 days look like: how many, and their mean evidence."""
    base = frame.select("row", "exporter", "consignee", "day").with_columns(e=evidence)
    near = _around(
        base,
        ["exporter", "consignee"],
        PAIR_DAYS,
        PAIR_DAYS,
        pl.len().alias("n"),
        pl.col("e").sum().alias("sum"),
    ).join(base.select("row", "e"), on="row")
    others = near.filter(pl.col("n") > 1).select(
        "row",
        (pl.col("n") - 1).alias("pair_others"),
        ((pl.col("sum") - pl.col("e")) / (pl.col("n") - 1)).alias("pair_evidence"),
    )
    return frame.join(others, on="row", how="left", maintain_order="left")
