"""Write a package: marked page pictures under AES-256-GCM in one HTML file that needs no network.

The key is derived from a code of 160 random bits that travels another way. Inside lies a signing key made for
this package alone; its public half is committed to in the package's entry. Whoever signs a receipt with it has
opened the package.

sealed = AES-GCM(nonce, length of head as 4 bytes, head as JSON, the pictures one after another; bound to copy id)
Sources: NIST SP 800-38D; RFC 5869.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sealtrace.custody import controls
from sealtrace.custody.books import page_marking_book
from sealtrace.custody.issue import checked_target, copy_acts, deliver
from sealtrace.custody.model import IssuedCopy, Purpose, Recipient, written
from sealtrace.custody.office import Office
from sealtrace.custody.pictures import marked_pictures
from sealtrace.errors import MalformedCode, UsageProblem
from sealtrace.ids import ALPHABET, CopyId, VersionRef
from sealtrace.marks.channel import AppliedMark, ChannelName

CODE_BYTES, GROUP = 20, 4
INFO = b"sealtrace package 1"


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package as it was written, and the code that opens it, which is kept nowhere here."""

    copy: IssuedCopy
    code: str


def package(
    office: Office,
    ref: VersionRef,
    recipient: Recipient,
    out: Path,
    *,
    by: str,
    until: datetime | None = None,
) -> Packaged:
    """Write a package for somebody outside; its entry is durable before its first byte is at `out`.

    Raises:
        CannotMark: not every page can carry a mark.
        Denied, CopyEnded, UndertakingMissing: this recipient may not take it.
    """
    if until is not None and until.tzinfo is None:
        raise UsageProblem("the end of a package needs its offset from UTC")
    version, target = office.version(ref), checked_target(out)
    controls.require_reading(office, version, recipient)
    controls.require_taking(office, version, [recipient])
    copy, at = CopyId.random(), written(office.clock.now())
    receipts = ec.generate_private_key(ec.SECP256R1())
    line = f"{recipient.operator}  {recipient.device}  {at[:16].replace('T', ' ')}Z"
    book = page_marking_book(office, version)
    pictures = list(marked_pictures(office, version, copy, book, line))
    head = {
        "copy": str(copy), "code": str(version.code), "version": version.version, "title": version.title,
        "recipient": recipient.operator, "issued_at": at, "until": written(until) if until else None,
        "org": office.home.config.org,
        "pages": [{"bytes": len(p.data), "width": p.width, "height": p.height} for p in pictures],
        "receipt_key": base64.b64encode(
            receipts.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ).decode(),
    }  # fmt: skip
    secret = os.urandom(CODE_BYTES)
    sealed = seal(secret, copy, head, [p.data for p in pictures])
    public = receipts.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    marks = (AppliedMark(ChannelName.EXACT, 256), AppliedMark(ChannelName.PAGE, book.symbols if book else 0))
    with office.staging("package") as folder:
        made = folder / "package.html"
        made.write_text(page(copy, sealed), "utf-8")
        digest = hashlib.sha256(made.read_bytes()).digest()
        drafts, rows = copy_acts(
            office, version, [(copy, recipient)], [(digest, marks)], book, purpose=Purpose.PACKAGE, page=None,
            issued_at=at, further={"receipt_key": public, "until": head["until"], "by": by},  # type: ignore[dict-item]
        )  # fmt: skip
        [entry] = office.clerk.enter(drafts, rows)
        if until is not None:
            controls.expire(office, copy, until, by=by)
        deliver(made, target)
    issued = IssuedCopy(
        copy, version.code, version.version, recipient.operator, recipient.device, recipient.ip, at,
        Purpose.PACKAGE, digest, marks, entry,
    )  # fmt: skip
    return Packaged(replace(issued, path=target), write_code(secret))


def seal(secret: bytes, copy: CopyId, head: object, pictures: list[bytes]) -> bytes:
    """Encrypt what a package holds: nonce, then ciphertext."""
    described = json.dumps(head, ensure_ascii=False).encode()
    inside = len(described).to_bytes(4, "big") + described + b"".join(pictures)
    nonce = os.urandom(12)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, inside, str(copy).encode())


def unseal(secret: bytes, copy: CopyId, sealed: bytes) -> tuple[dict[str, object], list[bytes]]:
    """Decrypt what `seal` made: head and pictures. Raises cryptography's InvalidTag when it was altered."""
    inside = AESGCM(_key(secret)).decrypt(sealed[:12], sealed[12:], str(copy).encode())
    at = 4 + int.from_bytes(inside[:4], "big")
    head = json.loads(inside[4:at])
    pictures = []
    for described in head["pages"]:
        pictures.append(inside[at : at + described["bytes"]])
        at += described["bytes"]
    return head, pictures


def write_code(secret: bytes) -> str:
    """Write a package's secret for people: Crockford's base 32 in groups of four."""
    value = int.from_bytes(secret, "big")
    text = "".join(ALPHABET[value >> shift & 31] for shift in range(8 * CODE_BYTES - 5, -1, -5))
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def read_code(text: str) -> bytes:
    """Read a code as typed: case, spaces and hyphens don't matter. Raises MalformedCode."""
    symbols = text.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    if len(symbols) != CODE_BYTES * 8 // 5 or any(c not in ALPHABET for c in symbols):
        raise MalformedCode(f"a package's code has {CODE_BYTES * 8 // 5} letters and digits")
    value = 0
    for symbol in symbols:
        value = value << 5 | ALPHABET.index(symbol)
    return value.to_bytes(CODE_BYTES, "big")


def page(copy: CopyId, sealed: bytes) -> str:
    """The HTML file around a sealed package; its policy lets nothing run but its own script, and nothing out."""
    parts = files(__package__)
    script, style = (parts.joinpath(name).read_text("utf-8") for name in ("page.js", "page.css"))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src blob: data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        parts.joinpath("page.html").read_text("utf-8")
        .replace("{policy}", escape(policy, quote=True)).replace("{copy}", str(copy)).replace("{style}", style)
        .replace("{script}", script).replace("{sealed}", base64.b64encode(sealed).decode())
    )  # fmt: skip


def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, INFO).derive(secret)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
