"""A test client that is an enrolled device: a real key, enrolled by the real service, that signs its requests."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import HttpRequest
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from .accounts import sittings
from .accounts.models import Operator, Sitting
from .devices import forms, signatures
from .devices import service as devices
from .devices.models import Device

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class DeviceClient(Client):
    """Django's test client on a device of its own; `sign_in` first."""

    device: Device | None = None
    operator: Operator
    sitting: Sitting

    def sign_in(self, operator: Operator, *, ip: str = "127.0.0.1") -> None:
        """Enrol a new device for the operator and begin a confirmed sitting on it."""
        now = timezone.now()
        self.key = Ed25519PrivateKey.generate()
        self.device = devices.enrol(
            operator, self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            Device.Kind.BROWSER, by=operator.code, ip=ip, now=now,
        )  # fmt: skip
        request = HttpRequest()
        request.session = self.session
        request.ip = ip  # type: ignore[attr-defined]
        self.sitting = sittings.begin(request, operator, Sitting.How.PASSKEY, self.device, now=now)
        request.session.save()
        from django.conf import settings

        self.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
        self.operator = operator

    def signed(self, method: str, path: str, extra: Mapping[str, str]) -> tuple[str, str]:
        """Signature-Input and Signature for a request of this device."""
        assert self.device is not None
        url = urlsplit(iri_to_uri(path))
        components = (*signatures.COVERED, *extra)
        parameters = signatures.parameters(
            components,
            created=int(timezone.now().timestamp()),
            keyid=self.device.code,
            nonce=secrets.token_hex(16),
        )
        values = {"@method": method, "@path": url.path, "@query": f"?{url.query}", **extra}
        made = self.key.sign(signatures.base(components, values, parameters))
        return f"device={parameters}", f"device=:{base64.b64encode(made).decode()}:"

    def post(  # type: ignore[override]
        self, path: str, data: Any = None, content_type: str = MULTIPART_CONTENT, **extra: Any
    ) -> Any:
        """POST; a form gets its signature as a field, as a browser does it."""
        if self.device is not None and content_type == MULTIPART_CONTENT and isinstance(data or {}, Mapping):
            data = {key: value for key, value in (data or {}).items() if key != forms.FIELD}
            said = self.signed("POST", path, {forms.DIGEST: forms.digest(_entries(data))})
            data[forms.FIELD] = "\n".join(said)
        elif self.device is not None and isinstance(data, (dict, list)):
            data = json.dumps(data)
        return super().post(path, data, content_type, **extra)

    def generic(  # type: ignore[override]
        self,
        method: str,
        path: str,
        data: Any = "",
        content_type: str = "application/octet-stream",
        **extra: Any,
    ) -> Any:
        """Any request; an unsafe one that is no form gets its signature as headers."""
        if self.device is not None and method not in SAFE and not content_type.startswith("multipart/"):
            body = data if isinstance(data, bytes) else str(data).encode()
            digest = {signatures.BODY: signatures.content_digest(body)} if body else {}
            said, made = self.signed(method, path, digest)
            headers = {"Signature-Input": said, "Signature": made}
            if body:
                headers["Content-Digest"] = digest[signatures.BODY]
            extra["headers"] = {**headers, **(extra.get("headers") or {})}
        return super().generic(method, path, data, content_type, **extra)


def _entries(data: Mapping[str, Any]) -> list[forms.Entry]:
    entries: list[forms.Entry] = []
    for name, value in data.items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if hasattr(one, "read"):
                at = one.tell()
                one.seek(0, 2)
                size = one.tell() - at
                one.seek(at)
                entries.append((name, size, forms.file_hash(one)))
                one.seek(at)
            else:
                entries.append(forms.text(name, str(one)))
    return entries
