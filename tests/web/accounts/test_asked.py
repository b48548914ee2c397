"""Who acts is read by SQL written once: it says what the ORM says, and what changed counts at the next request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sealtrace.policy.model import Role


def _found(client: Any) -> Any:
    from django.http import HttpRequest

    from sealtrace.web.accounts import sittings

    request = HttpRequest()
    request.session = client.session
    return sittings.current(request, timezone.now())


def test_a_sitting_is_read_whole(client_of: Callable[..., Any]) -> None:
    from sealtrace.web.accounts.models import Sitting

    client = client_of(Role.READER, Role.ISSUER, clearance="core")
    found = _found(client)
    wanted = Sitting.objects.select_related("operator__organisation", "device").get(pk=client.sitting.pk)
    for one, other in (
        (found, wanted), (found.operator, wanted.operator), (found.device, wanted.device),
        (found.operator.organisation, wanted.operator.organisation),
    ):  # fmt: skip
        facts = [f.attname for f in type(other)._meta.concrete_fields]
        assert {n: _plain(getattr(one, n)) for n in facts} == {n: _plain(getattr(other, n)) for n in facts}
    assert found.operator.roles() == {Role.READER, Role.ISSUER}


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def test_every_end_of_a_sitting_counts_at_once(client_of: Callable[..., Any]) -> None:
    from django.contrib.sessions.models import Session

    from sealtrace.web.accounts.models import Operator, Sitting
    from sealtrace.web.accounts.sittings import IDLE, LONGEST

    now = timezone.now()
    for facts in (
        {"ended_at": now}, {"seen_at": now - IDLE}, {"began_at": now - LONGEST}, {"key": "another"},
    ):  # fmt: skip
        client = client_of(Role.READER)
        assert _found(client) is not None
        Sitting.objects.filter(pk=client.sitting.pk).update(**facts)
        assert _found(client) is None, facts
        assert client.get("/view").status_code == 302
    client = client_of(Role.READER)
    Operator.objects.filter(pk=client.operator.pk).update(is_active=False)
    assert _found(client) is None
    client = client_of(Role.READER)
    Session.objects.filter(session_key=client.session.session_key).update(expire_date=now)
    assert client.get("/view").status_code == 302


def test_a_role_a_clearance_and_a_device_count_as_they_are_now(client_of: Callable[..., Any]) -> None:
    from sealtrace.web.accounts.models import Grant, Operator
    from sealtrace.web.devices.models import Device

    client = client_of(Role.READER, clearance="core")
    actor = client.get("/view").wsgi_request.actor
    assert (actor.roles, actor.clearance, str(actor.device_state)) == ({Role.READER}, "core", "enrolled")
    Operator.objects.filter(pk=client.operator.pk).update(clearance="general")
    assert client.get("/view").wsgi_request.actor.clearance == "general"
    Device.objects.filter(pk=client.device.pk).update(revoked_at=timezone.now())
    assert str(client.get("/view").wsgi_request.actor.device_state) == "revoked"
    held = Grant.objects.filter(operator=client.operator)
    for facts in (
        {"until": timezone.now()}, {"until": None, "expires_at": timezone.now()},
        {"expires_at": None, "since": timezone.now() + timedelta(hours=1)},
    ):  # fmt: skip
        held.update(**facts)
        assert not client.operator.roles(), facts
    held.update(since=timezone.now())
    assert client.operator.roles() == {Role.READER}


def test_an_exception_holds_while_it_is_approved_and_no_longer(client_of: Callable[..., Any]) -> None:
    from sealtrace.web.accounts import exemptions
    from sealtrace.web.approvals.models import Request

    client, now = client_of(Role.READER), timezone.now()
    row = Request.objects.create(
        key=f"asked-{client.operator.pk}", action=exemptions.ACTION, approving="exception:approve",
        subject_kind="File", subject="YL-1", payload={"action": "page:view", "days": 1}, digest="", reason="audit",
        by=client.operator.code, state="approved", asked_at=now, expires_at=now + timedelta(days=1), entry=1,
    )  # fmt: skip
    assert exemptions.in_force(client.operator.code, now) == ("page:view YL-1",)
    assert exemptions.in_force(client.operator.code, row.expires_at) == ()
    assert exemptions.in_force("somebody else", now) == ()
    Request.objects.filter(pk=row.pk).update(state="withdrawn")
    assert exemptions.in_force(client.operator.code, now) == ()
