"""Assess a version of an application: class and charge of each of its goods, traits, flags, departments to ask.

Pure: the same document, day, lists and rules give the same assessment, byte for byte, so that it can be made
again from what is stored.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sealtrace.errors import MalformedQuantity
from sealtrace.licences.classify import Classifier
from sealtrace.licences.lots import Charge, charges, classify

from .application import Application, Role
from .routing import CaseRules, Traits

MG_PER_KG = Decimal(10**6)


def assess(
    made: Application, on: date, classifier: Classifier, rules: CaseRules, hits: list[str]
) -> dict[str, Any]:
    """Give the assessment as an object. `hits` are the effects of the lists that a party resembles an entry of."""
    goods = []
    for lot in made.goods:
        found = classify(lot, classifier, on, made.destination, made.use)
        lines, unclear = list[Charge](), ""
        try:
            lines = charges(lot, found.entries, classifier, on)
        except MalformedQuantity as e:
            unclear = e.message
        goods.append({**found.as_dict(), "charges": [c.as_dict() for c in lines], "unclear": unclear})
    seen = traits(made, goods, hits)
    flags = rules.flags_of(seen, on)
    return {
        "on": on.isoformat(), "goods": goods, "flags": list(flags), "hits": sorted(set(hits)),
        "routes": [r.id for r in rules.routes_of(seen, flags, on)],
        "list": classifier.controls.digest.hex(), "rules": rules.digest.hex(),
    }  # fmt: skip


def traits(made: Application, goods: list[dict[str, Any]], hits: list[str]) -> Traits:
    """What rules see of an application and its goods' classes."""
    charged = [c for g in goods for c in g["charges"]]
    sums: dict[str, int] = {}
    for c in charged:
        sums[c["element"]] = sums.get(c["element"], 0) + c["element_mg"]
    users = {p.country for p in made.with_role(Role.END_USER)}
    consignees = {p.country for p in made.with_role(Role.CONSIGNEE)}
    sets = {
        "kind": {made.kind}, "entry": {e for g in goods for e in (*g["entries"], *g["candidates"])},
        "element": set(sums), "destination": users, "country": {p.country for p in made.parties},
        "decision": {g["decision"] for g in goods}, "classifier_flag": {f for g in goods for f in g["flags"]},
        "hit": set(hits), "has_role": {p.role.value for p in made.parties},
    }  # fmt: skip
    largest = Decimal(max(sums.values(), default=0)) / MG_PER_KG
    return Traits({k: frozenset(map(str, v)) for k, v in sets.items()}, largest, bool(consignees - users))
