"""The evidence file: one signed object that proves a trace's answer to an outsider, and its verifier.

A tagged COSE_Sign1 (EdDSA, empty unprotected header) over deterministic CBOR, so that any altered byte
is refused. It holds the trace entry and, for each accused copy, the issue entry: signed statement,
receipt, opened commitment. For the page and the table channel it holds what is needed to compute the e-value again:
soft symbols, the key of the bias vector, the copy's codeword (whose digest was committed at issue,
before delivery), N and the chance. It holds no other copy's codeword and no document key.

The third form is that of homes with two keys: both halves of the codeword, each with its proof. The second form
adds what was entered before the leak was decoded, the release of sealed keys, and the deeds
of each copy: its request and receipt, signed by the recipient's device, and its deliveries.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace import __version__
from sealtrace.errors import InputMissing, InputTooLarge, ProofInvalid
from sealtrace.ledger.commitment import field_commitment

from .model import Answer, TableFinding, Weighed, threshold
from .weigh import MIXTURE_OF

FORMATS = {
    "sealtrace-evidence/1": "sealtrace-findings/1",
    "sealtrace-evidence/2": "sealtrace-findings/2",
    "sealtrace-evidence/3": "sealtrace-findings/3",
}
"""Each form of the file and of the findings in it; the first is read still and written no more."""
FORMAT, FINDINGS = "sealtrace-evidence/2", "sealtrace-findings/2"
TWO_KEYS, TWO_KEYS_FINDINGS = "sealtrace-evidence/3", "sealtrace-findings/3"
"""Of homes with two keys: every accused copy has a score, a bound and a codeword for each half."""
FIRST_FIELDS = {"format", "findings", "trace", "home", "rotations", "accused", "checkpoint", "keys", "limits"}
FIELDS = FIRST_FIELDS | {"opened", "release"}
MAX_BYTES = 64 << 20
ALG_EDDSA = {1: -8}

LIMITS = {
    "en": (
        "This evidence names a copy and its recipient of record. It does not say who leaked it: a device can be "
        "stolen, a screen shared, a copy passed on. The chance of error bounds the naming of any innocent copy "
        "among all copies considered, given that the marking keys were secret. A reader who wants the "
        "probability that this copy is the source needs a prior besides this number."
    ),
    "zh": (
        "本证据指向一份副本及其登记接收人，并不认定泄露者：设备可能被盗，屏幕可能被他人看到，副本可能被转交。"
        "误认概率是在标记密钥未泄露的前提下，在全部参与比对的副本中误指任何一份无辜副本的概率上界。"
        "若要得出“该副本即来源”的概率，除该数值外还需先验判断。"
    ),
}


def keep(answer: Answer, trace: str, at: str, refs: Mapping[int, str], *, two_keys: bool = False) -> bytes:
    """Write a trace's findings as deterministic CBOR: what was found, and the inputs of every number.

    `refs` names version rows as CODE@N. Holds no personal data: copies by id only. An answer that was never
    opened is written in the first form.
    """
    found, opened = answer.identified, answer.opened
    return _cbor(
        {
            "format": TWO_KEYS_FINDINGS if two_keys else FINDINGS if opened else "sealtrace-findings/1",
            **(
                {"opened": opened.index, "models": opened.models, "software_sha256": opened.software_sha256}
                if opened
                else {}
            ),
            "software": f"sealtrace {__version__}",
            "trace": trace,
            "at": at,
            "result": str(answer.result),
            "file": str(found.ref) if found else None,
            "versions": list(found.versions) if found else [],
            "considered": answer.considered,
            "chance": answer.chance,
            "looks": answer.looks,
            "threshold": threshold(answer.considered, answer.chance, answer.looks),
            "leak": [
                {"sha256": p.sha256, "size_bytes": p.size_bytes, "kind": str(p.kind)} for p in answer.pieces
            ],
            "accused": [
                {
                    "copy": bytes(a.copy),
                    "version": refs[a.version],
                    "channels": list(a.channels),
                    "log_e": a.log_e,
                    "chance_of_error": a.chance_of_error,
                    **({"round": a.round} if a.round > 1 else {}),
                    **({"chernoff": a.chernoff} if opened else {}),
                    **(
                        {
                            "halves": {score.half: score.as_dict() for score in a.halves},
                            "both_secret": a.both_secret,
                        }
                        if a.halves
                        else {}
                    ),
                }
                for a in answer.accused
            ],
            "channels": [c.as_dict() for c in answer.channels],
            "weighed": [
                _weighed(w, refs[w.version]) | ({"family": w.family} if opened else {})
                for w in answer.weighed
            ],
            "notes": list(answer.notes),
        }
    )


def _weighed(w: Weighed, ref: str) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "version": ref,
        "sums": w.symbols.sums.astype("<f8").tobytes(),
        "information": w.symbols.information.astype("<f8").tobytes(),
        "pages": [
            {
                "piece": p.piece,
                "picture": p.picture,
                "page": p.page,
                "coverage": float(p.coverage),
                "to_leak": [float(v) for v in np.asarray(p.to_leak).ravel()],
            }
            for p in w.pages
        ],
        "best": w.best if math.isfinite(w.best) else None,
        "runner_up": w.runner_up if w.runner_up is not None and math.isfinite(w.runner_up) else None,
    }
    if w.channel != "page":
        kept |= {
            "channel": w.channel,
            "mixture": MIXTURE_OF[w.channel],
            "tables": [_table(t) for t in w.tables],
        }
    if w.parts:
        kept["parts"] = [list(part) for part in w.parts]
    return kept | ({"half": str(w.half), "alone": w.alone} if w.half else {})


def _table(t: TableFinding) -> dict[str, Any]:
    return {
        "piece": t.piece,
        "number": t.number,
        "table": t.table,
        "how": t.how,
        "window": t.window,
        "rows": t.rows,
        "cells": t.cells,
        "fit": float(t.fit),
        "columns": [list(column) for column in t.columns],
    }


def digest(findings: bytes) -> bytes:
    """The digest of the findings that the trace's entry commits to."""
    return hashlib.sha256(findings).digest()


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """A ledger entry with everything that proves it: statement, receipt, and the opened commitment."""

    index: int
    statement: bytes
    receipt: bytes
    opening: Mapping[str, Any]
    withheld: frozenset[str] = frozenset()
    """Fields of which only the commitment is shown: other people's data in the copy for the defence."""

    def as_map(self) -> dict[str, Any]:
        """The entry as CBOR map."""
        shown = {name: list(pair) for name, pair in self.opening.items() if name not in self.withheld}
        hidden = [
            field_commitment(name, pair[0], pair[1])
            for name, pair in self.opening.items()
            if name in self.withheld
        ]
        return {
            "index": self.index,
            "statement": self.statement,
            "receipt": self.receipt,
            "opening": shown,
            **({"hidden": sorted(hidden)} if hidden else {}),
        }

    def withholding(self, names: Iterable[str]) -> ProvenEntry:
        """The same entry with some fields withheld."""
        return replace(self, withheld=frozenset(names) & set(self.opening))


