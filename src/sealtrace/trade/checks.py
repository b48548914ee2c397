"""The named checks: each one a pure function of a prepared frame, with its physics and its sentence.

A score is zero or null where the check has nothing to say. What each score is worth comes later, from its rank
among all rows (`evidence`): no check needs a threshold of its own.
"""

from __future__ import annotations

import polars as pl

from .model import Check

c = pl.col
BASE_RATE = 0.005
"""Share of fraud that priors start from."""
ENOUGH = 4
"""Declarations of a consignee before a departure from its habits means anything."""


def _over(value: str, mid: pl.Expr, sd: str) -> pl.Expr:
    """Robust z of a column above its peers, zero below them."""
    return ((c(value) - mid) / c(sd)).clip(0.0)


def _usual_price() -> pl.Expr:
    return pl.coalesce("price_month_mid", "price_mid")


def _worth() -> pl.Expr:
    """Motive: nobody shaves kilograms off clay. 0 below 1.6 USD/kg, 1 from 8 USD/kg, by the peers' price."""
    return ((c("price_mid") - 0.47) / 1.61).clip(0.0, 1.0)


def _breach() -> pl.Expr:
    """By the books: drawn past the grant, or a licence for another element or of another holder."""
    past = c("drawn_kg") > c("grant_kg") + 0.1
    element = (c("decl_element") != "") & (c("licence_element") != "") & (c("licence_element") != c("decl_element"))
    holder = (c("licence_holder") != "") & (c("licence_holder") != c("exporter"))
    return pl.any_horizontal(past.fill_null(False), element.fill_null(False), holder.fill_null(False)).cast(pl.Float64)


def _unlicensed() -> pl.Expr:
    """No licence where nearly all peers of the element and month have one."""
    return pl.when((c("licence") == "") & (c("decl_element") != "") & (c("licensed_share") > 0.9)).then(
        c("licensed_share")
    )


def _xrf() -> pl.Expr:
    """A rare earth read at a content far above the limit of detection that is not the declared one."""
    other = (c("xrf_element").fill_null("") != "") & (c("xrf_element") != c("decl_element"))
    strong = c("xrf_wt_pct") > pl.max_horizontal(10 * c("xrf_lod").fill_null(0.05), pl.lit(1.0))
    return pl.when(other & strong).then((c("xrf_wt_pct") / c("xrf_lod").fill_null(0.05)).log())


def _price_low() -> pl.Expr:
    """Below the peers of the same element and month, weighed by motive: a fire sale of clay is no undervaluation."""
    return ((_usual_price() - c("log_price")) / c("price_sd")).clip(0.0) * _worth()


def _price_high() -> pl.Expr:
    """Above the peers: a price too good for ceramics is a tell as well."""
    return _over("log_price", _usual_price(), "price_sd")


def _insured() -> pl.Expr:
    """The insured share of the value: the owner insures what the goods are worth, not what they are called."""
    return _over("log_insured", c("insured_mid"), "insured_sd")


def _weighbridge() -> pl.Expr:
    """Gross over declared net beyond what packing explains, weighed by motive."""
    return _over("log_tare", c("tare_mid"), "tare_sd") * _worth()


def _density() -> pl.Expr:
    """Mass over volume above the declared material's: oxides of rare earths are 2-3 times as dense as clay."""
    return _over("log_bulk", c("bulk_mid"), "bulk_sd")


def _lot() -> pl.Expr:
    """A lot far smaller than the material is traded in: costly goods travel in small lots."""
    return (-(c("log_net") - c("net_mid")) / c("net_sd")).clip(0.0)


def _freight() -> pl.Expr:
    """A dear way to carry cheap goods: how rare flying is for the material, less the dearer that is."""
    rare = (c("peers") / c("peers_mode")).log()
    return pl.when(c("mode") == "air").then(rare * (1 - _worth())).otherwise(0.0)


def _unusual(name: str) -> pl.Expr:
    """Nats by which a consignee departs from what it usually shows."""
    return pl.when(c("consignee_n") >= ENOUGH).then(((c("consignee_n") + 1) / c(f"{name}_n")).log()).otherwise(0.0)


def _party() -> pl.Expr:
    """Young, sharing an address with many, rotating, or showing another address, phone, age than before."""
    young = ((400 - c("consignee_age_d")) / 400).clip(0.0).fill_null(0.0)
    moved = pl.max_horizontal(_unusual("consignee_addr"), _unusual("consignee_phone"))
    aged = pl.when((c("consignee_age_d") - c("consignee_age_mid")).abs() > 600).then(1.5).otherwise(0.0)
    shared = ((c("consignee_addr_shared").fill_null(1) - 3).clip(0) / 10).clip(0.0, 1.0)
    rotates = ((c("fresh_consignees").fill_null(0) - 2).clip(0) / c("exporter_n").sqrt()).clip(0.0, 1.0)
    trader = pl.when(c("consignee_trader") > 0).then(_unusual("consignee_trader")).otherwise(0.0)
    return young + moved + aged + shared + rotates + 0.5 * trader


