"""What a trace answers: the copies it names with their recipients of record, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from sealtrace.custody import circumstances
from sealtrace.custody.model import entry_dict
from sealtrace.ledger.model import Entry
from sealtrace.trace.model import (
    Accused,
    Answer,
)


@dataclass(frozen=True, slots=True)
class Named:
    """An accused copy with its recipient of record."""

    accused: Accused
    operator: str
    device: str
    ip: str
    issued_at: str
    purpose: str
    entry: int

    def as_dict(self) -> dict[str, object]:
        """The contract's row in `copies`."""
        return {
            "id": str(self.accused.copy),
            "operator": self.operator,
            "device": self.device,
            "ip": self.ip,
            "issued_at": self.issued_at,
            "purpose": self.purpose,
            "chance_of_error": self.accused.chance_of_error,
            "chance_of_error_chernoff": self.accused.chernoff,
            "round": self.accused.round,
            "channels": list(self.accused.channels),
            "log_e": self.accused.log_e,
            "entry": self.entry,
            **(
                {
                    "halves": {score.half: score.as_dict() for score in self.accused.halves},
                    "chance_of_error_both_secret": self.accused.both_secret,
                }
                if self.accused.halves
                else {}
            ),
        }


@dataclass(frozen=True, slots=True, eq=False)
class TraceAnswer:
    """The contract's answer of `leak trace`."""

    trace: str
    answer: Answer
    copies: tuple[Named, ...]
    seconds: float
    entry: Entry
    circumstances: tuple[circumstances.Circumstance, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """One JSON-able object, fields as DESIGN names them."""
        found = self.answer.identified
        return {
            "ok": True,
            "trace": self.trace,
            "result": str(self.answer.result),
            "file": {
                "code": str(found.ref.code),
                "version": found.ref.version,
                "versions": list(found.versions),
                "title": found.title,
                "by": list(found.by),
                "others": [str(ref) for ref in found.others],
            }
            if found
            else None,
            "copies": [copy.as_dict() for copy in self.copies],
            "considered": self.answer.considered,
            "opened": self.answer.opened.index if self.answer.opened else None,
            "chance": self.answer.chance,
            "channels": [channel.as_dict() for channel in self.answer.channels],
            "runner_up_behind": self.answer.runner_up_behind,
            **({"one_half_alone": True} if self.answer.one_half_alone else {}),
            "notes": list(self.answer.notes),
            "seconds": round(self.seconds, 3),
            "entry": entry_dict(self.entry),
            "circumstances": {
                "warning": circumstances.WARNING,
                "items": [one.as_dict() for one in self.circumstances],
            },
        }
