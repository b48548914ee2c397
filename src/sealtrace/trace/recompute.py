"""Do a trace's weighing again from the disclosed document key alone, as the other side's expert does.

The key is checked against what was committed to when the copies were issued, the copies' ids against what the
findings commit to. Then every codeword is derived, every copy weighed, and the outcome compared with what the
evidence states: who was named in which round, with which score and bound, the best and the runner-up.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
from numpy.typing import NDArray

from sealtrace.errors import InputMissing, ProofInvalid, SealtraceError
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import BatchBook, CodeBook, JointBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Party
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import Source, Weighing, together

from . import notary
from .model import Weighed, threshold
from .verify import LOG_E_TOLERANCE, Claim
from .weigh import EXTRAS, MIXTURE_OF, accuse, family_digest

FORMAT = "sealtrace-document-keys/1"


@dataclass(frozen=True, slots=True, eq=False)
class DocumentKeys:
    """What gives every codeword of a version: its key, its copies' ids (n,), and word secrets by batch (n,)."""

    version: str
    document_key: bytes = field(repr=False)
    ids: NDArray[np.uint64]
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    batches: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def book(self, parts: Sequence[tuple[str, int]]) -> CodeBook:
        """The code book of one channel, or of several put end to end, each with its symbols."""
        books = [self._book(channel, symbols) for channel, symbols in parts]
        return books[0] if len(books) == 1 else JointBook(books)

    def _book(self, channel: str, symbols: int) -> CodeBook:
        if self.secrets:
            return BatchBook(self.document_key, channel, symbols, self.secrets, self.ids, self.batches)
        return CodeBook(self.document_key, channel, symbols)


def write(trace: str, keys: Sequence[DocumentKeys], party: Party = Party.OFFICE) -> bytes:
    """Write the keys' file of one party: deterministic CBOR. With two keys the notary writes one too."""
    return cbor2.dumps(
        {
            "format": FORMAT,
            "trace": trace,
            **({"party": str(party)} if party is not Party.OFFICE else {}),
            "documents": [
                {
                    "version": k.version,
                    "document_key": k.document_key,
                    "copies": k.ids.astype(">u8").tobytes(),
                    "word_secrets": list(k.secrets),
                    "batches": k.batches.astype(">u4").tobytes(),
                }
                for k in keys
            ],
        },
        canonical=True,
    )


def read(data: bytes) -> tuple[str, Party, dict[str, DocumentKeys]]:
    """Read a keys' file: the trace it is for, whose keys, and the keys by version. Raises ProofInvalid."""
    try:
        found = cbor2.loads(data)
        if found["format"] != FORMAT:
            raise ValueError("another format")
        keys = {d["version"]: _keys(d) for d in found["documents"]}
        return str(found["trace"]), Party(found.get("party", Party.OFFICE)), keys
    except Exception as e:  # hostile bytes: whatever the decoder trips over
        raise ProofInvalid("this is not a file of disclosed document keys, or it was altered") from e


def read_file(path: Path) -> bytes:
    """Read a file of disclosed keys. Raises InputMissing."""
    try:
        return path.read_bytes()
    except OSError as e:
        raise InputMissing(f"{path} can't be read: {e.strerror}") from e


def _keys(document: dict[str, Any]) -> DocumentKeys:
    ids = np.frombuffer(document["copies"], ">u8").astype(np.uint64)
    batches = np.frombuffer(document["batches"], ">u4").astype(np.int64)
    secrets = tuple(document["word_secrets"])
    if secrets and (len(batches) != len(ids) or int(batches.max(initial=0)) >= len(secrets)):
        raise ValueError("batches do not fit the copies")
    if len(document["document_key"]) != 32 or any(len(s) != 32 for s in secrets):
        raise ValueError("a key has not 32 bytes")
    return DocumentKeys(document["version"], document["document_key"], ids, secrets, batches)


def recompute(content: dict[str, Any], found: dict[str, Any], *data: bytes) -> tuple[Claim, ...]:
    """Check everything that follows from the document keys; `content` and `found` are a verified file's.

    With two keys each party gives a file of its own; what a missing one would show is listed as not checked.
    """
    check = _Check(content, found)
    for one in data:
        check.run("the keys are for this trace", lambda one=one: check.for_this(one))  # type: ignore[misc]
    for weighed in found["weighed"]:
        check.version(weighed)
    if not found["weighed"]:
        check.claims.append(Claim("there are scores to work out again", None, "nothing was weighed"))
    return tuple(check.claims)


