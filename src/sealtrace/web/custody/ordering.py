"""Orders of copies: one way for the screen and the API. What needs a second person waits for one; then it is done.

The second approval is `approvals.service`'s alone: bound to exactly this order, refused to its asker and recipients.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from sealtrace.content.kinds import Kind
from sealtrace.custody import controls, knowing, printing, undertaking
from sealtrace.custody.model import IssuedCopy, Recipient, Version
from sealtrace.custody.orders import Terms
from sealtrace.custody.outgoing import package
from sealtrace.errors import ApprovalLapsed, Denied, SecondPersonNeeded, UsageProblem
from sealtrace.ids import VersionRef
from sealtrace.policy.model import Actor, Subject

from .. import site
from ..approvals import service as approvals
from ..approvals.models import Request
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from .models import Order, OrderedCopy

KIND = "copy:issue"
TWO_PEOPLE = {Order.Form.PACKAGE: frozenset({"core", "important"})}
"""The levels whose copies need a second person, by form; of any other form, core alone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: which version, for whom, why, until which day, in which form, under which undertaking.

    key: names the order towards custody; the same key again is the same order. organisation: of a package's outsider,
    who signs the undertaking.
    """

    ref: str
    recipients: tuple[Recipient, ...]
    purpose: str
    until: date | None = None
    form: str = Order.Form.COPY
    undertaking: str = ""
    key: str = ""
    organisation: str = ""


def needs_second(version: Version, form: str = Order.Form.COPY) -> bool:
    """Whether copies of this version in this form need a second person."""
    return version.level.value in TWO_PEOPLE.get(Order.Form(form), frozenset({"core"}))


def place(actor: Actor, wanted: Wanted, *, now: datetime) -> Order:
    """Keep an order; it waits for a second person, or is begun at once.

    Raises:
        UsageProblem: the form is unknown, the last day is past, or a print is asked for what has no pages.
        Denied: the purpose is none of the office's, or a recipient may not have it.
        NotRegistered: there is no such version.
    """
    version, office = site.custody().version(VersionRef.parse(wanted.ref)), site.custody().office
    if wanted.form not in Order.Form.values:
        raise UsageProblem(f"{wanted.form!r} is no form of a copy")
    if wanted.until is not None and wanted.until < timezone.localdate(now):
        raise UsageProblem("the last day is past; nothing was issued")
    if wanted.form != Order.Form.COPY and not version.pages:
        raise UsageProblem(f"{version.ref} has no pages to print or to read here; order copies of it")
    knowing.require_purpose(office, wanted.purpose)
    if wanted.form == Order.Form.PACKAGE:
        [outsider] = wanted.recipients
        package.require(office, version, outsider, wanted.undertaking)
    elif wanted.form != Order.Form.READING:
        controls.require_taking(office, version, wanted.recipients)
    two = needs_second(version, wanted.form)
    with transaction.atomic():
        order, _ = Order.objects.get_or_create(
            key=wanted.key or f"web:{secrets.token_hex(16)}",
            defaults={
                "ref": str(version.ref), "title": version.title, "level": version.level.value,
                "purpose": wanted.purpose, "until": wanted.until, "form": wanted.form,
                "undertaking": wanted.undertaking.strip(), "operator": actor.operator, "device": actor.device,
                "ip": actor.ip, "state": Order.State.ASKED if two else Order.State.AGREED,
                "recipients": _people(wanted),
            },
        )  # fmt: skip
    if two and not order.request:
        order.request = _asked(actor, order, now).key
        order.save(update_fields=["request"])
    elif not two and order.job is None:
        begin(order)
    return order


def _people(wanted: Wanted) -> list[dict[str, str]]:
    more = {"organisation": wanted.organisation} if wanted.form == Order.Form.PACKAGE else {}
    return [{"operator": r.operator, "device": r.device, "ip": r.ip, **more} for r in wanted.recipients]


def _asked(actor: Actor, order: Order, now: datetime) -> Request:
    payload = {
        "order": order.key, "ref": order.ref, "recipients": order.recipients, "form": order.form,
        "until": order.until.isoformat() if order.until else None, "undertaking": order.undertaking,
    }  # fmt: skip
    barred = sorted({r["operator"] for r in order.recipients})
    subject = Subject("File", order.ref.partition("@")[0], {"level": order.level, "barred": tuple(barred)})
    return approvals.ask(
        actor, KIND, subject, payload, approving="copy:approve", reason=order.purpose, now=now
    )


@approvals.carried(KIND)
def _approved(request: Request) -> None:
    """Begin the order that a second person approved."""
    order = Order.objects.get(key=request.payload["order"])
    if Order.objects.filter(pk=order.pk, state=Order.State.ASKED).update(state=Order.State.AGREED):
        order.refresh_from_db()
        begin(order)


def decide(actor: Actor, order: Order, *, agree: bool, note: str, now: datetime) -> None:
    """Give or refuse the second approval; with it the order is begun.

    Raises:
        ApprovalLapsed: it waits for none.
        And as `approvals.approve`.
    """
    if not order.request or order.state != Order.State.ASKED:
        raise ApprovalLapsed("this order does not wait for an approval")
    if agree:
        approvals.carry_out(approvals.approve(actor, order.request, now=now, note=note), now=now)
    else:
        approvals.refuse(actor, order.request, now=now, note=note)
    settle(order)


def settle(order: Order) -> None:
    """Let an order follow what became of its request, wherever that was decided."""
    request = Request.objects.filter(key=order.request).first() if order.request else None
    if request and request.state in (Request.State.REFUSED, Request.State.WITHDRAWN):
        Order.objects.filter(pk=order.pk, state=Order.State.ASKED).update(state=Order.State.DECLINED)
    elif request and request.state == Request.State.APPROVED and request.used_at is None:
        approvals.carry_out(request, now=timezone.now())
    order.refresh_from_db()


def begin(order: Order) -> None:
    """Start what an order asks for; a print is made when its asker comes for it, and a package too, with no job."""
    if order.form == Order.Form.PACKAGE:
        return
    actor = Actor(order.operator, order.device, order.ip)
    order.job = jobs.start(KIND, actor, {"order": order.pk}).pk
    order.save(update_fields=["job"])


def end_of(day: date | None) -> datetime | None:
    """The moment after a last day, as the site's clocks have it."""
    if day is None:
        return None
    after = datetime.combine(day + timedelta(days=1), time(), timezone.get_current_timezone())
    return after.astimezone(UTC)


