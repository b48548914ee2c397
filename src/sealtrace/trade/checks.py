"""The named checks: each one a pure function of a prepared frame, with its physics and its sentence.

A score is zero or null where the check has nothing to say. What each score is worth comes later, from its rank
among all rows (`evidence`): no check needs a threshold of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from .algebra import Algebra, Value
from .goods import LIGHTEST_OXIDE_T_M3
from .model import Check

BASE_RATE = 0.005
"""Share of fraud that priors start from."""
ENOUGH = 4
"""Declarations of a consignee before a departure from its habits means anything."""


def _over(a: Algebra, value: str, mid: Value, sd: str) -> Value:
    """Robust z of a column above its peers, zero below them."""
    return ((a.col(value) - mid) / a.col(sd)).clip(0.0)


def _usual_price(a: Algebra) -> Value:
    return a.coalesce("price_month_mid", "price_mid")


def _worth(a: Algebra) -> Value:
    """Motive: nobody shaves kilograms off clay. 0 below 1.6 USD/kg, 1 from 8 USD/kg, by the peers' price."""
    return ((a.col("price_mid") - 0.47) / 1.61).clip(0.0, 1.0)


def _breach(a: Algebra) -> Value:
    """By the books: drawn past the grant, or a licence for another element or of another holder."""
    past = a.col("drawn_kg") > a.col("grant_kg") + 0.1
    element = (
        (a.col("decl_element") != "")
        & (a.col("licence_element") != "")
        & (a.col("licence_element") != a.col("decl_element"))
    )
    holder = (a.col("licence_holder") != "") & (a.col("licence_holder") != a.col("exporter"))
    return a.when(past.fill_null(False) | element.fill_null(False) | holder.fill_null(False), 1.0, 0.0)


def _unlicensed(a: Algebra) -> Value:
    """No licence where nearly all peers of the element and month have one."""
    bare = (a.col("licence") == "") & (a.col("decl_element") != "")
    return a.when(bare & (a.col("licensed_share") > 0.9), a.col("licensed_share"))


def _xrf(a: Algebra) -> Value:
    """A rare earth read at a content far above the limit of detection that is not the declared one."""
    other = (a.col("xrf_element").fill_null("") != "") & (a.col("xrf_element") != a.col("decl_element"))
    strong = a.col("xrf_wt_pct") > a.most(10 * a.col("xrf_lod").fill_null(0.05), 1.0)
    return a.when(other & strong, 3.0 + 1.5 * (a.col("xrf_wt_pct") / a.col("xrf_lod").fill_null(0.05)).log())


def _price_low(a: Algebra) -> Value:
    """Below the peers of the same element and month, weighed by motive: a fire sale of clay is no undervaluation."""
    return ((_usual_price(a) - a.col("log_price")) / a.col("price_sd")).clip(0.0) * _worth(a)


def _price_high(a: Algebra) -> Value:
    """Above the peers: a price too good for ceramics is a tell as well."""
    return _over(a, "log_price", _usual_price(a), "price_sd")


def _insured(a: Algebra) -> Value:
    """The insured share of the value: the owner insures what the goods are worth, not what they are called."""
    return _over(a, "log_insured", a.col("insured_mid"), "insured_sd")


def _weighbridge(a: Algebra) -> Value:
    """Gross over declared net beyond what packing explains, weighed by motive."""
    return _over(a, "log_tare", a.col("tare_mid"), "tare_sd") * _worth(a)


def _density(a: Algebra) -> Value:
    """Mass over volume above the declared material's: oxides of rare earths are 2-3 times as dense as clay.

    Nothing is said of goods lighter than the lightest rare-earth oxide at its loosest.
    """
    above = _over(a, "log_bulk", a.col("bulk_mid"), "bulk_sd")
    return a.when(a.col("log_bulk") > math.log(LIGHTEST_OXIDE_T_M3), above, 0.0)


def _lot(a: Algebra) -> Value:
    """A lot far smaller than the material is traded in: costly goods travel in small lots."""
    return (-(a.col("log_net") - a.col("net_mid")) / a.col("net_sd")).clip(0.0)


def _freight(a: Algebra) -> Value:
    """A dear way to carry cheap goods: how rare flying is for the material, less the dearer that is."""
    rare = (a.col("peers") / a.col("peers_mode")).log()
    return a.when(a.col("mode") == "air", rare * (1 - _worth(a)), 0.0)


def _unusual(a: Algebra, name: str) -> Value:
    """Nats by which a consignee departs from what it usually shows."""
    return a.when(a.col("consignee_n") >= ENOUGH, (a.col("consignee_n") / a.col(f"{name}_n")).log(), 0.0)


