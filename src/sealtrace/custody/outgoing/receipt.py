"""Receipts of packages: signed by the key inside, so that only somebody who opened the package can have made one."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sealtrace.custody import controls, controls_rows, signing, store
from sealtrace.custody.model import Purpose
from sealtrace.custody.office import Office
from sealtrace.errors import InputUnreadable, MalformedCode, ProofInvalid, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.ledger.model import Entry

HEAD, HEAD_WITH_WORDS = "sealtrace receipt 1", "sealtrace receipt 2"
LONGEST, LONGEST_NAME = 4096, 200
ADVICE = "Ask for the file that the package saves after signing, or for the whole text below it."


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever opened a package says: their name and when, by their own clock.

    undertaking: SHA-256 in hex of the words they sign with it; empty when the package asked for none.
    """

    copy: CopyId
    name: str
    at: str
    signature: bytes
    undertaking: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        if not self.undertaking:
            return "\n".join((HEAD, str(self.copy), self.name, self.at)).encode()
        return "\n".join((HEAD_WITH_WORDS, str(self.copy), self.name, self.at, self.undertaking)).encode()


def read(text: str) -> Receipt:
    """Read a receipt, from its file or pasted. Raises ProofInvalid when it is none."""
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        said = json.loads(text)
        name, at, words = said["name"], said["at"], said.get("undertaking", "")
        if not all(isinstance(field, str) and field.isprintable() for field in (name, at, words)):
            raise ValueError("a field is no plain text")
        if not name.strip() or len(name) > LONGEST_NAME:
            raise ValueError("the name is missing or too long")
        datetime.fromisoformat(at)
        return Receipt(
            CopyId.parse(said["copy"]), name, at, base64.b64decode(said["signature"], validate=True), words
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MalformedCode) as e:
        raise ProofInvalid(f"this is no receipt of a package: {_short(e)}", advice=ADVICE) from e


def _short(problem: Exception) -> str:
    return f"{type(problem).__name__} {problem}"[:120]


def read_bytes(data: bytes) -> Receipt:
    """Read a receipt as it came in. Raises ProofInvalid when it is none."""
    try:
        return read(data[: 4 * LONGEST + 1].decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise ProofInvalid("this is no receipt of a package: it is no text", advice=ADVICE) from e


def read_file(path: Path) -> Receipt:
    """Read a receipt's file."""
    try:
        return read(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise InputUnreadable(f"{path} can't be read: {e}") from e


def digest(words: str) -> str:
    """The digest that stands for an undertaking's words in a receipt."""
    return hashlib.sha256(words.encode()).hexdigest()


def register(office: Office, receipt: Receipt) -> Entry:
    """Enter a receipt; the same receipt again gives its entry.

    Raises:
        NotRegistered: there is no such copy.
        UsageProblem: the copy is no package.
        ProofInvalid: the signature is not by the key inside that package, or not over the words that the package
            asks for; nothing was entered.
    """
    row = office.copy(receipt.copy)
    if row.purpose is not Purpose.PACKAGE:
        raise UsageProblem(f"copy {receipt.copy} is no package; it has no receipt")
    version = store.version_by_row(office.db, row.version)
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    if sealed is None:
        raise UsageProblem(f"the recipient of copy {receipt.copy} was erased; its receipt can't be checked")
    opening = sealed["opening"]
    words = opening["undertaking"][1] if "undertaking" in opening else None
    if receipt.undertaking != (digest(words) if words else ""):
        raise ProofInvalid(
            f"the receipt is not over the undertaking of package {receipt.copy}", advice=ADVICE
        )
    signing.check(opening["receipt_key"][1], receipt.signed, receipt.signature)
    for known in controls_rows.of_copy(office.db, store.signed(receipt.copy)):
        if (
            known.event == controls.RECEIVED
            and controls.said(office, known).get("signature") == receipt.signature
        ):
            return office.entry(known.entry)
    fields: controls.Fields = {
        "copy": bytes(receipt.copy), "code": str(version.code), "name": receipt.name, "signed_at": receipt.at,
        "signature": receipt.signature, "undertaking": receipt.undertaking or None,
    }  # fmt: skip
    return controls.enter(
        office, controls.RECEIVED, version.code, fields, bytes(receipt.copy).hex(), copy=receipt.copy,
        subject=row.subject,
    )  # fmt: skip