@work(KIND)
def carry_out(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Do an order: enter its copies, or let its people read here only. Done again after a kill, nothing is doubled.

    Each entry commits to its copy's bytes, which are made again when taken.
    """
    order = Order.objects.get(pk=arguments["order"])
    if order.state != Order.State.AGREED:
        return {"copies": order.issued.count()}
    office, version = site.custody().office, site.custody().version(order.ref)
    recipients = [Recipient(**r) for r in order.recipients]
    if order.undertaking and order.undertaking != asked_words(version):
        controls.ask_undertaking(office, version.code, order.undertaking, by=order.operator)
    if order.form == Order.Form.COPY:
        _issue(order, version, recipients, tell)
    elif order.form == Order.Form.READING:
        _let_read(order, version, recipients)
    return {"copies": order.issued.count()}


def asked_words(version: Version) -> str:
    """The words that a file asks of whoever reads it; empty when it asks for none."""
    nobody = Recipient("(nobody)", "none", "0.0.0.0")  # noqa: S104 (a value, not an address to bind)
    return undertaking.due(site.custody().office, version, nobody) or ""


def _issue(order: Order, version: Version, recipients: Sequence[Recipient], tell: Tell) -> None:
    wrapped = version.kind is Kind.OPAQUE
    terms = Terms(order.key, end_of(order.until), order.operator)
    with site.custody().office.staging("order") as folder:
        made = site.custody().issue_many(
            order.ref, recipients, folder, wrapped=wrapped, terms=terms,
            progress=lambda done, total: tell("enter", done, total),
        )  # fmt: skip
    with transaction.atomic():
        OrderedCopy.objects.bulk_create(
            [OrderedCopy(copy=str(copy.id), order=order) for copy in made], ignore_conflicts=True
        )
        order.state = Order.State.ISSUED
        order.save(update_fields=["state"])


def _let_read(order: Order, version: Version, recipients: Sequence[Recipient]) -> None:
    """Let people read here only; on a file with a list of those who need to know, until the order's end."""
    office = site.custody().office
    for operator in sorted({r.operator for r in recipients}):
        if not controls.is_view_only(office, version, operator):
            controls.set_view_only(office, version.code, operator=operator, by=order.operator)
    order.state = Order.State.ISSUED
    order.save(update_fields=["state"])


def print_one(actor: Actor, order: Order, number: int, out: Path) -> IssuedCopy:
    """Make the print of an order's recipient `number` (from 0); each is made once, by who ordered it.

    Raises:
        SecondPersonNeeded: the order is not approved.
        Denied: it is another's order, no print, or this one was made before.
    """
    if order.form != Order.Form.PRINT or order.operator != actor.operator:
        raise Denied("a print is made by who ordered it")
    if order.state == Order.State.ASKED:
        raise SecondPersonNeeded("the order still waits for a second person")
    if not 0 <= number < len(order.recipients) or order.state == Order.State.DECLINED:
        raise Denied("this order has no such print")
    recipients = list(order.recipients)
    if recipients[number].get("printed"):
        raise Denied("this print was made before; its paper is the only one")
    made = printing.print_copy(
        site.custody().office, VersionRef.parse(order.ref), Recipient(**recipients[number]), out
    )
    OrderedCopy.objects.create(copy=str(made.id), order=order)
    recipients[number] = {**recipients[number], "printed": str(made.id)}
    order.recipients = recipients
    if all(r.get("printed") for r in recipients):
        order.state = Order.State.ISSUED
    order.save(update_fields=["recipients", "state"])
    return made


def job_of(order: Order) -> Job | None:
    """The long work of an order."""
    return Job.objects.filter(pk=order.job).first() if order.job else None
