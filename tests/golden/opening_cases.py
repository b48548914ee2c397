"""Evidence in the second form: openings, releases, deeds of devices, the copy for the defence, packages.

As in `evidence_cases`, a forger holds the office's keys: only the claim in question gives the file away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cbor2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.marks.codewords import CodeBook
from sealtrace.trace import evidence, package
from sealtrace.trace.device import Receipt, Request
from sealtrace.trace.evidence import AccusedProof
from sealtrace.trace.model import Opening
from sealtrace.trace.weigh import MIXTURE_OF, models_text

from .blend_cases import BLEND
from .evidence_cases import (
    CHANCE,
    COPIES,
    EVIDENCE,
    IDS,
    LIMITS,
    PAGE,
    REF,
    STRANGER,
    Change,
    Scene,
    flip,
    issued,
    nothing,
    put,
    sign,
    weighed,
)
from .log import Log, seed
from .vectors import Lines, Scores, Vector

OPENED = "number, chance, models and software were entered before decoding"
RELEASED = "the sealed keys were released by several people before"
PACKAGE = "the package is whole: its manifest is signed and fits"
PHONE = Ed25519PrivateKey.from_private_bytes(seed("a recipient's device"))
TRACING = seed("tracing key")
SOFTWARE = seed("software")
NOW, LATER, BEFORE = "2026-03-02T08:20:00Z", "2026-03-02T09:20:00Z", "2026-03-02T08:10:00Z"


def asked(copy: int) -> str:
    return f"copy {IDS[copy]} was asked for by its device"


def received(copy: int) -> str:
    return f"copy {IDS[copy]} was received by its device"


def request(copy: int, key: Ed25519PrivateKey = PHONE, **changed: Any) -> bytes:
    said = Request(
        str(REF.code), 1, f"op-{copy:03d}", f"dev-{copy}", "2026-03-01T09:00:00Z", seed("nonce")[:16]
    )
    return replace(said, **changed).sign(key)


@dataclass
class Second(Scene):
    """A scene in the second form."""

    promises: str = "opened"
    signed: bool = False
    """Each copy was asked for and received by a device."""
    sealed: bool = False
    delivered: bool = False
    """The copies' bytes were made after they were entered."""
    defence: bool = False
    """Other people's data is withheld, and here that is everybody's."""
    opened: Change = nothing
    release: Change = nothing
    enrolment: Change = nothing
    receipt: Change = nothing
    show_release: bool = True
    opened_last: bool = False
    enrolled_last: bool = False
    received_last: bool = False

    def build(self, lines: Lines, scores: Scores) -> bytes:
        log = Log(self.name)
        sealed = {"tracing_key": TRACING, "tracing_needed": 2} if self.sealed else {}
        log.begin(**({"promises": self.promises} | sealed | dict(self.home)))
        channel = self.channel if self.channel in MIXTURE_OF else "page"
        book = CodeBook(seed("document"), channel, self.symbols)
        words = book.words(np.array([c.value for c in IDS], np.uint64))
        deeds: dict[int, list[int]] = {i: [] for i in range(COPIES)}
        self._enrol(log, deeds, last=False)
        places = [] if self.late else self._issue(log, book, words)
        self._enrol(log, deeds, last=True)
        self._deliver(log, deeds)
        self._receive(log, deeds, last=False)
        released = self._release(log)
        opened = None if self.opened_last else self._open(log, released)
        places = places or self._issue(log, book, words)
        index = opened if opened is not None else log.size + 1
        self.opening = Opening(index, COPIES, CHANCE, models_text(), SOFTWARE)
        findings = self._findings(book, words, scores)
        trace = log.enter(self.trace_event, self._traced(findings, index))
        opened = self._open(log, released) if opened is None else opened
        self._receive(log, deeds, last=True)
        data = evidence.seal(
            findings=findings,
            trace=log.proven(trace),
            home=log.proven(0),
            rotations=[],
            accused=[self._proof(log, places[i], words[i].tobytes(), book, deeds[i]) for i in self.accused],
            checkpoint=log.checkpoint(),
            keys=log.public(),
            signing=EVIDENCE,
            opened=log.proven(opened),
            release=log.proven(released) if released is not None and self.show_release else None,
            two_keys=self.two_keys,
        )
        content = cbor2.loads(cbor2.loads(data).value[2])
        content["limits"] = LIMITS
        self.content(content)
        return sign(content)

    def _proof(self, log: Log, place: int, word: bytes, book: CodeBook, deeds: list[int]) -> AccusedProof:
        marked = self.channel in MIXTURE_OF
        proof = AccusedProof(
            log.proven(place),
            word if marked else None,
            book.bias_key if marked else None,
            [log.proven(deed) for deed in deeds],
        )
        return proof.withheld() if self.defence else proof

    def _more(self, i: int) -> dict[str, Any]:
        return {
            "copy_sha256": None if self.delivered else seed(f"bytes of copy {i}"),
            "document_key_sha256": hashlib.sha256(seed("document")).digest(),
            "word_key_sha256": None,
            "request": request(i) if self.signed else None,
            "device_key": PHONE.public_key().public_bytes_raw() if self.signed else None,
        }

    def _enrol(self, log: Log, deeds: dict[int, list[int]], *, last: bool) -> None:
        for i in self.accused if self.signed and self.enrolled_last is last else ():
            fields = {
                "operator": f"op-{i:03d}",
                "device": f"dev-{i}",
                "public_key": PHONE.public_key().public_bytes_raw(),
                "at": "2026-03-01T08:30:00Z",
            }
            self.enrolment(fields)
            deeds[i].append(log.enter("device:enrolled", fields))

    def _deliver(self, log: Log, deeds: dict[int, list[int]]) -> None:
        for i in self.accused if self.delivered else ():
            fields = {"copy": bytes(IDS[i]), "copy_sha256": seed(f"bytes of copy {i}")}
            deeds[i].append(log.enter("copy:delivered", fields))

    def _receive(self, log: Log, deeds: dict[int, list[int]], *, last: bool) -> None:
        for i in self.accused if self.signed and self.received_last is last else ():
            digest = seed(f"bytes of copy {i}")
            receipt = Receipt(bytes(IDS[i]), digest, "2026-03-01T10:00:00Z").sign(PHONE)
            fields = {"copy": bytes(IDS[i]), "copy_sha256": digest, "receipt": receipt, "at": NOW}
            self.receipt(fields)
            deeds[i].append(log.enter("copy:received", fields))

    def _release(self, log: Log) -> int | None:
        if not self.sealed:
            return None
        fields = {
            "holders": "Security\nCompliance",
            "shares": "1,3",
            "needed": 2,
            "tracing_key": TRACING,
            "purpose": "case 7",
            "expires_at": LATER,
            "at": BEFORE,
        }
        self.release(fields)
        return log.enter("key:released", fields)

    def _open(self, log: Log, released: int | None) -> int:
        fields = {
            "trace": "T00c0ffee00c0ffee",
            "considered": COPIES,
            "chance": repr(CHANCE),
            "models": models_text(),
            "software_sha256": SOFTWARE,
            "leak_sha256": self._leaked_bytes(),
            "earlier": 0,
            "release": released,
            "at": NOW,
        }
        self.opened(fields)
        return log.enter("leak:opened", fields)

    def _leaked_bytes(self) -> bytes:
        return seed(f"bytes of copy {self.accused[0]}") if self.channel == "exact" else seed("leak")

    def _traced(self, findings: bytes, opened: int) -> dict[str, Any]:
        found = cbor2.loads(findings)
        fields = {
            "trace": found["trace"],
            "opened": opened,
            "at": found["at"],
            "result": found["result"],
            "file": found["file"],
            "accused": b"".join(sorted(bytes(IDS[i]) for i in self.accused)),
            "accused_versions": str(REF),
            "considered": found["considered"],
            "chance": repr(found["chance"]),
            "models": found["models"],
            "software_sha256": found["software_sha256"],
            "leak_sha256": b"".join(piece["sha256"] for piece in found["leak"]),
            "findings_sha256": evidence.digest(findings),
        }
        self.entered(fields)
        return fields


