"""The log before the world: witnesses and their quorum, sealed heads, published tiles, timestamps, issuers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate

from sealtrace.errors import UsageProblem
from sealtrace.ledger import issuers, quorum, timestamps
from sealtrace.ledger.model import Entry, TreeHead
from sealtrace.ledger.publish import must_extend, publish
from sealtrace.ledger.quorum import Asker, Policy, Post
from sealtrace.ledger.witness import Reply

from .home import storage_guard
from .office import Office


def policy(office: Office) -> Policy:
    """The witnesses this log asks, and how many must cosign."""
    return quorum.load(office.db)


def set_policy(office: Office, made: Policy) -> None:
    """Change the policy; the change is an entry, so that a weakened quorum shows.

    Raises:
        UsageProblem: more witnesses are asked for than there are, or a key is not a witness'.
    """
    with office.writing():
        office.record_act(
            "ledger:policy-set",
            "ledger",
            {"witnesses": "\n".join(vkey for vkey, _ in made.witnesses), "needed": made.needed},
            lambda db, _entry: quorum.save(db, made),
        )


def seal(office: Office, post: Post | None) -> str:
    """Complete the newest checkpoint. Raises QuorumMissing, and UsageProblem without a way to ask."""
    with office.writing():
        asked = policy(office)
        if asked.witnesses and post is None:
            from sealtrace.ledger.transport import post
        return Asker(office.ledger, post or _nobody).seal(asked)


def may_publish(office: Office, folder: Path, *, lock: Path | None) -> int:
    """Compare the log with what stands published; returns its size. Raises HistoryForked."""
    size = office.ledger.size()
    must_extend(office.ledger, folder, TreeHead(size, office.ledger.root(size)), lock=lock)
    return size


def publish_log(office: Office, folder: Path, *, lock: Path | None, post: Post | None) -> str:
    """Compare the head with what was published, seal it, compare again while swapping, and publish."""
    with office.writing():
        ledger = office.ledger
        may_publish(office, folder, lock=lock)
        note = seal(office, post)
        with storage_guard(f"writing {folder}"):
            publish(ledger, folder, note, lock=lock)
        return note


def _nobody(url: str, _body: bytes) -> Reply:
    raise UsageProblem(f"there is no way to ask {url}")


def trust_issuer(office: Office, name: str, pem: str) -> Entry:
    """Take statements of an outside issuer from now on; the decision is an entry."""
    with office.writing():
        return office.record_act(
            "ledger:issuer-trusted",
            "ledger",
            {"issuer": name, "key": pem},
            lambda db, _: issuers.add(db, name, pem),
        )


def stamp(office: Office, ask: timestamps.Ask, roots: list[Certificate]) -> datetime:
    """Have the newest checkpoint stamped by a time-stamping authority; returns its time.

    Raises:
        ProofInvalid: the authority's answer does not hold. Nothing is kept.
    """
    with office.writing():
        note = office.ledger.checkpoint()
        token, at = timestamps.stamp(note, ask, roots)
        size = int(note.split("\n")[1])
        office.ledger.append([], lambda db, _: timestamps.keep(db, size, at, note, token))
        return at
