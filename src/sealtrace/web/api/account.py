"""The caller's own things over the API: who am I, tokens, webhooks, the audit trail's part on the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from .. import site
from . import tokens, webhooks
from .access import may
from .models import Token, Webhook
from .problems import REFUSALS, Problem
from .shapes import Deliveries, HookOrder, Hooks, HookShape, Me, Tokens, TokenShape

router = Router(tags=["account"])


def when(at: datetime | None) -> str | None:
    """A time as the API writes it."""
    return at.isoformat() if at else None


@router.get("/me", response={200: Me, REFUSALS: Problem}, operation_id="whoami")
def me(request: HttpRequest) -> Any:
    """Who the caller is, from where, and what the token may."""
    found = may(request, "home:see")
    actor = found.actor
    return {
        "operator": actor.operator, "organisation": actor.organisation, "device": actor.device, "ip": actor.ip,
        "roles": sorted(actor.roles), "clearance": actor.clearance, "scopes": found.token.scopes,
        "expires_at": when(found.token.expires_at),
    }  # fmt: skip


def token_dict(token: Token) -> dict[str, Any]:
    """A token as the API shows it."""
    return {
        "id": token.key, "name": token.name, "device": token.device.code, "scopes": token.scopes,
        "made_at": when(token.made_at), "expires_at": when(token.expires_at), "revoked_at": when(token.revoked_at),
    }  # fmt: skip


@router.get("/me/tokens", response={200: Tokens, REFUSALS: Problem}, operation_id="listTokens")
def list_tokens(request: HttpRequest) -> Any:
    """One's own tokens, newest first."""
    found = may(request, "home:see")
    mine = Token.objects.filter(device__operator__code=found.actor.operator).select_related("device")
    return {"items": [token_dict(token) for token in mine.order_by("-pk")[:200]]}


@router.delete(
    "/me/tokens/{token}", response={200: TokenShape, REFUSALS: Problem}, operation_id="revokeToken"
)
def revoke(request: HttpRequest, token: str) -> Any:
    """Revoke one of one's own tokens, at once."""
    found = may(request, "home:see")
    operator = found.token.device.operator
    return token_dict(tokens.revoke(token[:12], by=operator.code, now=timezone.now(), of=operator))


def hook_dict(hook: Webhook, secret: str | None = None) -> dict[str, Any]:
    """A webhook as the API shows it."""
    return {
        "id": hook.key, "url": hook.url, "events": hook.events, "made_at": when(hook.made_at), "secret": secret,
    }  # fmt: skip


@router.post("/webhooks", response={201: HookShape, REFUSALS: Problem}, operation_id="makeWebhook")
def make_hook(request: HttpRequest, order: HookOrder) -> Any:
    """Be told of events from now on. The secret is shown here once; it checks every message."""
    found = may(request, "webhook:manage")
    operator = found.token.device.operator
    made, secret = webhooks.make(operator, order.url, order.events, now=timezone.now())
    return Status(201, hook_dict(made, secret))


@router.get("/webhooks", response={200: Hooks, REFUSALS: Problem}, operation_id="listWebhooks")
def list_hooks(request: HttpRequest) -> Any:
    """One's own webhooks."""
    operator = may(request, "webhook:manage").token.device.operator
    return {"items": [hook_dict(hook) for hook in operator.webhooks.filter(ended_at=None).order_by("pk")]}


@router.delete("/webhooks/{webhook}", response={204: None, REFUSALS: Problem}, operation_id="endWebhook")
def end_hook(request: HttpRequest, webhook: str) -> Any:
    """Be told nothing more."""
    webhooks.end(may(request, "webhook:manage").token.device.operator, webhook[:12], now=timezone.now())
    return Status(204, None)


@router.get(
    "/webhooks/{webhook}/deliveries",
    response={200: Deliveries, REFUSALS: Problem},
    operation_id="listDeliveries",
)
def deliveries(request: HttpRequest, webhook: str) -> Any:
    """The newest hundred messages to a webhook, and how each went."""
    operator = may(request, "webhook:manage").token.device.operator
    rows = webhooks.find(operator, webhook[:12]).deliveries.order_by("-pk")[:100]
    return {
        "items": [
            {"event": d.event, "entry": d.entry, "state": d.state, "tries": d.tries, "status": d.status,
             "problem": d.problem, "next_at": when(d.next_at)}
            for d in rows
        ]
    }  # fmt: skip


@router.get("/audit/acts/{event}", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="listActs")
def acts(request: HttpRequest, event: str) -> Any:
    """The home's acts of one kind with what was recorded of them, newest first; five hundred at most."""
    may(request, "audit:see")
    found = site.custody().office.acts(event[:60])[-500:]
    return {"items": [{"entry": entry, **_plain(opening)} for entry, opening in reversed(found)]}


def _plain(opening: dict[str, Any]) -> dict[str, Any]:
    """An opening's values without their salts, bytes in hex."""
    values = {name: pair[1] if isinstance(pair, (list, tuple)) else pair for name, pair in opening.items()}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
