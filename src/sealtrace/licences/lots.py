"""Lots: goods with a mass, classified by their facts and charged to entries and elements, rounded up.

The charge of an element is the gross mass times the highest content any source gives it: an account is never
charged too little. The factor is kept beside it, so that anyone can do the sum again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import cbor2

from sealtrace.catalogue.elements import WEIGHTS_VERSION
from sealtrace.catalogue.units import HUNDRED, element_mg, kilograms_mg
from sealtrace.errors import MalformedCase, MalformedQuantity

from .account import Amount, LineKey
from .classify import Classification, Classifier, Decision
from .facts import Facts, read_case
from .matching import content_of
from .token import GoodsLine

MAX_DOCUMENT = 1 << 20
NOT_FACTS = frozenset({"gross_kg", "value_minor", "date", "known_at"})


@dataclass(frozen=True, slots=True)
class Lot:
    """Goods as somebody stated them, with their gross mass and value."""

    id: str
    stated: Mapping[str, Any]
    gross_mg: int
    value_minor: int

    def facts(self, on: date, destination: str, use: Mapping[str, Any]) -> Facts:
        """The facts for the classifier: what was stated, on a day, to a destination, for a use."""
        case = {k: v for k, v in self.stated.items() if k not in NOT_FACTS}
        return read_case({"destination": destination, **use, **case, "id": self.id, "date": on.isoformat()})


@dataclass(frozen=True, slots=True)
class Charge:
    """What one element of a lot takes from one entry's line."""

    line: GoodsLine
    factor: str  # share of the element in the gross mass, as a decimal

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        amount = self.line.amount
        return {
            "entry": self.line.key.entry, "element": self.line.key.element, "element_mg": amount.element_mg,
            "gross_mg": amount.gross_mg, "value_minor": amount.value_minor, "factor": self.factor,
            "weights": WEIGHTS_VERSION,
        }  # fmt: skip


def read_lot(stated: object) -> Lot:
    """Read goods as stated: the fields of a case, and `gross_kg`, `value_minor`.

    Raises:
        MalformedCase: not an object with an id and readable facts.
        MalformedQuantity: its mass or value can't be counted.
    """
    if not isinstance(stated, Mapping):
        raise MalformedCase("goods are an object with a form, a composition and a gross mass")
    name, gross, value = stated.get("id"), stated.get("gross_kg", "0"), stated.get("value_minor", 0)
    if not isinstance(name, str) or not 0 < len(name) <= 64:
        raise MalformedCase("each of the goods has an id of 1 to 64 characters")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedQuantity(f"the value of {name!r} is a whole number of minor units, not {value!r}")
    lot = Lot(name, stated, kilograms_mg(str(gross)), value)
    lot.facts(date.max, "", {})
    return lot


def must_be_kept(document: object) -> None:
    """Check that a document can be kept as it is: texts, numbers, lists and maps of these. Raises MalformedCase."""
    try:
        data = cbor2.dumps(document, canonical=True)
    except (ValueError, TypeError, OverflowError, RecursionError, cbor2.CBOREncodeError) as e:
        raise MalformedCase(f"it holds something that can't be kept: {type(e).__name__}") from None
    if len(data) > MAX_DOCUMENT:
        raise MalformedCase(f"it is longer than {MAX_DOCUMENT} bytes; enclose what is long")


def classify(
    lot: Lot, classifier: Classifier, on: date, destination: str, use: Mapping[str, Any]
) -> Classification:
    """Classify a lot. Pure: the same statement, day and lists give the same answer."""
    return classifier.classify(lot.facts(on, destination, use))


def charges(lot: Lot, entries: tuple[str, ...], classifier: Classifier, on: date) -> list[Charge]:
    """Charge a lot to the entries it was found under, one line for each entry and element that is there.

    The value and the gross mass stand on every line: each licence line limits the goods it names.

    Raises:
        MalformedQuantity: a listed element is there and no source tells how much of it.
    """
    facts, made = lot.facts(on, "", {}), list[Charge]()
    for code in entries:
        entry = classifier.controls.by_code.get(code)
        for element in entry.elements if entry is not None else ():
            share = content_of(facts, element, classifier.policy).share
            if share is None and element not in facts.named:
                continue
            if share is None or (not share.low and share.high == HUNDRED):
                raise MalformedQuantity(
                    f"{lot.id}: no source tells how much {element} is in it",
                    advice="State its composition or formula.",
                )
            fraction = Fraction(share.high) / 100
            amount = Amount(element_mg(lot.gross_mg, fraction), lot.gross_mg, lot.value_minor)
            if amount.element_mg:
                factor = f"{Decimal(share.high) / HUNDRED:f}"
                made.append(Charge(GoodsLine(LineKey(code, element), amount), factor))
    return made


def lines(found: list[Charge]) -> tuple[GoodsLine, ...]:
    """Add charges up by line, in the order the lines first appear."""
    total: dict[LineKey, Amount] = {}
    for one in found:
        total[one.line.key] = total.get(one.line.key, Amount(0)) + one.line.amount
    return tuple(GoodsLine(key, amount) for key, amount in total.items())


def controlled(made: Classification) -> bool:
    """Whether goods may leave only with a licence."""
    return made.decision is Decision.LICENCE_REQUIRED
