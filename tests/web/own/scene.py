"""People with an own page on the tests' site: each test enters one of its own, under a country of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sealtrace.custody.service import Custody
from sealtrace.people import gates
from sealtrace.policy.model import Role
from sealtrace.posts.basis import add_months
from sealtrace.web.own import seed

_numbers = itertools.count(1)
_letters = (a + b for a in "XYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def now() -> datetime:
    """This second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Concerned:
    """A person with an open appeal, their account, and the country in which their restriction binds."""

    made: seed.Made
    account: str
    territory: str


@pytest.fixture(scope="session")
def house(site: Custody) -> Custody:
    """The site with every part assessed, an appeal officer and purposes granted."""
    seed.open_house(site.office, now() - timedelta(days=60))
    return site


@pytest.fixture
def concerned(house: Custody) -> Callable[..., Concerned]:
    """Enter a person: `concerned(screened=True)` with a candidate on a roster."""

    def make(*, screened: bool = False) -> Concerned:
        account, territory = f"op-own-{next(_numbers)}", next(_letters)
        at = now() - timedelta(days=60)  # appointed anew: whoever else was, this officer is the newest
        gates.appoint(house.office, seed.OFFICER.id, seed.CHIEF, add_months(at, 36), at)
        made = seed.enter(house.office, now(), account=account, territory=territory, screened=screened)
        return Concerned(made, account, territory)

    return make


@pytest.fixture
def as_account(operator: Callable[..., Any]) -> Callable[..., Any]:
    """A signed-in client of a named account: `as_account("op-070", Role.APPEALS)`."""

    def make(code: str, *roles: Role, language: str = "en") -> Any:
        from sealtrace.web.testing import DeviceClient

        client = DeviceClient(HTTP_ACCEPT_LANGUAGE=language)
        client.sign_in(operator(*roles, code=code))
        return client

    return make