class _Check:
    def __init__(self, content: dict[str, Any], found: dict[str, Any]) -> None:
        self.content, self.found = content, found
        self.keys: dict[Party, dict[str, DocumentKeys]] = {}
        self.claims: list[Claim] = []

    def run(self, claim: str, check: Callable[[], str]) -> None:
        try:
            self.claims.append(Claim(claim, holds=True, detail=check()))
        except SealtraceError as e:
            self.claims.append(Claim(claim, holds=False, detail=e.message))
        except Exception as e:  # hostile content: what can't be worked out does not hold
            self.claims.append(Claim(claim, holds=False, detail=f"can't be checked ({type(e).__name__})"))

    def for_this(self, data: bytes) -> str:
        trace, party, keys = read(data)
        _must(trace == self.found["trace"], f"they are for trace {trace}")
        self.keys[party] = keys
        return ", ".join(sorted(keys)) + (f" ({party})" if party is Party.NOTARY else "")

    def version(self, weighed: dict[str, Any]) -> None:
        """One version weighed: its key, its copies, its scores; with two keys, those of one half."""
        ref, channel = weighed["version"], weighed.get("channel", "page")
        party = Party(weighed.get("half", Party.OFFICE))
        name = f"{ref}, the {party}'s half" if "half" in weighed else ref
        if party not in self.keys:
            claim = f"{name}: the scores are those that the key gives"
            self.claims.append(Claim(claim, None, f"the {party} has not disclosed its keys"))
            return
        again: list[Weighed] = []
        self.run(
            f"{name}: the document key is the one committed to at issue", lambda: self.committed(ref, party)
        )
        self.run(f"{name}: the copies are those that were weighed", lambda: self.copies(weighed, party))
        self.run(
            f"{name}: the scores are those that the key gives", lambda: self.scores(weighed, channel, again)
        )
        if not again:
            return
        of = f" in the {party}'s half" if "half" in weighed else ""
        for stated, proof in zip(self.found["accused"], self.content["accused"], strict=False):
            if stated["version"] == ref and channel in stated["channels"]:
                copy = str(CopyId(int.from_bytes(stated["copy"], "big")))
                self.run(
                    f"copy {copy} is named by its codeword{of}",
                    lambda s=stated, p=proof: self.named(s, p, again[0], party),  # type: ignore[misc]
                )

    def committed(self, ref: str, party: Party) -> str:
        key = self.keys[party][ref]
        digest = hashlib.sha256(key.document_key).digest()
        mine = [
            proof["issue"]["opening"]
            for stated, proof in zip(self.found["accused"], self.content["accused"], strict=True)
            if stated["version"] == ref
        ]
        if not mine:
            return "no copy of it is accused, so no commitment is shown"
        for opening in mine:
            if party is Party.NOTARY:  # the mark's signature is a claim of the verified file
                mark = notary.read(opening["notary_mark"][1], notary.MARK, None)
                _must(mark["document_key_sha256"] == digest, "another document key was committed to")
                continue
            _must(opening["document_key_sha256"][1] == digest, "another document key was committed to")
            word_key = opening["word_key_sha256"][1]
            known: set[bytes | None] = {hashlib.sha256(secret).digest() for secret in key.secrets}
            known = known or {None}
            _must(word_key in known, "another word secret was committed to")
        return f"{len(mine)} entries commit to it"

    def copies(self, weighed: dict[str, Any], party: Party) -> str:
        key = self.keys[party][weighed["version"]]
        _must(family_digest(key.ids) == weighed["family"], "they are others than the findings commit to")
        return f"{len(key.ids)} copies"

    def scores(self, weighed: dict[str, Any], channel: str, again: list[Weighed]) -> str:
        found, half = self.found, str(weighed.get("half", ""))
        key = self.keys[Party(half or Party.OFFICE)][weighed["version"]]
        symbols = SoftSymbols(_floats(weighed["sums"]), _floats(weighed["information"]))
        limit = threshold(found["considered"], found["chance"], found["looks"])
        _must(math.isclose(limit, found["threshold"], rel_tol=1e-9), "the threshold is another")
        mixture = weighed.get("mixture", "averaging")
        _must(mixture == MIXTURE_OF[channel], "the models are not those of its channel")
        book = key.book(_parts(weighed, channel, len(symbols)))
        weighing = Weighing(symbols, book, key.ids, limit, MIXTURES[mixture])
        mine = [
            a for a in found["accused"] if a["version"] == weighed["version"] and channel in a["channels"]
        ]
        stated = {(a["copy"], a.get("round", 1)) for a in mine}
        if half:
            sources = _given(weighing, stated)
            alone = len(weighing.above(1, [])) - sum(round_ == 1 for _, round_ in stated)
            _must(alone == weighed["alone"], "another number of copies is pointed to by this half alone")
        else:
            sources = tuple(one[0] for one in together([weighing]).named)
        got = {(bytes(s.copy), s.round) for s in sources}
        _must(got == stated, "other copies are named, or in other rounds")
        best = weighing.best if len(key.ids) else -math.inf
        runner_up = weighing.runner_up([s.copy for s in sources])
        if half == Party.NOTARY and weighed["best"] is None:  # below the threshold the notary tells no score
            _must(best < limit, "the notary's half points to a copy, and none was told")
        else:
            _same(best, weighed["best"], "the best score")
            if half != Party.NOTARY:
                _same(runner_up, weighed["runner_up"], "the runner-up's score")
        again.append(
            Weighed(
                0, symbols, (), found["considered"], best, runner_up, sources, channel,
                parts=book.parts_of, half=half,
            )
        )  # fmt: skip
        return f"best {best:.2f}, threshold {limit:.2f}" + (
            "" if runner_up is None else f", runner-up {runner_up:.2f}"
        )

    def named(self, stated: dict[str, Any], proof: dict[str, Any], again: Weighed, party: Party) -> str:
        """An accused copy's codeword, score and both bounds, in the half of one party where there are two."""
        key, copy = self.keys[party][stated["version"]], int.from_bytes(stated["copy"], "big")
        book = key.book(again.parts)
        word = book.words(np.array([copy], np.uint64))[0].tobytes()
        shown = proof["notary"] if party is Party.NOTARY else (proof["codeword"], proof["bias_key"])
        score = stated["halves"][party] if again.half else stated
        _must((word, book.bias_key) == tuple(shown), "its codeword is another")
        mine = next(a for a in accuse(again, self.found["looks"]) if a.copy.value == copy)
        _same(mine.log_e, score["log_e"], "the log e-value")
        _near(mine.chance_of_error, score["chance_of_error"], "the bound")
        _near(mine.chernoff, score["chernoff"], "Chernoff's bound")
        return f"log E = {mine.log_e:.4f}, bound {mine.chance_of_error:.2e}, Chernoff's {mine.chernoff:.2e}"


