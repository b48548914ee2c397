"""Take one leak in: trace it, record that it was reported, tell who is to be told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing.answer import TraceAnswer

from .alerts import Alert, Alerts

REPORTED = "leak:reported"
"""The event that a case can be opened on: which trace, how it came in, the digest of what came."""


@dataclass(frozen=True, slots=True)
class Leak:
    """What came in together: the files, the way (folder, mail), the source, and a digest to know it by."""

    pieces: tuple[Path, ...]
    via: str
    source: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """The trace of a leak, and who could not be told of it: way and reason."""

    answer: TraceAnswer
    entry: int
    untold: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """JSON types."""
        answer = self.answer.as_dict()
        names = ("trace", "result", "file", "copies")
        return {**{name: answer[name] for name in names}, "reported": self.entry, "untold": list(self.untold)}


def digest_of(paths: Sequence[Path]) -> bytes:
    """SHA-256 over the pieces' digests, in order."""
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.digest()


class Intake:
    """Takes leaks in for one office, in the name of `by`. What was taken in before is not taken in again."""

    def __init__(self, custody: Custody, by: Recipient, alerts: Alerts, *, chance: float = 1e-9) -> None:
        self._custody, self._by, self._alerts, self._chance = custody, by, alerts, chance
        self._known = {bytes(opening["digest"][1]) for _, opening in custody.office.acts(REPORTED)}

    def is_new(self, digest: bytes) -> bool:
        """Whether nothing with this digest was taken in before."""
        return digest not in self._known

    def take(self, leak: Leak) -> Report:
        """Trace a leak, record the report, then tell people. A process killed in between traces it again.

        An alert that can't be sent is no reason to lose the report: it is said in the answer.

        Raises:
            what tracing raises; nothing was recorded then.
        """
        custody = self._custody
        answer = custody.trace(leak.pieces, chance=self._chance, by=self._by)
        with custody.office.writing():
            entry = custody.office.record_act(REPORTED, answer.trace, {
                "trace": answer.trace, "result": str(answer.answer.result), "via": leak.via,
                "source": leak.source[:200], "digest": leak.digest, "pieces": len(leak.pieces), "by": self._by.operator,
            }, lambda _db, _entry: None)  # fmt: skip
        self._known.add(leak.digest)
        found = answer.answer.identified
        alert = Alert(
            answer.trace, str(answer.answer.result), str(found.ref) if found else "", len(answer.copies), leak.via,
            entry.index,
        )  # fmt: skip
        return Report(answer, entry.index, self._alerts.tell(alert, custody.office.clock.now()))
