"""Orders of copies and approvals over the API: the same way as on the screens, core files included."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from sealtrace.custody import controls, knowing
from sealtrace.custody.model import Recipient, entry_dict
from sealtrace.errors import NotRegistered
from sealtrace.ids import CopyId, FileCode, VersionRef

from .. import site
from ..approvals import service as approvals
from ..approvals.models import Request
from ..custody import ordering, packaging
from ..custody.models import Order
from . import paging
from .access import allowed, may
from .problems import REFUSALS, Problem
from .repeating import once, order_key
from .shapes import (
    ApprovalShape,
    CopyDecision,
    NeedOrder,
    OrderOrder,
    Orders,
    OrderShape,
    RestrictOrder,
    StandingShape,
    Verdict,
)

router = Router(tags=["orders"])
Answer = dict[str, Any]


def order_dict(order: Order) -> dict[str, Any]:
    """An order as the API shows it."""
    return {
        "id": order.pk, "file": order.ref, "state": str(order.state), "form": str(order.form),
        "purpose": order.purpose, "until": order.until.isoformat() if order.until else None,
        "operator": order.operator, "request": order.request or None, "job": order.job,
        "copies": list(order.issued.values_list("copy", flat=True)[:2000]),
    }  # fmt: skip


@router.post("/orders", response={202: OrderShape, REFUSALS: Problem}, operation_id="orderCopies")
def place(request: HttpRequest, order: OrderOrder) -> Any:
    """Order copies, or leave to read here only. A core file's order waits for a second person's approval."""
    found = may(request, "copy:issue")
    until = order.until or (timezone.localdate() + timedelta(days=order.days) if order.days else None)
    wanted = ordering.Wanted(
        str(site.custody().version(VersionRef.parse(order.file)).ref),
        tuple(Recipient(r.operator, r.device, r.ip) for r in order.recipients), order.purpose, until, order.form,
        key=order_key(request),
    )  # fmt: skip
    return once(request, lambda: (202, order_dict(ordering.place(found.actor, wanted, now=timezone.now()))))


def _order(number: int) -> Order:
    found = Order.objects.filter(pk=number).first()
    if found is None:
        raise NotRegistered(f"there is no order {number}")
    packaging.settle(found)
    return found


@router.get("/orders", response={200: Orders, REFUSALS: Problem}, operation_id="listOrders")
def orders(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None
) -> Any:
    """Orders, newest first."""
    may(request, "copy:list")
    rows = Order.objects.order_by("-id")
    rows = rows.filter(pk__lt=before) if before is not None else rows
    kept = paging.page(request, response, list(rows[: limit + 1]), limit, lambda row: row.pk)
    return {"items": [order_dict(row) for row in kept]}


@router.get("/orders/{number}", response={200: OrderShape, REFUSALS: Problem}, operation_id="showOrder")
def show(request: HttpRequest, number: Annotated[int, Field(ge=1, le=1 << 62)]) -> Any:
    """One order: where it stands and its copies."""
    may(request, "copy:list")
    return order_dict(_order(number))


# -- approvals -----------------------------------------------------------------------------------


def approval_dict(found: Request) -> dict[str, Any]:
    """A request for approval as the API shows it."""
    return {
        "key": found.key, "action": found.action, "subject": found.subject, "payload": found.payload,
        "digest": found.digest, "reason": found.reason, "by": found.by, "seats": found.seats,
        "state": str(found.state), "asked_at": found.asked_at.isoformat(),
        "expires_at": found.expires_at.isoformat(), "entry": found.entry,
    }  # fmt: skip


@router.get("/approvals", response={200: Answer, REFUSALS: Problem}, operation_id="listApprovals")
def pending(request: HttpRequest) -> Any:
    """What waits for the caller's approval, the first to lapse first."""
    found = may(request, "approval:list")
    rows = approvals.pending(found.actor, now=timezone.now())
    return {"items": [approval_dict(row) for row in rows]}


@router.get("/approvals/{key}", response={200: ApprovalShape, REFUSALS: Problem}, operation_id="showApproval")
def approval(request: HttpRequest, key: Annotated[str, Field(max_length=22)]) -> Any:
    """One request that the caller asked for or may decide; another is not found."""
    found, row = may(request, "approval:list"), approvals.find(key)
    if row.by != found.actor.operator and not allowed(found, row.approving, approvals.subject_of(row)):
        raise NotRegistered("there is no such request for approval")
    return approval_dict(row)


