"""What a report may say of one evidence file: only what the verifier let stand."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sealtrace.errors import ProofInvalid, SealtraceError
from sealtrace.ids import CopyId
from sealtrace.ledger.note import Note
from sealtrace.ledger.notekey import read_head
from sealtrace.trace.evidence import LIMITS, MAX_BYTES
from sealtrace.trace.model import DIGEST_CHANCE, round_looks, threshold
from sealtrace.trace.verify import Claim, Report, verify

PROVEN_HERE = {"exact", "page", "table", "order", "decoy"}
"""Channels whose naming of a copy the file alone proves; a stamp needs the office's key."""
MOST_NATS = 1e9
"""Scores beyond are no scores: a codeword of 8,192 symbols can't give as much."""
UNFIT = "the findings are of the kind a trace writes"


@dataclass(frozen=True, slots=True)
class Piece:
    """One leaked file."""

    sha256: str
    size_bytes: str
    kind: str


@dataclass(frozen=True, slots=True)
class Score:
    """How one version's copies scored, in nats. `log_e` is the named copy's, or the best one's."""

    log_e: float | None
    runner_up: float | None
    threshold: float
    looks: int


@dataclass(frozen=True, slots=True)
class Half:
    """With two keys: what one party's half of the codeword says of a named copy, by itself."""

    party: str
    score: Score
    chance: float


@dataclass(frozen=True, slots=True)
class Named:
    """One accused copy all of whose claims hold, or that is named by a stamp which the office must show."""

    id: str
    version: str
    channels: tuple[str, ...]
    chance: float
    score: Score | None
    operator: str
    device: str
    ip: str
    issued_at: str
    page: str
    sha256: str
    original_sha256: str
    entry: int
    halves: tuple[Half, ...] = ()
    both_secret: float = 1.0
    """With two keys: the bound where neither party gave its key away."""

    @property
    def by_stamp_alone(self) -> bool:
        """True when nothing that was checked here names the copy."""
        return not PROVEN_HERE & set(self.channels)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The log as the file shows it."""

    entries: tuple[tuple[str, int], ...]
    origin: str
    size: str
    root: str
    key: str
    key_compared: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the report's pages show."""

    file_sha256: str
    holds: bool
    result: str
    """exact, strong, inconclusive or none; `fails` when the file does not hold, `unreadable` when it is none."""
    claims: tuple[Claim, ...] = ()
    named: tuple[Named, ...] = ()
    pieces: tuple[Piece, ...] = ()
    trace: str = ""
    at: str = ""
    office: str = ""
    document: str = ""
    versions: str = ""
    considered: str = ""
    chance: float | None = None
    best: tuple[tuple[str, str, Score], ...] = ()
    """For each weighing the version, whose half with two keys, and the score."""
    notary: str = ""
    """With two keys: the notary's name."""
    half_alone: bool = False
    """With two keys: one half points to a copy that the other does not."""
    software: str = ""
    ledger: Ledger | None = None
    limits: tuple[str, str] = ("", "")
    """In Chinese and in English."""

    @property
    def stamp_open(self) -> bool:
        """A copy is named by something that only the office can show."""
        return any(copy.by_stamp_alone for copy in self.named)


