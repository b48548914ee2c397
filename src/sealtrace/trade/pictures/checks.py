"""The picture of each named check: where this declaration stands among its peers, and by which measure.

Drawn from the facts of a gathered row (`gate.Answer.facts`, or a row of `Weighed.frame`); what a row lacks is left
out, and a check without enough facts has no picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sealtrace.trade.goods import BY_SYMBOL, LOOSEST_PACKING

from .scale import Scale, plain
from .svg import Picture
from .words import say

Row = Mapping[str, Any]
LEFT, RIGHT = 20.0, 530.0
NINE_IN_TEN = 1.645
DENSEST_PACKING = 0.42
X_RAY_KEV: Mapping[str, tuple[float, float]] = {
    "La": (4.65, 5.04), "Ce": (4.84, 5.26), "Pr": (5.03, 5.49), "Nd": (5.23, 5.72), "Sm": (5.64, 6.21),
    "Eu": (5.85, 6.46), "Gd": (6.06, 6.71), "Tb": (6.27, 6.98), "Dy": (6.50, 7.25), "Ho": (6.72, 7.53),
    "Er": (6.95, 7.81), "Tm": (7.18, 8.10), "Yb": (7.42, 8.40), "Lu": (7.66, 8.71), "Y": (14.96, 16.74),
    "Sc": (4.09, 4.46),
}  # fmt: skip
"""Strongest two lines in keV, L of lanthanides, K of yttrium and scandium. Source: X-Ray Data Booklet, table 1-2."""


def picture(check: str, row: Row, sentence: str, language: str) -> str | None:
    """Draw a check for a row. `sentence` is its reason in words, which becomes the description; None without facts."""
    draw = _DRAWN.get(check)
    if draw is None:
        return None
    try:
        made = draw(row, sentence, language)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):  # a fact is not there
        return None
    return None if made is None else made.svg()


def _known(row: Row, *names: str) -> list[float]:
    values = [float(row[name]) for name in names]
    if not all(math.isfinite(v) for v in values):
        raise ValueError("not a number")
    return values


def _ruler(
    title: str, sentence: str, unit: str, language: str, *, band: tuple[float, float], mid: float,
    marks: Sequence[tuple[float, str]], more: tuple[float, float, str] | None = None,
) -> Picture:  # fmt: skip
    """Peers as a band with its middle, this declaration as a diamond, on one logarithmic axis with values."""
    values = [*band, mid, *(v for v, _ in marks), *(more[:2] if more else ())]
    scale = Scale.around(values, LEFT, RIGHT, log=True)
    made = Picture(title, sentence, 128)
    x1, x2 = scale.at(band[0]), scale.at(band[1])
    made.box(x1, 34, x2 - x1, 40, "band")
    made.say(min(max((x1 + x2) / 2, 70), 480), 26, f"{say('nine in ten', language)} {plain(band[0])}–{plain(band[1])}",
             anchor="middle")  # fmt: skip
    if more is not None:
        y1, y2 = scale.at(more[0]), scale.at(more[1])
        made.box(y1, 40, y2 - y1, 28, "band")
        made.say(min(max((y1 + y2) / 2, 70), 480), 12, more[2], anchor="middle")
    made.line(scale.at(mid), 34, scale.at(mid), 74, "limit")
    for place, (value, name) in enumerate(marks):
        x = scale.at(value)
        made.diamond(x, 54)
        anchor = "end" if x > 400 else "start"
        made.say(x + (-13 if anchor == "end" else 13), 50 + 13 * place, f"{name} {plain(value)}", cls="strong",
                 anchor=anchor)  # fmt: skip
    _axis(made, scale, 82, f"{unit}, {say('log', language)}")
    return made


def _axis(made: Picture, scale: Scale, y: float, unit: str) -> None:
    made.line(scale.left, y, scale.right, y, "axis")
    last = -100.0
    for tick in scale.ticks():
        x = scale.at(tick)
        made.line(x, y, x, y + 4, "axis")
        if x - last > 45:
            made.say(x, y + 17, plain(tick), anchor="middle")
            last = x
    made.say(scale.right, y + 36, unit, anchor="end")


def _peers(mid: str, sd: str, this: Callable[[Row], float], unit: str) -> Callable[[Row, str, str], Picture]:
    """A check against peers: `mid` and `sd` are in logarithms, as `peers` fits them."""

    def draw(row: Row, sentence: str, language: str) -> Picture:
        middle, spread = _known(row, mid, sd)
        band = (math.exp(middle - NINE_IN_TEN * spread), math.exp(middle + NINE_IN_TEN * spread))
        marks = [(this(row), say("this", language))]
        return _ruler(
            sentence, sentence, say(unit, language), language, band=band, mid=math.exp(middle), marks=marks
        )

    return draw


def _price(row: Row, sentence: str, language: str) -> Picture:
    spread, this = _known(row, "price_sd", "usd_per_kg")
    month = row.get("price_month_mid")
    middle = float(month if month is not None else row["price_mid"])
    band = (math.exp(middle - NINE_IN_TEN * spread), math.exp(middle + NINE_IN_TEN * spread))
    return _ruler(sentence, sentence, say("usd/kg", language), language, band=band, mid=math.exp(middle),
                  marks=[(this, say("this", language))])  # fmt: skip


def _insurance(row: Row, sentence: str, language: str) -> Picture:
    """The declared price, and what the insured share says the goods are worth, on one axis."""
    this, implied, middle, spread = _known(row, "usd_per_kg", "implied_usd_per_kg", "price_mid", "price_sd")
    band = (math.exp(middle - NINE_IN_TEN * spread), math.exp(middle + NINE_IN_TEN * spread))
    marks = [(this, say("declared", language)), (implied, say("as insured", language))]
    return _ruler(
        sentence, sentence, say("usd/kg", language), language, band=band, mid=math.exp(middle), marks=marks
    )


def _density(row: Row, sentence: str, language: str) -> Picture:
    this, low, high, middle = _known(row, "bulk_t_m3", "bulk_low", "bulk_high", "bulk_mid")
    oxides = sorted(e.density for e in BY_SYMBOL.values())
    more = (LOOSEST_PACKING * oxides[0], DENSEST_PACKING * oxides[-1], say("oxides", language))
    return _ruler(sentence, sentence, say("t/m3", language), language, band=(low, high), mid=math.exp(middle),
                  marks=[(this, say("this", language))], more=more)  # fmt: skip


def _bars(title: str, rows: Sequence[tuple[str, float, str, bool]], most: float) -> Picture:
    """Bars with their names and values written beside them: (name, value, value in words, is it this one)."""
    made = Picture(title, title, 14 + 30 * len(rows))
    scale = Scale(0.0, most or 1.0, 0.0, 210.0)
    for place, (name, value, said, ours) in enumerate(rows):
        y = 10 + 30 * place
        made.say(230, y + 15, name, anchor="end")
        made.box(240, y, scale.at(value), 20, "this" if ours else "peer")
        made.say(248 + scale.at(value), y + 15, said, cls="strong" if ours else "")
    made.line(240, 4, 240, 8 + 30 * len(rows), "axis")
    return made


def _share(value: float) -> str:
    return f"{value:.0%}"


def _licence(row: Row, sentence: str, language: str) -> Picture:
    drawn, grant = _known(row, "drawn_kg", "grant_kg")
    rows = [(say("granted", language), grant, f"{plain(grant)} kg", False),
            (say("drawn", language), drawn, f"{plain(drawn)} kg", True)]  # fmt: skip
    return _bars(sentence, rows, max(drawn, grant))


def _unlicensed(row: Row, sentence: str, language: str) -> Picture:
    [share] = _known(row, "licensed_share")
    rows = [
        (say("with licence", language), share, _share(share), False),
        (say("without", language), 0.0, "0", True),
    ]
    return _bars(sentence, rows, 1.0)


def _xrf(row: Row, sentence: str, language: str) -> Picture:
    element, content = str(row["xrf_element"]), float(row["xrf_wt_pct"])
    lod = float(row["xrf_lod"]) if row.get("xrf_lod") is not None else 0.05
    scale = Scale.around([lod, content, 0.01, 100.0], LEFT, RIGHT, log=True)
    made = Picture(sentence, sentence, 118)
    made.line(scale.at(lod), 24, scale.at(lod), 72, "limit")
    made.say(scale.at(lod) + 4, 20, f"{say('limit', language)} {plain(lod)}")
    made.diamond(scale.at(content), 48)
    energies = X_RAY_KEV.get(element)
    said = say("lines at", language, a=f"{energies[0]:.2f}", b=f"{energies[1]:.2f}") if energies else ""
    made.say(scale.at(content) - 13, 45, f"{element} {plain(content)} %", cls="strong", anchor="end")
    made.say(scale.at(content) - 13, 60, said, anchor="end")
    _axis(made, scale, 74, f"{say('wt%', language)}, {say('log', language)}")
    return made


def _freight(row: Row, sentence: str, language: str) -> Picture:
    mode, peers = _known(row, "peers_mode", "peers")
    return _bars(sentence, [(f"{say('sent so', language)} ({row['mode']})", mode / peers,
                             f"{_share(mode / peers)} ({plain(mode)} / {plain(peers)})", True)], 1.0)  # fmt: skip


def _party(row: Row, sentence: str, language: str) -> Picture:
    age, usual = _known(row, "consignee_age_d", "consignee_age_mid")
    most = max(age, usual, 1.0)
    rows = [(say("age", language), age, f"{plain(age)} {say('days', language)}", True),
            (say("usually stated", language), usual, f"{plain(usual)} {say('days', language)}", False)]  # fmt: skip
    if row.get("consignee_addr_n") is not None:
        shown, all_ = _known(row, "consignee_addr_n", "consignee_n")
        rows.append(
            (say("this address", language), most * shown / all_, f"{plain(shown)} / {plain(all_)}", True)
        )
    if row.get("consignee_addr_shared") is not None:
        [shared] = _known(row, "consignee_addr_shared")
        rows.append((say("shared by", language), most * min(shared / 20, 1.0), plain(shared), False))
    return _bars(sentence, rows, most)


def _route(row: Row, sentence: str, language: str) -> Picture:
    shown, all_ = _known(row, "dest_n", "consignee_n")
    rows = [
        (
            f"{row['dest']}: {say('this country', language)}",
            shown / all_,
            f"{plain(shown)} / {plain(all_)}",
            True,
        )
    ]
    before, now = row.get("transit_before"), row.get("transit_now")
    if before is not None and now is not None:
        rows.append((say("transit before", language), float(before), _share(float(before)), False))
        rows.append((say("transit now", language), float(now), _share(float(now)), True))
    return _bars(sentence, rows, 1.0)


def _split(row: Row, sentence: str, language: str) -> Picture:
    """The lots one by one by day when they are given (`lots`: day, kg), else counted."""
    count, total = _known(row, "small_lots", "small_lots_kg")
    lots = row.get("lots") or []
    made = Picture(sentence, sentence, 100)
    made.say(LEFT, 20, f"{say('lots', language, n=plain(count))}, {plain(total)} kg", cls="strong")
    if lots:
        days = [day.toordinal() for day, _ in lots]
        scale = Scale(min(days) - 1.0, max(days) + 1.0, LEFT, RIGHT)
        most = max(kg for _, kg in lots)
        for (day, kg), place in zip(lots, days, strict=True):
            ours = day == row.get("date")
            made.box(scale.at(place) - 5, 72 - 40 * kg / most, 10, 40 * kg / most, "this" if ours else "peer")
        for day in (lots[0][0], lots[-1][0]):
            x = scale.at(day.toordinal())
            made.say(min(max(x, 45), 505), 92, day.isoformat(), anchor="middle")
    else:
        for n in range(min(int(count), 30)):
            made.box(LEFT + 17 * n, 44, 12, 28, "this")
    made.line(LEFT, 73, RIGHT, 73, "axis")
    return made


def _mirror(row: Row, sentence: str, language: str) -> Picture:
    """Both sides month by month when they are given (`gaps`: month, declared kg, reported kg), else the gap alone."""
    gaps = row.get("gaps")
    if not gaps:
        excess, spreads = _known(row, "mirror_excess_kg", "mirror_excess_z")
        said = f"{plain(excess)} kg, {plain(spreads)} {say('spreads', language)}"
        return _bars(sentence, [(f"{row['dest']}: {say('gap', language)}", excess,
                                 said, True)], excess)  # fmt: skip
    from .series import Line, series

    months = [m for m, _, _ in gaps]
    return series(sentence, sentence, months, [
        Line(say("declared", language), [d for _, d, _ in gaps], False),
        Line(say("reported", language), [r for _, _, r in gaps], True),
    ], say("kg", language))  # fmt: skip


def _record(row: Row, sentence: str, language: str) -> Picture:
    rows = [(k, int(row[f"{k}_hits"]), int(row[f"{k}_seen"])) for k in ("pair", "consignee", "exporter")]
    made = Picture(sentence, sentence, 14 + 30 * len(rows))
    for place, (name, hits, seen) in enumerate(rows):
        y = 10 + 30 * place
        made.say(110, y + 15, say(name, language), anchor="end")
        for n in range(min(seen, 18)):
            made.dot(126 + 14 * n, y + 10, 5, "this" if n < hits else "peer")
        made.say(
            126 + 14 * min(seen, 18) + 6, y + 15, say("confirmed", language, n=hits, of=seen), cls="strong"
        )
    return made


def _company(row: Row, sentence: str, language: str) -> Picture:
    theirs, usual = _known(row, "pair_evidence", "evidence_mean")
    rows = [(say("others", language), theirs, f"{plain(theirs)} ({plain(float(row['pair_others']))})", True),
            (say("usual", language), usual, plain(usual), False)]  # fmt: skip
    return _bars(f"{sentence}", rows, max(theirs, usual))


def _description(row: Row, sentence: str, language: str) -> Picture:
    made = Picture(sentence, sentence, 92)
    made.box(LEFT, 10, 240, 34, "band")
    made.say(LEFT + 8, 32, f"{say('heading', language)} {row['hs6']}")
    made.box(290, 10, 240, 34, "band")
    made.say(298, 32, f"{say('nearer', language)} {row.get('text_better') or '—'}", cls="strong")
    made.line(LEFT + 240, 27, 290, 27, "trace")
    words = str(row.get("desc") or "")
    made.say(LEFT, 66, f"“{words[:60]}{'…' if len(words) > 60 else ''}”", cls="strong")
    made.say(LEFT, 84, f"{say('named', language)}: {row.get('text_named') or '—'}")
    return made


def _gross_over_net(row: Row) -> float:
    return float(row["weighbridge_kg"]) / float(row["net_kg"])


_DRAWN: Mapping[str, Callable[[Row, str, str], Picture]] = {
    "licence": _licence, "unlicensed": _unlicensed, "xrf": _xrf, "price-low": _price, "price-high": _price,
    "insurance": _insurance,
    "weighbridge": _peers("tare_mid", "tare_sd", _gross_over_net, "gross/net"),
    "density": _density, "lot": _peers("net_mid", "net_sd", lambda r: float(r["net_kg"]), "kg"), "freight": _freight,
    "description": _description, "split": _split, "party": _party, "route": _route, "mirror": _mirror,
    "record": _record, "company": _company,
}  # fmt: skip
DRAWN = tuple(_DRAWN)
