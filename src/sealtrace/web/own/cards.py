"""The own page as its template shows it: restrictions with what can be done, looks of others, what is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from sealtrace.people.access import Seen
from sealtrace.people.petitions import Petition
from sealtrace.posts.rules import ENDED, Status
from sealtrace.posts.service import Shown
from sealtrace.rights.contested import ERASURE
from sealtrace.rights.page import OwnPage

from . import words
from .matters import listed

MOST_SECTIONS = 7
"""From so many sections on, a look was one at the whole file."""
NEWEST = 15
"""So many looks and lines of the chronicle are shown at once; the rest opens beneath."""


@dataclass(frozen=True, slots=True)
class Card:
    """A restriction with its days and what the person can do about it now."""

    shown: Shown
    basis: str
    remedy: str
    binds: bool
    ended: bool
    days_left: int
    appeal_until: datetime | None
    may_appeal: bool

    @property
    def id(self) -> str:
        """Its name."""
        return self.shown.record.restriction.id


def card(one: Shown) -> Card:
    """A restriction for a screen."""
    record, now = one.record, one.at
    r = record.restriction
    until = record.served_at + timedelta(days=r.appeal.days) if record.served_at else None
    ended = one.status in ENDED
    may = until is not None and now < until and record.appealed_at is None and not ended
    left = max(0, (one.ends_by_itself - now).days)
    return Card(
        one,
        words.spoken(r.basis.title),
        words.spoken(r.basis.remedy),
        one.status is Status.EFFECTIVE,
        ended,
        left,
        until,
        may,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the profile: its name, its word, what is held, whether a change of it waits."""

    name: str
    word: str | Promise
    text: str
    waits: bool


def profile(page: OwnPage) -> list[Line]:
    """The fields of the profile, in the order a person tells them."""
    waiting = {c.field for c in page.changes if c.state == "proposed"}
    return [
        Line(name, word, listed(getattr(page.person, name)), name in waiting)
        for name, word in words.FIELD.items()
    ]


@dataclass(frozen=True, slots=True)
class Looked:
    """A look of somebody else, with how often the same was opened for the same reason on that day."""

    seen: Seen
    times: int

    @property
    def sections(self) -> str:
        """What was opened, in words."""
        if len(self.seen.sections) >= MOST_SECTIONS:
            return words.say("category", "person")
        return ", ".join(words.say("section", s) for s in self.seen.sections)


def looks(page: OwnPage) -> tuple[list[Looked], int]:
    """Looks of others, newest first, alike ones of a day together; and how often the person looked."""
    found: dict[tuple[Any, ...], Looked] = {}
    own = 0
    for seen in page.looks:
        if seen.actor == page.person.id:
            own += 1
            continue
        alike = (seen.at.date(), seen.actor, seen.purpose, seen.sections, seen.reason)
        before = found.get(alike)
        found[alike] = Looked(before.seen, before.times + 1) if before else Looked(seen, 1)
    return list(found.values()), own


def apart(petitions: Sequence[Petition]) -> list[Petition]:
    """Open petitions that stand by themselves: those about a restriction are shown with it."""
    return [p for p in petitions if p.open and not p.about.startswith("restriction:")]


def context(page: OwnPage) -> dict[str, Any]:
    """Everything the page shows."""
    cards = [card(one) for one in page.restrictions]
    cards.sort(key=lambda c: (c.ended, not c.binds, c.shown.ends_by_itself))
    others, own = looks(page)
    notices = [(n, words.notice(n.says)) for n in page.notices]
    chronicle = list(reversed(page.chronicle))
    return {
        "page": page, "bound": any(not c.ended for c in cards), "cards": cards, "lines": profile(page),
        "others": others[:NEWEST], "older": others[NEWEST:],
        "own_looks": own, "apart": apart(page.petitions), "answered": [p for p in page.petitions if not p.open],
        "notices": notices[:5], "older_notices": notices[5:], "kept": [k for k in page.kept if k.category != "access"],
        "chronicle": chronicle, "asked_erasure": any(p.open and p.about == ERASURE for p in page.petitions),
        "erasure_granted": any(p.granted and p.about == ERASURE for p in page.petitions),
    }  # fmt: skip
