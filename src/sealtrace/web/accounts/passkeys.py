"""Passkeys: make one, sign in by one. The challenge binds the device's key, so the passkey vouches for the device.

The server gives a random nonce; the browser asks its authenticator to sign SHA-256(nonce || device key). A recorded
answer can't be used for another device. Source: W3C Web Authentication, level 3, sections 7.1 and 7.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sealtrace.errors import NotRegistered, SealtraceError, SignInFailed

from .. import deeds, site
from ..devices import signatures
from .models import Operator, Passkey

STATE = "passkey-nonce"
LIFE_S = 300
REQUIRED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Presented:
    """What a browser sends: the credential, its device's key, and that key's signature over the nonce."""

    credential: Mapping[str, Any]
    device_key: bytes
    possession: bytes


def origin(request: HttpRequest) -> str:
    """The one origin that may speak for this site."""
    return f"{'https' if site.current().tls else request.scheme}://{request.get_host()}"


def _server(request: HttpRequest) -> Fido2Server:
    name = request.get_host().rsplit(":", 1)[0]
    here = origin(request)
    return Fido2Server(
        PublicKeyCredentialRpEntity(name="Sealtrace", id=name), verify_origin=lambda said: said == here
    )


def _nonce(request: HttpRequest, now: datetime) -> bytes:
    nonce = secrets.token_bytes(32)
    request.session[STATE] = [nonce.hex(), int(now.timestamp())]
    return nonce


def _taken(request: HttpRequest, now: datetime) -> bytes:
    nonce, at = request.session.pop(STATE, ["", 0])
    if not nonce or now.timestamp() - at > LIFE_S:
        raise SignInFailed("the challenge is used or too old", advice="Try again from the page.")
    return bytes.fromhex(nonce)


def presented(body: Mapping[str, Any]) -> Presented:
    """Read what a browser sent. Raises SignInFailed."""
    try:
        return Presented(
            dict(body["credential"]),
            base64.b64decode(body["device_key"], validate=True),
            base64.b64decode(body["possession"], validate=True),
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as e:
        raise SignInFailed("the browser's answer can't be read") from e


def _state(nonce: bytes, shown: Presented) -> dict[str, Any]:
    signatures.check(shown.device_key, nonce, shown.possession)
    bound = hashlib.sha256(nonce + shown.device_key).digest()
    return {
        "challenge": base64.urlsafe_b64encode(bound).rstrip(b"=").decode(),
        "user_verification": REQUIRED,
    }


def making(request: HttpRequest, operator: Operator, now: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey; its challenge is the nonce."""
    known = [
        AttestedCredentialData(bytes(p.data))
        for p in Passkey.objects.filter(operator=operator, removed_at=None)
    ]
    user = hashlib.sha256(b"user" + operator.code.encode()).digest()
    options, _ = _server(request).register_begin(
        PublicKeyCredentialUserEntity(name=operator.code, id=user, display_name=operator.code),
        known, resident_key_requirement=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED,
        challenge=_nonce(request, now),
    )  # fmt: skip
    return dict(options)


def make(request: HttpRequest, operator: Operator, shown: Presented, name: str, *, now: datetime) -> Passkey:
    """Keep a new passkey; the act is an entry. Raises SignInFailed."""
    state = _state(_taken(request, now), shown)
    try:
        made = _server(request).register_complete(state, shown.credential)
    except (ValueError, KeyError, TypeError) as e:
        raise SignInFailed(f"the passkey was not accepted: {e}") from e
    data = made.credential_data
    assert data is not None
    if Passkey.objects.filter(credential=data.credential_id).exists():
        raise SignInFailed("this passkey is known already")
    with deeds.together() as enter:
        entry = enter("account:passkey-made", operator.code, {
            "operator": operator.code, "credential": hashlib.sha256(data.credential_id).digest(),
        })  # fmt: skip
        return Passkey.objects.create(
            operator=operator, credential=data.credential_id, data=bytes(data), counter=made.counter,
            name=name.strip()[:80], made_at=now, entry=entry,
        )  # fmt: skip


def asking(request: HttpRequest, now: datetime, operator: Operator | None = None) -> dict[str, Any]:
    """What the browser needs to ask for a passkey; anybody's, or one of this operator's."""
    known = [
        AttestedCredentialData(bytes(p.data))
        for p in Passkey.objects.filter(operator=operator, removed_at=None)
    ] if operator else None  # fmt: skip
    options, _ = _server(request).authenticate_begin(
        known, user_verification=REQUIRED, challenge=_nonce(request, now)
    )
    return dict(options)


def answer(request: HttpRequest, shown: Presented, *, now: datetime) -> Passkey:
    """Check a passkey's answer and give the passkey.

    Raises:
        SignInFailed: it does not hold, is not known here, or the counter went back (a cloned authenticator).
    """
    state = _state(_taken(request, now), shown)
    try:
        answered = AuthenticationResponse.from_dict(shown.credential)
        found = Passkey.objects.select_related("operator").filter(
            credential=answered.raw_id, removed_at=None, operator__is_active=True
        ).first()  # fmt: skip
        if found is None:
            raise SignInFailed("this passkey is not known here")
        _server(request).authenticate_complete(
            state, [AttestedCredentialData(bytes(found.data))], shown.credential
        )
        counter = answered.response.authenticator_data.counter
    except SealtraceError:
        raise
    except (ValueError, KeyError, TypeError) as e:
        raise SignInFailed(f"the passkey's answer does not hold: {e}") from e
    if (counter or found.counter) and counter <= found.counter:
        raise SignInFailed("the passkey's counter went back: there may be a copy of it")
    found.counter, found.used_at = counter, now
    found.save(update_fields=["counter", "used_at"])
    return found


def remove(operator: Operator, number: int, *, now: datetime) -> None:
    """Take a passkey out of use; the last one stays. Raises NotRegistered, SignInFailed."""
    with deeds.together() as enter:
        mine = Passkey.objects.filter(operator=operator, removed_at=None)
        found = mine.filter(pk=number).first()
        if found is None:
            raise NotRegistered("there is no such passkey of yours", advice="Look at the list again.")
        if mine.count() == 1:
            raise SignInFailed("the last passkey stays", advice="Make another one first.")
        enter("account:passkey-removed", operator.code, {
            "operator": operator.code, "credential": hashlib.sha256(bytes(found.credential)).digest(),
        })  # fmt: skip
        found.removed_at = now
        found.save(update_fields=["removed_at"])
