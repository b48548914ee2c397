"""What is done about devices: enrol one, revoke it, believe what it signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime
from typing import BinaryIO, cast

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path

from sealtrace.errors import Denied, NotRegistered, SignatureRefused
from sealtrace.policy.model import Actor

from .. import deeds
from ..accounts.models import Operator, Sitting
from . import forms, signatures
from .models import Device, Nonce

SIGNATURE_HEADERS = ("signature-input", "signature", signatures.BODY)


def enrol(operator: Operator, public_key: bytes, kind: str, *, by: str, ip: str, now: datetime) -> Device:
    """Enrol a device's key for an operator, or give the device that has it already.

    Raises:
        Denied: the device was revoked; it needs a new key.
        SignatureRefused: the key is of a kind that is not used here.
    """
    signatures.load(public_key)
    known = Device.objects.filter(operator=operator, public_key=public_key).first()
    if known is not None:
        if known.revoked_at is not None:
            raise Denied(
                "this device was revoked", advice="Remove this site's data in the browser and enrol again."
            )
        return known
    name = hashlib.sha256(operator.code.encode() + b"\0" + public_key).hexdigest()
    code = f"dev-{name[:10]}"
    with deeds.together() as enter:
        entry = enter("device:enrolled", code, {
            "device": code, "operator": operator.code, "kind": kind, "ip": ip, "by": by,
            "key": hashlib.sha256(public_key).digest(),
        })  # fmt: skip
        return Device.objects.create(
            code=code, operator=operator, kind=kind, public_key=public_key, enrolled_at=now, entry=entry
        )


def recognised(request: HttpRequest, operator: Operator, now: datetime) -> Device | None:
    """The operator's enrolled device that signed a sign-in form, if one did; it names itself by its key."""
    try:
        key = base64.b64decode(request.POST.get("device_key", ""), validate=True)
        device = Device.objects.filter(operator=operator, public_key=key, revoked_at=None).first()
        if device is None:
            return None
        check_request(request, device, now, named=False)
    except (binascii.Error, SignatureRefused):
        return None
    return device


def signers(request: HttpRequest, key: str, now: datetime) -> list[Device]:
    """The devices with this key, in base64, when it signed the form: several people may share a browser."""
    try:
        found = Device.objects.filter(public_key=base64.b64decode(key, validate=True), revoked_at=None)
        devices = list(found[:100])
        if devices:
            check_request(request, devices[0], now, named=False)
    except (binascii.Error, SignatureRefused):
        return []
    return devices


def revoke(actor: Actor, code: str, *, reason: str, now: datetime) -> Device:
    """Revoke a device and end what it is signed in to. The caller has decided that the actor may.

    Raises:
        NotRegistered: there is no such device, or it is revoked already.
    """
    with deeds.together() as enter:
        device = Device.objects.filter(code=code, revoked_at=None).first()
        if device is None:
            raise NotRegistered(f"there is no device {code} in use", advice="Look at the list of devices.")
        enter("device:revoked", code, {
            "device": code, "operator": device.operator.code, "by": actor.operator, "reason": reason,
        })  # fmt: skip
        device.revoked_at = now
        device.save(update_fields=["revoked_at"])
        Sitting.objects.filter(device=device, ended_at=None).update(ended_at=now)
        return device


def once(device: Device, nonce: str, now: datetime) -> None:
    """Let a nonce count; what is too old to matter is forgotten. Raises SignatureRefused for a second time."""
    Nonce.objects.filter(at__lt=now - 2 * signatures.FRESH).delete()
    try:
        with transaction.atomic():
            Nonce.objects.create(device=device, value=nonce[:64], at=now)
    except IntegrityError as e:
        raise SignatureRefused("this request was sent before") from e


def check_request(request: HttpRequest, device: Device, now: datetime, *, named: bool = True) -> None:
    """Check that a device signed this request: a form by its field, anything else by its headers.

    named: the signature must name the device; before signing in a browser does not know its name.

    Raises:
        SignatureRefused: it did not, or the request was seen before.
    """
    if device.revoked_at is not None:
        raise SignatureRefused("this device is revoked")
    key = bytes(device.public_key)
    query = request.META.get("QUERY_STRING", "")
    path = escape_uri_path(request.path)  # as it was sent: clients sign the address before it is decoded
    field = request.POST.get(forms.FIELD, "")
    if field:
        said, _, made = field.partition("\n")
        signed = signatures.read(said, made)
        if signed.components != (*signatures.COVERED, forms.DIGEST) or not signatures.is_fresh(signed, now):
            raise SignatureRefused("the form's signature is too old or covers too little")
        values = {
            "@method": request.method or "", "@path": path, "@query": f"?{query}",
            forms.DIGEST: form_digest(request),
        }  # fmt: skip
        signatures.check(key, signatures.base(signed.components, values, signed.parameters), signed.signature)
    else:
        headers = {name: request.headers.get(name, "") for name in SIGNATURE_HEADERS}
        if not headers["signature"] or request.content_type == "multipart/form-data":
            raise SignatureRefused("this request is not signed by its device")
        signed = signatures.verify(request.method or "", path, query, headers, request.body, key, now)
    if named and signed.keyid != device.code:
        raise SignatureRefused("the signature names another device")
    once(device, signed.nonce, now)


def form_digest(request: HttpRequest) -> str:
    """The digest of the form as it arrived."""
    entries: list[forms.Entry] = [
        forms.text(name, value) for name, values in request.POST.lists() for value in values
    ]
    for name, files in request.FILES.lists():
        for file in files:
            file.seek(0)
            entries.append((name, file.size or 0, forms.file_hash(cast("BinaryIO", file))))
            file.seek(0)
    return forms.digest(entries)
