"""A person's file as somebody of the house may see it: the sections that the stated purpose covers and no others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.custody.office import Office
from sealtrace.people import access, petitions
from sealtrace.people import store as directory
from sealtrace.people.access import MAY_SEE, Purpose, Section, Seen, look
from sealtrace.people.duties import Actor
from sealtrace.people.model import Person
from sealtrace.people.petitions import Petition
from sealtrace.people.reports import Disclosed, disclosures
from sealtrace.people.store import ChangeRow
from sealtrace.posts import checklist, designating, places, proposals
from sealtrace.posts import service as posts
from sealtrace.posts.checklist import Holding, Leaving
from sealtrace.posts.places import Designated
from sealtrace.posts.proposals import Waiting
from sealtrace.travel import documents, journeys
from sealtrace.travel.documents import Item
from sealtrace.travel.journeys import Journey
from sealtrace.watch import candidates
from sealtrace.watch.candidates import Card

from .erasing import ready


@dataclass(frozen=True, slots=True)
class FileView:
    """What a look opened: its entry and purpose, and of each section its content; None where it is not covered."""

    id: str
    at: datetime
    entry: int
    purpose: Purpose
    reason: str
    profile: Person | None
    accounts: tuple[str, ...]
    changes: tuple[ChangeRow, ...]
    disclosures: tuple[Disclosed, ...]
    designations: tuple[Designated, ...] | None
    designating: tuple[Waiting, ...]
    leavings: tuple[Leaving, ...]
    holding: Holding | None
    restrictions: tuple[posts.Shown, ...] | None
    proposals: tuple[Waiting, ...]
    journeys: tuple[Journey, ...] | None
    documents: tuple[Item, ...] | None
    candidates: tuple[Card, ...] | None
    petitions: tuple[Petition, ...] | None
    looks: tuple[Seen, ...] | None

    @property
    def beyond(self) -> tuple[Section, ...]:
        """The sections that this purpose does not cover."""
        return tuple(s for s in Section if s not in MAY_SEE[self.purpose])


def open_file(
    office: Office, actor: Actor, person: str, purpose: Purpose, reason: str, now: datetime
) -> FileView:
    """Open a file for a purpose and a reason; the look is entered first, and the person sees it.

    Raises:
        PurposeMissing: the purpose is not granted, or no reason is given.
        NotRegistered: nobody has this id.
    """
    ready(office)
    covered = MAY_SEE[purpose]
    entry = look(office, actor, person, purpose, covered, reason, now)
    profile, post = Section.PROFILE in covered, Section.POSTS in covered
    bound = Section.RESTRICTIONS in covered
    return FileView(
        id=person, at=now, entry=entry.index, purpose=purpose, reason=reason,
        profile=directory.profile(office, person) if profile else None,
        accounts=tuple(directory.accounts(office, person)) if profile else (),
        changes=tuple(directory.changes(office, person=person, waiting=True)) if profile else (),
        disclosures=tuple(disclosures(office, person)) if profile else (),
        designations=tuple(places.designations(office, person)) if post else None,
        designating=tuple(designating.of_person(office, person)) if post else (),
        leavings=tuple(checklist.leavings(office, person)) if Section.HOLDINGS in covered else (),
        holding=checklist.still_holds(office, person) if Section.HOLDINGS in covered else None,
        restrictions=tuple(posts.shown(office, person, now)) if bound else None,
        proposals=tuple(proposals.of_person(office, person)) if bound else (),
        journeys=tuple(journeys.journeys(office, person)) if Section.TRAVEL in covered else None,
        documents=tuple(documents.items(office, person, now)) if Section.DOCUMENTS in covered else None,
        candidates=tuple(candidates.of_person(office, person, now)) if Section.CANDIDATES in covered else None,
        petitions=tuple(petitions.of_person(office, person)) if Section.PETITIONS in covered else None,
        looks=tuple(access.looks(office, person)) if Section.ACCESSES in covered else None,
    )  # fmt: skip
