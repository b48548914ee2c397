"""Peers: what is usual for a material, a month, a way of transport; fitted once, attached to any rows.

Material means the declared element where there is one, else the HS heading. Spread is the interquartile range
over 1.349, so that neither frauds nor typing errors widen it. All group tables are small: their size follows the
number of materials, months and parties, never the number of declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

FEW = 12
"""A group smaller than this is no measure of what is usual; the next larger group stands in."""

_IQR_TO_SIGMA = 1.349


def prepare(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add the quantities the checks compare: material, month, and logs of price, tare, density, insurance, mass.

    A quantity that is missing or not positive is null and speaks for nothing.
    """
    text = ("mode", "dest", "decl_element", "licence", "consignee_addr", "consignee_phone", "desc")
    c = pl.col
    positive = {
        name: pl.when(c(name) > 0).then(c(name)) for name in ("net_kg", "weighbridge_kg", "volume_m3", "value_usd")
    }
    net, gross, value = positive["net_kg"], positive["weighbridge_kg"], positive["value_usd"]
    return (
        rows.with_columns(c(*text).fill_null(""), c("direction").fill_null("export"))
        .with_columns(
            material=pl.when(c("decl_element") != "").then("decl_element").otherwise("hs6"),
            month=c("date").dt.truncate("1mo"),
            day=c("date").to_physical().cast(pl.Int32),
            usd_per_kg=value / net,
            log_price=(value / net).log(),
            log_tare=(gross / net).log(),
            log_insured=(pl.when(c("insurance_usd") > 0).then(c("insurance_usd")) / value).log(),
            log_net=net.log(),
            insured_share=c("insurance_usd") / value,
        )
        .with_columns(log_bulk=(pl.coalesce(gross, net) / positive["volume_m3"] / 1000).log())
    )


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
        within = month.group_by("direction", "material").agg(pl.col("price_month_sd").median().alias("within"))
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
            found = {tuple(r[k] for k in keys): {v: r[v] for v in values} for r in table.iter_rows(named=True)}
            self._tables.append((keys, found, dict.fromkeys(values)))

    def attach(self, row: dict[str, Any]) -> None:
        """Add the peers' figures to one prepared row, in place."""
        for keys, found, absent in self._tables:
            row.update(found.get(tuple(row[k] for k in keys), absent))