def gather(path: Path, expected_key: str | None, cosigners: tuple[str, ...]) -> tuple[Facts, Report | None]:
    """Verify an evidence file and take from it what may be said.

    Where the file does not hold, nobody is named: `named` is empty and the office's name is left out.

    Raises:
        InputMissing, InputTooLarge: there is no file of a sensible size.
    """
    try:
        report = verify(path, expected_key=expected_key, cosigners=cosigners)
    except ProofInvalid:
        return Facts(_sha256(path), holds=False, result="unreadable"), None
    found, content = report.findings, report.content
    facts = Facts(
        file_sha256=_sha256(path),
        holds=report.holds,
        result=str(found["result"]) if report.holds else "fails",
        claims=report.claims,
        pieces=tuple(_piece(p) for p in found["leak"]),
        trace=stated(found.get("trace"), r"T[0-9a-f]{16}"),
        at=stated(found.get("at"), r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
        software=stated(found.get("software"), r"sealtrace [0-9][0-9a-z.+]{0,30}"),
        ledger=_ledger(content),
    )
    if not report.holds:
        return facts, report
    try:
        return _complete(facts, report, expected_key), report
    except Exception:  # hostile content: signed, but not what a trace writes
        unfit = Claim(UNFIT, holds=False)
        return replace(
            facts, holds=False, result="fails", claims=(*facts.claims, unfit), ledger=_ledger(content)
        ), report


def _complete(facts: Facts, report: Report, expected_key: str | None) -> Facts:
    """Add what only a file that holds may say."""
    found = report.findings
    if not (0 < found["chance"] <= 1 and isinstance(found["considered"], int)):
        raise ValueError("no trace asks for that")
    return replace(
        facts,
        named=tuple(
            _named(stated, proof, found)
            for stated, proof in zip(found["accused"], report.content["accused"], strict=True)
        ),
        trace=shown(found.get("trace")),
        at=shown(found.get("at")),
        software=shown(found.get("software")),
        office=shown(_opened(report.content["home"], "org")),
        document=shown(found.get("file")),
        versions=", ".join(shown(v) for v in found.get("versions", ())),
        considered=f"{found['considered']:,}",
        chance=found["chance"],
        best=tuple(
            (shown(w["version"]), stated(w.get("half"), "office|notary"), _score(w, found))
            for w in found["weighed"]
        ),
        notary=shown(_opened(report.content["home"], "notary")),
        half_alone=any(w.get("alone") for w in found["weighed"]),
        limits=(LIMITS["zh"], LIMITS["en"]),
        ledger=_proven_ledger(report.content, expected_key),
    )


def _named(stated: dict[str, Any], proof: dict[str, Any], found: dict[str, Any]) -> Named:
    issue, channels = proof["issue"], tuple(stated["channels"])
    mine = [
        w for w in found["weighed"]
        if w["version"] == stated["version"] and w.get("channel", "page") in channels
    ]  # fmt: skip
    weighed = mine[0] if mine else None
    by_marks = bool({"page", "table"} & set(channels))
    scores = stated.get("halves", {})
    return Named(
        id=str(CopyId(int.from_bytes(stated["copy"], "big"))),
        version=shown(stated["version"]),
        channels=channels,
        chance=max(stated["chance_of_error"], DIGEST_CHANCE),
        score=_score(weighed, found, stated) if weighed and by_marks else None,
        **{name: shown(_opened(issue, name)) for name in ("operator", "device", "ip", "issued_at", "page")},
        sha256=shown(_opened(issue, "copy_sha256")),
        original_sha256=shown(_opened(issue, "original_sha256")),
        entry=issue["index"],
        halves=tuple(
            Half(
                w["half"],
                _score(w, found, scores[w["half"]] | {"round": stated.get("round", 1)}),
                max(scores[w["half"]]["chance_of_error"], DIGEST_CHANCE),
            )
            for w in mine if w.get("half") in scores
        ),
        both_secret=stated.get("both_secret", 1.0),
    )  # fmt: skip


def _score(weighed: dict[str, Any], found: dict[str, Any], stated: dict[str, Any] | None = None) -> Score:
    looks = round_looks(found["looks"], stated.get("round", 1) if stated else 1)
    return Score(
        _number(stated["log_e"] if stated else weighed.get("best")),
        _number(weighed.get("runner_up")),
        threshold(found["considered"], found["chance"], looks),
        looks,
    )


def _ledger(content: dict[str, Any]) -> Ledger:
    """The checkpoint's numbers as the file states them, nothing proved."""
    try:
        _, head = read_head(Note.parse(content["checkpoint"]).text)
    except (SealtraceError, TypeError, AttributeError):
        return Ledger((), "", "", "", "", key_compared=False)
    return Ledger((), "", f"{head.size:,}", head.root.hex(), "", key_compared=False)


def _proven_ledger(content: dict[str, Any], expected_key: str | None) -> Ledger:
    entries = [("entry.home", content["home"]["index"])]
    entries += [("entry.issue", proof["issue"]["index"]) for proof in content["accused"]]
    for name in ("release", "opened"):
        if content.get(name) is not None:
            entries.append((f"entry.{name}", content[name]["index"]))
    entries.append(("entry.trace", content["trace"]["index"]))
    key = expected_key.strip() if expected_key else shown(content["keys"]["verifier_keys"][0])
    name, _ = read_head(Note.parse(content["checkpoint"]).text)
    return replace(
        _ledger(content), origin=shown(name), entries=tuple(entries), key=key, key_compared=bool(expected_key)
    )


def _piece(piece: dict[str, Any]) -> Piece:
    size = piece.get("size_bytes")
    return Piece(
        piece["sha256"].hex(),
        f"{size:,}" if isinstance(size, int) and size >= 0 else "?",
        stated(piece.get("kind"), r"[a-z0-9-]{1,12}") or "?",
    )


def _opened(proof: dict[str, Any], name: str) -> Any:
    pair = proof["opening"].get(name)
    return pair[1] if pair else None


def shown(value: object) -> str:
    """A value of the file as text on one line; bytes as hex; nothing for None."""
    if value is None:
        return ""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return " ".join(text.split())[:400]


def stated(value: object, form: str) -> str:
    """A value of a file that may be forged: only in its proper form, so that it can't carry a name."""
    text = shown(value)
    return text if re.fullmatch(form, text, re.ASCII) else ""


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) < MOST_NATS:
        return float(value)
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.sha256(handle.read(MAX_BYTES + 1)).hexdigest()
