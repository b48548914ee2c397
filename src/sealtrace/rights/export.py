"""The own page to take along: as JSON with everything in it, and as PDF to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.ledger.model import Entry
from sealtrace.people.access import Seen
from sealtrace.people.duties import Actor
from sealtrace.people.moments import second
from sealtrace.people.reports import Disclosed
from sealtrace.posts.places import Designated
from sealtrace.posts.service import Shown
from sealtrace.trace.report.sheet import DOUBT, Sheet, spans
from sealtrace.travel.documents import Item
from sealtrace.travel.journeys import Journey

from .page import OwnPage, own_page
from .words import LANGUAGES, Language, say

__all__ = ["LANGUAGES", "Language", "as_json", "as_pdf", "export", "plain"]

FORMAT = "sealtrace-own-page/1"


def export(office: Office, actor: Actor, now: datetime, language: Language = "zh") -> tuple[bytes, bytes]:
    """Give the own page as JSON and as PDF; taking it is entered once, like a look.

    Raises:
        NotRegistered: the directory has nobody with this account.
    """
    page = own_page(office, actor, now)
    return as_json(page), as_pdf(page, language)


def as_json(page: OwnPage) -> bytes:
    """Everything of the page, in UTF-8."""
    return json.dumps({"format": FORMAT, **plain(page)}, ensure_ascii=False, indent=1).encode()


def plain(value: Any) -> Any:
    """Turn values into what JSON knows: dataclasses to objects, times to text, bytes to hex."""
    if isinstance(value, Entry):
        made: Any = {"index": value.index, "leaf": value.leaf.hex()}
    elif is_dataclass(value):
        made = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    elif isinstance(value, Mapping):
        made = {str(plain(k)): plain(v) for k, v in value.items()}
    elif isinstance(value, (list, tuple)):
        made = [plain(v) for v in value]
    elif isinstance(value, (set, frozenset)):
        made = [plain(v) for v in sorted(value)]
    else:
        made = _plain_one(value)
    return made


def _plain_one(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return second(value.replace(microsecond=0))
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def as_pdf(page: OwnPage, language: Language) -> bytes:
    """The page to read, on A4. The same page and language give the same bytes."""
    made = _Paper(page, language)
    made.profile()
    made.posts()
    for one in page.restrictions:
        made.restriction(one)
    made.journeys()
    made.others()
    return made.sheet.finish()


class _Paper:
    """The page being set, section by section; a section without content says so."""

    def __init__(self, page: OwnPage, language: Language) -> None:
        self.page, self.language, self.number = page, language, 0
        self.sheet = Sheet(self.say("title"), second(page.at), language)
        self.sheet.foot = (f"{page.person.id} · {second(page.at)}", self.say("page"))
        self.sheet.text(spans(self.say("title"), 18, bold=True), leading=26)
        self.sheet.text(spans(self.say("rights")))
        self.fact("at", second(page.at))
        self.fact("officer", ", ".join(page.appeal_officers))
        until = page.erased_on
        self.fact("erased", second(until) if until else self.say("lasts"))

    def say(self, word: str) -> str:
        return say(word, self.language)

    def fact(self, word: str, value: str) -> None:
        self.sheet.fact(self.say(word), spans(value) if value else [])

    def head(self, word: str, suffix: str = "") -> None:
        self.number += 1
        self.sheet.head(self.number, f"{self.say(word)}{suffix}")

    def rows(self, word: str, rows: Iterable[tuple[str, str]]) -> None:
        self.head(word)
        empty = True
        for name, value in rows:
            self.sheet.fact(name, spans(value) if value else [])
            empty = False
        if empty:
            self.sheet.text(spans(self.say("none")))

    def profile(self) -> None:
        p = self.page.person
        self.head("profile")
        self.fact("names", "; ".join(f"{n.text} ({n.source})" for n in p.names))
        for word in ("specialities", "education", "projects", "publications"):
            self.fact(word, "; ".join(getattr(p, word)))
        self.fact("employments", "; ".join(
            f"{e.employer}, {e.role}, {e.starts_on} – {e.ends_on or ''}" for e in p.employments))  # fmt: skip
        self.fact("birth_year", str(p.birth_year or ""))
        self.fact("orcid", p.orcid or "")
        self.fact("accounts", ", ".join(self.page.accounts))
        changes = (f"{c.field}: {c.state} {c.reasons}".strip() for c in self.page.changes)
        self.fact("changes", "; ".join(changes))

    def posts(self) -> None:
        self.rows("posts", ((d.id, _designated(d)) for d in self.page.designations))
        for one in self.page.leavings:
            self.fact("leaving", f"{', '.join(sorted(one.done))} / {second(one.leaves_at)}")
        held = [f"{c.code}@{c.version} {c.id}" for c in self.page.holding.copies]
        self.fact("holding", "; ".join([*held, *self.page.holding.devices]))

    def restriction(self, one: Shown) -> None:
        r, record = one.record.restriction, one.record
        self.head("restrictions", f" {r.id}")
        for appeal in one.appeals:
            self.sheet.note(spans(f"{self.say('appeal')} {appeal.id}: {appeal.text}"), DOUBT)
        self.fact("status", str(one.status))
        self.fact(
            "scope", f"{r.scope.activity}; {r.scope.territory}; {', '.join(r.scope.employers)}".rstrip("; ")
        )
        self.fact("authority", f"{r.authority}, {r.notice}")
        self.fact("basis", f"{r.basis.title[self.language]} ({r.basis.clause})")
        self.fact("reasons", r.reasons)
        self.fact("period", f"{second(r.starts_at)} – {second(r.ends_at)}")
        self.fact("review", second(record.due))
        self.fact("unpaid", str(one.unpaid_months))
        if one.releasable:
            self.sheet.note(spans(self.say("releasable")), DOUBT)
        self.fact("remedy", f"{r.appeal.officer}; {r.appeal.outside}")

    def journeys(self) -> None:
        self.rows("journeys", ((j.id, self.journey(j)) for j in self.page.journeys))
        family = [f"{c.relationship} {c.country}" for j in self.page.journeys for c in j.plan.companions]
        self.fact("companions", "; ".join(family))
        self.rows("documents", ((i.held.receipt, self.document(i)) for i in self.page.documents))

    def journey(self, one: Journey) -> str:
        stops = [f"{s.country} {s.place} {second(s.starts_at)} – {second(s.ends_at)}" for s in one.plan.stops]
        decided = [one.decision.reason] if one.decision else []
        return "; ".join(
            [self.say("required" if one.required else "voluntary"), *stops, one.plan.purpose, *decided]
        )

    def document(self, one: Item) -> str:
        held = one.held
        named = f"{held.kind} {held.issuer} …{held.last_four}; {held.title}, {held.title_document}"
        return f"{named}; {self.say('due')} {second(one.due_at)}"

    def others(self) -> None:
        page, none = self.page, self.say("none")
        self.rows(
            "candidates",
            ((c.id, f"{c.state}; {c.band}; {c.row.place}: {c.row.text}") for c in page.candidates),
        )
        self.rows(
            "petitions",
            ((p.id, f"{p.kind} {p.about}: {p.text} → {p.answer or none}") for p in page.petitions),
        )
        self.rows("disclosures", ((second(d.at), _disclosed(d)) for d in page.disclosures))
        self.rows("notices", ((second(n.at), f"{n.kind} {n.about}: {_said(n.says)}") for n in page.notices))
        self.rows("looks", ((second(s.at), _seen(s)) for s in page.looks))
        self.rows("kept", ((f"{k.category} {k.name}", second(k.until) if k.until else "") for k in page.kept))
        self.rows(
            "chronicle", ((f"{h.entry}", f"{second(h.at)}; {h.event}; {h.actor}") for h in page.chronicle)
        )


def _designated(one: Designated) -> str:
    post = f"{one.post.title}, {one.post.organisation} ({one.post.grade})"
    return f"{post}; {one.authority}, {one.document}; {second(one.starts_at)} – {second(one.ends_at)}"


def _disclosed(one: Disclosed) -> str:
    return f"{one.receiver}; {one.purpose}; {one.clause}; {', '.join(one.fields)}"


def _said(says: Mapping[str, Any]) -> str:
    return json.dumps(plain(says), ensure_ascii=False)


def _seen(one: Seen) -> str:
    return f"{one.actor}; {one.purpose}; {', '.join(one.sections)}; {one.reason}"