def scenes() -> Iterator[tuple[Scene, dict[str, Any]]]:
    """Each scene with what is expected of it."""
    own, back = [asked(2)], [received(2)]
    sealed: dict[str, Any] = {"sealed": True, "promises": "opened,sealed"}
    signed: dict[str, Any] = {"signed": True, "promises": "opened,signed"}
    yield Second("opened-exact"), {}
    yield Second("opened-strong", **PAGE), {}
    yield Second("opened-table-of-two", **BLEND), {}
    yield Second("opened-again", opened=put("earlier", to=2)), {}
    yield Second("opened-delivered", delivered=True), {}
    yield Second("opened-signed", **signed, **PAGE), {}
    yield Second("opened-sealed", **sealed, **PAGE), {}
    yield (
        Second("opened-withheld", defence=True, **signed),
        {"unchecked": [asked(2), received(2)]},
    )
    # what was fixed beforehand
    yield Second("opening-after-the-trace", opened_last=True), {"fails": [OPENED]}
    yield Second("opening-of-another-trace", opened=put("trace", to="T0000000000000000")), {"fails": [OPENED]}
    yield Second("opening-of-fewer-copies", opened=put("considered", to=5)), {"fails": [OPENED]}
    yield Second("opening-with-another-chance", opened=put("chance", to="1e-12")), {"fails": [OPENED]}
    yield Second("opening-with-other-models", opened=put("models", to="page=guesses")), {"fails": [OPENED]}
    yield (
        Second("opening-with-other-software", opened=put("software_sha256", to=bytes(32))),
        {"fails": [OPENED]},
    )
    yield Second("opening-of-another-leak", opened=put("leak_sha256", to=bytes(32))), {"fails": [OPENED]}
    yield Second("opening-another-named", entered=put("opened", to=2)), {"fails": [OPENED]}
    yield (
        Second("opening-is-none", content=lambda c: c.update(opened=c["trace"])),
        {"fails": [OPENED]},
    )
    yield (
        Scene("opening-promised-and-not-shown", home={"promises": "opened"}),
        {"fails": [OPENED]},
    )
    yield Second("issued-after-the-opening", late=True), {"fails": [issued(2)]}
    yield (
        Second("document-key-not-committed", issue=put("document_key_sha256", to=None)),
        {"fails": [issued(2)]},
    )
    yield (
        Second("delivered-other-bytes", delivered=True, findings=put("leak", 0, "sha256", to=bytes(32)),
               opened=put("leak_sha256", to=bytes(32))),
        {"fails": [issued(2)]},
    )  # fmt: skip
    yield (
        Second("models-of-another-channel", findings=put("weighed", 0, "mixture", to="averaging"), **BLEND),
        {"fails": [weighed(1), weighed(3)]},
    )
    # sealed keys
    yield Second("release-left-out", show_release=False, **sealed), {"fails": [RELEASED]}
    yield Second("release-expired", release=put("expires_at", to=BEFORE), **sealed), {"fails": [RELEASED]}
    yield Second("release-by-one", release=put("holders", to="Security"), **sealed), {"fails": [RELEASED]}
    yield Second("release-of-one-share", release=put("shares", to="1,1"), **sealed), {"fails": [RELEASED]}
    yield (
        Second("release-of-another-key", release=put("tracing_key", to=bytes(32)), **sealed),
        {"fails": [RELEASED]},
    )
    yield Second("release-not-the-openings", opened=put("release", to=1), **sealed), {"fails": [RELEASED]}
    # what devices sign
    yield Second("unsigned-where-promised", promises="opened,signed"), {"fails": own}
    yield (
        Second(
            "request-by-a-stranger", issue=put("request", to=request(2, STRANGER.checkpoint.key)), **signed
        ),
        {"fails": own},
    )
    yield (
        Second("request-of-another-person", issue=put("request", to=request(2, operator="op-009")), **signed),
        {"fails": own},
    )
    yield (
        Second("request-for-another-file", issue=put("request", to=request(2, code="X")), **signed),
        {"fails": own},
    )
    yield (
        Second("request-altered", issue=put("request", to=lambda r: flip(r, 40)), **signed),
        {"fails": own},
    )
    yield Second("device-enrolled-later", enrolled_last=True, **signed), {"fails": own}
    yield (
        Second("device-of-another-person", enrolment=put("operator", to="op-009"), **signed),
        {"fails": own},
    )
    yield (
        Second("device-with-another-key", enrolment=put("public_key", to=bytes(32)), **signed),
        {"fails": own},
    )
    yield (
        Second("receipt-for-other-bytes", receipt=put("copy_sha256", to=bytes(32)), **signed),
        {"fails": back},
    )
    yield (
        Second("receipt-altered", receipt=put("receipt", to=lambda r: flip(r, -1)), **signed),
        {"fails": back},
    )
    yield Second("receipt-after-the-opening", received_last=True, **signed), {"fails": back}
    yield (
        Second(
            "withheld-not-a-commitment",
            defence=True,
            content=put("accused", 0, "issue", "hidden", 0, to=b"x"),
            **signed,
        ),
        {"fails": [issued(2)], "unchecked": [asked(2), received(2)]},
    )