def _route() -> pl.Expr:
    """A country the consignee does not usually receive in; through a place of trans-shipment; a sudden share of such."""
    elsewhere = _unusual("dest")
    via = pl.when(c("transit")).then(1.0).otherwise(0.0)
    jump = ((c("transit_jump").fill_null(0.0) - 2) / 6).clip(0.0, 1.0) * via
    trader = pl.when((c("consignee_trader") > 0) & c("transit")).then(0.2).otherwise(0.0)
    return pl.when(elsewhere > 0.7).then(elsewhere * (1 + via)).otherwise(0.0) + jump + trader


def _split() -> pl.Expr:
    """Two or more small lots of one pair of parties within ten days."""
    return pl.when(c("small_lots") >= 2).then(c("small_lots").cast(pl.Float64))


def _mirror() -> pl.Expr:
    """Strategic kilograms at the partner that nobody declared, in the months these goods arrived."""
    return (c("mirror_excess_z") - 3).clip(0.0)


def _description() -> pl.Expr:
    """The words fit another heading, or name an element that is not declared."""
    return c("text_doubt")


def _record() -> pl.Expr:
    """Earlier confirmed frauds of the same pair, consignee, address or exporter, less what clean inspections take.

    Already in nats: the posterior mean rate over the base rate, under a prior that is the firmer the more honest
    trade the key usually mixes in.
    """

    def lift(kind: str, prior: float) -> pl.Expr:
        hits, seen = c(f"{kind}_hits"), c(f"{kind}_seen")
        rate = (hits + BASE_RATE * prior) / (seen + prior)
        return pl.when(hits > 0).then((rate / BASE_RATE).log()).otherwise(0.0)

    lifts = (lift("pair", 2), lift("consignee", 8), lift("address", 12), lift("exporter", 40))
    return pl.max_horizontal(*lifts).clip(0.0)


def _company() -> pl.Expr:
    """The pair's other consignments of the season look suspicious too: campaigns repeat."""
    return (c("pair_evidence") - c("evidence_mean")) * pl.min_horizontal(c("pair_others"), pl.lit(4)).sqrt()


