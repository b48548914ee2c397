"""Sign a request as a device: RFC 9421 signature base, RFC 9530 Content-Digest. Pure.

Covered are method, path, query, the token, and when there are any the body's digest and the idempotency key: none
of them can be exchanged on the way, and the token alone is of no use to anybody.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

from .keys import DeviceKey

LABEL = "device"
TARGET = ("@method", "@path", "@query")
FIELDS = ("content-digest", "authorization", "idempotency-key")


def content_digest(sha256: bytes) -> str:
    """The Content-Digest field of a body with this SHA-256."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def signature_base(components: Mapping[str, str], parameters: str) -> bytes:
    """What is signed. Source: RFC 9421, 2.5."""
    lines = [f'"{name}": {value}' for name, value in components.items()]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def signed(
    key: DeviceKey, method: str, url: str, headers: Mapping[str, str], *, keyid: str, created: int, nonce: str
) -> dict[str, str]:
    """The two fields that sign a request; `headers` by lower-case name, `url` as it goes on the wire."""
    parts = urlsplit(url)
    components = {"@method": method.upper(), "@path": parts.path or "/", "@query": f"?{parts.query}"}
    components |= {name: headers[name] for name in FIELDS if name in headers}
    inside = " ".join(f'"{name}"' for name in components)
    parameters = f'({inside});created={created};keyid="{keyid}";nonce="{nonce}"'
    made = base64.b64encode(key.sign(signature_base(components, parameters))).decode()
    return {"signature-input": f"{LABEL}={parameters}", "signature": f"{LABEL}=:{made}:"}
