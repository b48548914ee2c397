"""A house with its offices: who assesses, who hears appeals, who may act for which purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sealtrace.custody.office import Office
from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import Actor, human
from sealtrace.people.gates import Module
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.posts.basis import add_months

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CHIEF, COUNSEL, OFFICER = human("op-001"), human("op-002"), human("op-070")
KEEPER, PROPOSER, DECIDER, CLERK = human("op-060"), human("op-061"), human("op-062"), human("op-063")
FIRST, OTHER, THIRD = human("op-064"), human("op-065"), human("op-066")
MAY: dict[str, tuple[Purpose, ...]] = {
    KEEPER.id: (Purpose.DIRECTORY, Purpose.REPORT, Purpose.DESIGNATION, Purpose.LEAVING, Purpose.OVERSIGHT),
    PROPOSER.id: (
        Purpose.RESTRICTION,
        Purpose.DESIGNATION,
        Purpose.DIRECTORY,
        Purpose.TRAVEL,
        Purpose.LEAVING,
    ),
    DECIDER.id: (Purpose.RESTRICTION, Purpose.DESIGNATION, Purpose.TRAVEL, Purpose.CASE, Purpose.DOCUMENTS),
    CLERK.id: (Purpose.RESTRICTION, Purpose.COMPENSATION, Purpose.LEAVING, Purpose.TRAVEL, Purpose.DOCUMENTS),
    FIRST.id: (Purpose.SCREENING, Purpose.TRAVEL),
    OTHER.id: (Purpose.SCREENING, Purpose.CASE, Purpose.TRAVEL),
    THIRD.id: (Purpose.CASE, Purpose.RESTRICTION),
    OFFICER.id: (Purpose.APPEAL,),
}


def open_house(office: Office, at: datetime = AT) -> None:
    """Enable every part and grant every purpose the scene needs."""
    for module in Module:
        gates.assess(office, module, f"dpia-{module}", COUNSEL, CHIEF, add_months(at, 36), at)
    gates.appoint(office, OFFICER.id, CHIEF, add_months(at, 36), at)
    grant_all(office, at)


def grant_all(office: Office, at: datetime) -> None:
    """Grant every purpose for a year."""
    for actor, purposes in MAY.items():
        for purpose in purposes:
            access.grant(office, CHIEF, actor, purpose, add_months(at, 12), at)


def director(name: str = "陈国栋", spelling: str = "Tan Kok Tong") -> Person:
    """A technical director with a life's context."""
    return Person(
        "new", (PersonName(name, Source.EMPLOYER), PersonName(spelling, Source.PASSPORT)),
        specialities=("solvent extraction",), education=("Jiangxi University of Science",),
        projects=("Dy/Tb cascade",), employments=(Employment("Hetao Separation Works", "technical director",
                                                             AT.date().replace(year=2019)),),
        birth_year=1974,
    )  # fmt: skip


def enrol(
    office: Office, profile: Person | None = None, *accounts: str, at: datetime = AT
) -> tuple[str, Actor]:
    """Put somebody into the directory; gives the id and the actor of the own account."""
    made = service.add(office, KEEPER, profile or director(), at, accounts=accounts or ("op-208",))
    return made.id, human((accounts or ("op-208",))[0])
