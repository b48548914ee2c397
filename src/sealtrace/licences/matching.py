"""Whether goods are under one entry of a control list: yes, no, or not to be told from the facts.

Pure, and blind to dates: an entry is matched as if it bound. Each answer carries the rule it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from sealtrace.catalogue.elements import RARE_EARTHS
from sealtrace.catalogue.lists import Entry
from sealtrace.catalogue.units import Interval

from . import forms
from .facts import Facts, Source
from .magnets import magnet_family
from .reasons import Reason, reason


class Answer(Enum):
    """Whether goods are under an entry."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one entry and why."""

    entry: Entry
    answer: Answer
    reasons: tuple[Reason, ...] = ()
    only_silence: bool = False  # MAYBE because nothing shows the element to be absent


@dataclass(frozen=True, slots=True)
class Policy:
    """What the office decides where the law's text is silent. Percent by mass."""

    trace_floor: Decimal = Decimal("0.05")  # below it a person decides; 0.18 % has been penalised
    metal_majority: Decimal = Decimal(50)
    named_majority: Decimal = Decimal(
        75
    )  # of the composition, for an alloy to bear a name of the closed list


class Presence(Enum):
    """What the facts say of one element."""

    PRESENT = "present"
    POSSIBLE = "possible"
    ABSENT = "absent"  # a laboratory looked and found none
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Content:
    """One element in the goods: presence, the interval that covers all sources, and the reason if it is open."""

    presence: Presence
    share: Interval | None = None
    source: Source | None = None
    why: tuple[str, dict[str, object]] | None = None


SAID_NOTHING = Content(Presence.SILENT)


def content_of(facts: Facts, element: str, policy: Policy) -> Content:
    """Weigh the sources on one element: any of them can bring it in, only a laboratory can take it out.

    Weighed once for the same facts and policy: a dozen lines of a list ask about the same element.
    """
    if facts.weighed_by is not policy:
        facts.weighed_by, facts.weighed = policy, {}
    found = facts.weighed.get(element)
    if found is None:
        found = facts.weighed[element] = _weigh(facts, element, policy)
    assert isinstance(found, Content)
    return found


def _weigh(facts: Facts, element: str, policy: Policy) -> Content:
    given = facts.shares.get(element)
    if not given:
        return _from_name(facts, element)
    absent = [f for f in given if f.absent and f.share.high < policy.trace_floor]
    there = [f for f in given if f.share.high > 0 and not f.absent]
    if absent and (there or element in facts.named):
        sources = ", ".join([f"{f.source} {f.share}" for f in given] + ["name"] * (element in facts.named))
        return Content(Presence.POSSIBLE, why=("conflict", {"sources": sources}))
    if absent:
        return Content(Presence.ABSENT, absent[0].share, absent[0].source)
    if not there:
        late = _from_name(facts, element)
        return (
            late
            if late.presence is Presence.POSSIBLE
            else Content(Presence.SILENT, given[0].share, given[0].source)
        )
    best = max(there, key=lambda f: (f.share.low, f.share.high))
    if best.share.low >= policy.trace_floor:
        return Content(Presence.PRESENT, best.share, best.source)
    return Content(
        Presence.POSSIBLE,
        best.share,
        best.source,
        ("trace", {"share": best.share, "floor": policy.trace_floor}),
    )


def _from_name(facts: Facts, element: str) -> Content:
    if element in facts.named:
        if not facts.stated:
            return Content(Presence.PRESENT, None, Source.NAME)
        return Content(Presence.POSSIBLE, why=("named-not-stated", {}))
    return SAID_NOTHING


# -- forms ----------------------------------------------------------------------------------------


_TAKES = {
    "metal": {forms.METAL, forms.ALLOY},
    "alloy": {forms.METAL, forms.ALLOY, *forms.METALLIC},
    "oxide": {forms.OXIDE, forms.ORE},
    "compound": {forms.COMPOUND, forms.ORE},
    "functional": forms.FUNCTIONAL,
}


def takes(entry: Entry, form: str) -> bool:
    """Tell whether goods of a form can be under an entry at all."""
    return form in _TAKES.get(entry.form, {entry.form})


def by_element(entry: Entry) -> bool:
    """Whether an entry says nothing of goods whose composition is stated and names none of its elements."""
    return entry.form in _BY_ELEMENT


