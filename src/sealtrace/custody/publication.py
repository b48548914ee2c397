"""The log before the world: witnesses and their quorum, sealed heads, published tiles, the keys' rotation."""

from __future__ import annotations

from pathlib import Path

from sealtrace.errors import UsageProblem
from sealtrace.ledger import quorum
from sealtrace.ledger.publish import publish
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
        office.record(
            "ledger:policy-set",
            "ledger",
            {
                "witnesses": "\n".join(vkey for vkey, _ in made.witnesses),
                "needed": made.needed,
            },
            lambda db, _entry, _sealed: quorum.save(db, made),
        )


def seal(office: Office, post: Post | None) -> str:
    """Complete the newest checkpoint. Raises QuorumMissing, and UsageProblem without a way to ask."""
    with office.writing():
        asked = policy(office)
        if asked.witnesses and post is None:
            from sealtrace.ledger.transport import post
        return Asker(office.ledger, post or _nobody).seal(asked)


def publish_log(office: Office, folder: Path, *, lock: Path | None, post: Post | None) -> str:
    """Seal the head, compare it with what was published, and publish."""
    with office.writing():
        note = seal(office, post)
        with storage_guard(f"writing {folder}"):
            publish(office.ledger, folder, note, lock=lock)
        return note


def _nobody(url: str, _body: bytes) -> Reply:
    raise UsageProblem(f"there is no way to ask {url}")
