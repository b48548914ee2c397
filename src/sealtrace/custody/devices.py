"""Devices and what they sign: enrolment of public keys, requests for copies, receipts of copies.

A device's private key never comes here. With its public key in the log, a request shows that the recipient asked
for the copy and a receipt that the recipient holds these bytes; nobody in the office can make either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import apsw

from sealtrace.errors import NotRegistered, ProofInvalid, RequestRefused, UsageProblem
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.trace import device as signed

from . import proof_store
from .issue import Asked, keep_deed
from .model import Recipient, written
from .office import Office

ENROLLED, REVOKED, RECEIVED = "device:enrolled", "device:revoked", "copy:received"
KEY_BYTES = 32
OLDEST, AHEAD = timedelta(days=7), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Device:
    """One enrolled device: whose it is, its public key, since when, and whether it is over."""

    operator: str
    device: str
    public_key: bytes
    enrolled_at: str
    entry: int
    revoked: int | None

    def as_dict(self) -> dict[str, object]:
        """One JSON-able object."""
        return {
            "operator": self.operator,
            "device": self.device,
            "public_key": self.public_key.hex(),
            "enrolled_at": self.enrolled_at,
            "entry": self.entry,
            "revoked": self.revoked,
        }


def enrol(office: Office, operator: str, device: str, public_key: bytes) -> Device:
    """Enter a device's public key, 32 bytes of Ed25519.

    Raises:
        UsageProblem: it is no such key, or the device has one in use.
    """
    who = Recipient(operator, device, "0.0.0.0")  # noqa: S104 (only the names are checked)
    if len(public_key) != KEY_BYTES:
        raise UsageProblem(
            "this is not an Ed25519 public key", advice="Have the device make one: `device key`."
        )
    at = written(office.clock.now())
    with office.writing():
        if any(d.revoked is None for d in listed(office, operator=who.operator, device=who.device)):
            raise UsageProblem(
                f"device {who.device} of {who.operator} has a key in use", advice="Revoke it first."
            )

        def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
            subject = office.subjects.ensure(db, who.operator)
            box = office.subjects.seal(db, subject, {"opening": sealed.opening}, ENROLLED.encode())
            token = office.subjects.token("device", who.device)
            proof_store.insert_device(db, entry.index, subject, token, box)

        fields: dict[str, str | int | bytes | None]
        fields = {"operator": who.operator, "device": who.device, "public_key": public_key, "at": at}
        entry = office.record(ENROLLED, hashlib.sha256(public_key).hexdigest(), fields, rows)
    return Device(who.operator, who.device, public_key, at, entry.index, None)


def revoke(office: Office, operator: str, device: str, *, reason: str) -> tuple[Device, Entry]:
    """End a device's enrolment: it signs no more requests.

    Raises:
        NotRegistered: the device has no key in use.
        UsageProblem: no reason is given.
    """
    if not reason.strip():
        raise UsageProblem("a revocation says why", advice="Give --reason, such as lost, replaced or left.")
    with office.writing():
        found = in_use(office, operator, device)

        def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
            subject = office.subjects.token("operator", operator)
            box = office.subjects.seal(db, subject, {"opening": sealed.opening}, REVOKED.encode())
            proof_store.revoke_device(db, found.entry, entry.index, box)

        fields: dict[str, str | int | bytes | None] = {
            "enrolled": found.entry,
            "public_key": found.public_key,
            "reason": reason.strip(),
            "at": written(office.clock.now()),
        }
        entry = office.record(REVOKED, hashlib.sha256(found.public_key).hexdigest(), fields, rows)
    return found, entry


def listed(office: Office, *, operator: str | None = None, device: str | None = None) -> list[Device]:
    """Enrolled devices, oldest first; revoked ones too."""
    tokens = office.subjects
    rows = proof_store.devices(
        office.db,
        tokens.token("operator", operator) if operator else None,
        tokens.token("device", device) if device else None,
    )
    found = []
    for row in rows:
        opening = _opening(office, row)
        said = {name: pair[1] for name, pair in opening.items()}
        found.append(
            Device(said["operator"], said["device"], said["public_key"], said["at"], row.entry, row.revoked)
        )
    return found


def in_use(office: Office, operator: str, device: str) -> Device:
    """The device's enrolment in force. Raises NotRegistered."""
    found = [d for d in listed(office, operator=operator, device=device) if d.revoked is None]
    if not found:
        raise NotRegistered(
            f"device {device!r} of {operator!r} is not enrolled, or was revoked",
            advice="Enrol its public key: `sealtrace device enrol`.",
        )
    return found[0]


