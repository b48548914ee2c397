"""Classify goods and technology by date, form and composition: the decision, its entries and its reasons.

Order: facts as intervals; form; per-entry matching; the instruments' state on the day; abroad rules; bars by
end use; the strongest outcome wins. Whatever can't be told is referred to a person: nothing unknown clears.
The classifier advises; people decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from sealtrace.catalogue.elements import RARE_EARTHS
from sealtrace.catalogue.instruments import Standing, State, state
from sealtrace.catalogue.lists import ControlList, Entry, turn
from sealtrace.catalogue.technology import TechnologyCatalogue

from . import abroad, forms
from .facts import Facts
from .matching import Answer, Match, Policy, Presence, by_element, content_of, match, takes
from .names import named_elements
from .parties import military
from .reasons import Reason, reason

DEFAULT_POLICY = Policy()


class Decision(StrEnum):
    """The outcomes, strongest first."""

    PROHIBITED_TECHNOLOGY = "prohibited_technology"
    PROHIBITED_END_USE = "prohibited_end_use"
    LICENCE_REQUIRED = "licence_required"
    REFER = "refer"
    STATUS_UNKNOWN = "status_unknown"
    SUSPENDED = "suspended"
    NOT_CONTROLLED = "not_controlled"


_STRENGTH = {decision: i for i, decision in enumerate(Decision)}
_BY_STANDING = {
    Standing.IN_FORCE: Decision.LICENCE_REQUIRED,
    Standing.SUSPENDED: Decision.SUSPENDED,
    Standing.STATUS_UNKNOWN: Decision.STATUS_UNKNOWN,
}
_BINDING = frozenset(_BY_STANDING)
_SILENT = frozenset({Standing.UNPUBLISHED, Standing.REPEALED})
Line = tuple[Entry, State, frozenset[str] | None]  # with the elements of a line that is about them alone
INSIDE_LEGS = frozenset({"domestic", "domestic_to_bonded", "import", "inland"})


@dataclass(frozen=True, slots=True)
class Classification:
    """A decision with what it rests on: entries, reasons, flags, and the lists' digests."""

    id: object
    decision: Decision
    entries: tuple[str, ...]
    reasons: tuple[Reason, ...]
    candidates: tuple[str, ...]  # entries that may apply and could not be told
    flags: tuple[str, ...]
    lists: tuple[tuple[str, str, str], ...]  # id, version, digest

    def as_dict(self) -> dict[str, object]:
        """Give the contract's row."""
        return {
            "id": self.id,
            "decision": self.decision.value,
            "entries": list(self.entries),
            "reasons": [r.as_dict() for r in self.reasons],
            "candidates": list(self.candidates),
            "flags": list(self.flags),
            "lists": [{"id": i, "version": v, "sha256": d} for i, v, d in self.lists],
        }