def packages(inside: bytes) -> Iterator[tuple[str, bytes, list[str] | None]]:
    """Packages: name, bytes, the claims that fail (None: refused as a whole)."""
    members = {
        package.EVIDENCE: inside,
        "LIMITS.txt": LIMITS["en"].encode(),
        "说明.txt": LIMITS["zh"].encode(),
    }
    trace = "T00c0ffee00c0ffee"
    whole = package.seal(trace, members, EVIDENCE)
    yield "package", whole, []
    signed = package.read(whole, "package")
    yield "package-file-altered", package.write(signed | {"LIMITS.txt": b"none"}), [PACKAGE]
    yield "package-file-more", package.write(signed | {"more.txt": b""}), [PACKAGE]
    yield "package-by-a-stranger", package.seal(trace, members, STRANGER.checkpoint.key), [PACKAGE]
    yield "package-of-another-trace", package.seal("T0", members, EVIDENCE), [PACKAGE]
    yield "package-flipped", flip(whole, len(whole) // 2), None
    yield "package-longer", whole + b"\0", None
    yield "package-comment", whole[:-2] + b"\1\0x", None
    yield "package-without-evidence", package.seal(trace, {"LIMITS.txt": b""}, EVIDENCE), None


def vectors(lines: Lines, scores: Scores) -> Iterator[Vector]:
    """All evidence vectors of the second form, and packages."""
    first = b""
    for scene, expected in scenes():
        data = scene.build(lines, scores)
        first = first or data
        yield Vector("evidence", scene.name, {f"evidence/{scene.name}.evidence": data}, **expected)
    for name, data, fails in packages(first):
        yield Vector(
            "evidence", name, {f"evidence/{name}.evidence": data}, fails=fails or [], refused=fails is None
        )
