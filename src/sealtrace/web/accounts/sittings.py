"""Sittings: one signed-in session on one device. Begin, find on each request, confirm, list, end.

Source: OWASP ASVS 5.0, V7.2 (new token at sign-in), V7.3 (idle and absolute time-outs), V7.4 (ending).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth import login
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from sealtrace.errors import NotRegistered

from .. import asked, deeds
from ..devices.models import Device
from .models import Operator, Organisation, Sitting

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
CONFIRMED = timedelta(minutes=5)
PROVED = timedelta(minutes=10)
TOUCH = timedelta(seconds=30)
KEY = "sitting"


def begin(
    request: HttpRequest, operator: Operator, how: Sitting.How, device: Device | None, *, now: datetime
) -> Sitting:
    """Sign an operator in on this request's browser: a new session key, and an entry in the ledger.

    A passkey or a one-time code counts as a confirmation; a link and another provider's word do not.
    """
    request.session.flush()
    login(request, operator, backend="django.contrib.auth.backends.ModelBackend")
    request.session.save()
    ip: str = request.ip  # type: ignore[attr-defined]
    confirmed = now if how in (Sitting.How.PASSKEY, Sitting.How.TOTP) else None
    with deeds.together() as enter:
        enter("account:signed-in", operator.code, {
            "operator": operator.code, "how": how.value, "device": device.code if device else "none", "ip": ip,
        })  # fmt: skip
        sitting = Sitting.objects.create(
            key=request.session.session_key or "", operator=operator, device=device, how=how, ip=ip, began_at=now,
            seen_at=now, proved_at=now if device else None, confirmed_at=confirmed,
        )  # fmt: skip
        if device:
            Device.objects.filter(pk=device.pk).update(last_seen_at=now)
    request.session[KEY] = sitting.pk
    return sitting


def open_at(now: datetime) -> QuerySet[Sitting]:
    """The sittings that are open at a moment."""
    return Sitting.objects.filter(
        ended_at=None, seen_at__gt=now - IDLE, began_at__gt=now - LONGEST, operator__is_active=True
    )


def current(request: HttpRequest, now: datetime) -> Sitting | None:
    """The sitting behind a request's cookie; None when it ended, idled out or belongs to a switched-off operator."""
    number = request.session.get(KEY)
    if number is None:
        return None
    sitting = _open(number, request.session.session_key or "", now)
    if sitting is not None and now - sitting.seen_at > TOUCH:
        Sitting.objects.filter(pk=sitting.pk).update(seen_at=now)
    return sitting


@cache
def _query() -> tuple[str, tuple[asked.Rows, ...]]:
    """An open sitting by its number and key, with whose and on which device it is: as `open_at`."""
    parts = tuple(asked.Rows(model, alias) for model, alias in (
        (Sitting, "s"), (Operator, "o"), (Organisation, "g"), (Device, "d"),
    ))  # fmt: skip
    s, o, g, d = (model._meta.db_table for model in (Sitting, Operator, Organisation, Device))
    return (
        f"SELECT {', '.join(part.columns for part in parts)} FROM {s} s JOIN {o} o ON o.id = s.operator_id "  # noqa: S608 (names of the models)
        f"JOIN {g} g ON g.id = o.organisation_id LEFT JOIN {d} d ON d.id = s.device_id "
        "WHERE s.id = %s AND s.key = %s AND s.ended_at IS NULL AND s.seen_at > %s AND s.began_at > %s AND o.is_active"
    ), parts  # fmt: skip


def _open(number: int, key: str, now: datetime) -> Sitting | None:
    sql, parts = _query()
    rows = asked.ask(sql, number, key, asked.moment(now - IDLE), asked.moment(now - LONGEST))
    if not rows:
        return None
    found, at = [], 0
    for part in parts:
        found.append(part.read(rows[0][at : at + len(part)]))
        at += len(part)
    sitting: Sitting = found[0]
    sitting.operator, sitting.operator.organisation, sitting.device = found[1], found[2], found[3]
    return sitting


def confirm(sitting: Sitting, now: datetime) -> None:
    """The person just showed again that it is them."""
    Sitting.objects.filter(pk=sitting.pk).update(confirmed_at=now)


def prove(sitting: Sitting, now: datetime) -> None:
    """The device just signed."""
    Sitting.objects.filter(pk=sitting.pk).update(proved_at=now)


def is_confirmed(sitting: Sitting, now: datetime) -> bool:
    """Whether the person confirmed themselves within five minutes."""
    return sitting.confirmed_at is not None and now - sitting.confirmed_at <= CONFIRMED


def is_proved(sitting: Sitting, now: datetime) -> bool:
    """Whether the device signed within ten minutes."""
    return sitting.proved_at is not None and now - sitting.proved_at <= PROVED


def end(operator: Operator, number: int | None, now: datetime, *, but: int | None = None) -> int:
    """End one of an operator's sittings, or all but one; returns how many. Raises NotRegistered for another's."""
    rows = Sitting.objects.filter(operator=operator, ended_at=None).filter(
        Q(pk=number) if number is not None else ~Q(pk=but)
    )
    ended = rows.update(ended_at=now)
    if number is not None and not ended:
        raise NotRegistered("there is no such session of yours", advice="Look at the list again.")
    return ended
