"""Flags and routing as dated data: which flags a case gets by itself, which departments are asked, by when.

Derived flags are computed anew for each version and kept apart from those that people set. A set of rules can be
run dry against past cases before it is released: what would have been flagged and asked otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from sealtrace.catalogue.instruments import FOREVER
from sealtrace.catalogue.lists import digest_of, load_yaml
from sealtrace.errors import MalformedList

from .application import PARTS

SCHEMA = "sealtrace/case-rules/1"
SETS = (
    "kind",
    "entry",
    "element",
    "destination",
    "country",
    "decision",
    "classifier_flag",
    "hit",
    "has_role",
    "flag",
)
TERMS = frozenset({*SETS, "element_kg_from", "consignee_abroad"})


@dataclass(frozen=True, slots=True)
class Traits:
    """What rules see of a case."""

    sets: Mapping[str, frozenset[str]]  # of SETS
    element_kg: Decimal  # the largest sum of one element over all goods
    consignee_abroad: bool  # a consignee is in another country than the end user

    def with_flags(self, flags: Iterable[str]) -> Traits:
        """The same with flags, which routes may ask for."""
        return Traits({**self.sets, "flag": frozenset(flags)}, self.element_kg, self.consignee_abroad)


@dataclass(frozen=True, eq=False)
class Rule:
    """A flag or a route, with its days and its condition."""

    id: str
    zh: str
    en: str
    first: date
    last: date
    when: Mapping[str, Any]
    department: str = ""
    parts: tuple[str, ...] = ()
    working_days: int = 0

    def applies(self, traits: Traits, on: date) -> bool:
        """Whether the rule holds on a day and every term of its condition is met."""
        return self.first <= on <= self.last and all(_met(k, v, traits) for k, v in self.when.items())


@dataclass(frozen=True, eq=False)
class CaseRules:
    """One version of the rules."""

    id: str
    version: str
    digest: bytes
    flags: tuple[Rule, ...]
    routes: tuple[Rule, ...]
    criteria: Mapping[str, tuple[str, str]]
    document: Mapping[str, Any]

    def flags_of(self, traits: Traits, on: date) -> tuple[str, ...]:
        """The flags a case gets by itself on a day."""
        return tuple(r.id for r in self.flags if r.applies(traits, on))

    def routes_of(self, traits: Traits, flags: Iterable[str], on: date) -> tuple[Rule, ...]:
        """The departments to ask on a day, with the flags the case has, derived and set by people."""
        seen = traits.with_flags(flags)
        return tuple(r for r in self.routes if r.applies(seen, on))


def _met(term: str, wanted: Any, traits: Traits) -> bool:
    if term == "element_kg_from":
        return traits.element_kg >= Decimal(str(wanted))
    if term == "consignee_abroad":
        return traits.consignee_abroad is wanted
    return bool(traits.sets.get(term, frozenset()) & set(wanted))


@cache
def shipped() -> CaseRules:
    """The rules that come with Sealtrace."""
    path = resources.files("sealtrace.licences") / "data" / "case-rules.yaml"
    return read_rules(load_yaml(path.read_bytes()))


def read_rules(document: Mapping[str, Any]) -> CaseRules:
    """Turn a document into rules, checking all of it. Raises MalformedList."""
    if document.get("schema") != SCHEMA:
        raise MalformedList(f"schema is {document.get('schema')!r}, not {SCHEMA!r}")
    try:
        made = CaseRules(
            str(document["id"]), str(document["version"]), digest_of(document),
            tuple(_rule(r) for r in document["flags"]), tuple(_rule(r, route=True) for r in document["routes"]),
            {c["id"]: (c["zh"], c["en"]) for c in document["criteria"]}, document,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as e:
        raise MalformedList(f"the rules lack or mistype something: {type(e).__name__} {e}") from e
    for rules in (made.flags, made.routes):
        names = [(r.id, r.first) for r in rules]
        if len(set(names)) != len(names):
            raise MalformedList("two rules of the same name begin on the same day")
    return made


def _rule(raw: Mapping[str, Any], *, route: bool = False) -> Rule:
    when = raw.get("when", {})
    unknown = set(when) - TERMS
    if unknown:
        raise MalformedList(f"{raw['id']}: no rule can ask for {', '.join(sorted(unknown))}")
    for term, wanted in when.items():
        if term in SETS and not (isinstance(wanted, list) and all(isinstance(w, str) for w in wanted)):
            raise MalformedList(f"{raw['id']}: {term} is a list of texts")
    Decimal(str(when.get("element_kg_from", 0)))
    parts, days = tuple(raw.get("parts", ())), int(raw.get("working_days", 0))
    if route and (not raw["department"] or not parts or set(parts) - set(PARTS) or not 1 <= days <= 45):
        raise MalformedList(
            f"{raw['id']}: a route names a department, parts of the application, 1 to 45 working days"
        )
    first, last = (
        date.fromisoformat(str(raw[k])) if k in raw else d for k, d in (("from", date.min), ("to", FOREVER))
    )
    return Rule(raw["id"], raw["zh"], raw["en"], first, last, when, raw.get("department", ""), parts, days)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a set of rules would change for one case."""

    case: str
    flags_added: tuple[str, ...]
    flags_gone: tuple[str, ...]
    departments_added: tuple[str, ...]
    departments_gone: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "case": self.case, "flags_added": list(self.flags_added), "flags_gone": list(self.flags_gone),
            "departments_added": list(self.departments_added), "departments_gone": list(self.departments_gone),
        }  # fmt: skip


def dry_run(old: CaseRules, new: CaseRules, cases: Iterable[tuple[str, Traits, date]]) -> list[Effect]:
    """Tell for past cases, each on its own day, what new rules would have flagged and asked otherwise."""
    effects = []
    for name, traits, on in cases:
        flags = [rules.flags_of(traits, on) for rules in (old, new)]
        asked = [
            [r.department for r in rules.routes_of(traits, f, on)]
            for rules, f in zip((old, new), flags, strict=True)
        ]
        found = Effect(name, *_moved(*flags), *_moved(*asked))
        if any((found.flags_added, found.flags_gone, found.departments_added, found.departments_gone)):
            effects.append(found)
    return effects


def _moved(before: Iterable[str], after: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old, new = tuple(before), tuple(after)
    return tuple(x for x in new if x not in old), tuple(x for x in old if x not in new)
