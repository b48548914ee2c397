"""Three administrators are three people; rights are given by others, and the great ones by two."""

from __future__ import annotations

import itertools

import pytest
from django.utils import timezone

from sealtrace.errors import DutiesNotSeparated
from sealtrace.policy.model import ADMINISTRATORS, Role

pytestmark = pytest.mark.usefixtures("site")
PAIRS = list(itertools.permutations(sorted(ADMINISTRATORS), 2))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_no_two_administrators_are_one_person(operator, client_of, first: Role, second: Role) -> None:
    from django.db import IntegrityError, transaction

    from sealtrace.web.accounts import service
    from sealtrace.web.accounts.models import Grant

    made = operator(first)
    with pytest.raises(DutiesNotSeparated):
        service.give_role(made, second, by="test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(operator=made, role=second.value, by="past the service")
    assert made.roles() == {first}


def test_an_ended_administrator_may_become_another(operator, client_of) -> None:
    from sealtrace.web.accounts import service

    admin, made = client_of(Role.SECURITY_ADMIN), operator(Role.AUDIT_ADMIN)
    assert admin.post(f"/operators/{made.code}/role/end", {"role": "audit-admin"}).status_code == 302
    service.give_role(made, Role.SYSTEM_ADMIN, by="test")
    assert made.roles() == {Role.SYSTEM_ADMIN}
    assert made.grants.filter(role="audit-admin").exclude(until=None).exists(), "history stays"


def test_an_administrators_role_needs_two_people(site, client_of, operator) -> None:
    from sealtrace.web.approvals.models import Request

    asker, made = client_of(Role.SECURITY_ADMIN), operator()
    form = {"role": "system-admin", "reason": "second shift"}
    assert asker.post(f"/operators/{made.code}/role", form).status_code == 302
    assert made.roles() == frozenset()
    request = Request.objects.get(subject=made.code)
    assert asker.post(f"/approvals/{request.key}/approve").status_code == 403
    reader = client_of(Role.READER)
    assert reader.post(f"/approvals/{request.key}/approve").status_code == 404
    second = client_of(Role.AUDIT_ADMIN)
    assert made.code in second.get("/approvals").content.decode()
    assert second.post(f"/approvals/{request.key}/approve").status_code == 302
    assert made.roles() == {Role.SYSTEM_ADMIN}
    granted = [act for _, act in site.office.acts("role:granted") if act["operator"][1] == made.code]
    assert granted[-1]["by"][1] == f"{asker.operator.code}, {second.operator.code}"
    assert granted[-1]["approval"][1] == request.key


def test_an_ordinary_role_needs_one_and_nobody_serves_themselves(client_of, operator) -> None:
    admin, made = client_of(Role.SECURITY_ADMIN), operator()
    assert admin.post(f"/operators/{made.code}/role", {"role": "tracer"}).status_code == 302
    assert made.roles() == {Role.TRACER}
    own = admin.operator.code
    assert admin.post(f"/operators/{own}/role", {"role": "tracer"}).status_code == 403
    assert admin.post(f"/operators/{own}/clearance", {"clearance": "core"}).status_code == 403
    assert admin.post(f"/operators/{made.code}/clearance", {"clearance": "core"}).status_code == 302
    made.refresh_from_db()
    assert made.clearance == "core"


def test_a_role_for_a_time_ends_by_itself_and_makes_room(operator) -> None:
    from datetime import timedelta

    from sealtrace.web.accounts import service

    made, now = operator(), timezone.now()
    service.give_role(made, Role.AUDIT_ADMIN, by="test", expires_at=now - timedelta(seconds=1))
    assert made.roles() == frozenset()
    service.give_role(made, Role.AUDIT_ADMIN, by="test")
    assert made.roles() == {Role.AUDIT_ADMIN}


def test_the_system_administrator_makes_operators_without_rights(client_of) -> None:
    from sealtrace.web.accounts.models import Operator

    admin = client_of(Role.SYSTEM_ADMIN)
    assert admin.post("/operators/add", {"code": "op-new-1"})["Location"] == "/operators/op-new-1"
    assert Operator.objects.get(code="op-new-1").roles() == frozenset()
    assert admin.post("/operators/op-new-1/role", {"role": "reader"}).status_code == 403
    shown = admin.post("/operators/op-new-1/invite").content.decode()
    assert "/enrol/" in shown
    assert admin.post("/operators/add", {"code": "<script>"}).status_code == 422


def test_an_exception_is_asked_for_approved_by_another_and_ends(client_of) -> None:
    from datetime import timedelta

    from sealtrace.web.accounts import exemptions
    from sealtrace.web.approvals.models import Request

    asker, approver = client_of(Role.READER), client_of(Role.APPROVER)
    form = {
        "deed": "file:open",
        "kind": "File",
        "subject": "YL-1",
        "reason": "line 3 stands still",
        "days": "2",
    }
    where = asker.post("/approvals/ask", form)["Location"]
    assert exemptions.in_force(asker.operator.code, timezone.now()) == ()
    assert approver.post(f"{where}/approve").status_code == 302
    assert exemptions.in_force(asker.operator.code, timezone.now()) == ("file:open YL-1",)
    assert exemptions.in_force(asker.operator.code, timezone.now() + timedelta(days=2)) == ()
    for wrong in ({"days": "400"}, {"days": "x"}, {"deed": "role:grant"}, {"reason": ""}, {"subject": ""}):
        assert asker.post("/approvals/ask", form | wrong).status_code == 422
    assert Request.objects.filter(by=asker.operator.code).count() == 1
    assert client_of(Role.READER).get(where).status_code == 404
