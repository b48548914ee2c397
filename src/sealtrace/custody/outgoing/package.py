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

from sealtrace.custody import controls, orders
from sealtrace.custody import undertaking as undertakings
from sealtrace.custody.books import page_marking_book
from sealtrace.custody.home import storage_guard
from sealtrace.custody.issue import Placed, checked_target, deliver, enter_copies
from sealtrace.custody.model import IssuedCopy, Purpose, Recipient, Version, written
from sealtrace.custody.office import Office
from sealtrace.custody.pictures import marked_pictures, require_grids
from sealtrace.errors import Denied, MalformedCode, UndertakingMissing, UsageProblem
from sealtrace.ids import ALPHABET, CopyId, VersionRef
from sealtrace.marks.channel import AppliedMark, ChannelName

CODE_BYTES, GROUP = 20, 4
LONGEST = {"by": 200, "organisation": 200, "purpose": 200, "undertaking": 4000}  # characters
INFO = b"sealtrace package 1"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a package leaves: who makes it, until when, for which organisation and purpose, under which words.

    until: aware. undertaking: words that its pages open after, signed with the receipt. key: names the order, which
    gives one package.
    """

    by: str
    until: datetime | None = None
    organisation: str = ""
    purpose: str = ""
    undertaking: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if self.until is not None and self.until.tzinfo is None:
            raise UsageProblem("the end of a package needs its offset from UTC")
        for name, longest in LONGEST.items():
            if len(getattr(self, name)) > longest:
                raise UsageProblem(f"a package's {name} has at most {longest} characters")


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package as it was written, and the code that opens it, which is kept nowhere here."""

    copy: IssuedCopy
    code: str


def require(office: Office, version: Version, recipient: Recipient, undertaking: str) -> None:
    """Let a package be made only for whom nothing stands against, and of what its pages can be shown.

    An earlier package that was revoked or has ended stands against nothing, as with copies: this is a new decision.

    Raises:
        CannotMark: not every page can carry a mark.
        Denied: this recipient may not take it.
        UndertakingMissing: the file asks its readers for words that the package's undertaking lacks.
    """
    require_grids(version)
    controls.require_taking(office, version, [recipient])
    words = undertakings.due(office, version, recipient)
    if words is not None and words not in undertaking:
        raise UndertakingMissing(
            f"{version.ref} asks its readers for an undertaking, and a package carries it",
            advice="Put the words that the file asks for into the package's undertaking.",
        )


def package(
    office: Office, ref: VersionRef, recipient: Recipient, out: Path | None, conditions: Conditions
) -> Packaged:
    """Write a package for somebody outside; its entry is durable before its first byte is at `out`.

    Without `out` it waits, sealed as it is, in this home until it is handed over.

    Raises:
        Denied: the order named by the key has its package.
        And as `require`.
    """
    version, target = office.version(ref), checked_target(out) if out is not None else None
    require(office, version, recipient, conditions.undertaking)
    wanted = _wanted(office, version, recipient, conditions)
    _require_new(office, conditions.key, wanted)
    copy, at = CopyId.random(), written(office.clock.now())
    receipts = ec.generate_private_key(ec.SECP256R1())
    line = f"{recipient.operator}  {recipient.device}  {at[:16].replace('T', ' ')}Z"
    book = page_marking_book(office, version)
    pictures = list(marked_pictures(office, version, copy, book, line))
    until = written(conditions.until) if conditions.until else None
    head = {
        "copy": str(copy), "code": str(version.code), "version": version.version, "title": version.title,
        "recipient": recipient.operator, "issued_at": at, "until": until, "org": office.home.config.org,
        "undertaking": conditions.undertaking or None,
        "pages": [{"bytes": len(p.data), "width": p.width, "height": p.height} for p in pictures],
        "receipt_key": base64.b64encode(
            receipts.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ).decode(),
    }  # fmt: skip
    secret = os.urandom(CODE_BYTES)
    sealed = seal(secret, copy, head, [p.data for p in pictures])
    further = {
        "receipt_key": receipts.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "until": until, "by": conditions.by, "organisation": conditions.organisation or None,
        "purpose": conditions.purpose or None, "undertaking": conditions.undertaking or None,
    }  # fmt: skip
    marks = (AppliedMark(ChannelName.EXACT, 256), AppliedMark(ChannelName.PAGE, book.symbols if book else 0))
    terms = orders.Terms(conditions.key, conditions.until, conditions.by)
    with office.staging("package") as folder:
        made = folder / "package.html"
        made.write_text(page(copy, sealed), "utf-8")
        digest = hashlib.sha256(made.read_bytes()).digest()
        with office.writing():
            _require_new(office, conditions.key, wanted)
            [issued] = enter_copies(
                office, version, [(copy, recipient)], [(digest, marks)], book, purpose=Purpose.PACKAGE,
                order=Placed(terms, wanted), further=further,
            )  # fmt: skip
            if target is None:
                target = waiting_place(office, copy)
                with storage_guard("making the place for packages"):
                    target.parent.mkdir(mode=0o700, exist_ok=True)
            deliver(made, target)
    return Packaged(replace(issued, path=target), write_code(secret))


def made_before(
    office: Office, version: Version, recipient: Recipient, conditions: Conditions
) -> CopyId | None:
    """The package that an order gave, if it gave one."""
    found = orders.given(office, conditions.key, _wanted(office, version, recipient, conditions))
    return found[0] if found else None


def _wanted(office: Office, version: Version, recipient: Recipient, conditions: Conditions) -> bytes:
    terms = orders.Terms(conditions.key, conditions.until)
    return orders.digest(office, version, [recipient], terms, wrapped=True)


def _require_new(office: Office, key: str, wanted: bytes) -> None:
    if orders.given(office, key, wanted):
        raise Denied(
            "this order's package was made before, and its code was shown once",
            advice="If the code was lost, revoke the package and order another one.",
        )


def waiting_place(office: Office, copy: CopyId) -> Path:
    """Where a package waits in the home until it is handed over."""
    return office.home.outgoing / f"{copy}.html"


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