def _party(a: Algebra) -> Value:
    """Young, sharing an address with many, rotating, or showing another address, phone, age than before."""
    young = ((400 - a.col("consignee_age_d")) / 400).clip(0.0).fill_null(0.0)
    moved = a.most(_unusual(a, "consignee_addr"), _unusual(a, "consignee_phone"))
    aged = a.when((a.col("consignee_age_d") - a.col("consignee_age_mid")).abs() > 600, 1.5, 0.0)
    shared = ((a.col("consignee_addr_shared").fill_null(1) - 3).clip(0) / 10).clip(0.0, 1.0)
    rotates = ((a.col("fresh_consignees").fill_null(0) - 2).clip(0) / a.col("exporter_n").sqrt()).clip(
        0.0, 1.0
    )
    trader = a.when(a.col("consignee_trader") > 0, _unusual(a, "consignee_trader"), 0.0)
    return young + moved + aged + shared + rotates + 0.5 * trader


def _route(a: Algebra) -> Value:
    """A country the consignee does not usually receive in; through a place of trans-shipment; a sudden share of such."""
    elsewhere = _unusual(a, "dest")
    via = a.when(a.col("transit"), 1.0, 0.0)
    jump = ((a.col("transit_jump").fill_null(0.0) - 2) / 6).clip(0.0, 1.0) * via
    trader = a.when((a.col("consignee_trader") > 0) & a.col("transit"), 0.2, 0.0)
    return a.when(elsewhere > 0.7, elsewhere * (1 + via), 0.0) + jump + trader


def _split(a: Algebra) -> Value:
    """Two or more small lots of one pair of parties within ten days."""
    return a.when(a.col("small_lots") >= 2, a.col("small_lots"))


def _mirror(a: Algebra) -> Value:
    """Strategic kilograms at the partner that nobody declared, in the months these goods arrived."""
    return (a.col("mirror_excess_z") - 3).clip(0.0)


def _description(a: Algebra) -> Value:
    """The words fit another heading, or name an element that is not declared."""
    return a.col("text_doubt")


def _record(a: Algebra) -> Value:
    """Earlier confirmed frauds of the same pair, consignee, address or exporter, less what clean inspections take.

    Already in nats: the posterior mean rate over the base rate, under a prior that is the firmer the more honest
    trade the key usually mixes in.
    """

    def lift(kind: str, prior: float) -> Value:
        hits, seen = a.col(f"{kind}_hits"), a.col(f"{kind}_seen")
        rate = (hits + BASE_RATE * prior) / (seen + prior)
        return a.when(hits > 0, (rate / BASE_RATE).log(), 0.0)

    lifts = (lift("pair", 2), lift("consignee", 8), lift("address", 12), lift("exporter", 40))
    return a.most(*lifts).clip(0.0)


def _company(a: Algebra) -> Value:
    """The pair's other consignments of the season look suspicious too: campaigns repeat."""
    return (a.col("pair_evidence") - a.col("evidence_mean")) * a.least(a.col("pair_others"), 4).sqrt()


FIRST: tuple[Check, ...] = (
    Check("licence", _breach, ("licence", "drawn_kg", "grant_kg", "licence_element", "licence_holder"),
          "licence {licence}: {drawn_kg:,.1f} kg drawn of {grant_kg:,.1f} kg granted to exporter {licence_holder} for {licence_element}",
          "许可证 {licence}：已使用 {drawn_kg:,.1f} 千克，批准 {grant_kg:,.1f} 千克，持证人 {licence_holder}，元素 {licence_element}", exact=True),
    Check("unlicensed", _unlicensed, ("decl_element", "licensed_share"),
          "{decl_element} without a licence, while {licensed_share:.0%} of its peers this month carry one",
          "{decl_element} 未附许可证，而本月同类申报有 {licensed_share:.0%} 附证"),
    Check("xrf", _xrf, ("xrf_element", "xrf_wt_pct", "xrf_lod", "material"),
          "X-ray fluorescence reads {xrf_wt_pct:.1f} % {xrf_element} (detection limit {xrf_lod:.2f} %) in goods declared as {material}",
          "X 射线荧光读数：{xrf_element} {xrf_wt_pct:.1f}%（检出限 {xrf_lod:.2f}%），申报为 {material}", in_nats=True),
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
          "同一双方 90 天内另有 {pair_others:,} 票，平均证据 {pair_evidence:.1f} 奈特（通常 {evidence_mean:.1f}）", relative=True),
)  # fmt: skip
CHECKS = FIRST + SECOND
NAMES = tuple(check.name for check in CHECKS)


FACTS: Mapping[str, Callable[[Algebra], Value]] = {
    "usual_usd_per_kg": lambda a: _usual_price(a).exp(),
    "usual_insured_share": lambda a: a.col("insured_mid").exp(),
    "implied_usd_per_kg": lambda a: a.col("insured_share") / a.col("insured_mid").exp() * a.col("usd_per_kg"),
    "excess_kg": lambda a: a.col("weighbridge_kg") - a.col("net_kg") * a.col("tare_mid").exp(),
    "bulk_t_m3": lambda a: a.col("log_bulk").exp(),
    "usual_net_kg": lambda a: a.col("net_mid").exp(),
}
"""Quantities that only the reasons quote."""
