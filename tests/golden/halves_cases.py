"""Evidence in the third form: two keys, so that each half of a copy's codeword has a proof of its own.

As in `evidence_cases`, a forger holds the office's keys; the notary's key is another's, and only who is said to hold it
here signs with it. The packages have both parties' document keys, so that all of it can be worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.halves import Party
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import Source, Weighing, together
from sealtrace.trace import notary, package
from sealtrace.trace.evidence import AccusedProof
from sealtrace.trace.model import Accused, Result, Weighed, threshold
from sealtrace.trace.recompute import DocumentKeys, write
from sealtrace.trace.weigh import MIXTURE_OF, accuse_both, family_digest

from .blend_cases import BLEND, TABLE
from .evidence_cases import (
    CHANCE,
    COPIES,
    EVIDENCE,
    IDS,
    LIMITS,
    PAGE,
    REF,
    RESULT,
    Change,
    Scene,
    flip,
    flipped,
    put,
)
from .log import Keys, Log, seed
from .opening_cases import PACKAGE, Second
from .vectors import Lines, Scores, Vector

NOTARY = Ed25519PrivateKey.from_private_bytes(seed("notary"))
OFFICE_DOCUMENT, NOTARY_DOCUMENT = seed("document"), seed("document of the notary")
OFFICE, NOTARYS = Party.OFFICE.value, Party.NOTARY.value
PROMISES = "opened,two-keys"
SYMBOLS = 160
"""Of each half."""
IDS_OF_ALL = np.array([copy.value for copy in IDS], np.uint64)


def marked(copy: int) -> str:
    return f"copy {IDS[copy]} was marked by the notary too"


def in_half(copy: int, half: str) -> str:
    return f"copy {IDS[copy]} has the stated e-value in the {half}'s half"


def weaker(copy: int) -> str:
    return f"copy {IDS[copy]} is named by the weaker half"


def notary_book(channel: str, symbols: int) -> CodeBook:
    return CodeBook(NOTARY_DOCUMENT, channel, symbols)


@dataclass
class Third(Second):
    """A scene of a home with two keys. `symbols` are those of one half."""

    two_keys: ClassVar[bool] = True
    promises: str = PROMISES
    symbols: int = SYMBOLS
    channel: str = "page"
    result: Result = Result.STRONG
    framed: Sequence[int] = ()
    """Copies whose half of the office's alone is in the leak: the office made it, and it lacks the notary's key."""
    mark: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Changes what the notary signs of a copy."""
    signed_by: Ed25519PrivateKey = NOTARY

    def build(self, lines: Lines, scores: Scores) -> bytes:
        key = NOTARY.public_key().public_bytes_raw()
        self.home = {"notary": "City Notary", "notary_key": key} | dict(self.home)
        return super().build(lines, scores)

    def _more(self, i: int) -> dict[str, Any]:
        book = notary_book(self.channel, self.symbols)
        fields = notary.mark_fields(
            log=Keys("1").origin, code=str(REF.code), version=REF.version or 1, copy=bytes(IDS[i]),
            channel=self.channel, symbols=self.symbols, word=self._theirs(i), bias_key=book.bias_key,
            document_key=NOTARY_DOCUMENT,
        )  # fmt: skip
        mark = notary.sign(notary.MARK, self.mark(fields), self.signed_by)
        return super()._more(i) | {"notary_mark": mark}

    def _theirs(self, i: int) -> bytes:
        """The notary's half of a copy's codeword, packed."""
        return notary_book(self.channel, self.symbols).words(IDS_OF_ALL)[i].tobytes()

    def _proof(self, log: Log, place: int, word: bytes, book: CodeBook, deeds: list[int]) -> AccusedProof:
        own = super()._proof(log, place, word, book, deeds)
        [copy] = [i for i in self.accused if log.openings[place]["copy"][1] == bytes(IDS[i])]
        return replace(own, notary=(self._theirs(copy), notary_book(self.channel, self.symbols).bias_key))

    def _weighed(
        self, book: CodeBook, words: Any, scores: Scores
    ) -> tuple[list[Accused], tuple[Weighed, ...]]:
        """Weigh both halves round by round, and name exactly the scene's copies."""
        theirs, limit = notary_book(self.channel, self.symbols), threshold(COPIES, CHANCE, self.looks)
        parts = (
            self._leaked(words, [*self.accused, *self.framed]),
            self._leaked(theirs.words(IDS_OF_ALL), of=" of the notary's half"),
        )
        models = MIXTURES[MIXTURE_OF[self.channel]]
        halves = [
            Weighing(part, own, IDS_OF_ALL, limit, models)
            for part, own in zip(parts, (book, theirs), strict=True)
        ]
        found = together(halves)
        named = [sources[0].copy for sources in found.named]
        assert set(named) == {IDS[i] for i in self.accused}, found
        pages, tables = self._places()
        made = []
        for at, (party, half) in enumerate(zip((Party.OFFICE, Party.NOTARY), halves, strict=True)):
            sources = sorted(
                (s[at] for s in found.named), key=lambda s: self.accused.index(IDS.index(s.copy))
            )
            log_e, log_chance = [s.log_e for s in sources], [s.log_chance for s in sources]
            told = [half.best, half.runner_up(named) or 0.0]
            *kept, best, runner_up = scores.kept(
                f"{self._leak}, the {party}'s half", [*log_e, *log_chance, *told]
            )
            again = [
                Source(s.copy, e, s.round, chance)
                for s, e, chance in zip(sources, kept[: len(sources)], kept[len(sources) :], strict=True)
            ]
            silent = party is Party.NOTARY and not half.above(1, [])
            made.append(
                Weighed(
                    1, parts[at], pages, COPIES, -np.inf if silent else best, None if silent else runner_up,
                    tuple(again), self.channel, tables, family_digest(IDS_OF_ALL), party, found.alone[at],
                )
            )  # fmt: skip
        return accuse_both(made, self.looks), tuple(made)

    @property
    def _leak(self) -> str:
        framed = f", framed {', '.join(map(str, self.framed))}" if self.framed else ""
        return f"two keys, {super()._leak}{framed}"


