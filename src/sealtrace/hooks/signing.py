"""Sign and check webhook messages. Source: Standard Webhooks, 1.0: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from sealtrace.errors import ProofInvalid

PREFIX, FRESH_S = "whsec_", 300


def new_secret() -> str:
    """A secret for one receiver, as its operator pastes it into the receiving program."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _mac(secret: str, name: str, at: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)).decode()


def headers(secret: str, name: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three fields that go with a message; `name` is the same for every try of one message."""
    seconds = int(at.timestamp())
    return {
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{_mac(secret, name, seconds, body)}",
    }


def verify(secret: str, fields: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Check a message as its receiver does; gives its id. `fields` by lower-case name.

    Raises:
        ProofInvalid: not signed with this secret, or older than five minutes.
    """
    name, stamp = fields.get("webhook-id", ""), fields.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > FRESH_S:
        raise ProofInvalid("the message says no time, or one more than five minutes away")
    wanted = f"v1,{_mac(secret, name, int(stamp), body)}"
    given = fields.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given):
        raise ProofInvalid("the message is not signed with this secret")
    return name
