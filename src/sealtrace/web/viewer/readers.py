"""Who reads in a request, and what the policy is asked about."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sealtrace.custody import knowing
from sealtrace.custody.model import Recipient, Version
from sealtrace.custody.reading import Reader
from sealtrace.policy.model import Subject

from .. import site
from ..accounts.may import acting


def reader(request: HttpRequest) -> Reader:
    """The reader of record; the session is named by a keyed digest that opens nothing."""
    actor, office = acting(request), site.custody().office
    key = request.session.session_key or ""
    return Reader(
        Recipient(actor.operator, actor.device, actor.ip), office.subjects.token("session", key).hex()[:12]
    )


def subject_of(version: Version, operator: str) -> Subject:
    """A registered version as the policy sees it: its level, whether it has a list, whether this person is on it."""
    limited, listed = knowing.standing(site.custody().office, version, operator)
    return Subject(
        "File", str(version.code), {"level": version.level.value, "restricted": limited, "listed": listed}
    )


def named(request: HttpRequest, ref: str, **_: Any) -> Subject:
    """The file that an address names, as it stands towards who asks. Raises NotRegistered, MalformedCode."""
    return subject_of(site.custody().version(ref), acting(request).operator)


def ticketed(request: HttpRequest, ticket: str, **_: Any) -> Subject:
    """The file that a tile's ticket names; the ticket itself is checked when the tile is cut."""
    return named(request, ".".join(ticket.split(".")[1:2]))