def enrolment_of(
    office: Office, subject: bytes, issue: Mapping[str, Any]
) -> tuple[int, Mapping[str, Any]] | None:
    """Entry and opening of the enrolment of the key that a copy's request was signed with."""
    key = issue.get("device_key", (b"", None))[1]
    if key is None:
        return None
    for row in reversed(proof_store.devices(office.db, subject)):
        opening = _opening(office, row)
        if opening["public_key"][1] == key and row.entry < office.ledger.size():
            return row.entry, opening
    return None


def _opening(office: Office, row: proof_store.DeviceRow) -> Mapping[str, Any]:
    record = office.subjects.unseal(office.db, row.subject, row.sealed, ENROLLED.encode())
    assert record is not None, "erased rows are left out"
    opening: Mapping[str, Any] = record["opening"]
    return opening


# -- requests and receipts -----------------------------------------------------------------------


def asked(office: Office, data: bytes, now: datetime) -> tuple[signed.Request, Asked]:
    """Check a signed request: by an enrolled device, of this week, and not used before.

    Raises:
        RequestRefused: it is not.
    """
    try:
        request = signed.Request.read(data)
        key = in_use(office, request.operator, request.device).public_key
        signed.check(data, key)
    except (ProofInvalid, NotRegistered) as e:
        raise RequestRefused(f"the request is not taken: {e.message}") from e
    try:
        at = datetime.fromisoformat(request.at)
        fresh = now - OLDEST <= at <= now + AHEAD
    except (ValueError, TypeError):
        fresh = False
    if not fresh:
        raise RequestRefused(f"the request is dated {request.at}, which is not within the last 7 days")
    if proof_store.request_entry(office.db, hashlib.sha256(data).digest()) is not None:
        raise RequestRefused("this request has given a copy already")
    return request, Asked(data, key)


def wanted(office: Office, request: signed.Request) -> VersionRef:
    """The version that a request names."""
    return office.version(VersionRef(FileCode.parse(request.code), request.version)).ref


def received(office: Office, data: bytes) -> tuple[CopyId, Entry]:
    """Enter a device's signed receipt for a copy.

    Raises:
        NotRegistered: no copy has its id.
        RequestRefused: it is not signed by the device the copy was asked for with, or is for other bytes.
    """
    try:
        receipt = signed.Receipt.read(data)
    except ProofInvalid as e:
        raise RequestRefused(f"the receipt is not taken: {e.message}") from e
    copy = CopyId(int.from_bytes(receipt.copy, "big"))
    row = office.copy(copy)
    record = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    key = record["opening"].get("device_key", (b"", None))[1] if record else None
    if key is None:
        raise RequestRefused(
            f"copy {copy} was not asked for with a device's signature, so none can receive it"
        )
    try:
        signed.check(data, key)
    except ProofInvalid as e:
        raise RequestRefused(f"the receipt is not taken: {e.message}") from e
    if receipt.copy_sha256 != row.sha256:
        raise RequestRefused("the receipt is for other bytes than this copy's")

    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        keep_deed(office, db, row, RECEIVED, entry, sealed)

    with office.writing():
        if any(event == RECEIVED for _, event, _ in proof_store.copy_acts(office.db, copy)):
            raise RequestRefused(f"copy {copy} has its receipt already")
        fields: dict[str, str | int | bytes | None]
        fields = {"copy": receipt.copy, "copy_sha256": receipt.copy_sha256, "receipt": data,
                  "at": written(office.clock.now())}  # fmt: skip
        return copy, office.record(RECEIVED, receipt.copy.hex(), fields, rows)
