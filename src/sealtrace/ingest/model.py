"""Values of collecting: samples, how they are cut into batches, what a batch's data shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sealtrace.clock import stamp
from sealtrace.custody.model import Level
from sealtrace.errors import UsageProblem

Value = float | int | bool | str | None
SECOND = 1_000_000  # microseconds
LISTED = 200
"""Most findings of one kind that a batch lists one by one; all are counted."""
MOST_ROWS = 1_000_000
"""Most samples of a batch cut by number; it is sealed in memory."""
_NAME = re.compile(r"[\w][\w.-]{0,63}")
_SPANS = {"hour": 3600 * SECOND, "day": 86400 * SECOND}


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading: source time in microseconds since 1970 UTC, tag, value, and its status unless good."""

    at_us: int
    tag: str
    value: Value
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sample with its place in the order of arrival at this home, and when that was."""

    number: int
    sample: Sample
    arrived_us: int


@dataclass(frozen=True, slots=True)
class Cut:
    """How samples are cut into batches: by hour, day, lot, campaign, or number of samples."""

    kind: str
    tag: str = ""
    samples: int = 0

    @classmethod
    def parse(cls, text: str) -> Cut:
        """Read hour, day, rows:N, lot:TAG or campaign:TAG.

        Raises:
            UsageProblem: none of these.
        """
        kind, _, rest = text.partition(":")
        if kind in _SPANS and not rest:
            return cls(kind)
        if kind in ("lot", "campaign") and rest:
            return cls(kind, tag=rest)
        if kind == "rows" and rest.isdecimal() and 0 < int(rest) <= MOST_ROWS:
            return cls(kind, samples=int(rest))
        raise UsageProblem(
            f"{text!r} is no way to cut batches", advice="Use hour, day, rows:N, lot:TAG or campaign:TAG."
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.tag or self.samples}" if self.tag or self.samples else self.kind

    @property
    def span_us(self) -> int | None:
        """Length of a window in time; None when time does not cut."""
        return _SPANS.get(self.kind)

    def window_of(self, number: int, sample: Sample, lot: str) -> str:
        """The key of the window a sample belongs to."""
        if span := self.span_us:
            return written_us(sample.at_us // span * span)
        return f"{number // self.samples:09d}" if self.samples else lot


@dataclass(frozen=True, slots=True)
class Source:
    """Where data comes from and how it is to be sealed. Its place holds no password."""

    name: str
    kind: str
    place: str
    cut: Cut = field(default_factory=lambda: Cut("hour"))
    grace_s: float = 60.0
    period_s: float | None = None
    level: Level = Level.GENERAL
    uncertainty: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageProblem(f"{self.name!r} is no name for a source: 1 to 64 letters, digits, . _ or -")
        if self.grace_s < 0 or (self.period_s is not None and self.period_s <= 0):
            raise UsageProblem("the grace can't be negative, and the period must be above 0 s")

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self) | {"cut": str(self.cut)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Source:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        return cls(**found | {"cut": Cut.parse(found["cut"]), "level": Level(found["level"])})


@dataclass(frozen=True, slots=True)
class Gap:
    """A tag was silent longer than its period allows: between two of its readings."""

    tag: str
    after_us: int
    before_us: int


@dataclass(frozen=True, slots=True)
class Jump:
    """The source's clock went back: a tag's reading is dated before the one that arrived ahead of it."""

    tag: str
    from_us: int
    to_us: int
    number: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A second, different value for one tag and time. The first was kept; this is the other."""

    tag: str
    at_us: int
    kept: Value
    dropped: Value


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules found in one batch. Counts are complete; lists end after LISTED."""

    duplicates: int = 0
    conflicts: tuple[Conflict, ...] = ()
    conflicts_in_all: int = 0
    gaps: tuple[Gap, ...] = ()
    gaps_in_all: int = 0
    jumps: tuple[Jump, ...] = ()
    jumps_in_all: int = 0
    ahead: int = 0
    late: int = 0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Show them with times written out."""
        return {
            "duplicates": self.duplicates,
            "conflicts": self.conflicts_in_all,
            "conflict_list": [
                {"tag": c.tag, "at": written_us(c.at_us), "kept": c.kept, "dropped": c.dropped}
                for c in self.conflicts
            ],
            "gaps": self.gaps_in_all,
            "gap_list": [
                {"tag": g.tag, "after": written_us(g.after_us), "before": written_us(g.before_us)}
                for g in self.gaps
            ],
            "clock_jumps": self.jumps_in_all,
            "clock_jump_list": [
                {"tag": j.tag, "from": written_us(j.from_us), "to": written_us(j.to_us), "arrival": j.number}
                for j in self.jumps
            ],
            "ahead_of_clock": self.ahead,
            "late": self.late,
            "notes": list(self.notes),
        }

    def with_notes(self, notes: tuple[str, ...]) -> Findings:
        """The same with what was noted outside the samples."""
        return replace(self, notes=notes)


@dataclass(frozen=True, slots=True)
class Batch:
    """One sealed batch: what it holds, what was found, and where the register and the ledger have it."""

    sha256: bytes
    source: str
    number: int
    window: str
    part: int
    corrects: str | None
    code: str
    entry: int
    act: int
    sealed_at: str
    summary: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Show it."""
        return {
            "code": self.code,
            "source": self.source,
            "number": self.number,
            "window": self.window,
            "part": self.part,
            "corrects": self.corrects,
            "sha256": self.sha256.hex(),
            "entry": self.entry,
            "sealed_entry": self.act,
            "sealed_at": self.sealed_at,
            **{name: self.summary[name] for name in ("samples", "rows", "tags", "first", "last", "findings")},
        }


def written_us(at_us: int) -> str:
    """Write microseconds since 1970 as the register writes times."""
    return stamp(moment(at_us))


def moment(at_us: int) -> datetime:
    """Microseconds since 1970 as an aware time, exactly."""
    seconds, rest = divmod(at_us, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def us(at: datetime) -> int:
    """An aware time in microseconds since 1970, exactly."""
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * SECOND + whole.microsecond