def match(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    """Match goods with an entry; None when the entry has nothing to do with them."""
    judge = _JUDGES.get(entry.form)
    return judge(entry, facts, policy) if judge else None


def _yes(entry: Entry, facts: Facts, element: str, content: Content) -> Match:
    share = "?" if content.share is None else content.share
    return Match(entry, Answer.YES, (
        reason("entry-met", entry=entry.code, element=element, title=(entry.zh, entry.en), share=share,
               source=content.source, form=facts.form, form_zh=forms.CHINESE[facts.form]),
    ))  # fmt: skip


def _maybe(entry: Entry, rule: str, element: str | None = None, **values: object) -> Match:
    return Match(
        entry,
        Answer.MAYBE,
        (reason(rule, entry=entry.code, element=element, title=(entry.zh, entry.en), values=values),),
    )


def _open_content(entry: Entry, element: str, content: Content) -> Match:
    assert content.why is not None
    return _maybe(entry, content.why[0], element, **content.why[1])


def _elemental(
    entry: Entry, facts: Facts, policy: Policy, positive: Callable[[str, Content], Match]
) -> Match | None:
    """Judge an entry for one element by its presence; `positive` says what its presence means."""
    made: Match | None = None
    for element in entry.elements:
        content = content_of(facts, element, policy)
        if content.presence is Presence.PRESENT:
            return positive(element, content)
        if content.presence is Presence.POSSIBLE:
            made = _open_content(entry, element, content)
        elif content.presence is Presence.ABSENT and made is None:
            made = Match(entry, Answer.NO, (reason("lab-absent", element=element),))
        elif not facts.stated and made is None:
            made = Match(entry, Answer.MAYBE, (reason("composition-missing"),), only_silence=True)
    return made


def _metal(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    if facts.form not in (forms.METAL, forms.ALLOY):
        return None
    alone = Decimal(95) if facts.form == forms.ALLOY else policy.metal_majority

    def positive(element: str, content: Content) -> Match:
        if content.share is None:
            return _yes(entry, facts, element, content) if facts.form == forms.METAL else _no(entry)
        if content.share.low >= alone or (facts.form == forms.METAL and _largest(facts) == element):
            return _yes(entry, facts, element, content)
        return _maybe(entry, "minor-metal", element) if facts.form == forms.METAL else _no(entry)

    found = _elemental(entry, facts, policy, positive)
    if (
        found is not None
        and found.answer is Answer.MAYBE
        and facts.form == forms.ALLOY
        and not found.only_silence
    ):
        return _no(entry)  # the alloy line of the same element says so
    return found


def _no(entry: Entry) -> Match:
    return Match(entry, Answer.NO)


def _largest(facts: Facts) -> str | None:
    shares = {e: max(f.share.low for f in given) for e, given in facts.shares.items()}
    return max(shares, key=lambda e: shares[e]) if shares else None


def _closed_list(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    elsewhere = (
        facts.form == forms.METAL or facts.form in forms.METALLIC
    )  # what has no name here, others judge

    def positive(element: str, content: Content) -> Match:
        del content
        by_name = next((n for n in entry.named if _name_root(n.zh) in facts.text), None)
        by_content = None if by_name else _by_composition(entry, facts, element, policy)
        if by_name or by_content:
            return Match(entry, Answer.YES, (
                reason("entry-named", entry=entry.code, element=element, named=by_name.zh if by_name else by_content),
            ))  # fmt: skip
        if elsewhere:
            return _no(entry)
        return _maybe(entry, "not-named-alloy", element, form=facts.form, form_zh=forms.CHINESE[facts.form])

    found = _elemental(entry, facts, policy, positive)
    if found is not None and found.answer is Answer.MAYBE and elsewhere:
        return _no(entry)
    return found


def _name_root(name: str) -> str:
    """A listed name as it stands inside longer ones: 钐钴合金 as 钐钴, 钐靶 as itself."""
    for ending in ("合金靶", "合金"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def _by_composition(entry: Entry, facts: Facts, element: str, policy: Policy) -> str | None:
    """The listed names that the composition bears: their elements are most of it, and no rare earth is more."""
    there = facts.present(policy.trace_floor)
    fitting = [n for n in entry.named if element in n.of and n.of <= there]
    if not fitting:
        return None
    shares = {e: max(f.share.high for f in given) for e, given in facts.shares.items() if e in there}
    of = frozenset[str]().union(*(n.of for n in fitting))
    whole = sum(shares.values(), Decimal(0))
    covered = sum((shares[e] for e in of), Decimal(0))
    greater = any(shares[e] > shares[element] for e in shares if e in RARE_EARTHS and e not in of)
    if covered * 100 < whole * policy.named_majority or greater:
        return None
    return max(fitting, key=lambda n: len(n.of)).zh


_ZIRCONIA = re.compile(r"氧化锆|稳定锆|zirconia|\bYSZ\b|ScSZ", re.I)
_DOWNSTREAM = re.compile(
    r"晶体|单晶|闪烁|造影剂|对比剂|注射|药品|药剂片|光学玻璃|光纤|激光棒|透镜|灯具|蓄电池|燃料电池"
    r"|\b(?:crystals?|scintillators?|contrast (?:agent|media|medium)|injection|pharmaceutical|optical glass|"
    r"fib(?:er|re)|laser rod|lens(?:es)?|lamp|fuel cell|LYSO|LSO|GSO|YAG)\b",
    re.I,
)


def _chemical(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    """Oxides and compounds: any content, alone or mixed, unless the goods are a product made of them."""
    if facts.form == forms.ORE:
        return (
            _elemental(entry, facts, policy, lambda element, _: _maybe(entry, "ore", element))
            if facts.stated
            else None
        )
    if facts.form != entry.form:
        return None

    def positive(element: str, content: Content) -> Match:
        product = _DOWNSTREAM.search(facts.text)
        if product:
            return _maybe(entry, "downstream", element, word=product[0])
        if entry.form == forms.OXIDE and element != "Zr" and _mostly_zirconia(facts):
            return _maybe(entry, "solid-solution", element)
        return _yes(entry, facts, element, content)

    return _elemental(entry, facts, policy, positive)


def _mostly_zirconia(facts: Facts) -> bool:
    if _ZIRCONIA.search(facts.text):
        return True
    shares = {e: max(f.share.low for f in given) for e, given in facts.shares.items() if e != "O"}
    return bool(shares) and shares.get("Zr", Decimal(0)) * 2 > sum(shares.values())


def _magnet(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    family = magnet_family(facts, policy.trace_floor)
    [element] = entry.elements
    if family not in (entry.family, None):
        unclear = family == "SmFeN" and entry.family == "SmCo"
        answer = Answer.MAYBE if unclear else Answer.NO
        return Match(entry, answer, (reason("family-other", entry=entry.code, family=family),))
    content = content_of(facts, element, policy)
    if content.presence is Presence.PRESENT:
        return _yes(entry, facts, element, content) if family else _maybe(entry, "family-open", element)
    if content.presence is Presence.POSSIBLE:
        return _open_content(entry, element, content)
    if content.presence is Presence.ABSENT:
        return Match(entry, Answer.NO, (reason("lab-absent", element=element),))
    if facts.shares and entry.family == "SmCo" and family is None:
        return None  # a stated composition without samarium is no SmCo magnet
    silent = reason("not-shown-absent", entry=entry.code, element=element)
    return Match(entry, Answer.MAYBE, (silent,), only_silence=True)


# -- the rest -------------------------------------------------------------------------------------


def _functional(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    if facts.form not in forms.FUNCTIONAL or not (entry.open or facts.form in entry.classes):
        return None

    def positive(element: str, content: Content) -> Match:
        return (
            _maybe(entry, "form-open", element, word=facts.form_word)
            if entry.open
            else _yes(entry, facts, element, content)
        )

    found = _elemental(entry, facts, policy, positive)
    return None if found is not None and found.only_silence else found


def _worded(entry: Entry, facts: Facts, policy: Policy) -> Match | None:
    del policy
    if facts.form != entry.form:
        return None
    if any(word in facts.text.casefold() for word in entry.words):
        return Match(
            entry, Answer.YES, (reason("entry-listed", entry=entry.code, title=(entry.zh, entry.en)),)
        )
    return _maybe(entry, "equipment-open" if entry.form == forms.EQUIPMENT else "composition-missing")


_BY_ELEMENT = frozenset({"metal", "alloy", "target", "functional", "oxide", "compound"})
_JUDGES: dict[str, Callable[[Entry, Facts, Policy], Match | None]] = {
    "metal": _metal,
    "alloy": _closed_list,
    "target": _closed_list,
    "magnet": _magnet,
    "functional": _functional,
    "oxide": _chemical,
    "compound": _chemical,
    "ore_or_reagent": _worded,
    "equipment": _worded,
}
