"""One thing of a person's file that can be contested: its name, what it is, and the facts of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sealtrace.people.model import Employment, PersonName
from sealtrace.posts.service import Shown
from sealtrace.rights.contested import ERASURE
from sealtrace.rights.page import OwnPage

from ..frame.templatetags.parts import evidence_time
from . import words

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a petition is about, with its facts; a restriction is shown whole."""

    about: str
    facts: Facts
    restriction: Shown | None = None


def matter(page: OwnPage, about: str) -> Matter | None:
    """The thing with this name in the file; None when the file has none."""
    kind, _colon, name = about.partition(":")
    if about == ERASURE:
        return Matter(about, [])
    if kind == "restriction":
        found = next((s for s in page.restrictions if s.record.restriction.id == name), None)
        return Matter(about, [], found) if found else None
    facts = _READERS[kind](page, name) if kind in _READERS else None
    return Matter(about, facts) if facts is not None else None


def listed(value: object) -> str:
    """A value of the profile for a reader."""
    if isinstance(value, (tuple, list)):
        return "; ".join(_one(item) for item in value)
    return "" if value is None else str(value)


def _one(value: object) -> str:
    if isinstance(value, PersonName):
        return f"{value.text} ({words.say('source', value.source)})"
    if isinstance(value, Employment):
        return f"{value.employer}, {value.role}, {value.starts_on} – {value.ends_on or ''}".rstrip()
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value if part)
    return str(value)


def _span(start: datetime, end: datetime) -> str:
    return f"{start:%Y-%m-%d} – {end:%Y-%m-%d}"


def _profile(page: OwnPage, name: str) -> Facts | None:
    if name not in words.FIELD:
        return None
    return [(words.say("field", name), listed(getattr(page.person, name)) or "–")]


def _access(page: OwnPage, name: str) -> Facts | None:
    seen = next((s for s in page.looks if str(s.entry) == name), None)
    if seen is None:
        return None
    sections = ", ".join(words.say("section", s) for s in seen.sections)
    return [
        (_("When"), evidence_time(seen.at)), (_("Who"), seen.actor), (pgettext("look", "What"), sections),
        (_("For"), words.say("purpose", seen.purpose)), (_("Reason"), words.reason(seen.reason)),
    ]  # fmt: skip


def _designation(page: OwnPage, name: str) -> Facts | None:
    one = next((d for d in page.designations if d.id == name), None)
    if one is None:
        return None
    return [
        (_("Post"), f"{one.post.title}, {one.post.organisation}"), (_("Grade"), words.say("grade", one.post.grade)),
        (pgettext("restriction", "Authority"), one.authority), (_("Document"), one.document),
        (_("Period"), _span(one.starts_at, one.ends_at)),
    ]  # fmt: skip


def _journey(page: OwnPage, name: str) -> Facts | None:
    one = next((j for j in page.journeys if j.id == name), None)
    if one is None:
        return None
    stops = "; ".join(f"{s.country} {s.place} {_span(s.starts_at, s.ends_at)}" for s in one.plan.stops)
    facts = [(_("Itinerary"), stops), (_("Purpose"), one.plan.purpose)]
    if one.decision is not None:
        facts += [(_("Decision"), one.decision.reason), (_("Legal basis"), one.decision.clause)]
    return facts


def _document(page: OwnPage, name: str) -> Facts | None:
    one = next((i for i in page.documents if i.held.receipt == name), None)
    if one is None:
        return None
    held = one.held
    facts = [
        (_("Document"), f"{held.kind} {held.issuer} …{held.last_four}"),
        (_("Legal title"), f"{words.say('title', held.title)}, {held.title_document}"),
        (_("Back at the latest"), evidence_time(one.due_at)),
    ]
    return [*facts, (_("Return refused because"), one.refusal)] if one.refusal else facts


def _candidate(page: OwnPage, name: str) -> Facts | None:
    one = next((c for c in page.candidates if c.id == name), None)
    if one is None:
        return None
    return [
        (_("Row of the roster"), one.row.text.strip(" |")), (_("Place"), one.row.place),
        (_("State"), words.say("stage", one.state)), (_("Support"), words.say("band", one.band)),
        *((said[1], said[3]) for said in one.said),
    ]  # fmt: skip


def _change(page: OwnPage, name: str) -> Facts | None:
    one = next((c for c in page.changes if c.id == name), None)
    if one is None:
        return None
    facts = [
        (_("Field"), words.say("field", one.field)), (_("Before"), listed(one.before) or "–"),
        (_("After"), listed(one.after) or "–"), (_("State"), words.say("change", one.state)),
    ]  # fmt: skip
    return [*facts, (_("Reasons"), one.reasons)] if one.reasons else facts


def _disclosure(page: OwnPage, name: str) -> Facts | None:
    one = next((d for d in page.disclosures if d.id == name), None)
    if one is None:
        return None
    return [
        (_("Receiver"), one.receiver), (_("Purpose"), one.purpose), (_("Legal basis"), one.clause),
        (_("What was told"), ", ".join(one.fields)), (_("When"), evidence_time(one.at)),
    ]  # fmt: skip


_READERS: Mapping[str, Callable[[OwnPage, str], Facts | None]] = {
    "profile": _profile, "access": _access, "designation": _designation, "journey": _journey, "document": _document,
    "candidate": _candidate, "change": _change, "disclosure": _disclosure,
}  # fmt: skip
