"""Evidence files: true ones, and for each claim one that breaks it.

`raw` changes bytes of a finished file, as an outsider would; everything else is made by someone who holds
the office's keys and signs again, so that only the claim in question can give it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cbor2
import numpy as np

from sealtrace.content.kinds import Kind
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import find_sources
from sealtrace.trace import evidence
from sealtrace.trace.evidence import AccusedProof
from sealtrace.trace.model import (
    DIGEST_CHANCE,
    Accused,
    Answer,
    ChannelFinding,
    Identified,
    Opening,
    PageFinding,
    Piece,
    Result,
    TableFinding,
    Weighed,
    family_bound,
    round_looks,
    threshold,
)
from sealtrace.trace.weigh import MIXTURE_OF

from .log import EVIDENCE, ML_DSA, ML_DSA_WITNESS, WITNESS, Keys, Log, Stream, p256, pem, seed
from .vectors import Lines, Scores, Vector

WHOLE = "the file is whole: its signature holds"
KEYS = "the keys belong to the log that made it"
CHECKPOINT = "the checkpoint is signed by the log"
HOME = "the home's first entry is in the log"
TRACE = "the trace was entered in the log"
FINDINGS = "the findings are those that were entered"
RESULT = "the result follows from the findings"

SYMBOLS, COPIES, CHANCE = 256, 6, 1e-9
REF = VersionRef(FileCode(0x5EA17), 1)
IDS = [CopyId(int.from_bytes(seed(f"copy {i}")[:8], "big")) for i in range(COPIES)]
LIMITS = {
    "en": "This evidence names a copy and its recipient of record. It does not say who leaked it.",
    "zh": "本证据指向一份副本及其登记接收人，并不认定泄露者。",
}


def issued(copy: int) -> str:
    return f"copy {IDS[copy]} was entered before the trace"


def weighed(copy: int) -> str:
    return f"copy {IDS[copy]} has the stated e-value"


def stamped(copy: int) -> str:
    return f"copy {IDS[copy]} is named by its stamp"


Change = Callable[[dict[str, Any]], None]


def nothing(_map: dict[str, Any]) -> None:
    """Change nothing."""


@dataclass
class Scene:
    """One leak and its trace, and what a forger does on the way."""

    name: str
    accused: Sequence[int] = (2,)
    channel: str = "exact"
    result: Result = Result.EXACT
    symbols: int = SYMBOLS
    looks: int = 1
    shares: Sequence[int] = ()
    """How many symbols of 256 are taken whole from each accused copy; none: the copies are averaged."""
    rotations: int = 0
    fillers: int = 2
    extensions: Sequence[str] = ()
    lines: Sequence[Any] = ()
    home: Mapping[str, Any] = field(default_factory=dict)
    issue: Change = nothing
    """Changes the fields of each issue entry before it is entered."""
    findings: Change = nothing
    """Changes the findings before they are entered."""
    entered: Change = nothing
    """Changes the fields of the trace's entry before it is entered."""
    content: Change = nothing
    """Changes the finished file's content before it is signed (again)."""
    possession: bytes | None = None
    issue_event: str = "copy:issued"
    trace_event: str = "leak:traced"
    issue_type: str = ""
    late: bool = False
    """Enter the copies after the trace."""
    two_keys: ClassVar[bool] = False
    opening: Opening | None = None
    """What was entered before decoding; evidence of the first form shows nothing of it."""

    def build(self, lines: Lines, scores: Scores) -> bytes:
        log = Log(self.name)
        log.begin(**self.home)
        rotated = [log.rotate(possession=self.possession) for _ in range(self.rotations)]
        weighed = self.channel in MIXTURE_OF
        book = CodeBook(seed("document"), self.channel if weighed else "page", self.symbols)
        words = book.words(np.array([c.value for c in IDS], np.uint64))
        places = [] if self.late else self._issue(log, book, words)
        for number in range(self.fillers):
            log.enter("file:registered", {"code": f"FILLER-{number}"})
        findings = self._findings(book, words, scores)
        found = cbor2.loads(findings)
        fields = {
            "trace": found["trace"],
            "at": found["at"],
            "result": found["result"],
            "file": found["file"],
            "accused": b"".join(sorted(bytes(IDS[i]) for i in self.accused)),
            "accused_versions": str(REF),
            "considered": found["considered"],
            "chance": repr(found["chance"]),
            "leak_sha256": b"".join(piece["sha256"] for piece in found["leak"]),
            "findings_sha256": evidence.digest(findings),
        }
        self.entered(fields)
        trace = log.enter(self.trace_event, fields)
        places = places or self._issue(log, book, words)
        log.enter("file:registered", {"code": "FILLER-after"})
        sealed = evidence.seal(
            findings=findings,
            trace=log.proven(trace),
            home=log.proven(0),
            rotations=[log.proven(i) for i in rotated],
            accused=[
                AccusedProof(
                    log.proven(places[i]),
                    words[i].tobytes() if weighed else None,
                    book.bias_key if weighed else None,
                )
                for i in self.accused
            ],
            checkpoint=log.checkpoint(self.extensions)
            + "".join(lines.line(signer, log.text(self.extensions)) for signer in self.lines),
            keys=log.public(),
            signing=EVIDENCE,
        )
        content = cbor2.loads(cbor2.loads(sealed).value[2])
        content["limits"] = LIMITS
        self.content(content)
        return sign(content)

    def _issue(self, log: Log, book: CodeBook, words: Any) -> list[int]:
        return [
            log.enter(self.issue_event, self._copy(i, book, words), content_type=self.issue_type)
            for i in range(COPIES)
        ]

    def _copy(self, i: int, book: CodeBook, words: Any) -> dict[str, Any]:
        fields = {
            "copy": bytes(IDS[i]),
            "code": str(REF.code),
            "version": 1,
            "original_sha256": seed("original"),
            "copy_sha256": seed(f"bytes of copy {i}"),
            "operator": f"op-{i:03d}",
            "device": f"dev-{i}",
            "ip": f"10.20.3.{i}",
            "issued_at": "2026-03-01T09:30:00Z",
            "page": None,
            "codeword_sha256": hashlib.sha256(words[i].tobytes()).digest(),
            "bias_key_sha256": hashlib.sha256(book.bias_key).digest(),
        }
        fields |= self._more(i)
        self.issue(fields)
        return fields

    def _more(self, i: int) -> dict[str, Any]:
        """What the issue entries of this form have besides."""
        return {}

    def _findings(self, book: CodeBook, words: Any, scores: Scores) -> bytes:
        leak = (
            seed(f"bytes of copy {self.accused[0]}")
            if self.channel == "exact" and self.accused
            else seed("leak")
        )
        accused, seen = [], ()
        if self.channel in MIXTURE_OF:
            accused, seen = self._weighed(book, words, scores)
        else:
            accused = [Accused(IDS[i], 1, DIGEST_CHANCE, (self.channel,)) for i in self.accused]
        by = self.channel if self.channel in MIXTURE_OF else "page"
        known = None if self.result is Result.NONE else Identified(REF, 1, "Process", (1,), (by,))
        limit = threshold(COPIES, CHANCE, self.looks)
        channels = (ChannelFinding(self.channel, 40.0, limit, found=bool(accused)),)
        answer = Answer(
            self.result, known, tuple(accused), channels, COPIES, CHANCE, self.looks, seen, (),
            (Piece(Path("leak"), leak, 70_000, Kind.CSV if by == "table" else Kind.PNG),), self.opening,
        )  # fmt: skip
        found = cbor2.loads(self._kept(answer))
        found["software"] = "sealtrace golden vectors 1"
        self.findings(found)
        return cbor(found)

    def _kept(self, answer: Answer) -> bytes:
        return evidence.keep(
            answer, "T00c0ffee00c0ffee", "2026-03-02T08:30:00Z", {1: str(REF)}, two_keys=self.two_keys
        )

    def _weighed(
        self, book: CodeBook, words: Any, scores: Scores
    ) -> tuple[list[Accused], tuple[Weighed, ...]]:
        """Weigh all copies round by round: exactly those of the scene are named, and how sure is kept."""
        symbols, limit = self._leaked(words), threshold(COPIES, CHANCE, self.looks)
        ids = np.array([c.value for c in IDS], np.uint64)
        found = find_sources(symbols, book, ids, limit, MIXTURES[MIXTURE_OF[self.channel]])
        sources = {source.copy: source for source in found.named}
        assert set(sources) == {IDS[i] for i in self.accused}, found
        mine = [sources[IDS[i]] for i in self.accused]
        log_e = [source.log_e for source in mine]
        *log_e, best, runner_up = scores.kept(self._leak, [*log_e, found.best, found.runner_up or 0.0])
        accused = []
        for source, e in zip(mine, log_e, strict=True):
            bound = family_bound(e, COPIES, round_looks(self.looks, source.round))
            accused.append(Accused(source.copy, 1, bound, (self.channel,), e, source.round))
        pages, tables = self._places()
        return accused, (
            Weighed(1, symbols, pages, COPIES, best, runner_up, channel=self.channel, tables=tables),
        )

    def _places(self) -> tuple[tuple[PageFinding, ...], tuple[TableFinding, ...]]:
        """Where the symbols were read: on a page, or in a table."""
        table = TableFinding(
            0, 0, 1, 0, "key", 1, 400, 2560, 0.04, ((0, 0, 1.0, 0.0, ""), (1, 2, 0.001, 0.0, "kg"))
        )
        pages = (PageFinding(0, 0, 1, 0, np.eye(3), 0.9375),) if self.channel == "page" else ()
        return pages, (table,) if self.channel == "table" else ()

    @property
    def _leak(self) -> str:
        """What was leaked, in words: scenes with the same leak have the same scores."""
        sources = ", ".join(str(i) for i in self.accused) or "noise"
        how = f" taken in {', '.join(map(str, self.shares))} of 256" if self.shares else ""
        return f"{self.channel} of {self.symbols} symbols, {self.looks} looks: {sources}{how}"

    def _leaked(self, words: Any, sources: Sequence[int] | None = None, of: str = "") -> SoftSymbols:
        """What a faint photograph of the sources' average would show, or a table with cells of each; else noise."""
        sources, noise = self.accused if sources is None else sources, Stream(f"noise{of}")
        information = np.array([0.25 + noise(1)[0] / 256 for _ in range(self.symbols)])
        level = np.zeros(self.symbols)
        bits = [np.unpackbits(words[i]) * 2.0 - 1 for i in sources]
        for bit in bits:
            level += bit / len(bits)
        if self.shares:
            taken = np.searchsorted(
                np.cumsum(self.shares), list(Stream(f"taken{of}")(self.symbols)), side="right"
            )
            level = np.stack(bits)[taken, np.arange(self.symbols)]
        strength = 6.0 if self.shares else 2.0
        z = strength * level * np.sqrt(information) + np.array([noise.normal() for _ in range(self.symbols)])
        return SoftSymbols(z * np.sqrt(information), information)


def cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def sign(content: Mapping[str, Any], key: Any = EVIDENCE) -> bytes:
    payload, protected = cbor(content), cbor({1: -8})
    return cbor(
        cbor2.CBORTag(18, [protected, {}, payload, key.sign(evidence.to_be_signed(protected, payload))])
    )


def flip(data: bytes, at: int) -> bytes:
    """Flip the lowest bit of a byte."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flipped(*path: Any, at: int = -1) -> Change:
    """Change the content: flip a bit in the byte string at a place."""

    def change(content: dict[str, Any]) -> None:
        where: Any = content
        for step in path[:-1]:
            where = where[step]
        where[path[-1]] = flip(where[path[-1]], at)

    return change


def put(*path: Any, to: Any) -> Change:
    """Change the content: put a value at a place."""

    def change(content: dict[str, Any]) -> None:
        where: Any = content
        for step in path[:-1]:
            where = where[step]
        where[path[-1]] = (
            to(where.get(path[-1]) if isinstance(where, dict) else where[path[-1]]) if callable(to) else to
        )

    return change


STRANGER = Keys("stranger")
PAGE: dict[str, Any] = {"channel": "page", "result": Result.STRONG}


def _other_signed(content: dict[str, Any]) -> None:
    """A stranger signs the checkpoint's text; the log's own line is left out."""
    text = content["checkpoint"].rpartition("\n\n")[0] + "\n"
    content["checkpoint"] = text + "\n" + STRANGER.checkpoint.line(text)
    content["keys"]["verifier_keys"].append(STRANGER.checkpoint.public.text)


def _swapped(content: dict[str, Any]) -> None:
    content["accused"][0]["issue"]["receipt"] = content["trace"]["receipt"]


def scenes() -> Iterator[tuple[Scene, dict[str, Any]]]:
    """Each scene with what is expected of it: `fails`, `unchecked`, `key`, `cosigners`."""
    key = Keys("1").checkpoint.public.text
    every = [HOME, TRACE, issued(2)]
    yield Scene("exact"), {"key": key}
    yield Scene("exact-two-copies", accused=(1, 4), findings=_two_pieces), {}
    yield Scene("exact-in-300", fillers=300), {"key": key}
    yield Scene("stamp", channel="stamp"), {"unchecked": [stamped(2)]}
    yield Scene("strong", **PAGE), {"key": key}
    yield Scene("blend-of-two", accused=(1, 3), **PAGE), {}
    yield Scene("printed", issue_event="copy:printed", **PAGE), {}
    yield Scene("packaged", issue_event="copy:packaged", **PAGE), {}
    yield Scene("inconclusive", accused=(), channel="page", result=Result.INCONCLUSIVE), {"key": key}
    yield Scene("none", accused=(), channel="text", result=Result.NONE), {}
    yield Scene("rotated-twice", rotations=2), {"key": Keys("3").checkpoint.public.text}
    cosigned = [signer.public.text for signer in (ML_DSA, WITNESS, ML_DSA_WITNESS)]
    yield (
        Scene("cosigned", lines=(ML_DSA, WITNESS, ML_DSA_WITNESS)),
        {"key": key, "cosigners": cosigned},
    )
    # what an outsider's wrong expectation shows
    yield (
        Scene("another-key-expected"),
        {"key": STRANGER.checkpoint.public.text, "fails": [KEYS, CHECKPOINT, *every]},
    )
    yield (
        Scene("cosigner-missing"),
        {"key": key, "cosigners": [WITNESS.public.text],
         "fails": [f"{WITNESS.name} has cosigned the checkpoint"]},
    )  # fmt: skip
    # one forged claim each, signed again with the office's evidence key
    yield Scene("findings-changed", content=put("findings", to=_lower_chance)), {"fails": [FINDINGS]}
    yield Scene("considered-differs", entered=put("considered", to=5)), {"fails": [FINDINGS]}
    yield Scene("leak-differs", entered=put("leak_sha256", to=bytes(32))), {"fails": [FINDINGS]}
    yield Scene("accused-differ", entered=put("accused", to=bytes(IDS[3]))), {"fails": [FINDINGS]}
    yield Scene("result-differs", entered=put("result", to="none")), {"fails": [FINDINGS]}
    yield Scene("statement-flipped", content=flipped("trace", "statement")), {"fails": [TRACE]}
    yield Scene("receipt-flipped", content=flipped("trace", "receipt")), {"fails": [TRACE]}
    yield Scene("receipt-path-flipped", content=flipped("trace", "receipt", at=90)), {"fails": [TRACE]}
    yield Scene("receipt-of-another", content=_swapped), {"fails": [issued(2)]}
    yield Scene("index-differs", content=put("trace", "index", to=10)), {"fails": [TRACE]}
    yield (
        Scene("opening-changed", content=put("accused", 0, "issue", "opening", "operator", 1, to="op-999")),
        {"fails": [issued(2)]},
    )
    yield (
        Scene("salt-changed", content=flipped("home", "opening", "org", 0)),
        {"fails": [HOME]},
    )
    yield (
        Scene("opening-field-missing", content=lambda c: c["trace"]["opening"].pop("chance")),
        {"fails": [TRACE]},
    )
    yield (
        Scene("checkpoint-signature-flipped", content=put("checkpoint", to=lambda c: c[:-8] + "A" + c[-7:])),
        {"fails": [CHECKPOINT, *every]},
    )
    yield (
        Scene(
            "checkpoint-size-changed", content=put("checkpoint", to=lambda c: c.replace("\n11\n", "\n12\n"))
        ),
        {"fails": [CHECKPOINT, *every]},
    )
    yield (
        Scene("checkpoint-by-a-stranger", content=_other_signed),
        {"fails": [KEYS]},
    )
    yield (
        Scene(
            "expected-key-only-named",
            home={"verifier_keys": "\n".join([key, STRANGER.checkpoint.public.text])},
            content=_other_signed,
        ),
        {"key": key, "fails": [CHECKPOINT, *every]},
    )
    yield (
        Scene(
            "statement-key-of-a-stranger",
            content=lambda c: c["keys"]["statement_keys"].append(pem(p256("x"))),
        ),
        {"fails": [KEYS]},
    )
    yield (
        Scene("rotation-not-countersigned", rotations=1, possession=bytes(64)),
        {"fails": [KEYS]},
    )
    yield Scene("rotation-left-out", rotations=1, content=put("rotations", to=[])), {"fails": [KEYS]}
    yield Scene("home-is-no-home", home={"event": "home:moved"}), {"fails": [HOME]}
    yield Scene("trace-is-no-trace", trace_event="leak:guessed"), {"fails": [TRACE]}
    yield Scene("issue-is-no-issue", issue_event="copy:delivered"), {"fails": [issued(2)]}
    yield Scene("media-type-differs", issue_type="text/plain"), {"fails": [issued(2)]}
    yield Scene("issued-after-the-trace", late=True), {"fails": [issued(2)]}
    yield (
        Scene("no-piece-has-these-bytes", issue=put("copy_sha256", to=bytes(32))),
        {"fails": [issued(2)]},
    )
    yield Scene("another-versions-copy", issue=put("version", to=2)), {"fails": [issued(2)]}
    yield (
        Scene("codeword-flipped", content=flipped("accused", 0, "codeword"), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield (
        Scene("bias-key-flipped", content=flipped("accused", 0, "bias_key"), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield (
        Scene("e-value-overstated", findings=put("accused", 0, "log_e", to=lambda e: e + 0.5), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield (
        Scene("bound-understated", findings=put("accused", 0, "chance_of_error", to=lambda e: e / 8), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield (
        Scene("symbols-changed", findings=put("weighed", 0, "sums", to=lambda s: flip(s, 6)), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield (
        Scene("symbols-not-numbers", findings=put("weighed", 0, "sums", to=_nan), **PAGE),
        {"fails": [weighed(2)]},
    )
    yield Scene("below-the-threshold", findings=put("chance", to=1e-300), **PAGE), {"fails": [weighed(2)]}
    yield Scene("looks-not-paid-for", findings=put("looks", to=0), **PAGE), {"fails": [weighed(2)]}
    yield Scene("strong-called-exact", findings=put("result", to="exact"), **PAGE), {"fails": [RESULT]}
    yield (
        Scene("accused-for-nothing", findings=put("accused", 0, "channels", to=["text"])),
        {"fails": [RESULT]},
    )
    yield Scene("accused-without-proof", content=put("accused", to=[])), {"fails": [RESULT]}
    yield (
        Scene("exact-without-a-copy", accused=(), channel="text", result=Result.EXACT),
        {"fails": [RESULT]},
    )


def _two_pieces(found: dict[str, Any]) -> None:
    found["leak"].append({"sha256": seed("bytes of copy 4"), "size_bytes": 70_001, "kind": "png"})


def _lower_chance(findings: bytes) -> bytes:
    found = cbor2.loads(findings)
    found["notes"] = ["added later"]
    return cbor(found)


def _nan(sums: bytes) -> bytes:
    return b"\0\0\0\0\0\0\xf8\x7f" + sums[8:]


def raw(exact: bytes) -> Iterator[tuple[str, bytes, list[str] | None]]:
    """Changes by someone without keys: name, bytes, the claims that fail (None: refused as a whole)."""
    yield "raw-signature-flipped", flip(exact, -1), [WHOLE]
    yield "raw-truncated", exact[:-40], None
    yield "raw-longer", exact + b"\0", None
    yield "raw-empty", b"", None
    yield "raw-not-evidence", b"%PDF-1.7\n", None
    yield "raw-tag-missing", exact[1:], None
    tagged = cbor2.loads(exact)
    protected, _, payload, signature = tagged.value
    content = cbor2.loads(payload)
    yield "raw-operator-changed", exact.replace(b"op-002", b"op-003"), [WHOLE, issued(2)]
    yield "raw-indefinite-length", b"\xd2\x9f" + exact[2:] + b"\xff", None
    head = exact.index(payload) - 3
    assert exact[head] == 0x59, "the payload's length stands in two bytes"
    yield "raw-longer-length", exact[:head] + b"\x5a\0\0" + exact[head + 1 :], None
    unsorted = cbor2.dumps({name: content[name] for name in sorted(content, reverse=True)})
    signed = EVIDENCE.sign(evidence.to_be_signed(protected, unsorted))
    yield "raw-keys-unsorted", cbor(cbor2.CBORTag(18, [protected, {}, unsorted, signed])), None
    yield "raw-unprotected-used", cbor(cbor2.CBORTag(18, [protected, {4: b"x"}, payload, signature])), None
    yield "raw-another-format", sign(content | {"format": "sealtrace-evidence/2"}), None
    yield "raw-field-more", sign(content | {"more": 1}), None
    yield "raw-findings-unreadable", sign(content | {"findings": b"\xff"}), None
    yield "raw-signed-by-a-stranger", sign(content, STRANGER.checkpoint.key), [WHOLE]


def vectors(lines: Lines, scores: Scores) -> Iterator[Vector]:
    """All evidence vectors but those of tables and blends."""
    exact = b""
    for scene, expected in scenes():
        data = scene.build(lines, scores)
        exact = exact or data
        yield Vector("evidence", scene.name, {f"evidence/{scene.name}.evidence": data}, **expected)
    for name, data, fails in raw(exact):
        yield Vector(
            "evidence", name, {f"evidence/{name}.evidence": data}, fails=fails or [], refused=fails is None
        )
