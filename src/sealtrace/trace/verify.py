"""Verify an evidence file: pure, offline, no home. Each claim is checked by itself and named."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealtrace.errors import SealtraceError
from sealtrace.ids import CopyId
from sealtrace.ledger.note import Checkpoint, Note
from sealtrace.ledger.notekey import ED25519, NoteKey
from sealtrace.ledger.rotation import follow
from sealtrace.ledger.statement import PREIMAGE_TYPE
from sealtrace.ledger.verify import open_checkpoint, verify_commitment, verify_receipt, verify_statement
from sealtrace.marks.codewords import biases_from_key
from sealtrace.marks.evalue import SoftSymbols, Weigher
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import MOST_ROUNDS

from . import evidence
from .model import DIGEST_CHANCE, family_bound, round_looks, threshold

PROVEN_BY = {"exact", "stamp", "page", "table"}
LOG_E_TOLERANCE = 1e-6  # relative; the sum's order may differ between machines


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing the file claims, and whether it holds; None where it can't be checked from the file."""

    claim: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of verifying one evidence file."""

    claims: tuple[Claim, ...]
    findings: dict[str, Any]
    people: tuple[dict[str, Any], ...]
    content: dict[str, Any] = field(default_factory=dict, repr=False)
    """The file's payload, as it was read."""

    @property
    def holds(self) -> bool:
        """True when no claim fails and there are some that hold."""
        return any(c.holds for c in self.claims) and all(c.holds is not False for c in self.claims)

    def statement(self, language: str) -> str:
        """What the evidence does not say."""
        return evidence.LIMITS["zh" if language == "zh" else "en"]

    def as_dict(self) -> dict[str, Any]:
        """One JSON-able object."""
        failed = [c.claim for c in self.claims if c.holds is False]
        base: dict[str, Any] = {"ok": self.holds}
        if failed:
            base |= {
                "code": "proof-invalid",
                "message": f"does not hold: {'; '.join(failed)}",
                "advice": "Do not rely on this file. Ask its sender for the original and compare the digests.",
            }
        return base | {
            "result": self.findings.get("result"),
            "file": self.findings.get("file"),
            "considered": self.findings.get("considered"),
            "chance": self.findings.get("chance"),
            "copies": list(self.people) if self.holds else [],
            "claims": [{"claim": c.claim, "holds": c.holds, "detail": c.detail} for c in self.claims],
        }


def verify(path: Path, *, expected_key: str | None = None, cosigners: Sequence[str] = ()) -> Report:
    """Check every claim of an evidence file.

    `expected_key` is the log's C2SP verifier key as its operator publishes it; without it the file proves
    that it is whole and agrees with itself, and shows the key for comparing. `cosigners` are verifier keys
    that must have signed the checkpoint too: of witnesses, or the log's further ones.

    Raises:
        InputMissing, InputTooLarge, ProofInvalid: it can't be read as an evidence file at all.
    """
    content, protected, payload, signature = evidence.read(path)
    check = _Check(content, expected_key)
    check.run(
        "the file is whole: its signature holds", lambda: check.signature(protected, payload, signature)
    )
    check.run("the keys belong to the log that made it", check.keys)
    check.run("the checkpoint is signed by the log", check.checkpoint)
    for cosigner in cosigners:
        check.run(
            f"{cosigner.partition('+')[0]} has cosigned the checkpoint", partial(check.cosigned, cosigner)
        )
    check.run("the home's first entry is in the log", check.home)
    check.run("the trace was entered in the log", lambda: check.entry(content["trace"], event="leak:traced"))
    check.run("the findings are those that were entered", check.findings)
    check.all_accused()
    check.run("the result follows from the findings", check.result)
    return Report(tuple(check.claims), check.found, tuple(check.people), content)


