"""Two people: who may approve, what an approval is bound to, and that it is good once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sealtrace.errors import ApprovalLapsed, Denied, DutiesNotSeparated, SecondPersonNeeded, UsageProblem
from sealtrace.policy.model import Actor, DeviceState, Role, Subject

pytestmark = pytest.mark.usefixtures("site")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FILE = Subject("File", "YL-7K2M-9PQX", {"level": "core"})
ASKER = Actor("op-a", "dev-a", "10.0.0.1", "YL", frozenset({Role.ISSUER}), "core", DeviceState.ENROLLED)
OTHER = replace(ASKER, operator="op-b", device="dev-b", roles=frozenset({Role.APPROVER}))
THING = {"to": ["op-9"], "expires": "2026-04-01"}


def asked(**more):
    from sealtrace.web.approvals import service

    return service.ask(
        ASKER, "copy:issue", FILE, THING, approving="copy:approve", reason="Line 3 audit", now=NOW, **more
    )


def test_what_two_people_agreed_on_is_done_once(site) -> None:
    from sealtrace.web.approvals import service

    before = site.office.ledger.size()
    request = asked()
    with pytest.raises(SecondPersonNeeded), service.effect(ASKER, request.key, "copy:issue", THING, now=NOW):
        raise AssertionError("it ran without the second person")
    assert request in service.pending(OTHER, now=NOW)
    assert request not in service.pending(ASKER, now=NOW)
    service.approve(OTHER, request.key, now=NOW)
    assert site.office.ledger.size() == before + 2
    with (
        pytest.raises(ApprovalLapsed),
        service.effect(ASKER, request.key, "copy:issue", {**THING, "to": ["op-10"]}, now=NOW),
    ):
        raise AssertionError("it ran for something else")
    with pytest.raises(RuntimeError), service.effect(ASKER, request.key, "copy:issue", THING, now=NOW):
        raise RuntimeError("the act failed, so the approval is still good")
    done = []
    with service.effect(ASKER, request.key, "copy:issue", THING, now=NOW):
        done.append(1)
    with pytest.raises(ApprovalLapsed), service.effect(ASKER, request.key, "copy:issue", THING, now=NOW):
        done.append(2)
    assert done == [1]


def test_nobody_approves_their_own_request_not_even_in_the_database() -> None:
    from django.db import IntegrityError, transaction

    from sealtrace.web.approvals import service
    from sealtrace.web.approvals.models import Verdict

    request = asked()
    both = replace(ASKER, roles=frozenset({Role.ISSUER, Role.APPROVER}))
    with pytest.raises(DutiesNotSeparated):
        service.approve(both, request.key, now=NOW)
    with pytest.raises(IntegrityError, match="nobody_approves_their_own_request"), transaction.atomic():
        Verdict.objects.create(request=request, requester="op-a", by="op-a", approved=True, at=NOW, entry=0)


def test_approving_needs_the_right_and_the_time() -> None:
    from sealtrace.web.approvals import service

    request = asked()
    with pytest.raises(Denied):
        service.approve(replace(OTHER, roles=frozenset({Role.READER})), request.key, now=NOW)
    with pytest.raises(ApprovalLapsed):
        service.approve(OTHER, request.key, now=NOW + timedelta(days=3))
    with pytest.raises(UsageProblem):
        service.refuse(OTHER, request.key, now=NOW, note=" ")
    service.refuse(OTHER, request.key, now=NOW, note="not this year")
    with pytest.raises(ApprovalLapsed):
        service.approve(replace(OTHER, operator="op-c"), request.key, now=NOW)


def test_two_seats_need_two_different_people() -> None:
    from sealtrace.web.approvals import service
    from sealtrace.web.approvals.models import Request

    request = asked(seats=2)
    assert service.approve(OTHER, request.key, now=NOW).state == Request.State.OPEN
    with pytest.raises(DutiesNotSeparated):
        service.approve(OTHER, request.key, now=NOW)
    third = service.approve(replace(OTHER, operator="op-c"), request.key, now=NOW)
    assert third.state == Request.State.APPROVED


def test_a_request_says_why_and_its_asker_may_take_it_back() -> None:
    from sealtrace.web.approvals import service

    with pytest.raises(UsageProblem):
        service.ask(ASKER, "copy:issue", FILE, THING, approving="copy:approve", reason="", now=NOW)
    request = asked()
    with pytest.raises(Denied):
        service.withdraw(OTHER, request.key, now=NOW)
    service.withdraw(ASKER, request.key, now=NOW)
    with pytest.raises(ApprovalLapsed):
        service.approve(OTHER, request.key, now=NOW)