@dataclass(slots=True)
class Findings:
    """Outcomes gathered while the rules are applied."""

    outcomes: list[tuple[Decision, str | None]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    upcoming: list[str] = field(default_factory=list)

    def found(self, decision: Decision, entry: str | None, *reasons: Reason) -> None:
        """Add an outcome with its reasons, each said once."""
        self.outcomes.append((decision, entry))
        self.reasons += [r for r in reasons if r not in self.reasons]

    def say(self, *reasons: Reason) -> None:
        """Add reasons alone."""
        self.reasons += [r for r in reasons if r not in self.reasons]

    @property
    def decision(self) -> Decision:
        """The strongest outcome; without any, not controlled."""
        return min((d for d, _ in self.outcomes), key=_STRENGTH.__getitem__, default=Decision.NOT_CONTROLLED)


class Classifier:
    """Classifies by one version of the control list and the technology catalogue, under one policy."""

    def __init__(
        self, controls: ControlList, technology: TechnologyCatalogue, policy: Policy = DEFAULT_POLICY
    ) -> None:
        self.controls, self.technology, self.policy = controls, technology, policy
        self._lists = (
            (controls.id, controls.version, controls.digest.hex()),
            (technology.id, technology.version, technology.digest.hex()),
        )
        self._lines = {form: tuple(e for e in controls.entries if takes(e, form)) for form in forms.CHINESE}
        groups: dict[tuple[str, str | None], list[Entry]] = {}
        for entry in controls.entries:
            groups.setdefault((entry.instrument.id, entry.part), []).append(entry)
        self._groups = tuple(groups.values())
        self._turns, self._known_turns = controls.turns
        self._standing_at = lru_cache(maxsize=4096)(self._find_standing)
        self._binding_at = lru_cache(maxsize=1024)(self._find_binding)
        self._reference_hs = {code for e in controls.entries for code in e.hs}
        self._noted = {form for note in controls.notes for form in note.forms}

    def classify(self, facts: Facts) -> Classification:
        """Decide one case. Pure: the same facts and lists always give the same answer."""
        findings = Findings()
        leg = facts.route.get("leg")
        if isinstance(leg, str) and leg in INSIDE_LEGS:
            findings.say(reason("leg-inside", leg=leg))
            return self._answer(facts, findings)
        if facts.form == forms.TECHNOLOGY:
            self._technology(facts, findings)
        elif abroad.is_abroad(facts):
            findings.say(reason("abroad"))
            self._abroad(facts, findings)
        else:
            self._goods(facts, findings)
        self._bars(facts, findings)
        return self._answer(facts, findings)

    # -- goods -----------------------------------------------------------------------------------

    def _goods(self, facts: Facts, findings: Findings) -> None:
        published, _ = self._binding_on(facts.on, facts.known)
        if not published:
            elements = ", ".join(sorted(self._elements_there(facts)))
            findings.say(reason("unpublished", on=facts.on, elements=elements or "-"))
            return
        stated, spoken = facts.stated, facts.shares.keys() | facts.named
        for entry, now, about in self._standing_on(facts.form, facts.on, facts.known):
            if stated and about is not None and about.isdisjoint(spoken):
                continue  # the line is about elements alone, and no source speaks of them
            found = match(entry, facts, self.policy)
            if found is not None:
                self._weigh(facts, found, now, findings)
        self._forms_without_lines(facts, findings)
        self._doubts(facts, findings)

    def _weigh(self, facts: Facts, found: Match, now: State, findings: Findings) -> None:
        entry, instrument = found.entry, found.entry.instrument
        if found.answer is Answer.NO:
            findings.say(*found.reasons)
        elif now.standing is Standing.NOT_COMMENCED:
            if found.answer is Answer.YES:
                findings.upcoming.append(entry.code)
                findings.say(reason("not-commenced", entry=entry.code, instrument=instrument.id, on=facts.on))
        elif found.answer is Answer.MAYBE:
            if not found.only_silence or now.standing is Standing.IN_FORCE:
                findings.found(Decision.REFER, entry.code, *found.reasons)
        else:
            findings.found(
                _BY_STANDING[now.standing], entry.code, *found.reasons, self._why(entry, now, facts)
            )

    @staticmethod
    def _why(entry: Entry, now: State, facts: Facts) -> Reason:
        values = {"instrument": entry.instrument.id, "on": facts.on, "until": now.until, "by": now.by}
        rule = {Standing.IN_FORCE: "in-force", Standing.SUSPENDED: "suspended"}.get(
            now.standing, "status-unknown"
        )
        return reason(rule, entry=entry.code, values=values)

    def _elements_there(self, facts: Facts) -> set[str]:
        """Listed elements that are, or may be, in the goods."""
        weighed = {e: content_of(facts, e, self.policy).presence for e in self.controls.elements}
        return {e for e, presence in weighed.items() if presence in (Presence.PRESENT, Presence.POSSIBLE)}

    def _binding(self, facts: Facts, element: str) -> tuple[Entry, ...]:
        """Entries of this element that bind, or may bind, on the day."""
        return tuple(e for e in self._binding_on(facts.on, facts.known)[1] if element in e.elements)

    def _standing_on(self, form: str, on: date, known: date) -> tuple[Line, ...]:
        return self._standing_at(form, turn(self._turns, on), turn(self._known_turns, known))

    def _binding_on(self, on: date, known: date) -> tuple[bool, tuple[Entry, ...]]:
        return self._binding_at(turn(self._turns, on), turn(self._known_turns, known))

    def _find_standing(self, form: str, on: date, known: date) -> tuple[Line, ...]:
        """The lines that goods of a form can be under and that say something on a day, with their states."""
        states = ((entry, entry.state(on, known)) for entry in self._lines[form])
        return tuple(
            (e, now, frozenset(e.elements) if by_element(e) else None)
            for e, now in states if now is not None and now.standing not in _SILENT
        )  # fmt: skip

    def _find_binding(self, on: date, known: date) -> tuple[bool, tuple[Entry, ...]]:
        """Tell whether anything is published by a day, and give the entries on elements that may bind then."""
        published, binding = False, list[Entry]()
        for entries in self._groups:
            standing = state(entries[0].instrument, entries[0].part, on, known).standing
            published |= standing not in _SILENT
            if standing in _BINDING:
                binding += [e for e in entries if e.elements and not e.annex and e.on_list(on, known)]
        return published, tuple(binding)

    def _forms_without_lines(self, facts: Facts, findings: Findings) -> None:
        """Judge forms that no entry takes: products of the scope notes, scrap, functional and unknown forms."""
        form = facts.form
        if form in forms.CHEMICAL or form in (forms.ORE, forms.EQUIPMENT):
            return
        there = self._elements_there(facts)
        taken = {e for _, code in findings.outcomes if code for e in self.controls.by_code[code].elements}
        for element in sorted(there):
            binding = [
                e
                for e in self._binding(facts, element)
                if not (form in forms.FUNCTIONAL and e.form == "functional")
            ]
            if not binding or element in taken:
                continue
            if form in self._noted:
                self._noted_form(facts, element, binding, findings)
            elif form == forms.SCRAP:
                findings.found(
                    Decision.REFER, binding[0].code, reason("scrap", entry=binding[0].code, element=element)
                )
            else:
                why = reason("form-open", entry=binding[0].code, element=element, word=facts.form_word)
                findings.found(Decision.REFER, binding[0].code, why)
        if not there and form not in self._noted:
            self._nothing_named(facts, findings)

    def _noted_form(self, facts: Facts, element: str, binding: list[Entry], findings: Findings) -> None:
        word = facts.form_word.strip().casefold()
        if word in forms.WITHOUT_MAGNET and element not in forms.MAGNET_ELEMENTS:
            why = reason("form-open", entry=binding[0].code, element=element, word=facts.form_word)
            findings.found(Decision.REFER, binding[0].code, why)
            return
        for note in self.controls.notes:
            if facts.form not in note.forms or note.instrument not in {e.instrument.id for e in binding}:
                continue
            if facts.on >= note.on:
                findings.say(reason("scope-note", title=(note.zh, note.en), note=note.id, on=note.on))
            else:
                why = reason("scope-note-later", element=element, note=note.id, on=note.on)
                findings.found(Decision.REFER, binding[0].code, why)
            return
        if facts.form not in forms.FUNCTIONAL:
            findings.say(
                reason("form-not-listed", element=element, form=facts.form, form_zh=forms.CHINESE[facts.form])
            )

    def _nothing_named(self, facts: Facts, findings: Findings) -> None:
        """Judge an open form whose facts name no listed element: a composition clears it, silence does not."""
        if facts.stated and facts.shares:
            return
        _, binding = self._binding_on(facts.on, facts.known)
        if not binding:
            return
        findings.found(Decision.REFER, None, reason("composition-missing"))
        pointed = next((e for e in binding if facts.hs and facts.hs in e.hs), None)
        if pointed is not None:
            findings.say(reason("hs-points-here", entry=pointed.code, hs=facts.hs))

    def _doubts(self, facts: Facts, findings: Findings) -> None:
        """What was not understood keeps goods from being cleared on a day when something binds."""
        product = facts.form in self._noted and facts.form not in forms.FUNCTIONAL
        if product or facts.form == forms.EQUIPMENT or not self._binding_on(facts.on, facts.known)[1]:
            return
        if facts.unread:
            findings.found(Decision.REFER, None, reason("unread", what=", ".join(facts.unread)[:200]))
        if facts.rare_earth_sum:
            findings.found(Decision.REFER, None, reason("rare-earth-sum"))
        whole = sum((max(f.share.low for f in given) for given in facts.shares.values()), Decimal(0))
        if whole > Decimal("101"):
            findings.found(Decision.REFER, None, reason("sum-above-100", sum=whole))

    # -- abroad, technology, bars ----------------------------------------------------------------

    def _abroad(self, facts: Facts, findings: Findings) -> None:
        for entry in self.controls.entries:
            found = abroad.match(entry, facts, self.policy) if entry.annex else None
            now = entry.state(facts.on, facts.known)
            if found is not None and now is not None and now.standing not in _SILENT:
                self._weigh(facts, found, now, findings)

    def _technology(self, facts: Facts, findings: Findings) -> None:
        claimed = self.technology.exemption(facts.text)
        hits = self.technology.hits(facts.text)
        for hit in hits:
            item = hit.item
            now = item.state(facts.on, facts.known)
            about = reason(
                "technology", entry=item.code, title=(item.zh, item.en),
                point=f"{hit.point.zh} / {hit.point.en}", words=", ".join(hit.words),
            )  # fmt: skip
            if now.standing not in _BINDING:
                if now.standing is Standing.NOT_COMMENCED:
                    findings.upcoming.append(item.code)
                if item.kind != "dual_use":  # an earlier catalogue held similar items, and is not here
                    findings.found(Decision.REFER, item.code, reason("technology-open"))
                continue
            if claimed is not None:
                findings.found(
                    Decision.REFER,
                    item.code,
                    about,
                    reason("exemption-claimed", title=(claimed.zh, claimed.en)),
                )
            elif item.kind == "uncertain":
                findings.found(
                    Decision.REFER,
                    item.code,
                    reason("technology-uncertain", entry=item.code, title=(item.zh, item.en)),
                )
            elif item.kind == "prohibited" and now.standing is Standing.IN_FORCE:
                findings.found(Decision.PROHIBITED_TECHNOLOGY, item.code, about)
            else:
                values = {"instrument": item.instrument.id, "on": facts.on, "until": now.until, "by": now.by}
                rule = {Standing.IN_FORCE: "in-force", Standing.SUSPENDED: "suspended"}.get(
                    now.standing, "status-unknown"
                )
                findings.found(
                    _BY_STANDING[now.standing], item.code, about, reason(rule, entry=item.code, values=values)
                )
        if not findings.outcomes:
            findings.found(Decision.REFER, None, reason("technology-open"))

    def _bars(self, facts: Facts, findings: Findings) -> None:
        """Apply the prohibitions by destination and end use to what is controlled, or may be."""
        controlled = findings.decision in (Decision.LICENCE_REQUIRED, Decision.REFER)
        if not controlled or not facts.use:
            return
        outcome = (
            Decision.PROHIBITED_END_USE if findings.decision is Decision.LICENCE_REQUIRED else Decision.REFER
        )
        if facts.barred:
            findings.found(outcome, None, reason("barred-user"))
        if not military(facts.use):
            return
        for bar in self.controls.bars:
            now = state(bar.instrument, bar.part, facts.on, facts.known)
            if facts.destination in bar.destinations and now.standing is Standing.IN_FORCE:
                why = reason("bar", bar=bar.id, title=(bar.zh, bar.en), destination=facts.destination)
                findings.found(outcome, None, why)

    # -- the answer ------------------------------------------------------------------------------

    def _answer(self, facts: Facts, findings: Findings) -> Classification:
        decision = findings.decision
        decides = {Decision.LICENCE_REQUIRED} if decision is Decision.PROHIBITED_END_USE else {decision}
        entries = [code for d, code in findings.outcomes if d in decides and code]
        candidates = [code for d, code in findings.outcomes if d is Decision.REFER and code]
        if decision is Decision.REFER:
            entries = []
        if decision is Decision.NOT_CONTROLLED:
            entries = findings.upcoming
            if not findings.reasons:
                form_zh = forms.CHINESE[facts.form]
                findings.say(reason("none-listed", form=facts.form, form_zh=form_zh))
        return Classification(
            facts.id, decision, tuple(dict.fromkeys(entries)), tuple(findings.reasons),
            tuple(dict.fromkeys(candidates)), tuple(self._flags(facts, findings)), self._lists,
        )  # fmt: skip

    def _flags(self, facts: Facts, findings: Findings) -> list[str]:
        flags = []
        there = facts.present(self.policy.trace_floor)
        stated = facts.declared_elements
        undeclared = stated is not None and any(
            e in self.controls.elements and e not in stated for e in there
        )
        if undeclared or (facts.declared_name and _other_name(facts)):
            flags.append("misdeclaration")
        if (
            (RARE_EARTHS - self.controls.elements) & there
            and facts.form in forms.CHEMICAL
            and facts.form != forms.MAGNET
            and findings.decision is Decision.NOT_CONTROLLED
        ):
            flags.append("ordinary_re_licence")
        if facts.hs in self._reference_hs and findings.decision is Decision.NOT_CONTROLLED:
            flags.append("hs_on_reference_list")
        if facts.use and military(facts.use):
            flags.append("military")
        return flags


def _other_name(facts: Facts) -> bool:
    """Tell whether the declared name says nothing of what the goods are."""
    return not named_elements(facts.declared_name) & (facts.named | facts.shares.keys())
