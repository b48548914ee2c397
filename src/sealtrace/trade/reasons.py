"""Why: the checks that speak against a declaration, in words and numbers, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .checks import CHECKS
from .evidence import EXACT, Calibration, Floats
from .model import Check, Reason

MOST_REASONS = 5
LEAST_NATS = 0.2
"""Evidence below this is not worth a sentence."""

NAMES_ZH: Mapping[str, str] = {
    "licence": "许可证额度",
    "unlicensed": "缺许可证",
    "xrf": "荧光读数",
    "price-low": "单价偏低",
    "price-high": "单价偏高",
    "insurance": "保险",
    "weighbridge": "地磅",
    "density": "堆密度",
    "lot": "批量",
    "freight": "运输方式",
    "description": "品名与税号",
    "split": "化整为零",
    "party": "收货人",
    "route": "路线",
    "mirror": "镜像统计",
    "record": "既往记录",
    "company": "同双方其他货物",
}
NAMES_EN: Mapping[str, str] = {
    "licence": "licence balance",
    "unlicensed": "licence missing",
    "xrf": "fluorescence reading",
    "price-low": "low price",
    "price-high": "high price",
    "insurance": "insurance",
    "weighbridge": "weighbridge",
    "density": "bulk density",
    "lot": "lot size",
    "freight": "way of transport",
    "description": "description against heading",
    "split": "split shipments",
    "party": "consignee",
    "route": "route",
    "mirror": "mirror statistics",
    "record": "earlier inspections",
    "company": "other shipments of the pair",
}
_NOTHING = {"en": "no check stands out", "zh": "没有突出的检查项"}
_LEARNED = {"en": "earlier outcomes: raised most by {names}", "zh": "既往查验结果：主要因{names}而升高"}
MEASURES_ZH: Mapping[str, str] = {
    "total": "各项证据合计",
    "log_price": "单价",
    "price_mid": "同类单价",
    "log_tare": "毛净重比",
    "log_bulk": "堆密度值",
    "log_net": "净重",
    "log_insured": "保险比例",
    "consignee_trader": "贸易商",
    "transit": "转口地",
}
MEASURES_EN: Mapping[str, str] = {
    "total": "all evidence together",
    "log_price": "price per kg",
    "price_mid": "the peers' price",
    "log_tare": "gross over net",
    "log_bulk": "bulk density value",
    "log_net": "net mass",
    "log_insured": "insured share",
    "consignee_trader": "consignee is a trader",
    "transit": "place of trans-shipment",
}


class _Unknown:
    """Stands for a fact nobody gave: it takes any format."""

    def __format__(self, spec: str) -> str:
        return "?"


def named(name: str, language: str) -> str:
    """Name a check or a measure of the model in a language."""
    if language == "zh":
        return NAMES_ZH.get(name) or MEASURES_ZH.get(name, name)
    return NAMES_EN.get(name) or MEASURES_EN.get(name, name)


def sentence(check: Check, row: Mapping[str, Any], language: str) -> str:
    """Fill a check's sentence with a row's facts."""
    facts = {name: _Unknown() if row.get(name) in (None, "") else row[name] for name in check.facts}
    return (check.zh if language == "zh" else check.en).format(**facts)


def reasons(
    rows: Iterable[Mapping[str, Any]],
    parts: Mapping[str, Floats],
    scores: Mapping[str, Floats],
    calibration: Calibration,
    language: str,
) -> list[list[Reason]]:
    """Give each row's reasons, strongest first, at most five. `rows` have the facts of `checks.FACTS`."""
    table = np.column_stack([parts[check.name] for check in CHECKS])
    ranks = {
        c.name: np.zeros(len(table)) if c.exact or c.in_nats else calibration.p(c.name, scores[c.name])
        for c in CHECKS
    }
    order = np.argsort(-table, axis=1, kind="stable")[:, :MOST_REASONS]
    found = []
    for number, row in enumerate(rows):
        speaking = [CHECKS[i] for i in order[number] if table[number, i] >= LEAST_NATS]
        found.append(
            [Reason(c.name, float(ranks[c.name][number]), sentence(c, row, language)) for c in speaking]
        )
    return found


def line(reasons: Sequence[Reason], raised: Sequence[str], language: str) -> str:
    """Write the reasons of one declaration as one line."""
    parts = [f"{named(r.check, language)}: {r.text}{_odds(r.p, language)}" for r in reasons]
    if raised:
        names = ("、" if language == "zh" else ", ").join(named(n, language) for n in raised)
        parts.append(_LEARNED[language].format(names=names))
    return " | ".join(parts) or _NOTHING[language]


def _odds(p: float, language: str) -> str:
    if p <= 0:
        return ""
    one_in = f"{round(1 / p):,}"
    return f"（每 {one_in} 票中 1 票）" if language == "zh" else f" (1 in {one_in})"


__all__ = ["EXACT", "line", "named", "reasons", "sentence"]
