"""Everything held about a person, for that person: read it, take it, correct it, object to it.

Opening the page is a look like any other: entered first, and listed on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.custody.office import Office
from sealtrace.people import access, gates, petitions
from sealtrace.people import store as directory
from sealtrace.people.access import EVERYTHING, Purpose, Seen, look
from sealtrace.people.acts import Happened, chronicle, identity
from sealtrace.people.duties import Actor
from sealtrace.people.model import Person
from sealtrace.people.notices import Notice, notices
from sealtrace.people.petitions import Petition
from sealtrace.people.reports import Disclosed, disclosures
from sealtrace.people.store import ChangeRow
from sealtrace.posts import checklist, places
from sealtrace.posts import service as posts
from sealtrace.posts.checklist import Holding, Leaving
from sealtrace.posts.places import Designated
from sealtrace.travel import documents, journeys
from sealtrace.travel.documents import Item
from sealtrace.travel.journeys import Journey
from sealtrace.watch import candidates
from sealtrace.watch.candidates import Card

from .erasing import ready
from .retention import Kept, kept


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One person's whole file, with who looked at it and when each part goes."""

    at: datetime
    person: Person
    accounts: tuple[str, ...]
    changes: tuple[ChangeRow, ...]
    designations: tuple[Designated, ...]
    leavings: tuple[Leaving, ...]
    holding: Holding
    restrictions: tuple[posts.Shown, ...]
    journeys: tuple[Journey, ...]
    documents: tuple[Item, ...]
    candidates: tuple[Card, ...]
    petitions: tuple[Petition, ...]
    notices: tuple[Notice, ...]
    disclosures: tuple[Disclosed, ...]
    looks: tuple[Seen, ...]
    chronicle: tuple[Happened, ...]
    kept: tuple[Kept, ...]
    appeal_officers: tuple[str, ...]

    @property
    def open_petitions(self) -> tuple[Petition, ...]:
        """What waits for its answer."""
        return tuple(p for p in self.petitions if p.open)

    @property
    def erased_on(self) -> datetime | None:
        """When the whole file goes; None while work, post or restriction last."""
        return next((k.until for k in self.kept if k.category == "person"), None)


def own_page(office: Office, actor: Actor, now: datetime) -> OwnPage:
    """Everything held about who asks.

    Raises:
        NotRegistered: the directory has nobody with this account.
    """
    ready(office)
    me = identity(office, actor)
    look(office, me, me.id, Purpose.OWN, EVERYTHING, "own page", now)
    return _page(office, me.id, now)


def file_of(
    office: Office, actor: Actor, person: str, purpose: Purpose, reason: str, now: datetime
) -> OwnPage:
    """Somebody's whole file, for an appeal or when the glass was broken; the person sees that it was opened.

    Raises:
        PurposeMissing: the purpose does not cover the whole file, or is not granted.
    """
    ready(office)
    look(
        office, actor, person, purpose, access.MAY_SEE[purpose] | access.MAY_SEE[Purpose.APPEAL], reason, now
    )
    return _page(office, person, now)


def _page(office: Office, person: str, now: datetime) -> OwnPage:
    return OwnPage(
        at=now,
        person=directory.profile(office, person),
        accounts=tuple(directory.accounts(office, person)),
        changes=tuple(directory.changes(office, person=person)),
        designations=tuple(places.designations(office, person)),
        leavings=tuple(checklist.leavings(office, person)),
        holding=checklist.still_holds(office, person),
        restrictions=tuple(posts.shown(office, person, now)),
        journeys=tuple(journeys.journeys(office, person)),
        documents=tuple(documents.items(office, person, now)),
        candidates=tuple(candidates.of_person(office, person, now)),
        petitions=tuple(petitions.of_person(office, person)),
        notices=tuple(notices(office, person)),
        disclosures=tuple(disclosures(office, person)),
        looks=tuple(access.looks(office, person)),
        chronicle=tuple(chronicle(office, person)),
        kept=tuple(kept(office, now, person)),
        appeal_officers=tuple(gates.officers(office, now)),
    )
