"""What is done about tokens and agents' devices: enrol, give a token, find it again, revoke it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files

from sealtrace.errors import Denied, NotRegistered, SignatureRefused, UsageProblem

from .. import deeds
from ..accounts import service as accounts
from ..accounts.models import Operator
from ..devices import signatures
from ..devices.models import Device
from .models import Token

PREFIX = "st_"
LONGEST_LIFE, AGENT_LIFE = timedelta(days=366), timedelta(days=180)
AGENT_SCOPES = ("file:register", "file:list", "copy:take", "ledger:see", "home:see")


def enrol(code: str, public_key: str, name: str, *, ip: str, now: datetime) -> tuple[Device, str]:
    """Enrol an agent's key for the operator that a one-time code was given to, and give it a token.

    The code is used up with the enrolment, together or not at all. The same key enrolled again gets a new token,
    so an agent whose answer was lost starts over with a new code.

    Raises:
        Denied: the code was used or has expired, or the device was revoked.
        SignatureRefused: the key can't be read, or is of a kind that is not used here.
    """
    try:
        key = base64.b64decode(public_key, validate=True)
    except ValueError as e:
        raise SignatureRefused("the key is not base64") from e
    signatures.load(key)
    with deeds.together() as enter:
        operator = accounts.accept(code)
        device = Device.objects.filter(operator=operator, public_key=key).first()
        if device is not None and device.revoked_at is not None:
            raise Denied("this device was revoked", advice="Enrol it with a new key.")
        if device is None:
            fingerprint = hashlib.sha256(operator.code.encode() + b"\0" + key).hexdigest()
            device = Device(
                code=f"dev-{fingerprint[:10]}",
                operator=operator,
                kind=Device.Kind.AGENT,
                public_key=key,
                enrolled_at=now,
            )
            enter("device:enrolled", device.code, {
                "device": device.code, "operator": operator.code, "kind": "agent", "ip": ip, "by": operator.code,
                "key": hashlib.sha256(key).digest(),
            })  # fmt: skip
            device.save()
        return device, give(device, AGENT_SCOPES, by=operator.code, name=name, now=now, life=AGENT_LIFE)


def give(
    device: Device,
    scopes: Sequence[str],
    *,
    by: str,
    now: datetime,
    name: str = "",
    life: timedelta = AGENT_LIFE,
) -> str:
    """Make a token for a device and give its secret, which is shown once. That it was made is an entry.

    Raises:
        UsageProblem: a scope that names no action, or too long a life.
        Denied: the device is revoked.
    """
    known = set(_actions())
    for scope in scopes:
        subject, _, verb = scope.partition(":")
        if scope not in known and not (verb == "*" and any(a.startswith(f"{subject}:") for a in known)):
            raise UsageProblem(
                f"{scope!r} is no action of the policy", advice="Give scopes such as file:list."
            )
    if not scopes or not timedelta(0) < life <= LONGEST_LIFE:
        raise UsageProblem("a token has at least one scope and lives for at most 366 days")
    if device.revoked_at is not None:
        raise Denied(f"the device {device.code} is revoked")
    secret = PREFIX + secrets.token_urlsafe(32)
    digest, key = hashlib.sha256(secret.encode()).digest(), secrets.token_hex(6)
    with deeds.together() as enter:
        entry = enter("token:issued", key, {
            "token": key, "digest": digest, "device": device.code, "operator": device.operator.code, "by": by,
            "scopes": " ".join(scopes), "expires": (now + life).isoformat(),
        })  # fmt: skip
        Token.objects.create(
            key=key, digest=digest, device=device, name=name[:80], scopes=list(scopes), by=by, made_at=now,
            expires_at=now + life, entry=entry,
        )  # fmt: skip
    return secret


def find(secret: str, now: datetime) -> Token | None:
    """The token in force with this secret, on a device and of an operator in use."""
    digest = hashlib.sha256(secret.encode()).digest()
    token = (
        Token.objects.select_related("device__operator__organisation")
        .filter(digest=digest, device__revoked_at=None, device__operator__is_active=True)
        .first()
    )
    return token if token is not None and token.in_force(now) else None


def revoke(key: str, *, by: str, now: datetime, of: Operator | None = None) -> Token:
    """Revoke a token; `of` limits it to one operator's own. Raises NotRegistered."""
    with deeds.together() as enter:
        rows = Token.objects.filter(key=key, revoked_at=None)
        token = (rows.filter(device__operator=of) if of else rows).first()
        if token is None:
            raise NotRegistered(f"there is no token {key} in force", advice="Look at the list of tokens.")
        enter("token:revoked", key, {"token": key, "by": by})
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        return token


def _actions() -> frozenset[str]:
    """Every action the policy names."""
    text = files("sealtrace.policy").joinpath("rules.cedar").read_text("utf-8")
    return frozenset(re.findall(r'Action::"([^"]+)"', text))
