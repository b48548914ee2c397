"""An office with its people: who keeps, who decides, who hears appeals, and a specialist in the directory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.people.gates import Module
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.people.moments import whole
from sealtrace.policy.model import Role
from sealtrace.posts import bases
from sealtrace.posts.basis import add_months

_numbers = itertools.count(1)
CHIEF, COUNSEL, OFFICER = human("op-chief"), human("op-counsel"), human("op-officer")
SECRETS = "state-secrets-46@1"
REFUSED = (403, 422)
"""The engine refused it and the page says why, with what was typed."""


@pytest.fixture(scope="package")
def house(site: Any) -> Any:
    """The office, with every part on, an officer for appeals and a legal basis."""
    office = site.office
    now = whole(office.clock.now())
    for module in Module:
        gates.assess(office, module, f"dpia-{module}", COUNSEL, CHIEF, add_months(now, 36), now)
    gates.appoint(office, OFFICER.id, CHIEF, add_months(now, 36), now)
    if not any(b.adopted and b.basis.ref == SECRETS for b in bases.listed(office, now.date())):
        bases.adopt(office, CHIEF, COUNSEL, SECRETS, source="NPC gazette")
    return office


@pytest.fixture
def officer(house: Any, client_of: Callable[..., Any]) -> Callable[..., Any]:
    """A signed-in personnel officer to whom purposes are granted: `officer(Purpose.DIRECTORY)`."""

    def make(*purposes: Purpose, role: Role = Role.PERSONNEL, language: str = "en") -> Any:
        client, now = client_of(role, language=language), whole(house.clock.now())
        for purpose in purposes:
            access.grant(house, CHIEF, client.operator.code, purpose, add_months(now, 6), now)
        return client

    return make


@pytest.fixture
def specialist(house: Any) -> Callable[..., str]:
    """Enter somebody; gives the id."""
    now = whole(house.clock.now())
    keeper = human(f"op-keeper-{next(_numbers)}")
    access.grant(house, CHIEF, keeper.id, Purpose.DIRECTORY, add_months(now, 6), now)

    def make(name: str = "陈国栋", *accounts: str) -> str:
        profile = Person(
            "new", (PersonName(name, Source.EMPLOYER), PersonName("Tan Kok Tong", Source.PASSPORT)),
            specialities=("solvent extraction",), projects=("Dy/Tb cascade",), birth_year=1974,
            employments=(Employment("Hetao Separation Works", "director", now.date().replace(year=2019, day=1)),),
        )  # fmt: skip
        return service.add(house, keeper, profile, now, accounts=accounts).id

    return make


def opened(client: Any, person: str, purpose: Purpose, reason: str = "review in spring") -> str:
    """Open a file for a purpose; gives the page."""
    answer = client.post(f"/people/{person}/why", {"purpose": str(purpose), "reason": reason})
    assert answer.status_code == 302, answer.content.decode()
    answer = client.get(f"/people/{person}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(client: Any, path: str, status: int | tuple[int, ...] = 302, **said: Any) -> Any:
    """Send a form."""
    answer = client.post(path, said)
    wanted = status if isinstance(status, tuple) else (status,)
    assert answer.status_code in wanted, answer.content.decode().partition("<main")[2]
    if status is REFUSED:
        assert "frame/denied.html" not in {t.name for t in answer.templates}, (
            "the policy denied it, not the engine"
        )
        assert 'role="alert"' in answer.content.decode()
    return answer