def other(**changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda fields: fields | changed


def on_halves(change: Change) -> Change:
    """Change the halves of the first accused copy, and what is stated of it as who forges would."""

    def changed(found: dict[str, Any]) -> None:
        accused = found["accused"][0]
        change(accused["halves"])
        scores = list(accused["halves"].values())
        accused["log_e"] = min(score["log_e"] for score in scores)
        accused["chance_of_error"] = max(score["chance_of_error"] for score in scores)

    return changed


def scenes() -> Iterator[tuple[Scene, dict[str, Any]]]:
    """Each scene with what is expected of it."""
    key = Keys("1").checkpoint.public.text
    table = TABLE | {"shares": (256,)}
    theirs, mine = in_half(2, NOTARYS), in_half(2, OFFICE)
    yield Third("halves-strong"), {"key": key}
    yield Third("halves-table", **table), {}
    yield Third("halves-table-of-two", symbols=256, **BLEND), {}
    yield Third("halves-inconclusive", accused=(), result=Result.INCONCLUSIVE), {}
    # an office without the notary's key makes a leak of a copy: it is told apart, and nobody is named
    yield Third("halves-of-the-office-alone", accused=(), framed=(2,), result=Result.INCONCLUSIVE), {}
    # the form goes with the promise
    yield Second("halves-promised-and-not-shown", promises=PROMISES, **PAGE), {"fails": [RESULT]}
    yield Third("halves-shown-and-not-promised", promises="opened"), {"fails": [RESULT]}
    yield (
        Third(
            "halves-accused-by-another-channel", findings=put("accused", 0, "channels", to=["page", "decoy"])
        ),
        {"fails": [RESULT]},
    )
    # the notary's mark
    yield Third("mark-by-the-office", signed_by=EVIDENCE), {"fails": [marked(2), theirs]}
    yield Third("mark-of-another-copy", mark=other(copy=bytes(IDS[3]))), {"fails": [marked(2), theirs]}
    yield Third("mark-of-another-version", mark=other(version=2)), {"fails": [marked(2), theirs]}
    yield Third("mark-for-another-log", mark=other(log="sealtrace/OTHER/log")), {"fails": [marked(2), theirs]}
    yield Third("mark-left-out", issue=put("notary_mark", to=None)), {"fails": [marked(2), theirs]}
    yield (
        Third("mark-altered", issue=put("notary_mark", to=lambda mark: flip(mark, -1))),
        {"fails": [marked(2), theirs]},
    )
    yield Third("mark-of-another-codeword", mark=other(codeword_sha256=bytes(32))), {"fails": [theirs]}
    # each half by itself
    yield (
        Third("halves-notary-left-out", content=put("accused", 0, "notary", to=None)),
        {"fails": [theirs]},
    )
    yield (
        Third("halves-notary-codeword-flipped", content=flipped("accused", 0, "notary", 0)),
        {"fails": [theirs]},
    )
    yield (
        Third("halves-notary-bias-key-flipped", content=flipped("accused", 0, "notary", 1)),
        {"fails": [theirs]},
    )
    yield (
        Third("halves-office-codeword-flipped", content=flipped("accused", 0, "codeword")),
        {"fails": [mine]},
    )
    yield (
        Third("halves-notary-symbols-changed", findings=put("weighed", 1, "sums", to=lambda s: flip(s, 6))),
        {"fails": [theirs]},
    )
    yield Third("halves-exchanged", findings=_exchanged), {"fails": [mine, theirs]}
    yield (
        Third("halves-one-twice", findings=on_halves(lambda halves: halves.update(notary=halves["office"]))),
        {"fails": [theirs]},
    )
    yield (
        Third("halves-one-left-out", findings=on_halves(lambda halves: halves.pop("notary"))),
        {"fails": [theirs, weaker(2)]},
    )
    surer: dict[str, Any] = {name: put("chance", to="1e-30") for name in ("opened", "entered")}
    yield (
        Third("halves-below-the-threshold", findings=put("chance", to=1e-30), **surer),
        {"fails": [mine, theirs, RESULT]},
    )
    # what is stated of the copy
    yield Third("halves-the-stronger-stated", findings=_stronger), {"fails": [weaker(2)]}
    yield (
        Third("halves-product-understated", findings=put("accused", 0, "both_secret", to=lambda b: b / 8)),
        {"fails": [weaker(2)]},
    )
    yield (
        Third("halves-round-without-an-earlier-one", symbols=256, findings=put("accused", 0, "round", to=2), **BLEND),
        {"fails": [in_half(i, half) for i in (1, 3) for half in (OFFICE, NOTARYS)] + [weaker(1)]},
    )  # fmt: skip


def _exchanged(found: dict[str, Any]) -> None:
    first, second = found["weighed"]
    first["half"], second["half"] = second["half"], first["half"]


def _stronger(found: dict[str, Any]) -> None:
    accused = found["accused"][0]
    accused["log_e"] = max(score["log_e"] for score in accused["halves"].values())


def packages(inside: bytes) -> Iterator[tuple[str, bytes, list[str] | None]]:
    """Packages with both parties' keys: name, bytes, the claims that fail."""
    trace = "T00c0ffee00c0ffee"
    keys = {
        party: write(trace, [DocumentKeys(str(REF), document, IDS_OF_ALL)], party)
        for party, document in ((Party.OFFICE, OFFICE_DOCUMENT), (Party.NOTARY, NOTARY_DOCUMENT))
    }
    members = {
        package.EVIDENCE: inside, "LIMITS.txt": LIMITS["en"].encode(), "document-keys.cbor": keys[Party.OFFICE],
        "notary-keys.cbor": keys[Party.NOTARY],
    }  # fmt: skip
    whole = package.seal(trace, members, EVIDENCE)
    yield "halves-package", whole, []
    signed = package.read(whole, "package")
    altered = signed | {"notary-keys.cbor": flip(signed["notary-keys.cbor"], -1)}
    yield "halves-package-notary-keys-altered", package.write(altered), [PACKAGE]


def vectors(lines: Lines, scores: Scores) -> Iterator[Vector]:
    """All evidence vectors of the third form, and packages."""
    first = b""
    for scene, expected in scenes():
        data = scene.build(lines, scores)
        first = first or data
        yield Vector("evidence", scene.name, {f"evidence/{scene.name}.evidence": data}, **expected)
    for name, data, fails in packages(first):
        yield Vector("evidence", name, {f"evidence/{name}.evidence": data}, fails=fails or [])
