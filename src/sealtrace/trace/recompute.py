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
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import Sources, find_sources

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


def write(trace: str, keys: Sequence[DocumentKeys]) -> bytes:
    """Write the keys' file: deterministic CBOR."""
    return cbor2.dumps(
        {
            "format": FORMAT,
            "trace": trace,
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


def read(data: bytes) -> tuple[str, dict[str, DocumentKeys]]:
    """Read a keys' file: the trace it is for, and the keys by version. Raises ProofInvalid."""
    try:
        found = cbor2.loads(data)
        if found["format"] != FORMAT:
            raise ValueError("another format")
        keys = {d["version"]: _keys(d) for d in found["documents"]}
        return str(found["trace"]), keys
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


def recompute(content: dict[str, Any], found: dict[str, Any], data: bytes) -> tuple[Claim, ...]:
    """Check everything that follows from the document keys; `content` and `found` are a verified file's."""
    check = _Check(content, found)
    check.run("the keys are for this trace", lambda: check.for_this(data))
    for weighed in found["weighed"]:
        check.version(weighed)
    if not found["weighed"]:
        check.claims.append(Claim("there are scores to work out again", None, "nothing was weighed"))
    return tuple(check.claims)


class _Check:
    def __init__(self, content: dict[str, Any], found: dict[str, Any]) -> None:
        self.content, self.found = content, found
        self.keys: dict[str, DocumentKeys] = {}
        self.claims: list[Claim] = []

    def run(self, claim: str, check: Callable[[], str]) -> None:
        try:
            self.claims.append(Claim(claim, holds=True, detail=check()))
        except SealtraceError as e:
            self.claims.append(Claim(claim, holds=False, detail=e.message))
        except Exception as e:  # hostile content: what can't be worked out does not hold
            self.claims.append(Claim(claim, holds=False, detail=f"can't be checked ({type(e).__name__})"))

    def for_this(self, data: bytes) -> str:
        trace, self.keys = read(data)
        _must(trace == self.found["trace"], f"they are for trace {trace}")
        return ", ".join(sorted(self.keys))

    def version(self, weighed: dict[str, Any]) -> None:
        """One version weighed: its key, its copies, its scores."""
        ref, channel = weighed["version"], weighed.get("channel", "page")
        again: list[Weighed] = []
        self.run(f"{ref}: the document key is the one committed to at issue", lambda: self.committed(ref))
        self.run(f"{ref}: the copies are those that were weighed", lambda: self.copies(weighed))
        self.run(
            f"{ref}: the scores are those that the key gives", lambda: self.scores(weighed, channel, again)
        )
        if not again:
            return
        for stated, proof in zip(self.found["accused"], self.content["accused"], strict=False):
            if stated["version"] == ref and channel in stated["channels"]:
                name = str(CopyId(int.from_bytes(stated["copy"], "big")))
                self.run(
                    f"copy {name} is named by its codeword",
                    lambda s=stated, p=proof: self.named(s, p, again[0], channel),  # type: ignore[misc]
                )

    def committed(self, ref: str) -> str:
        key = self.keys[ref]
        digest = hashlib.sha256(key.document_key).digest()
        mine = [
            proof["issue"]["opening"]
            for stated, proof in zip(self.found["accused"], self.content["accused"], strict=True)
            if stated["version"] == ref
        ]
        if not mine:
            return "no copy of it is accused, so no commitment is shown"
        for opening in mine:
            _must(opening["document_key_sha256"][1] == digest, "another document key was committed to")
            word_key = opening["word_key_sha256"][1]
            known: set[bytes | None] = {hashlib.sha256(secret).digest() for secret in key.secrets}
            known = known or {None}
            _must(word_key in known, "another word secret was committed to")
        return f"{len(mine)} entries commit to it"

    def copies(self, weighed: dict[str, Any]) -> str:
        key = self.keys[weighed["version"]]
        _must(family_digest(key.ids) == weighed["family"], "they are others than the findings commit to")
        return f"{len(key.ids)} copies"

    def scores(self, weighed: dict[str, Any], channel: str, again: list[Weighed]) -> str:
        key, found = self.keys[weighed["version"]], self.found
        symbols = SoftSymbols(_floats(weighed["sums"]), _floats(weighed["information"]))
        limit = threshold(found["considered"], found["chance"], found["looks"])
        _must(math.isclose(limit, found["threshold"], rel_tol=1e-9), "the threshold is another")
        mixture = weighed.get("mixture", "averaging")
        _must(mixture == MIXTURE_OF[channel], "the models are not those of its channel")
        book = key.book(_parts(weighed, channel, len(symbols)))
        sources = find_sources(symbols, book, key.ids, limit, MIXTURES[mixture])
        _same(sources.best, weighed["best"], "the best score")
        _same(sources.runner_up, weighed["runner_up"], "the runner-up's score")
        stated = {
            (a["copy"], a.get("round", 1))
            for a in found["accused"]
            if a["version"] == weighed["version"] and channel in a["channels"]
        }
        got = {(bytes(s.copy), s.round) for s in sources.named}
        _must(got == stated, "other copies are named, or in other rounds")
        again.append(_weighed(symbols, sources, found["considered"], channel, book.parts_of))
        return f"best {sources.best:.2f}, threshold {limit:.2f}" + (
            "" if sources.runner_up is None else f", runner-up {sources.runner_up:.2f}"
        )

    def named(self, stated: dict[str, Any], proof: dict[str, Any], again: Weighed, channel: str) -> str:
        """An accused copy's codeword, score and both bounds."""
        key, copy = self.keys[stated["version"]], int.from_bytes(stated["copy"], "big")
        book = key.book(again.parts or [(channel, len(again.symbols))])
        word = book.words(np.array([copy], np.uint64))[0].tobytes()
        _must((word, book.bias_key) == (proof["codeword"], proof["bias_key"]), "its codeword is another")
        mine = next(a for a in accuse(again, self.found["looks"]) if a.copy.value == copy)
        _same(mine.log_e, stated["log_e"], "the log e-value")
        _near(mine.chance_of_error, stated["chance_of_error"], "the bound")
        _near(mine.chernoff, stated["chernoff"], "Chernoff's bound")
        return f"log E = {mine.log_e:.4f}, bound {mine.chance_of_error:.2e}, Chernoff's {mine.chernoff:.2e}"


def _parts(weighed: dict[str, Any], channel: str, symbols: int) -> list[tuple[str, int]]:
    """The channels of what was weighed, the main one first."""
    found = [(str(name), int(count)) for name, count in weighed.get("parts") or [(channel, symbols)]]
    _must(found[0][0] == channel and {name for name, _ in found[1:]} <= EXTRAS, "its channels are others")
    return found


def _weighed(
    symbols: SoftSymbols, sources: Sources, considered: int, channel: str, parts: tuple[tuple[str, int], ...]
) -> Weighed:
    return Weighed(
        0,
        symbols,
        (),
        considered,
        sources.best,
        sources.runner_up,
        sources.named,
        channel=channel,
        parts=parts,
    )


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