@router.post(
    "/approvals/{key}/decide", response={200: ApprovalShape, REFUSALS: Problem}, operation_id="decideApproval"
)
def decide(request: HttpRequest, key: Annotated[str, Field(max_length=22)], verdict: Verdict) -> Any:
    """Approve or refuse, as the second person; the token's scope names the act of approving in full."""
    row = approvals.find(key)
    found = may(request, row.approving, approvals.subject_of(row))

    def act() -> tuple[int, dict[str, Any]]:
        now = timezone.now()
        if verdict.approve:
            done = approvals.approve(found.actor, key, now=now, note=verdict.note)
            approvals.carry_out(done, now=now)
        else:
            approvals.refuse(found.actor, key, now=now, note=verdict.note)
        return 200, approval_dict(approvals.find(key))

    return once(request, act)


# -- controls ------------------------------------------------------------------------------------


@router.get(
    "/copies/{copy_id}/standing",
    response={200: StandingShape, REFUSALS: Problem},
    operation_id="copyStanding",
)
def standing(request: HttpRequest, copy_id: Annotated[str, Field(max_length=40)]) -> Any:
    """Whether a copy is in force: revoked, or past its end."""
    may(request, "copy:list")
    return controls.standing(site.custody().office, CopyId.parse(copy_id)).as_dict()


@router.post(
    "/copies/{copy_id}/decide", response={200: StandingShape, REFUSALS: Problem}, operation_id="decideCopy"
)
def decide_copy(
    request: HttpRequest, copy_id: Annotated[str, Field(max_length=40)], order: CopyDecision
) -> Any:
    """Revoke a copy, take a revocation back, or give it another last day."""
    found, office, copy = may(request, "copy:revoke"), site.custody().office, CopyId.parse(copy_id)
    by = found.actor.operator

    def act() -> tuple[int, dict[str, object]]:
        if order.act == "expire":
            until = ordering.end_of(order.until)
            assert until is not None, "the shape asks for it"
            controls.expire(office, copy, until, by=by)
        else:
            decision = controls.revoke if order.act == "revoke" else controls.reinstate
            decision(office, copy, by=by, reason=order.reason)
        return 200, controls.standing(office, copy).as_dict()

    return once(request, act)


@router.post("/files/{code}/restrict", response={200: Answer, REFUSALS: Problem}, operation_id="restrictFile")
def restrict(request: HttpRequest, code: Annotated[str, Field(max_length=40)], order: RestrictOrder) -> Any:
    """Let a file be read here only (by all or by one operator), lift that, or ask its readers for an undertaking."""
    found, office, file = may(request, "file:restrict"), site.custody().office, FileCode.parse(code)
    by = found.actor.operator

    def act() -> tuple[int, Answer]:
        if order.act == "undertaking":
            entry = controls.ask_undertaking(office, file, order.words, by=by)
        else:
            only = order.act == "only"
            entry = controls.set_view_only(office, file, operator=order.operator, by=by, only=only)
        return 200, {"entry": entry_dict(entry)}

    return once(request, act)


@router.get("/files/{code}/needs", response={200: Answer, REFUSALS: Problem}, operation_id="listNeeds")
def needs(request: HttpRequest, code: Annotated[str, Field(max_length=40)]) -> Any:
    """Who needs to know a file, until when and why."""
    may(request, "need:list")
    office, file = site.custody().office, FileCode.parse(code)
    rows = [
        {
            "operator": n.operator,
            "why": n.why,
            "by": n.by,
            "until": n.until,
            "holds": n.holds,
            "entry": n.entry,
        }
        for n in knowing.listed(office, file)
    ]
    return {"limited": knowing.is_limited_file(office, file), "items": rows}


@router.post("/files/{code}/needs", response={200: Answer, REFUSALS: Problem}, operation_id="setNeed")
def set_need(request: HttpRequest, code: Annotated[str, Field(max_length=40)], order: NeedOrder) -> Any:
    """Keep a file's list: limit the file to it, open it again, put somebody on it or take them off."""
    found, office, file = may(request, "need:set"), site.custody().office, FileCode.parse(code)
    by = found.actor.operator

    def act() -> tuple[int, Answer]:
        if order.act in ("limit", "open"):
            entry = knowing.limit(office, file, by=by, limited=order.act == "limit")
        elif order.act == "end":
            entry = knowing.end(office, file, order.operator or "", by=by)
        else:
            until = ordering.end_of(order.until)
            entry = knowing.give(office, file, order.operator or "", why=order.why, by=by, until=until)
        return 200, {"entry": entry_dict(entry)}

    return once(request, act)
