"""Release of the tracing key by several people: entered in the log with who, why and until when, then in force.

The private half is put together in memory only and never written down. A release ends with its time, with the
process, or when it is given back, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sealtrace.errors import UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.vault import shares as secret_shares

from .model import written

if TYPE_CHECKING:
    from .office import Office

RELEASED = "key:released"
DEFAULT_MINUTES, MOST_MINUTES = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Release:
    """A release in force: its entry, who gave shares, what for, until when."""

    entry: Entry
    holders: tuple[str, ...]
    purpose: str
    expires_at: datetime
    private: bytes = field(repr=False)


def release(
    office: Office,
    shares: Sequence[Path],
    *,
    holders: Sequence[str],
    purpose: str,
    minutes: int = DEFAULT_MINUTES,
) -> Release:
    """Put the tracing key together from share files and enter the release; it is then in force for this process.

    `holders` names who gave each share, in the same order. The entry is durable before the key is used.

    Raises:
        UsageProblem: this home seals nothing, a holder or the purpose is missing, two shares have one holder, or
            the time is out of range.
        WrongKey: the shares are too few, of another key, or altered.
    """
    key = office.tracing_key
    if key is None:
        raise UsageProblem(
            "this home has no tracing key: nothing is sealed",
            advice="A home gets one when it is made: `sealtrace init --trace-shares 2/3 --trace-shares-to FOLDER`.",
        )
    named = [holder.strip() for holder in holders]
    if len(named) != len(shares) or not all(named) or len(set(named)) != len(named):
        raise UsageProblem("each key share comes with the name of its holder, each another person")
    if not purpose.strip():
        raise UsageProblem("a release says what it is for", advice="Give --purpose, such as a case number.")
    if not 1 <= minutes <= MOST_MINUTES:
        raise UsageProblem(f"a release lasts 1 to {MOST_MINUTES} minutes, not {minutes}")
    given = secret_shares.read(shares)
    private = key.join(given)
    expires_at = office.clock.now() + timedelta(minutes=minutes)
    with office.writing():
        entry = office.record_act(
            RELEASED,
            "tracing",
            {
                "holders": "\n".join(named),
                "shares": ",".join(str(share.number) for share in given),
                "needed": key.needed,
                "tracing_key": bytes.fromhex(key.public),
                "purpose": purpose.strip(),
                "expires_at": written(expires_at),
            },
            lambda _db, _entry: None,
        )
    office.release = Release(entry, tuple(named), purpose.strip(), expires_at, private)
    return office.release
