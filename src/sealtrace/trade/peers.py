"""Peers: what is usual for a material, a month, a way of transport; fitted once, attached to any rows.

Material means the declared element where there is one, else the HS heading. Spread is the interquartile range
over 1.349, so that neither frauds nor typing errors widen it. All group tables are small: their size follows the
number of materials, months and parties, never the number of declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from .algebra import Algebra, Columns, Row, Value
from .model import COLUMNS

FEW = 12
"""A group smaller than this is no measure of what is usual; the next larger group stands in."""

_IQR_TO_SIGMA = 1.349


def _known(a: Algebra, name: str) -> Value:
    """A quantity, null unless positive."""
    return a.when(a.col(name) > 0, a.col(name))


MEASURED: Mapping[str, Callable[[Algebra], Value]] = {
    "material": lambda a: a.when(a.col("decl_element") != "", a.col("decl_element"), a.col("hs6")),
    "usd_per_kg": lambda a: _known(a, "value_usd") / _known(a, "net_kg"),
    "log_price": lambda a: (_known(a, "value_usd") / _known(a, "net_kg")).log(),
    "log_tare": lambda a: (_known(a, "weighbridge_kg") / _known(a, "net_kg")).log(),
    "log_insured": lambda a: (_known(a, "insurance_usd") / _known(a, "value_usd")).log(),
    "log_net": lambda a: _known(a, "net_kg").log(),
    "insured_share": lambda a: a.col("insurance_usd") / _known(a, "value_usd"),
    "log_bulk": lambda a: (
        a.when(a.col("weighbridge_kg") > 0, a.col("weighbridge_kg"), _known(a, "net_kg"))
        / _known(a, "volume_m3")
        / 1000.0
    ).log(),
}
"""The quantities the checks compare; one that is missing or not positive is null and speaks for nothing."""

TEXTS = ("mode", "dest", "decl_element", "licence", "consignee_addr", "consignee_phone", "desc")
"""Columns whose missing text is the empty text."""


def prepare(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add month and day (since 1970), fill missing texts and the direction, add the measured quantities."""
    columns = Columns()
    return rows.with_columns(
        pl.col(*TEXTS).fill_null(""),
        pl.col("direction").fill_null("export"),
        month=pl.col("date").dt.truncate("1mo"),
        day=pl.col("date").to_physical().cast(pl.Int32),
    ).with_columns(**{name: formula(columns) for name, formula in MEASURED.items()})


def prepare_row(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Do the same for one declaration."""
    row: dict[str, Any] = {name: declaration.get(name) for name in COLUMNS}
    row |= {name: row[name] or "" for name in TEXTS}
    row["direction"] = row["direction"] or "export"
    at: date = row["date"]
    row["month"], row["day"] = at.replace(day=1), (at - date(1970, 1, 1)).days
    return row | {name: formula(Row(row)).value for name, formula in MEASURED.items()}


def _mid(name: str, alias: str) -> pl.Expr:
    return pl.col(name).median().alias(f"{alias}_mid")


def _spread(name: str, alias: str, least: float) -> pl.Expr:
    width = pl.col(name).quantile(0.75) - pl.col(name).quantile(0.25)
    return (width / _IQR_TO_SIGMA).clip(least).alias(f"{alias}_sd")


@dataclass(frozen=True)
class Peers:
    """Group tables of what is usual. Each has its keys first; `attach` joins them."""

    material: pl.DataFrame
    price_month: pl.DataFrame
    border: pl.DataFrame
    transport: pl.DataFrame

    KEYS = (
        ("material", ("direction", "material")),
        ("price_month", ("direction", "material", "month")),
        ("border", ("direction",)),
        ("transport", ("direction", "material", "mode")),
    )

    @classmethod
    def fit(cls, prepared: pl.LazyFrame) -> Peers:
        """Measure what is usual. One streaming pass; memory follows the number of groups."""
        material = prepared.group_by("direction", "material").agg(
            pl.len().alias("peers"),
            _mid("log_price", "price"),
            _spread("log_price", "price", 0.05),
            _mid("log_bulk", "bulk"),
            _spread("log_bulk", "bulk", 0.05),
            pl.col("log_bulk").quantile(0.05).exp().alias("bulk_low"),
            pl.col("log_bulk").quantile(0.95).exp().alias("bulk_high"),
            _mid("log_net", "net"),
            _spread("log_net", "net", 0.2),
        )
        month = (
            prepared.group_by("direction", "material", "month")
            .agg(
                pl.len().alias("peers_month"),
                _mid("log_price", "price_month"),
                _spread("log_price", "price_month", 0.05),
                (pl.col("licence") != "").mean().alias("licensed_share"),
            )
            .filter(pl.col("peers_month") >= FEW)
        )
        # a price drifts over months: its spread is that within a month, where months have enough peers
        within = month.group_by("direction", "material").agg(
            pl.col("price_month_sd").median().alias("within")
        )
        material = (
            material.join(within, on=["direction", "material"], how="left")
            .with_columns(price_sd=pl.coalesce("within", "price_sd"))
            .drop("within")
        )
        month = month.drop("price_month_sd")
        border = prepared.group_by("direction").agg(
            pl.len().alias("declared"),
            _mid("log_tare", "tare"),
            _spread("log_tare", "tare", 0.004),
            _mid("log_insured", "insured"),
            _spread("log_insured", "insured", 0.1),
            pl.col("log_price").median().alias("price_border_mid"),
        )
        transport = prepared.group_by("direction", "material", "mode").agg(pl.len().alias("peers_mode"))
        return cls(*(t.collect(engine="streaming") for t in (material, month, border, transport)))

    def attach(self, prepared: pl.DataFrame) -> pl.DataFrame:
        """Give each row its peers' figures."""
        for name, keys in self.KEYS:
            prepared = prepared.join(getattr(self, name), on=list(keys), how="left", maintain_order="left")
        return prepared

    def index(self) -> PeerIndex:
        """Give the same tables as look-ups, for one declaration at a time."""
        return PeerIndex(self)


class PeerIndex:
    """Look-ups of the group tables: the columns that `Peers.attach` would add to one prepared row."""

    def __init__(self, peers: Peers) -> None:
        self._tables: list[tuple[tuple[str, ...], dict[tuple[Any, ...], dict[str, Any]], dict[str, Any]]] = []
        for name, keys in Peers.KEYS:
            table: pl.DataFrame = getattr(peers, name)
            values = [c for c in table.columns if c not in keys]
            found = {
                tuple(r[k] for k in keys): {v: r[v] for v in values} for r in table.iter_rows(named=True)
            }
            self._tables.append((keys, found, dict.fromkeys(values)))

    def attach(self, row: dict[str, Any]) -> None:
        """Add the peers' figures to one prepared row, in place."""
        for keys, found, absent in self._tables:
            row.update(found.get(tuple(row[k] for k in keys), absent))
