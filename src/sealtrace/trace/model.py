"""Values of a trace: what was leaked, what was found, how sure we are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.kinds import Kind
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.rounds import Source

DEFAULT_CHANCE = 1e-9
DIGEST_CHANCE = 2.0**-128
"""Bound for exact bytes and authenticated stamps: a 128-bit tag guessed, or a SHA-256 collision."""


class Result(StrEnum):
    """The four answers; there are no others."""

    EXACT = "exact"
    STRONG = "strong"
    INCONCLUSIVE = "inconclusive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Piece:
    """One leaked file as it came in."""

    path: Path
    sha256: bytes
    size_bytes: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class ChannelFinding:
    """What one channel said: its score against its threshold."""

    channel: str
    score: float
    threshold: float
    found: bool

    def as_dict(self) -> dict[str, object]:
        """The contract's channel row."""
        return {
            "channel": self.channel,
            "score": round(self.score, 3),
            "threshold": round(self.threshold, 3),
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class HalfScore:
    """What one half of the codeword, under one party's key, says of an accused copy: it passes by itself."""

    half: str
    log_e: float
    chance_of_error: float
    chernoff: float

    def as_dict(self) -> dict[str, float]:
        """Its numbers."""
        return {"log_e": self.log_e, "chance_of_error": self.chance_of_error, "chernoff": self.chernoff}


@dataclass(frozen=True, slots=True)
class Accused:
    """A copy that the evidence names, with the family-wise bound on naming any innocent one."""

    copy: CopyId
    version: int
    chance_of_error: float
    channels: tuple[str, ...]
    log_e: float | None = None
    round: int = 1
    chernoff: float | None = None
    """The same bound by Chernoff's inequality: never above `chance_of_error`, shown beside it."""
    halves: tuple[HalfScore, ...] = ()
    """With two keys: both halves' scores. The copy's own are the weaker half's."""
    both_secret: float | None = None
    """With two keys: the bound where neither party gave its key away, from the product of both e-values."""


@dataclass(frozen=True, slots=True, eq=False)
class PageFinding:
    """One leaked picture registered onto one held page."""

    piece: int
    picture: int
    version: int
    page: int
    to_leak: NDArray[np.float64]
    coverage: float


@dataclass(frozen=True, slots=True)
class TableFinding:
    """One leaked table aligned with one held table. Columns: leaked, held, factor, shift, unit."""

    piece: int
    number: int
    version: int
    table: int
    how: str
    window: int
    rows: int
    cells: int
    fit: float
    columns: tuple[tuple[int, int, float, float, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """One version's copies weighed against the leak: everything needed to do it again."""

    version: int
    symbols: SoftSymbols
    pages: tuple[PageFinding, ...]
    considered: int
    best: float
    runner_up: float | None
    sources: tuple[Source, ...] = ()
    channel: str = "page"
    tables: tuple[TableFinding, ...] = ()
    family: bytes | None = None
    """The digest of the ids of all copies weighed: whoever gets them later knows that they are those."""
    half: str = ""
    """With two keys: whose half of the codeword was weighed. `best` is minus infinity where it was not told."""
    alone: int = 0
    """With two keys: how many copies this half points to and the other does not."""
    parts: tuple[tuple[str, int], ...] = ()
    """The channels of the codeword with their symbols, main channel first; empty for one channel alone."""

    @property
    def telling(self) -> tuple[str, ...]:
        """The channels that the leak says something on, main channel first."""
        if len(self.parts) < 2:
            return (self.channel,)
        ends = np.cumsum([count for _, count in self.parts])
        said = [
            self.symbols.information[end - n : end].any()
            for end, (_, n) in zip(ends, self.parts, strict=True)
        ]
        beside = [name for (name, _), there in zip(self.parts[1:], said[1:], strict=True) if there]
        return (self.channel, *beside)

    @property
    def copies(self) -> tuple[tuple[CopyId, float], ...]:
        """The copies named, with the log e-values that named them, in the order they were."""
        return tuple((s.copy, s.log_e) for s in self.sources)


@dataclass(frozen=True, slots=True)
class Identified:
    """The registered file a leak shows, and the versions of it that fit equally well."""

    ref: VersionRef
    row: int
    title: str
    versions: tuple[int, ...]
    by: tuple[str, ...]
    others: tuple[VersionRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What was fixed in the log before the leak was decoded: the entry's index, and what it says."""

    index: int
    considered: int
    chance: float
    models: str
    software_sha256: bytes
    earlier: int = 0
    """How often traces of any of the same pieces had been opened before."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The whole answer of one trace, before names are put to copies."""

    result: Result
    identified: Identified | None
    accused: tuple[Accused, ...]
    channels: tuple[ChannelFinding, ...]
    considered: int
    chance: float
    looks: int = 1
    weighed: tuple[Weighed, ...] = ()
    notes: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = field(default=())
    opened: Opening | None = None

    @property
    def one_half_alone(self) -> bool:
        """Whether one half of the codeword points to a copy that the other does not: what framing looks like."""
        return any(w.alone for w in self.weighed)

    @property
    def runner_up_behind(self) -> float | None:
        """How far, in nats, the best copy not accused stays behind the accused one (or the threshold)."""
        behind = [
            (w.copies[0][1] if w.copies else threshold(self.considered, self.chance, self.looks))
            - w.runner_up
            for w in self.weighed
            if w.runner_up is not None and math.isfinite(w.runner_up)
        ]
        return min(behind) if behind else None


def threshold(considered: int, chance: float, looks: int = 1) -> float:
    """Return ln(N * K / eps): a log e-value above it names an innocent copy with chance at most eps.

    N is the number of copies, K how often each is weighed before stopping, both fixed beforehand.
    Source: Markov's inequality and the union bound over N copies and K looks.
    """
    return math.log(max(considered, 1) * max(looks, 1) / chance)


def family_bound(log_e: float, considered: int, looks: int = 1) -> float:
    """Return N * K / E, at most 1: the chance that any of N innocent copies scores this high in K looks.

    Never stated below 2^-128: what a forged digest or tag would cost bounds every claim of ours.
    """
    exponent = math.log(max(considered, 1) * max(looks, 1)) - log_e
    return 1.0 if exponent >= 0 else max(math.exp(max(exponent, -700.0)), DIGEST_CHANCE)


def round_looks(looks: int, round_: int) -> int:
    """How many looks a copy named in a later round pays for: each round spends half of the one before."""
    return looks << (round_ - 1)


def best_first(items: Sequence[Accused]) -> tuple[Accused, ...]:
    """Order accused copies by how sure we are."""
    return tuple(sorted(items, key=lambda a: a.chance_of_error))
