"""Receipts of packages: signed by the key inside, so that only somebody who opened the package can have made one."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from sealtrace.custody import controls, controls_rows, signing, store
from sealtrace.custody.model import Purpose
from sealtrace.custody.office import Office
from sealtrace.errors import InputUnreadable, ProofInvalid, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.ledger.model import Entry

HEAD = "sealtrace receipt 1"
LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever opened a package says: their name and when, by their own clock."""

    copy: CopyId
    name: str
    at: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        return "\n".join((HEAD, str(self.copy), self.name, self.at)).encode()


def read(text: str) -> Receipt:
    """Read a receipt, from its file or pasted. Raises ProofInvalid when it is none."""
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        said = json.loads(text)
        name, at = said["name"], said["at"]
        if not (isinstance(name, str) and isinstance(at, str)) or "\n" in name + at or not name.strip():
            raise ValueError("a field is wrong")
        return Receipt(
            CopyId.parse(said["copy"]), name, at, base64.b64decode(said["signature"], validate=True)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise ProofInvalid(f"this is no receipt of a package: {e}") from e


def read_file(path: Path) -> Receipt:
    """Read a receipt's file."""
    try:
        return read(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise InputUnreadable(f"{path} can't be read: {e}") from e


def register(office: Office, receipt: Receipt) -> Entry:
    """Enter a receipt; the same receipt again gives its entry.

    Raises:
        NotRegistered: there is no such copy.
        UsageProblem: the copy is no package.
        ProofInvalid: the signature is not by the key inside that package; nothing was entered.
    """
    row = office.copy(receipt.copy)
    if row.purpose is not Purpose.PACKAGE:
        raise UsageProblem(f"copy {receipt.copy} is no package; it has no receipt")
    version = store.version_by_row(office.db, row.version)
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    if sealed is None:
        raise UsageProblem(f"the recipient of copy {receipt.copy} was erased; its receipt can't be checked")
    signing.check(sealed["opening"]["receipt_key"][1], receipt.signed, receipt.signature)
    for known in controls_rows.of_copy(office.db, store.signed(receipt.copy)):
        if (
            known.event == controls.RECEIVED
            and controls.said(office, known).get("signature") == receipt.signature
        ):
            return office.entry(known.entry)
    fields: controls.Fields = {
        "copy": bytes(receipt.copy), "code": str(version.code), "name": receipt.name, "signed_at": receipt.at,
        "signature": receipt.signature,
    }  # fmt: skip
    return controls.enter(
        office, controls.RECEIVED, version.code, fields, bytes(receipt.copy).hex(), copy=receipt.copy,
        subject=row.subject,
    )  # fmt: skip
