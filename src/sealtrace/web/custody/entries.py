"""Ledger entries as the screens show them: index, what happened, about what. All of it public, none of it personal."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from sealtrace.custody import store
from sealtrace.custody.model import Version
from sealtrace.errors import SealtraceError
from sealtrace.ids import CopyId, FileCode
from sealtrace.ledger import cose
from sealtrace.ledger.statement import CWT_CLAIMS, ISS, SUB
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from . import events

PREFIX, SUFFIX = "application/vnd.sealtrace.", "+cbor"
CONTENT_TYPE = 259  # of the payload before hashing. Source: RFC 9995
_COPY_HEX = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry in a list. at: its time, where a row of the register has one."""

    index: int
    event: str
    words: str | Promise
    subject: str
    leaf: str
    issuer: str = ""
    at: str | None = None
    address: str | None = None


def latest(count: int, before: int | None = None) -> list[Shown]:
    """The newest entries below index `before`, newest first. By index: as quick at ten million as at ten."""
    size = site.custody().office.ledger.size()
    top = size if before is None else min(before, size)
    return [shown(index) for index in range(top - 1, max(-1, top - 1 - count), -1)]


def shown(index: int) -> Shown:
    """One entry by its index."""
    entry = site.custody().office.entry(index)
    if not entry.statement:
        return Shown(index, "purged", events.words("purged"), "", entry.leaf.hex())
    _, protected, _, _, _ = cose.parse(entry.statement)
    kind = str(protected.get(CONTENT_TYPE, "")).removeprefix(PREFIX).removesuffix(SUFFIX)
    claims = protected.get(CWT_CLAIMS, {})
    event, subject = kind.replace("-", ":", 1), str(claims.get(SUB, ""))
    at, address = _place(event, subject)
    return Shown(
        index, event, events.words(event), _named(event, subject), entry.leaf.hex(), str(claims.get(ISS, "")),
        at, address,
    )  # fmt: skip


def _named(event: str, subject: str) -> str:
    """A subject as people know it: copies by the id that is printed, others as they are."""
    if event.startswith("copy:") and len(subject) == _COPY_HEX:
        try:
            return str(CopyId(int(subject, 16)))
        except ValueError:
            return subject
    if event == "file:registered":
        version = _version(subject)
        return str(version.ref) if version else subject
    return subject


def _version(subject: str) -> Version | None:
    """The version that a registration is about, which the log names by its key's random id."""
    try:
        return store.version_by_key(site.custody().office.db, bytes.fromhex(subject))
    except ValueError:
        return None


def _place(event: str, subject: str) -> tuple[str | None, str | None]:
    """When it happened and where it is shown, looked up by the subject; nothing for what has no row here."""
    db = site.custody().office.db
    try:
        if event in ("copy:issued", "copy:viewed", "copy:delivered"):
            copy = CopyId(int(subject, 16))
            row = store.copy_by_id(db, copy)
            at = row.issued_at if row is not None and event != "copy:delivered" else None
            return at, reverse("issue-copy", args=[str(copy)])
        if event == "file:registered":
            version = _version(subject)
            return (
                (version.registered_at, reverse("register-file", args=[str(version.code)]))
                if version
                else (None, None)
            )
        if event == "leak:traced":
            row = db.execute("SELECT at FROM traces WHERE id = ?", (subject,)).fetchone()
            return (str(row[0]) if row else None), reverse("trace-answer", args=[subject])
    except (ValueError, SealtraceError):
        pass
    return None, None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: entries, and what it may not look through."""

    entries: tuple[Shown, ...]
    withheld: bool = False


MOST_FOUND = 50


def search(actor: Actor, text: str) -> Found:
    """Find entries by leaf hash, SHA-256 of exact bytes, file code, copy id, person or device code.

    Names and codes are looked up only for who may list copies and files.
    """
    office, found = site.custody().office, set[int]()
    digest = _digest(text)
    if digest is not None:
        index = office.ledger.find(digest)
        found |= {index} if index is not None else set()
    may_files = engine.decide(actor, "file:list").allowed
    may_copies = engine.decide(actor, "copy:list").allowed
    if digest is not None and may_files:
        found |= {index for index, _ in site.custody().find(sha256=digest)}
    if may_files:
        found |= _by_code(text)
    if may_copies:
        found |= _by_copy(text)
        found |= {index for index, _ in site.custody().find(operator=text, newest=MOST_FOUND)}
        found |= {index for index, _ in site.custody().find(device=text, newest=MOST_FOUND)}
    newest = sorted(found, reverse=True)[:MOST_FOUND]
    return Found(tuple(shown(index) for index in newest), withheld=not (may_files and may_copies))


def _digest(text: str) -> bytes | None:
    try:
        data = bytes.fromhex(text.strip())
    except ValueError:
        return None
    return data if len(data) == 32 else None


def _by_code(text: str) -> set[int]:
    try:
        code = FileCode.parse(text.partition("@")[0])
        return {version.entry for version, _ in site.custody().chain(str(code))}
    except SealtraceError:
        return set()


def _by_copy(text: str) -> set[int]:
    try:
        row = store.copy_by_id(site.custody().office.db, CopyId.parse(text))
    except SealtraceError:
        return set()
    return {row.entry} if row else set()