@dataclass(frozen=True, slots=True)
class AccusedProof:
    """What proves one accused copy: its issue entry, deeds, and, named by marks, its codeword and bias key.

    The deeds are entries about the recipient's device (`device:enrolled`) and about the copy (`copy:delivered`,
    `copy:received`).
    """

    issue: ProvenEntry
    codeword: bytes | None
    bias_key: bytes | None
    deeds: Sequence[ProvenEntry] = ()
    notary: tuple[bytes, bytes] | None = None
    """With two keys: the notary's half of the codeword and the key of its biases; the first two are the office's."""

    def withheld(self) -> AccusedProof:
        """The same proof without anything about the person: for another person's copy of the evidence."""
        return replace(
            self,
            issue=self.issue.withholding(PERSONAL),
            deeds=[deed.withholding(PERSONAL) for deed in self.deeds],
        )


PERSONAL = {"operator", "device", "ip", "request", "device_key", "receipt", "public_key"}
"""Fields of an entry that are about a person."""


def seal(
    *,
    findings: bytes,
    trace: ProvenEntry,
    home: ProvenEntry,
    rotations: Sequence[ProvenEntry],
    accused: Sequence[AccusedProof],
    checkpoint: str,
    keys: Mapping[str, Sequence[str]],
    signing: Ed25519PrivateKey,
    opened: ProvenEntry | None = None,
    release: ProvenEntry | None = None,
    two_keys: bool = False,
) -> bytes:
    """Write the evidence file's bytes. The same trace at the same tree size gives the same bytes.

    A trace of an earlier version, which was not opened beforehand, is written in the first form.
    """
    second = opened is not None
    payload = _cbor(
        {
            "format": TWO_KEYS if two_keys else FORMAT if second else "sealtrace-evidence/1",
            **(
                {"opened": opened.as_map(), "release": release.as_map() if release else None}
                if opened is not None
                else {}
            ),
            "findings": findings,
            "trace": trace.as_map(),
            "home": home.as_map(),
            "rotations": [rotation.as_map() for rotation in rotations],
            "accused": [
                {"issue": a.issue.as_map(), "codeword": a.codeword, "bias_key": a.bias_key}
                | ({"deeds": [deed.as_map() for deed in a.deeds]} if second else {})
                | ({"notary": list(a.notary) if a.notary else None} if two_keys else {})
                for a in accused
            ],
            "checkpoint": checkpoint,
            "keys": {name: list(values) for name, values in keys.items()},
            "limits": LIMITS,
        }
    )
    protected = _cbor(ALG_EDDSA)
    signature = signing.sign(to_be_signed(protected, payload))
    return _cbor(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of COSE_Sign1. Source: RFC 9052, 4.4."""
    return _cbor(["Signature1", protected, b"", payload])


def _cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def read(path: Path) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    """Read an evidence file: payload map, protected header, payload bytes, signature.

    Raises:
        InputMissing, InputTooLarge: not a file of a sensible size.
        ProofInvalid: not an evidence file, or not in its one deterministic form.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputTooLarge(f"{path.name} has {size} bytes; evidence files have at most {MAX_BYTES}")
        data = path.read_bytes()
    except OSError as e:
        raise InputMissing(f"{path} can't be read: {e.strerror}") from e
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    """Read an evidence file's bytes as `read` does; `name` is for the message. Raises ProofInvalid."""
    try:
        tagged = cbor2.loads(data)
        protected, unprotected, payload, signature = tagged.value
        content = cbor2.loads(payload)
        found = cbor2.loads(content["findings"])
        regular = (
            tagged.tag == 18
            and unprotected == {}
            and protected == _cbor(ALG_EDDSA)
            and _cbor(tagged) == data
            and _cbor(content) == payload
            and set(content) == (FIRST_FIELDS if content["format"] == "sealtrace-evidence/1" else FIELDS)
            and found["format"] == FORMATS[content["format"]]
            and _cbor(found) == content["findings"]
            and set(found) >= {"accused", "leak", "weighed", "considered"}
            and all(isinstance(a["copy"], bytes) and len(a["copy"]) == 8 for a in found["accused"])
            and all(isinstance(a["channels"], list) for a in found["accused"])
            and isinstance(found["accused"], list)
            and isinstance(content["accused"], list)
            and all(isinstance(a["chance_of_error"], float) for a in found["accused"])
            and isinstance(found["chance"], float)
            and all(isinstance(p["sha256"], bytes) and len(p["sha256"]) == 32 for p in found["leak"])
        )
    except Exception as e:  # hostile bytes: whatever the decoder trips over, the file does not hold
        raise ProofInvalid(f"{name} is not an evidence file, or it was altered") from e
    if not regular:
        raise ProofInvalid(f"{name} is not in the one form evidence is written in: it was altered")
    return content, protected, payload, signature