class _Check:
    """Runs the claims of one file one after the other; a failure is recorded, never raised."""

    def __init__(self, content: dict[str, Any], expected_key: str | None) -> None:
        self.content, self.expected = content, expected_key
        self.found: dict[str, Any] = cbor2.loads(content["findings"])
        self.claims: list[Claim] = []
        self.people: list[dict[str, Any]] = []

    def run(self, claim: str, check: Callable[[], str | None]) -> None:
        try:
            detail = check()
            self.claims.append(Claim(claim, holds=True, detail=detail or ""))
        except _Unknown as e:
            self.claims.append(Claim(claim, holds=None, detail=str(e)))
        except _Broken as e:
            self.claims.append(Claim(claim, holds=False, detail=str(e)))
        except (SealtraceError, InvalidSignature) as e:
            self.claims.append(Claim(claim, holds=False, detail=str(e) or "the signature does not fit"))
        except Exception as e:  # hostile content: a claim that can't be checked does not hold
            self.claims.append(Claim(claim, holds=False, detail=f"can't be checked ({type(e).__name__})"))

    # -- the file and its keys -------------------------------------------------------------------

    def signature(self, protected: bytes, payload: bytes, signature: bytes) -> str:
        key = _value(self.content["home"], "evidence_key")
        Ed25519PublicKey.from_public_bytes(key).verify(signature, evidence.to_be_signed(protected, payload))
        return f"evidence key {hashlib.sha256(key).hexdigest()[:16]}"

    def keys(self) -> str:
        given, home = self.content["keys"]["verifier_keys"], self.content["home"]
        for rotation in self.content["rotations"]:
            self.included(rotation)
        verifiers, statements = follow(
            _value(home, "verifier_keys").split("\n"),
            [_value(home, "statement_keys")],
            self.content["rotations"],
        )
        _must(
            set(given) <= verifiers and set(self.content["keys"]["statement_keys"]) <= statements,
            "the keys do not follow from those the home's first entry names",
        )
        if self.expected is not None:
            _must(self.expected.strip() in given, "the log's key is not the expected one")
            return "the expected key"
        return f"{given[0]} (compare it with the key its operator publishes)"

    def checkpoint(self) -> str:
        opened = self.opened
        return f"{opened.origin}, {opened.size} entries"

    @cached_property
    def opened(self) -> Checkpoint:
        """The checkpoint, signed by the expected key where there is one.

        Another key beside the expected one proves nothing: whoever writes the file can name it.
        """
        keys = [self.expected] if self.expected else self.content["keys"]["verifier_keys"]
        return open_checkpoint(self.content["checkpoint"], keys)

    def cosigned(self, vkey: str) -> str:
        """A witness, or the log's further key, has signed the checkpoint."""
        key = NoteKey.parse(vkey)
        _must(
            Note.parse(self.content["checkpoint"]).held_by([key]),
            f"{key.name} has not signed it with this key",
        )
        return (
            "" if key.kind == ED25519 else "+".join(key.text.split("+")[:2])
        )  # its name and id; base64 has pluses too

    # -- entries ---------------------------------------------------------------------------------

    def home(self) -> str:
        """The first entry of all says who the log is."""
        _must(self.content["home"]["index"] == 0, "it is not the log's first entry")
        return self.entry(self.content["home"], event="home:created")

    def entry(self, proof: dict[str, Any], *, event: str = "") -> str:
        """A statement signed by the issuer, in the tree of the checkpoint, opened by what is disclosed."""
        header = verify_statement(proof["statement"], self.content["keys"]["statement_keys"])
        detail = self.included(proof)
        _must(
            verify_commitment(proof["statement"], proof["opening"]),
            "what is disclosed does not open the entry's commitment",
        )
        said = _value(proof, "event")
        _must(not event or said == event, f"it is an entry about {said}, not {event}")
        media_type = f"application/vnd.sealtrace.{said.replace(':', '-')}+cbor"
        _must(header.get(PREIMAGE_TYPE) == media_type, "the statement's media type is not its event's")
        return detail

    def included(self, proof: dict[str, Any]) -> str:
        """An entry is in the tree of the checkpoint, at the index that is stated."""
        opened = self.opened
        for part in ("statement", "receipt"):
            again = cbor2.dumps(cbor2.loads(proof[part]), canonical=True)
            _must(again == proof[part], f"the {part} is not in deterministic form")
        inclusion = verify_receipt(proof["receipt"], proof["statement"], self.content["keys"]["receipt_keys"])
        _must(inclusion.index == proof["index"], "the receipt is for another entry")
        _must(
            (inclusion.size, inclusion.root) == (opened.size, opened.root),
            "the receipt's tree is not the checkpoint's",
        )
        return f"entry {proof['index']}"

    def findings(self) -> str:
        trace = self.content["trace"]
        _must(
            _value(trace, "findings_sha256") == evidence.digest(self.content["findings"]),
            "the findings differ from those entered",
        )
        leak = b"".join(piece["sha256"] for piece in self.found["leak"])
        _must(_value(trace, "leak_sha256") == leak, "the leak's digest differs from the one entered")
        _must(_value(trace, "considered") == self.found["considered"], "the number of copies differs")
        _must(_value(trace, "result") == self.found["result"], "the result differs from the one entered")
        accused = b"".join(sorted(a["copy"] for a in self.found["accused"]))
        _must(_value(trace, "accused") == accused, "the accused copies differ from those entered")
        return ", ".join(piece["sha256"].hex()[:16] for piece in self.found["leak"])

    def all_accused(self) -> None:
        """Check each accused copy that comes with its proof; `result` misses the others."""
        try:
            if len(self.content["accused"]) == len(self.found["accused"]):
                for stated, proof in zip(self.found["accused"], self.content["accused"], strict=True):
                    self.accused(stated, proof)
        except Exception as e:  # hostile content: what can't be read does not hold
            detail = f"can't be checked ({type(e).__name__})"
            self.claims.append(Claim("the accused copies are described", holds=False, detail=detail))

    # -- accused copies --------------------------------------------------------------------------

    def accused(self, stated: dict[str, Any], proof: dict[str, Any]) -> None:
        """Check one accused copy: its entry, and its e-value where a codeword names it."""
        name = str(CopyId(int.from_bytes(stated["copy"], "big")))
        self.run(f"copy {name} was entered before the trace", lambda: self._issued(stated, proof["issue"]))
        if "stamp" in stated["channels"]:
            self.run(f"copy {name} is named by its stamp", self._stamped)
        if {"page", "table"} & set(stated["channels"]):
            self.run(f"copy {name} has the stated e-value", lambda: self._recomputed(stated, proof))

    def _stamped(self) -> str:
        raise _Unknown("a stamp is checked with the office's key, from the leak itself")

    def _issued(self, stated: dict[str, Any], issue: dict[str, Any]) -> str:
        detail, opening = self.entry(issue), issue["opening"]
        _must(_value(issue, "event") in ("copy:issued", "copy:viewed"), "the entry is not about a copy")
        _must(_value(issue, "copy") == stated["copy"], "the entry is another copy's")
        _must(
            f"{_value(issue, 'code')}@{_value(issue, 'version')}" == stated["version"],
            "another version's copy",
        )
        _must(issue["index"] < self.content["trace"]["index"], "it was entered after the trace")
        if "exact" in stated["channels"]:
            _must(
                _value(issue, "copy_sha256") in [piece["sha256"] for piece in self.found["leak"]],
                "no piece of the leak has this copy's bytes",
            )
        self.people.append(
            {"id": str(CopyId(int.from_bytes(stated["copy"], "big")))}
            | {f: opening[f][1] for f in ("operator", "device", "ip", "issued_at") if f in opening}
            | {"chance_of_error": stated["chance_of_error"], "channels": stated["channels"]}
        )
        return detail

    def _recomputed(self, stated: dict[str, Any], proof: dict[str, Any]) -> str:
        weighed = next(w for w in self.found["weighed"] if w["version"] == stated["version"])
        word, mixture = _word(proof), weighed.get("mixture", "averaging")
        _must(
            hashlib.sha256(proof["bias_key"]).digest() == _value(proof["issue"], "bias_key_sha256"),
            "the bias key is not the one committed at issue",
        )
        _must(mixture in MIXTURES, "its mixture of models is not known here")
        symbols = SoftSymbols(_floats(weighed["sums"]), _floats(weighed["information"]))
        biases = biases_from_key(proof["bias_key"], len(symbols.sums))
        weigher = Weigher(symbols, biases, MIXTURES[mixture], self._named_before(stated))
        again = float(weigher.log_e(np.frombuffer(word, np.uint8)[None, :])[0])
        _must(
            math.isclose(again, stated["log_e"], rel_tol=LOG_E_TOLERANCE),
            f"recomputed log e-value {again:.6f}, stated {stated['log_e']:.6f}",
        )
        considered, looks = self.found["considered"], round_looks(self.found["looks"], _round(stated))
        bound = family_bound(again, considered, looks)
        _must(
            math.isclose(bound, stated["chance_of_error"], rel_tol=1e-3),
            "the stated chance of error is another",
        )
        _must(looks >= len(weighed["pages"]), "copies were weighed more often than was paid for")
        _must(again >= threshold(considered, self.found["chance"], looks), "it is below the threshold")
        return f"log E = {again:.2f}, chance of error <= {bound:.2e} over {considered} copies"

    def _named_before(self, stated: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
        """The bits of the copies named in earlier rounds, which a later round takes as known."""
        words = [
            np.unpackbits(np.frombuffer(_word(proof), np.uint8))
            for other, proof in zip(self.found["accused"], self.content["accused"], strict=True)
            if other["version"] == stated["version"] and _round(other) < _round(stated)
        ]
        _must(bool(words) == (_round(stated) > 1), "a later round needs the copies named before it")
        return np.stack(words) if words else None

    def result(self) -> str:
        accused, result = self.found["accused"], self.found["result"]
        _must(len(accused) == len(self.content["accused"]), "an accused copy lacks its proof")
        certain = all({"exact", "stamp"} & set(a["channels"]) for a in accused)
        allowed = {"exact"} if accused and certain else {"strong"} if accused else {"inconclusive", "none"}
        _must(result in allowed, f"{result!r} does not follow from {len(accused)} accused copies")
        for a in accused:
            channels = set(a["channels"])
            _must(
                channels and channels <= PROVEN_BY, "a copy is accused by something that is not proven here"
            )
            limit = max(DIGEST_CHANCE, self.found["chance"])
            _must(a["chance_of_error"] <= limit, "an accusation is less sure than what was asked for")
        return str(result)


class _Broken(Exception):
    """A claim does not hold."""


class _Unknown(Exception):
    """A claim can't be checked from the file alone."""


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        raise _Broken(otherwise)


def _value(proof: dict[str, Any], name: str) -> Any:
    return proof["opening"][name][1]


def _round(accused: dict[str, Any]) -> int:
    """The round in which an accused copy was named."""
    number = accused.get("round", 1)
    _must(type(number) is int and 1 <= number <= MOST_ROUNDS, "there is no such round")
    return int(number)


def _word(proof: dict[str, Any]) -> bytes:
    """A copy's codeword, which is the one that its entry committed to."""
    word: bytes = proof["codeword"]
    committed = _value(proof["issue"], "codeword_sha256")
    _must(
        word is not None and hashlib.sha256(word).digest() == committed,
        "the codeword is not the one committed at issue",
    )
    return word


def _floats(data: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.frombuffer(data, "<f8").astype(np.float64)
