"""Travel: who must declare, who decides, and when a travel document may be held at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sealtrace.errors import RestrictionUnlawful, StepRefused, TitleMissing
from sealtrace.people.duties import Actor, require_different, require_human
from sealtrace.posts.model import AppealPath, Decision

APPROVAL_CLAUSE = "保守国家秘密法（2024）第四十五条；实施条例（2024）第五十二条"
VOLUNTARY_CLAUSE = "出境入境管理法 第十二条; 个人信息保护法 第十三条第一项"


@dataclass(frozen=True, slots=True)
class Designation:
    """A person's designation to a sensitive post: by which authority, in which document, from when until when."""

    person: str
    authority: str
    document: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not (self.person and self.authority.strip() and self.document.strip()):
            raise RestrictionUnlawful("a designation names person, authority and document")
        if not self.starts_at < self.ends_at:
            raise RestrictionUnlawful("a designation ends after it starts")

    def holds(self, now: datetime) -> bool:
        """Whether it holds at `now`; the end itself is outside."""
        return self.starts_at <= now < self.ends_at


def declaration_required(person: str, designations: tuple[Designation, ...], now: datetime) -> Decision:
    """Whether a person must declare a private journey abroad: only while designated; else it is voluntary.

    `allowed` means free to travel without declaring.
    """
    for d in designations:
        if d.person == person and d.holds(now):
            return Decision(
                False, APPROVAL_CLAUSE, f"designated by {d.authority}, {d.document}", d.ends_at, None
            )
    return Decision(True, VOLUNTARY_CLAUSE, "not designated: a declaration is voluntary", None, None)


@dataclass(frozen=True, slots=True)
class Companion:
    """A family member who travels along, as the traveller states: relationship, country, dates. No name, no number."""

    relationship: str
    country: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one office thinks of a journey."""

    office: str
    by: Actor
    in_favour: bool
    reasons: str


OFFICES = ("personnel", "secrecy")
NO_OBJECTION = "no objection"


def decide_journey(
    designation: Designation, opinions: tuple[Opinion, ...], decider: Actor, *, allow: bool, reasons: str,
    appeal: AppealPath, now: datetime,
) -> Decision:  # fmt: skip
    """Decide a designated person's journey: two opinions from two offices and a decision, by three people.

    Raises:
        StepRefused: the person is not designated now, or an opinion is missing.
        DutiesNotSeparated, HumanRequired: the roles are not three people.
        RestrictionUnlawful: a refusal without reasons.
    """
    if not designation.holds(now):
        raise StepRefused("the person is not designated: there is nothing to approve or refuse")
    require_human(decider, "deciding a journey")
    for opinion in opinions:
        require_human(opinion.by, "giving an opinion on a journey")
    if sorted(o.office for o in opinions) != sorted(OFFICES):
        raise StepRefused("one opinion of the personnel office and one of the secrecy office are needed")
    require_different(
        first_opinion=opinions[0].by.id, second_opinion=opinions[1].by.id, decider=decider.id,
        appeal_officer=appeal.officer, traveller=designation.person,
    )  # fmt: skip
    if not allow and not reasons.strip():
        raise RestrictionUnlawful("a refusal states its reasons")
    return Decision(allow, APPROVAL_CLAUSE, reasons or NO_OBJECTION, designation.ends_at, appeal)


class Title(StrEnum):
    """The closed list of legal titles to hold somebody's travel document. Nothing else is one."""

    OFFICIAL_PASSPORT = "official-passport"
    REGISTERED_STAFF_RULE = "registered-staff-rule"
    CASE_SEIZURE = "case-seizure"
    VOLUNTARY_SAFEKEEPING = "voluntary-safekeeping"


RETURN_WITHIN = {
    Title.VOLUNTARY_SAFEKEEPING: timedelta(0),
    Title.OFFICIAL_PASSPORT: timedelta(days=1),
    Title.REGISTERED_STAFF_RULE: timedelta(days=1),
}
"""How soon a document goes back after the owner asks; seizure in a case follows the organ that seized it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A travel document in custody: only kind, issuer and the last four characters of its number are kept.

    Raises:
        TitleMissing: no verified title, no document of the title, or an end that does not follow the start.
        HumanRequired, DutiesNotSeparated: taken by a program, or by the owner from the owner.
    """

    owner: str
    kind: str
    issuer: str
    last_four: str
    title: Title
    title_document: str
    verified_by: Actor
    taken_by: Actor
    taken_at: datetime
    title_ends_at: datetime
    receipt: str
    return_asked_at: datetime | None = None
    returned_at: datetime | None = None

    def __post_init__(self) -> None:
        require_human(self.verified_by, "verifying a title")
        require_human(self.taken_by, "taking a document")
        require_different(owner=self.owner, verifier=self.verified_by.id, keeper=self.taken_by.id)
        if not isinstance(self.title, Title) or not self.title_document.strip() or not self.receipt.strip():
            raise TitleMissing("a travel document is held only with a title, its document and a receipt")
        if not self.taken_at < self.title_ends_at:
            raise TitleMissing("the title ends before the document is taken")
        if len(self.last_four) > 4:
            raise TitleMissing("only the last four characters of a number are kept")


def ask_back(held: Held, actor: Actor, now: datetime) -> Held:
    """Start the clock of the return."""
    if actor.id != held.owner:
        raise StepRefused("the owner asks for the own document")
    if held.returned_at is not None:
        raise StepRefused("the document was returned")
    return replace(held, return_asked_at=held.return_asked_at or now)


def return_due(held: Held, employment_ends_at: datetime | None = None) -> datetime:
    """When the document must be back with its owner, at the latest.

    The earliest of: the end of the title, the end of the employment, the owner's request and its clock.
    """
    moments = [held.title_ends_at]
    if employment_ends_at is not None and held.title is not Title.CASE_SEIZURE:
        moments.append(employment_ends_at)
    if held.return_asked_at is not None and held.title in RETURN_WITHIN:
        moments.append(held.return_asked_at + RETURN_WITHIN[held.title])
    return min(moments)


def overdue(held: Held, employment_ends_at: datetime | None, now: datetime) -> bool:
    """Whether the document is still held at or after the moment it had to be back."""
    return held.returned_at is None and now >= return_due(held, employment_ends_at)


def give_back(held: Held, actor: Actor, now: datetime) -> Held:
    """Return the document to its owner; always possible."""
    require_human(actor, "returning a document")
    if held.returned_at is not None:
        raise StepRefused("the document was returned")
    return replace(held, returned_at=now)