FIRST: tuple[Check, ...] = (
    Check("licence", _breach, ("licence", "drawn_kg", "grant_kg", "licence_element", "licence_holder"),
          "licence {licence}: {drawn_kg:,.1f} kg drawn of {grant_kg:,.1f} kg granted to exporter {licence_holder} for {licence_element}",
          "许可证 {licence}：已使用 {drawn_kg:,.1f} 千克，批准 {grant_kg:,.1f} 千克，持证人 {licence_holder}，元素 {licence_element}", exact=True),
    Check("unlicensed", _unlicensed, ("decl_element", "licensed_share"),
          "{decl_element} without a licence, while {licensed_share:.0%} of its peers this month carry one",
          "{decl_element} 未附许可证，而本月同类申报有 {licensed_share:.0%} 附证"),
    Check("xrf", _xrf, ("xrf_element", "xrf_wt_pct", "xrf_lod", "material"),
          "X-ray fluorescence reads {xrf_wt_pct:.1f} % {xrf_element} (detection limit {xrf_lod:.2f} %) in goods declared as {material}",
          "X 射线荧光读数：{xrf_element} {xrf_wt_pct:.1f}%（检出限 {xrf_lod:.2f}%），申报为 {material}"),
    Check("price-low", _price_low, ("usd_per_kg", "usual_usd_per_kg", "material", "peers"),
          "{usd_per_kg:,.2f} USD/kg against {usual_usd_per_kg:,.2f} usual for {material} that month ({peers:,} peers)",
          "单价 {usd_per_kg:,.2f} 美元/千克，当月 {material} 通常为 {usual_usd_per_kg:,.2f}（同类 {peers:,} 票）"),
    Check("price-high", _price_high, ("usd_per_kg", "usual_usd_per_kg", "material", "peers"),
          "{usd_per_kg:,.2f} USD/kg is high for {material}: {usual_usd_per_kg:,.2f} is usual that month ({peers:,} peers)",
          "单价 {usd_per_kg:,.2f} 美元/千克，高于当月 {material} 通常的 {usual_usd_per_kg:,.2f}（同类 {peers:,} 票）"),
    Check("insurance", _insured, ("insured_share", "usual_insured_share", "implied_usd_per_kg"),
          "insured for {insured_share:.2%} of the declared value against {usual_insured_share:.2%}: as if worth {implied_usd_per_kg:,.1f} USD/kg",
          "保险费为申报价值的 {insured_share:.2%}，通常为 {usual_insured_share:.2%}：相当于 {implied_usd_per_kg:,.1f} 美元/千克的货物"),
    Check("weighbridge", _weighbridge, ("weighbridge_kg", "net_kg", "excess_kg"),
          "weighbridge {weighbridge_kg:,.1f} kg for {net_kg:,.1f} kg net: {excess_kg:,.1f} kg more than packing explains",
          "地磅 {weighbridge_kg:,.1f} 千克，申报净重 {net_kg:,.1f} 千克：超出正常包装 {excess_kg:,.1f} 千克"),
    Check("density", _density, ("bulk_t_m3", "bulk_low", "bulk_high", "material", "peers"),
          "{bulk_t_m3:.2f} t/m3 where nine in ten of {peers:,} peers of {material} lie within {bulk_low:.2f}-{bulk_high:.2f}",
          "堆密度 {bulk_t_m3:.2f} 吨/立方米，{material} 的 {peers:,} 票同类九成在 {bulk_low:.2f}–{bulk_high:.2f} 之间"),
    Check("lot", _lot, ("net_kg", "usual_net_kg", "material"),
          "a lot of {net_kg:,.0f} kg, where {material} usually moves in {usual_net_kg:,.0f} kg",
          "本票仅 {net_kg:,.0f} 千克，{material} 通常每票 {usual_net_kg:,.0f} 千克"),
    Check("freight", _freight, ("mode", "peers_mode", "peers", "usd_per_kg"),
          "sent by {mode} at {usd_per_kg:,.2f} USD/kg; {peers_mode:,} of {peers:,} peers were",
          "以 {mode} 方式运输，单价仅 {usd_per_kg:,.2f} 美元/千克；同类 {peers:,} 票中有 {peers_mode:,} 票如此"),
    Check("description", _description, ("desc", "hs6", "text_better", "text_named"),
          "the words \"{desc}\" doubt heading {hs6}: nearer to {text_better}; element named: {text_named}",
          "品名“{desc}”与税号 {hs6} 不符：更接近 {text_better}；所提元素：{text_named}"),
    Check("split", _split, ("small_lots", "small_lots_kg"),
          "{small_lots:,} small lots of the same parties within ten days either side, {small_lots_kg:,.0f} kg together",
          "同一收发货双方前后十日内有 {small_lots:,} 票小批量货物，合计 {small_lots_kg:,.0f} 千克"),
    Check("party", _party, ("consignee_age_d", "consignee_age_mid", "consignee_addr_n", "consignee_n", "consignee_addr_shared"),
          "consignee {consignee_age_d:,.0f} days old (usually stated as {consignee_age_mid:,.0f}); this address in {consignee_addr_n:,} of its {consignee_n:,} declarations, used by {consignee_addr_shared:,} consignees",
          "收货人成立 {consignee_age_d:,.0f} 天（通常申报为 {consignee_age_mid:,.0f} 天）；该地址见于其 {consignee_n:,} 票中的 {consignee_addr_n:,} 票，共有 {consignee_addr_shared:,} 家使用"),
    Check("route", _route, ("dest", "dest_n", "consignee_n", "exporter_transit_share", "transit_now"),
          "partner country {dest} in {dest_n:,} of the consignee's {consignee_n:,} declarations; the exporter sends {exporter_transit_share:.0%} through places of trans-shipment ({transit_now:.0%} this quarter)",
          "对方国家 {dest} 见于收货人 {consignee_n:,} 票中的 {dest_n:,} 票；出口商经转口地的比例为 {exporter_transit_share:.0%}（本季度 {transit_now:.0%}）"),
    Check("mirror", _mirror, ("dest", "mirror_excess_kg", "mirror_excess_z"),
          "{dest} reported {mirror_excess_kg:,.0f} kg more strategic goods from here than was declared ({mirror_excess_z:.1f} spreads)",
          "{dest} 统计的战略物资进口比我方申报多 {mirror_excess_kg:,.0f} 千克（{mirror_excess_z:.1f} 倍离散度）"),
    Check("record", _record, ("pair_hits", "pair_seen", "consignee_hits", "consignee_seen", "exporter_hits", "exporter_seen"),
          "confirmed before: {pair_hits} of {pair_seen} inspections of this pair, {consignee_hits} of {consignee_seen} of the consignee, {exporter_hits} of {exporter_seen} of the exporter",
          "既往查实：该双方 {pair_seen} 次查验中 {pair_hits} 次，收货人 {consignee_seen} 次中 {consignee_hits} 次，出口商 {exporter_seen} 次中 {exporter_hits} 次", in_nats=True),
)  # fmt: skip
SECOND: tuple[Check, ...] = (
    Check("company", _company, ("pair_others", "pair_evidence", "evidence_mean"),
          "{pair_others:,} other consignments of the same parties within 90 days carry {pair_evidence:.1f} nats of evidence on average ({evidence_mean:.1f} is usual)",
          "同一双方 90 天内另有 {pair_others:,} 票，平均证据 {pair_evidence:.1f} 奈特（通常 {evidence_mean:.1f}）"),
)  # fmt: skip
CHECKS = FIRST + SECOND
NAMES = tuple(check.name for check in CHECKS)


def facts(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the quantities that only the reasons quote."""
    insured = c("insured_mid").exp()
    return frame.with_columns(
        usual_usd_per_kg=_usual_price().exp(),
        usual_insured_share=insured,
        implied_usd_per_kg=c("insured_share") / insured * c("usd_per_kg"),
        excess_kg=c("weighbridge_kg") - c("net_kg") * c("tare_mid").exp(),
        bulk_t_m3=c("log_bulk").exp(),
        usual_net_kg=c("net_mid").exp(),
    )