def _given(weighing: Weighing, stated: set[tuple[bytes, int]]) -> tuple[Source, ...]:
    """What one half says of the copies that both halves named, round by round: what is known is theirs."""
    found = list[Source]()
    for round_ in sorted({round_ for _, round_ in stated}):
        wanted = {copy for copy, at in stated if at == round_}
        before = [source.copy for source in found]
        found += [s for s in weighing.above(round_, before) if bytes(s.copy) in wanted]
    return tuple(found)


def _parts(weighed: dict[str, Any], channel: str, symbols: int) -> list[tuple[str, int]]:
    """The channels of what was weighed, the main one first; a half of two keys has that one alone."""
    found = [(str(name), int(count)) for name, count in weighed.get("parts") or [(channel, symbols)]]
    beside = {name for name, _ in found[1:]}
    _must(found[0][0] == channel and beside <= EXTRAS, "its channels are others")
    _must(not (beside and "half" in weighed), "its channels are others")
    return found


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        raise ProofInvalid(otherwise)


def _same(again: float | None, stated: float | None, what: str) -> None:
    """Scores agree to what the order of sums leaves open."""
    finite = None if again is None or not math.isfinite(again) else again
    both = finite is not None and stated is not None
    same = finite == stated or (
        both and math.isclose(float(finite or 0), float(stated or 0), rel_tol=LOG_E_TOLERANCE, abs_tol=1e-9)
    )
    _must(same, f"{what} is {finite}, stated {stated}")


def _near(again: float | None, stated: float | None, what: str) -> None:
    close = again is not None and stated is not None and math.isclose(again, stated, rel_tol=1e-3)
    _must(close, f"{what} is {again}, stated {stated}")


def _floats(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<f8").astype(np.float64)
