"""Items abroad: made elsewhere with Chinese content or technology, or Chinese goods between third countries."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sealtrace.catalogue.lists import Entry

from . import forms
from .facts import Facts
from .magnets import magnet_family
from .matching import Answer, Match, Policy, Presence, content_of
from .reasons import reason

HOME = frozenset({"CN", "CHN", "CHINA", "中国"})


def is_abroad(facts: Facts) -> bool:
    """Tell whether goods leave from a place abroad. Goods from a place not stated are judged as leaving China."""
    leaves_from = _place(facts.route.get("export_from"))
    return bool(leaves_from) and leaves_from not in HOME


def match(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    """Match goods abroad with one of the rules on them."""
    made_in = _place(facts.route.get("made_in") or facts.route.get("origin"))
    chinese = made_in in HOME
    if entry.form == "origin_abroad":
        return _in_annex(entry, facts, policy) if chinese else None
    if chinese:
        return None
    if entry.form == "technology_abroad":
        with_technology = any(
            facts.route.get(k) is True for k in ("cn_technology", "cn_tech", "uses_cn_technology")
        )
        return _in_annex(entry, facts, policy) if with_technology else None
    return _content(entry, facts, policy) if entry.form == "content_abroad" else None


def _content(entry: Entry, facts: Facts, policy: Policy) -> Match:
    inside = _in_annex(entry, facts, policy)
    if inside.answer is Answer.NO:
        return inside
    ratio = ratio_of(facts.route)
    if ratio is None:
        return Match(entry, Answer.MAYBE, (reason("value-ratio-missing", entry=entry.code),))
    floor = entry.minimum_value_ratio
    if floor is not None and ratio < floor:
        return Match(
            entry,
            Answer.NO,
            (reason("below-value-ratio", entry=entry.code, ratio=f"{ratio:%}", floor=f"{floor:%}"),),
        )
    return inside


def _in_annex(entry: Entry, facts: Facts, policy: Policy) -> Match:
    answers = [_line(line, facts, policy) for line in entry.annex]
    if Answer.YES in answers:
        return Match(entry, Answer.YES, (reason("abroad-met", entry=entry.code, title=(entry.zh, entry.en)),))
    if Answer.MAYBE in answers or facts.form in (forms.UNKNOWN, forms.SCRAP):
        return Match(entry, Answer.MAYBE, (reason("form-open", element="-", word=facts.form_word),))
    return Match(entry, Answer.NO, (reason("not-in-annex", entry=entry.code),))


def _line(line: Mapping[str, Any], facts: Facts, policy: Policy) -> Answer:
    if line["form"] != facts.form:
        return Answer.NO
    wanted = line.get("of") or line.get("elements")
    if wanted is None:
        return Answer.YES
    there = [content_of(facts, e, policy).presence for e in wanted]
    met = all if "of" in line else any
    if met(p is Presence.PRESENT for p in there):
        family = magnet_family(facts, policy.trace_floor) if "family" in line else None
        return Answer.YES if line.get("family") == family else Answer.MAYBE if family is None else Answer.NO
    unclear = Presence.POSSIBLE in there or not facts.stated
    return Answer.MAYBE if unclear else Answer.NO


def _place(value: object) -> str:
    return value.strip().upper() if isinstance(value, str) else ""


def ratio_of(route: Mapping[str, Any]) -> Decimal | None:
    """The share of Chinese content in the value, 0 to 1, or None when it is not given as a number."""
    value = route.get("cn_part1_value_ratio")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        ratio = Decimal(str(value))
    except InvalidOperation:
        return None
    return ratio if ratio.is_finite() and 0 <= ratio <= 1 else None
