"""The report on a case as PDF, Chinese or English: what the reader's department may see, the finding first."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sealtrace.clock import stamp
from sealtrace.trace.report.shapes import seal
from sealtrace.trace.report.sheet import (
    ACT,
    DOUBT,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    PROVED,
    RIGHT,
    SOFT,
    WIDTH,
    Sheet,
    Span,
    spans,
)

from .disclosure import View
from .model import Item, ItemKind
from .rules import CUSTODY
from .words import Language, say


def report(view: View, org: str, at: datetime, language: Language) -> bytes:
    """Set the report. The same view, time and language give the same bytes."""
    counted = _Pages(view, org, at, language, total=0).write()
    return _Pages(view, org, at, language, total=counted.page).write().finish()


class _Pages:
    """One pass; the second knows how many pages there are."""

    def __init__(self, view: View, org: str, at: datetime, language: Language, *, total: int) -> None:
        self.view, self.org, self.at, self.language = view, org, at, language
        title = f"{self.say('title')} {view.number}"
        self.sheet = Sheet(title, stamp(at), "zh-CN" if language == "zh" else "en")
        self.sheet.foot = (f"{view.number} · {org}", self.say("page of", page="#", pages=total))
        self.section = 0

    def say(self, word: str, **values: object) -> str:
        """A word in this report's language."""
        return say(word, self.language, **values)

    def write(self) -> Sheet:
        """Set every part."""
        self._head()
        self._finding()
        self._about()
        self._evidence()
        self._timeline()
        self._work()
        self._shared()
        self._check()
        return self.sheet

    def _begin(self, word: str) -> None:
        self.section += 1
        self.sheet.head(self.section, self.say(word))

    def _head(self) -> None:
        sheet, view = self.sheet, self.view
        sheet.box(0, HEIGHT - 5, WIDTH, 5, INK)
        seal(sheet, LEFT, HEIGHT - 47)
        sheet.say(LEFT + 23, HEIGHT - 43, spans("Sealtrace", 11, INK, bold=True))
        sheet.say(RIGHT, HEIGHT - 43, spans(self.org, 9.5, SOFT), right=True)
        sheet.y = HEIGHT - 68
        sheet.text(spans(self.say("title"), 20, INK, bold=True), leading=27, after=0)
        sheet.text(spans(f"{view.number}  {view.title}", 12, INK), leading=19, after=6)
        fact = self._fact
        fact("kind", self.say(f"kind.{view.kind}"))
        fact("state", self.say(f"state.{view.state}"))
        fact("led by", self.say(view.owner))
        fact("shown to", f"{view.viewer.name}, {self.say(view.viewer.department)}")
        fact("written", _moment(stamp(self.at)))
        sheet.space(6)
        sheet.note(spans(self.say("view says", department=self.say(view.viewer.department)), 9), DOUBT)

    def _fact(self, word: str, value: str) -> None:
        self.sheet.fact(self.say(word), spans(value, 9.5))

    def _finding(self) -> None:
        self._begin("finding")
        signed = [o for o in self.view.of(ItemKind.OUTCOME) if o.state in ("signed", "annulled")]
        if not signed:
            self.sheet.note(spans(self.say("no finding"), 9.5), DOUBT)
        for outcome in signed:
            self._outcome(outcome)
        for appeal in self.view.of(ItemKind.APPEAL):
            text = [appeal.text("appellant"), appeal.text("grounds"), appeal.text("decision")]
            self.sheet.fact(f"{appeal.id} {self.say('appeal')}, {self.say(f'state.{appeal.state}')}",
                            spans(" · ".join(filter(None, text))))  # fmt: skip
        self.sheet.text(spans(self.say("rights"), 8.5, SOFT), leading=13)

    def _outcome(self, outcome: Item) -> None:
        tone = PROVED if outcome.state == "signed" else DOUBT
        head = f"{outcome.id}  {self.say('result.' + outcome.text('result'))}  ({self.say(f'state.{outcome.state}')})"
        self.sheet.note([Span(head, 11, tone, bold=True), *spans(f"   {outcome.text('text')}", 9.5)], tone)
        if outcome.state == "annulled":
            self.sheet.text(spans(self.say("annulled says"), 9.5))
        self._fact("alternatives", outcome.text("alternatives"))
        self._fact("basis", outcome.text("basis"))
        if amounts := _amounts(outcome):
            self._fact("amount", amounts)
        self._fact("appeal until", _moment(outcome.text("appeal_until")))
        names = ", ".join(act.by.name for act in outcome.acts[:2])
        self.sheet.fact(self.say("state.signed"), spans(names))

    def _about(self) -> None:
        rows = self.view.of(ItemKind.SUBJECT) + self.view.of(ItemKind.ALLEGATION)
        if not rows:
            return
        self._begin("about")
        for item in rows:
            if item.kind is ItemKind.SUBJECT:
                name = f"{item.id} {self.say(item.text('kind'))}"
                self.sheet.fact(name, spans(f"{item.text('ref')}  {item.text('text')}"))
            else:
                name = f"{item.id} {self.say('allegation')}, {self.say(f'state.{item.state}')}"
                said = [item.text(n) for n in ("text", "statute", "reason")]
                self.sheet.fact(name, spans(" · ".join(filter(None, said))))

    def _evidence(self) -> None:
        pieces = self.view.of(ItemKind.EVIDENCE)
        if not pieces:
            return
        self._begin("custody")
        for item in pieces:
            self.sheet.need(70)
            self.sheet.text(
                [*spans(f"{item.id}  {item.text('title')}", 10.5, INK, bold=True),
                 *spans(f"   {self.say(f'state.{item.state}')}", 9, SOFT)],
                after=1,
            )  # fmt: skip
            taken = [
                _moment(item.text("acquired_at")),
                *(item.text(n) for n in ("where", "method", "authority")),
            ]
            self._fact("acquired", ", ".join(filter(None, taken)))
            self._fact("held by", item.text("holder"))
            if item.sha256 is not None:
                self.sheet.fact(self.say("digest"), spans(item.sha256.hex(), 8))
            for act in item.acts:
                if act.what in CUSTODY:
                    kept = (
                        "seal_no",
                        "offered_to",
                        "condition",
                        "method",
                        "purpose",
                        "part",
                        "returned_to",
                        "witness",
                    )
                    said = " · ".join(str(act.fields[n]) for n in kept if act.fields.get(n))
                    self._line(stamp(act.at), f"{self.say(act.what.value)}, {act.by}", said, act.entry)
            self.sheet.space(6)

    def _line(self, at: str, what: str, said: str, entry: int | None) -> None:
        number = self.say("entry", n=f"{entry:,}") if entry is not None else ""
        row = [
            *spans(what, 9.5),
            *spans(f"   {said}" if said else "", 8.5, SOFT),
            *spans(f"   {number}", 8, ACT),
        ]
        self.sheet.fact(_moment(at), row)

    def _timeline(self) -> None:
        self._begin("timeline")
        rows: list[tuple[str, str, str, int | None]] = []
        for item in self.view.of(ItemKind.EVENT):
            source = self.say("reported by", source=item.text("source"))
            rows.append((item.text("happened_at"), item.text("text"), source, None))
        for act in self.view.acts:
            if act.what not in CUSTODY and act.what.value != "read":
                rows.append((stamp(act.at), f"{self.say(act.what.value)} {act.item}", str(act.by), act.entry))
        for at, what, said, entry in sorted(rows, key=lambda r: (r[0], r[3] or 0)):
            self._line(at, what, said, entry)

    def _work(self) -> None:
        rows = self.view.of(ItemKind.TASK) + self.view.of(ItemKind.DEADLINE)
        if not rows:
            return
        self._begin("work")
        for item in rows:
            head = f"{item.id} {self.say(item.kind.name.lower())}, {self.say(f'state.{item.state}')}"
            said = [item.text("title") or item.text("text"), _moment(item.text("due")), item.text("result")]
            self.sheet.fact(head, spans(" · ".join(filter(None, said))))

    def _shared(self) -> None:
        rows = self.view.of(ItemKind.REFERRAL) + self.view.of(ItemKind.DISCLOSURE)
        if not rows:
            return
        self._begin("shared")
        for item in rows:
            head = f"{item.id} {self.say(item.kind.name.lower())}, {self.say(f'state.{item.state}')}"
            to = self.say(item.text("to")) if item.kind is ItemKind.REFERRAL else item.text("given_to")
            said = [to, item.text("purpose"), f"{self.say('scope')}: {', '.join(item.scope)}"]
            if item.text("file_sha256"):
                said.append(item.text("file_sha256"))
            self.sheet.fact(head, spans(" · ".join(filter(None, said))))

    def _check(self) -> None:
        self._begin("ledger")
        entries = [act.entry for act in self.view.acts]
        last = f"{max(entries):,}" if entries else "—"
        self.sheet.text(spans(self.say("ledger says", n=len(entries), last=last)))
        for act in self.view.acts:
            row = [
                *spans(self.say("entry", n=f"{act.entry:,}"), 7, PALE),
                *spans(f"  {act.leaf.hex()}", 7, PALE),
            ]
            self.sheet.text(row, leading=9.5, after=0)


def _amounts(outcome: Item) -> str:
    said = []
    if outcome.text("goods_mg"):
        kg = (Decimal(outcome.text("goods_mg")) / 10**6).normalize()
        said.append(f"{kg:,f} kg {outcome.text('element')}".strip())
    for name in ("value_minor", "penalty_minor"):
        if outcome.text(name):
            said.append(f"{outcome.text('currency')} {Decimal(outcome.text(name)) / 100:,.2f}")
    return ", ".join(said)


def _moment(at: str) -> str:
    """A time as people read it, in UTC."""
    return at[:19].replace("T", " ") + (" UTC" if len(at) > 10 else "") if at else ""
