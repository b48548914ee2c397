"""A house with its parts on: people of the directory behind test clients, purposes granted, one designation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.acts import identity
from sealtrace.people.duties import human
from sealtrace.people.gates import Module
from sealtrace.people.model import Person, PersonName, Source
from sealtrace.people.moments import whole
from sealtrace.policy.model import Role
from sealtrace.posts import places
from sealtrace.posts.basis import add_months

CHIEF, COUNSEL, OFFICER = human("chief"), human("counsel"), "hears-appeals"
CLERK, OTHER = human("clerk"), human("other-clerk")
PURPOSES = (Purpose.DIRECTORY, Purpose.DESIGNATION, Purpose.TRAVEL, Purpose.DOCUMENTS)
DAY = timedelta(days=1)


def now(office: Office) -> Any:
    return whole(office.clock.now())


def day(office: Office, ahead: int) -> str:
    """The day so many days ahead, as a field holds it."""
    return f"{now(office) + ahead * DAY:%Y-%m-%d}"


def grant(office: Office, *accounts: str) -> None:
    """Grant every purpose of this folder for a year."""
    for account in accounts:
        for purpose in PURPOSES:
            access.grant(office, CHIEF, account, purpose, add_months(now(office), 12), now(office))


def open_house(office: Office) -> None:
    """Switch on what the screens need, once."""
    at, on = now(office), gates.assessed(office, now(office))
    for part in (Module.DIRECTORY, Module.POSTS, Module.TRAVEL, Module.DOCUMENTS):
        if part not in on:
            gates.assess(office, part, f"dpia-{part}", COUNSEL, CHIEF, add_months(at, 24), at)
    if OFFICER not in gates.officers(office, at):
        gates.appoint(office, OFFICER, CHIEF, add_months(at, 24), at)
        grant(office, CLERK.id, OTHER.id)


def enrol(office: Office, client: Any, *, designated: bool = False) -> str:
    """Put a client's person into the directory, on request into a designated post; gives the number."""
    at, account = now(office), client.operator.code
    names = (PersonName("林知远", Source.EMPLOYER),)
    person = service.add(office, CLERK, Person("new", names), at, accounts=(account,)).id
    assert identity(office, human(account)).id == person
    if designated:
        post = places.enter_post(office, CLERK, title="head", organisation="Works", grade="important",
                                 activity="solvent extraction", now=at)  # fmt: skip
        places.designate(office, CLERK, OTHER, person, post.id, authority="Committee", document="2026-17",
                         starts_at=at, ends_at=add_months(at, 12), now=at)  # fmt: skip
    return person


def officers(office: Office, client_of: Any, number: int) -> list[Any]:
    """So many personnel officers with their purposes."""
    made = [client_of(Role.PERSONNEL) for _ in range(number)]
    grant(office, *(client.operator.code for client in made))
    return made


def plan(office: Office, **changes: Any) -> dict[str, Any]:
    """A declaration's form: two stays and a companion."""
    said: dict[str, Any] = {
        "stop_country": ["马来西亚", "TH"], "stop_place": ["Ipoh", ""],
        "stop_from": [day(office, 5), day(office, 8)], "stop_until": [day(office, 7), day(office, 9)],
        "purpose": "conference", "contacts": "Prof. Lim", "companion_relationship": ["spouse"],
        "companion_country": ["NL"], "companion_from": [day(office, 5)], "companion_until": [day(office, 9)],
    }  # fmt: skip
    return said | changes


def post(client: Any, path: str, status: int = 302, **said: Any) -> Any:
    answer = client.post(path, said)
    assert answer.status_code == status, answer.content.decode()
    return answer


def refused(client: Any, path: str, **said: Any) -> str:
    """Send a form that is not accepted: the same page again, with the reason on top; gives it."""
    answer = client.post(path, said)
    assert answer.status_code in (403, 422), answer.status_code
    text = str(answer.content.decode())
    assert 'role="alert"' in text
    return text


def page(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def declared(office: Office, client: Any, **changes: Any) -> str:
    """Declare on the form; gives the journey's name."""
    return str(post(client, "/travel/declare", **plan(office, **changes))["Location"]).rpartition("/")[2]
