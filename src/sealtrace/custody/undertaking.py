"""Undertakings: words that a file asks its readers to sign before it opens, signed by the reader's device key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sealtrace.errors import NotRegistered, ProofInvalid
from sealtrace.ids import FileCode, VersionRef
from sealtrace.ledger.model import Entry

from . import controls, controls_rows, signing, store
from .model import Recipient, Version
from .office import Office

HEAD = "sealtrace undertaking 1"


@dataclass(frozen=True, slots=True)
class Undertaking:
    """A signed undertaking as it is on record, and whether its signature still holds."""

    entry: int
    operator: str
    device: str
    at: str
    text: str
    holds: bool


def due(office: Office, version: Version, reader: Recipient) -> str | None:
    """The words this reader has still to sign; None when nothing is asked of them."""
    row = controls.undertaking_due(_rows(office, version, reader))
    return None if row is None else str(controls.said(office, row)["text"])


def to_sign(version: Version, text: str, reader: Recipient) -> bytes:
    """The bytes that the device signs: who, what file, which words."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join((HEAD, str(version.code), reader.operator, reader.device, digest, text)).encode()


def give(office: Office, version: Version, reader: Recipient, public_key: bytes, signature: bytes) -> Entry:
    """Enter a reader's undertaking. The caller says which key is the device's.

    Raises:
        NotRegistered: nothing is asked of this reader.
        ProofInvalid: the signature is not this device's over these words; nothing was entered.
    """
    text = due(office, version, reader)
    if text is None:
        raise NotRegistered(f"{version.code} asks {reader.operator} for no undertaking")
    signing.check(public_key, to_sign(version, text, reader), signature)
    fields: controls.Fields = {
        "code": str(version.code), "operator": reader.operator, "device": reader.device, "ip": reader.ip,
        "text": text, "key": public_key, "signature": signature,
    }  # fmt: skip
    return controls.enter(
        office, controls.UNDERTAKEN, version.code, fields, str(version.code), operator=reader.operator
    )


def given(office: Office, code: FileCode) -> list[Undertaking]:
    """Every undertaking of a file, oldest first, each checked again. An erased person's is left out."""
    version = office.version(VersionRef(code))
    found = []
    file = store.file_row(office.db, code)
    for row in controls_rows.of_file(office.db, file):
        if row.event != controls.UNDERTAKEN:
            continue
        said = controls.said(office, row)
        if not said:
            continue
        who = Recipient(str(said["operator"]), str(said["device"]), str(said["ip"]))
        key, signature = said["key"], said["signature"]
        assert isinstance(key, bytes)
        assert isinstance(signature, bytes)
        try:
            signing.check(key, to_sign(version, str(said["text"]), who), signature)
            holds = True
        except ProofInvalid:
            holds = False
        found.append(Undertaking(row.entry, who.operator, who.device, row.at, str(said["text"]), holds))
    return found


def _rows(office: Office, version: Version, reader: Recipient) -> list[controls_rows.ControlRow]:
    token = office.subjects.token("operator", reader.operator)
    return controls_rows.of_recipient(office.db, version.row, token)
