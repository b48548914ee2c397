"""What is known of goods: contents as intervals, each with its source; read from a case, judged by nothing.

A case is a JSON object as the contract has it. Sources, weakest first: the goods' name, the declaration, a
supplier's certificate, an analysis without a stated source, an accredited laboratory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sealtrace.catalogue import formula
from sealtrace.catalogue.elements import RARE_EARTHS, WEIGHTS
from sealtrace.catalogue.units import HUNDRED, NOT_DETECTED, Interval, content, weight_from_atomic
from sealtrace.errors import MalformedCase, MalformedFormula, MalformedQuantity

from .forms import form_of
from .names import named_amounts, named_elements
from .parties import barred, texts_of

ALL = Interval(Decimal(0), HUNDRED)
REST = frozenset({"bal", "bal.", "balance", "rest", "remainder", "余量", "其余"})
RARE_EARTH_SUMS = frozenset(
    {"treo", "reo", "tre", "re", "ree", "hre", "hreo", "rare earth", "rare earths", "稀土", "稀土总量"}
)
MAX_TEXT = 4000
MAX_PARTS = 200


class Source(StrEnum):
    """Where a fact comes from."""

    NAME = "name"
    DECLARED = "declared"
    CERTIFICATE = "certificate"
    ANALYSIS = "analysis"
    LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class Fact:
    """The content of one element as one source gives it; `absent` when a laboratory looked and found none."""

    element: str
    source: Source
    share: Interval
    absent: bool = False


@dataclass(slots=True)
class Facts:
    """Everything a case says, in the form rules read."""

    id: object
    on: date
    known: date
    form: str
    form_word: str
    shares: dict[str, list[Fact]] = field(default_factory=dict)
    stated: bool = False  # a composition or a formula is there
    named: frozenset[str] = frozenset()  # elements the goods' name has, without amounts
    unread: list[str] = field(default_factory=list)  # what is there and could not be understood
    rare_earth_sum: bool = False
    declared_elements: frozenset[str] | None = None
    formula: formula.Formula | None = None
    text: str = ""
    declared_name: str = ""
    hs: str = ""
    route: Mapping[str, Any] = field(default_factory=dict)
    destination: str = ""
    use: str = ""
    barred: bool = False
    weighed: dict[str, object] = field(default_factory=dict, repr=False, compare=False)  # of `content_of`
    weighed_by: object = field(default=None, repr=False, compare=False)

    def add(self, fact: Fact) -> None:
        """Take in one fact."""
        self.shares.setdefault(fact.element, []).append(fact)

    def add_to(self, fact: Fact) -> None:
        """Add to what the same source said of the element before: two oxides share their oxygen."""
        for i, other in enumerate(self.shares.get(fact.element, ())):
            if other.source is fact.source:
                low, high = other.share.low + fact.share.low, other.share.high + fact.share.high
                whole = Interval(min(low, HUNDRED), min(high, HUNDRED))
                self.shares[fact.element][i] = Fact(fact.element, fact.source, whole)
                return
        self.add(fact)

    def present(self, floor: Decimal) -> frozenset[str]:
        """Elements that some source puts at or above a floor."""
        return frozenset(e for e, facts in self.shares.items() if any(f.share.low >= floor for f in facts))


def read_case(case: object) -> Facts:
    """Read a case.

    Raises:
        MalformedCase: not an object, no date, or a field of the wrong kind.
    """
    if not isinstance(case, Mapping):
        raise MalformedCase("a case is a JSON object")
    word = _text(case, "form")
    facts = Facts(
        id=case.get("id"),
        on=_day(case, "date") or _missing("date"),
        known=_day(case, "known_at") or date.max,
        form=form_of(word),
        form_word=word,
        text=" ".join(
            t for t in (_text(case, k) for k in ("name_zh", "name_en", "name", "description")) if t
        ),
        declared_name=_text(case, "declared_name"),
        hs=re.sub(r"\D", "", _text(case, "hs")),
        route=_map(case, "route"),
    )
    _compositions(case, facts)
    _evidence(_map(case, "evidence"), facts)
    _formula(_text(case, "formula"), facts)
    declared = _text(case, "declared_text")
    facts.named = named_elements(f"{facts.text} {declared}")
    _amounts(f"{facts.text} {declared}", facts)
    _parties(case, facts)
    return facts


def _missing(name: str) -> date:
    raise MalformedCase(f"the case has no {name}")


def _day(case: Mapping[str, Any], name: str) -> date | None:
    value = case.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is None:
        raise MalformedCase(f"{name} is {str(value)[:40]!r}, not a day written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as e:
        raise MalformedCase(f"{name}: {e}") from e


def _text(case: Mapping[str, Any], name: str) -> str:
    value = case.get(name)
    if value is None:
        return ""
    if name == "hs" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise MalformedCase(f"{name} is not a text of at most {MAX_TEXT} characters")
    return value


def _map(case: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = case.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or len(value) > MAX_PARTS:
        raise MalformedCase(f"{name} is not an object of at most {MAX_PARTS} members")
    return value


# -- compositions ---------------------------------------------------------------------------------


def _compositions(case: Mapping[str, Any], facts: Facts) -> None:
    for name, source in (
        ("composition_wt_pct", Source.ANALYSIS),
        ("composition", Source.ANALYSIS),
        ("declared_composition", Source.DECLARED),
        ("certificate_composition", Source.CERTIFICATE),
        ("lab_composition", Source.LABORATORY),
    ):
        given = _map(case, name)
        for key, value in given.items():
            _constituent(facts, source, key, value)
        facts.stated |= bool(given)
        if source is Source.DECLARED and given:
            facts.declared_elements = frozenset(given)
    ppm = _map(case, "composition_ppm")
    for key, value in ppm.items():
        _constituent(facts, Source.ANALYSIS, key, f"{value} ppm" if not isinstance(value, str) else value)
    atomic = _map(case, "composition_at_pct")
    if atomic:
        _atomic(facts, atomic)
    facts.stated |= bool(ppm) or bool(atomic)


def _atomic(facts: Facts, given: Mapping[str, Any]) -> None:
    try:
        shares = {str(k): content(v) for k, v in given.items()}
    except MalformedQuantity as e:
        raise MalformedCase(f"composition_at_pct: {e.message}") from e
    if any(k not in WEIGHTS or v.low != v.high for k, v in shares.items()):
        facts.unread.append("composition_at_pct")
        return
    for element, share in weight_from_atomic({k: v.low for k, v in shares.items()}).items():
        facts.add(Fact(element, Source.ANALYSIS, Interval.exactly(share)))


def _constituent(facts: Facts, source: Source, key: object, value: object) -> None:
    """Take in one constituent: an element, a substance by its formula, a sum of rare earths, or the rest."""
    name = str(key).strip()
    share = _share(name, value)
    if name in WEIGHTS:
        facts.add(Fact(name, source, share, absent=_not_detected(value) and source is Source.LABORATORY))
    elif name.casefold() in RARE_EARTH_SUMS:
        facts.rare_earth_sum |= share.high > 0
    elif name.casefold() not in REST:
        parsed = _formula_or_none(name)
        if parsed is None or parsed.dopants:
            facts.unread.append(name)
            return
        for element, _ in parsed.atoms:
            part = parsed.fraction(element)
            facts.add_to(Fact(element, source, Interval(share.low * part, share.high * part)))


def _share(name: str, value: object) -> Interval:
    if value is None or (isinstance(value, str) and value.strip().casefold() in REST):
        return ALL
    try:
        return content(value)
    except MalformedQuantity as e:
        raise MalformedCase(f"the content of {name[:40]!r}: {e.message}") from e


def _not_detected(value: object) -> bool:
    text = value.strip().casefold() if isinstance(value, str) else ""
    return text in NOT_DETECTED or text.startswith(("nd(", "nd (", "未检出(", "未检出（"))


def _evidence(evidence: Mapping[str, Any], facts: Facts) -> None:
    """Read evidence such as {"lab_Dy": "ND", "certificate_Tb": "<0.01 %"}; null says that there is none."""
    sources = {"lab": Source.LABORATORY, "certificate": Source.CERTIFICATE, "cert": Source.CERTIFICATE,
               "declared": Source.DECLARED}  # fmt: skip
    for key, value in evidence.items():
        prefix, _, element = str(key).partition("_")
        if value is None or prefix not in sources:
            continue
        given = value if not element and isinstance(value, Mapping) else {element: value}
        for name, share in given.items():
            if name in WEIGHTS:
                absent = _not_detected(share) and sources[prefix] is Source.LABORATORY
                facts.add(Fact(name, sources[prefix], _share(name, share), absent))
            else:
                facts.unread.append(str(key))


@lru_cache(maxsize=4096)
def _formula_or_none(text: str) -> formula.Formula | None:
    try:
        return formula.parse(text)
    except MalformedFormula:
        return None


def _formula(text: str, facts: Facts) -> None:
    """Take a formula as composition where none is given, and its elements in any case."""
    if not text:
        return
    facts.formula = _formula_or_none(text)
    if facts.formula is None:
        facts.unread.append(text)
        facts.named |= {e for e in RARE_EARTHS if re.search(rf"{e}(?![a-z])", text)}
        return
    for element in facts.formula.elements:
        if element in facts.shares:
            continue
        if facts.formula.dopants:
            share = Interval(Decimal("0.05"), HUNDRED) if element not in facts.formula.dopants else ALL
        else:
            share = Interval.exactly(facts.formula.fraction(element) * HUNDRED)
        facts.add(Fact(element, Source.DECLARED, share))
    facts.stated = True


# -- what the name and the parties say ------------------------------------------------------------


def _amounts(text: str, facts: Facts) -> None:
    """Take contents that the name states where no composition gives the element."""
    for element, amount in named_amounts(text):
        if element in facts.named and element not in facts.shares:
            try:
                facts.add(Fact(element, Source.NAME, content(amount)))
            except MalformedQuantity:
                facts.unread.append(amount)


def _parties(case: Mapping[str, Any], facts: Facts) -> None:
    said: list[str] = []
    for key in ("end_use", "end_user", "user", "use", "end_user_type", "consignee"):
        said += texts_of(case.get(key))
    facts.use = " ".join(said)
    user = case.get("end_user")
    place = user.get("country") if isinstance(user, Mapping) else None
    for candidate in (
        case.get("destination"),
        facts.route.get("to"),
        case.get("to"),
        case.get("country"),
        place,
    ):
        if isinstance(candidate, str) and candidate:
            facts.destination = candidate.strip().upper()
            break
    facts.barred = bool(facts.use) and barred(facts.use)
