"""Who asks, and whether they may: the API's own guard, on the same policy as the screens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from sealtrace.custody.model import Recipient
from sealtrace.errors import Denied, NotSignedIn, SealtraceError, TooManyRequests
from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, DeviceState, Subject

from .. import site
from ..accounts.middleware import within
from . import signed, tokens
from .models import Token


@dataclass(frozen=True, slots=True)
class Caller:
    """The actor behind a request and the token they came with."""

    actor: Actor
    token: Token

    @property
    def recipient(self) -> Recipient:
        """As the ledger records people."""
        return Recipient(self.actor.operator, self.actor.device, self.actor.ip)


class Signed(HttpBearer):
    """A token in force, and the signature of the device it is bound to."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Give the caller. Raises NotSignedIn, SignatureRefused, TooManyRequests."""
        ip: str = request.ip  # type: ignore[attr-defined]
        if not signed.strangers.may(ip):
            raise TooManyRequests("too many refused requests from this address")
        now = timezone.now()
        try:
            found = tokens.find(token, now)
            if found is None:
                raise NotSignedIn("this token is not in force")
            device = found.device
            nonce = signed.check(request, bytes(device.public_key), device.code, now).nonce
        except SealtraceError:
            signed.strangers.refused(ip)
            raise
        signed.once(device, nonce, now)
        return Caller(_actor(found, ip), found)


def _actor(token: Token, ip: str) -> Actor:
    operator, here = token.device.operator, site.current()
    return Actor(
        operator=operator.code,
        device=token.device.code,
        ip=ip,
        organisation=operator.organisation.code,
        roles=operator.roles(),
        clearance=operator.clearance,
        device_state=DeviceState.ENROLLED,
        internal=any(ip_address(ip) in network for network in here.internal),
        bound=bool(here.internal),
        stepped_up=True,  # every request is signed anew by the device's key, for an action the token names
        within_hours=within(here.extra.get("hours", ""), timezone.localtime()),
    )


def caller(request: HttpRequest) -> Caller:
    """Who asks, on an operation that is guarded."""
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found


def may(request: HttpRequest, action: str, subject: Subject = ANYTHING) -> Caller:
    """Let an operation go on only when the token's scopes and the policy allow its action.

    Raises:
        Denied: they do not; the message names the action and the rules that decided.
    """
    found = caller(request)
    if not allowed(found, action, subject):
        decision = engine.decide(found.actor, action, subject)
        rules = ", ".join(reason.rule for reason in decision.reasons)
        raise Denied(
            f"{action} is not allowed" + (f" ({rules})" if rules and not decision.allowed else ""),
            advice="Ask for the role that allows it, and for a token with this scope.",
        )
    return found


def allowed(found: Caller, action: str, subject: Subject = ANYTHING) -> bool:
    """Whether the token's scopes and the policy allow an action.

    A scope naming the action in full stands for the confirmation that was given when the token was made.
    """
    scopes = found.token.scopes
    if action not in scopes and f"{action.partition(':')[0]}:*" not in scopes:
        return False
    return engine.decide(replace(found.actor, stepped_up=action in scopes), action, subject).allowed
