"""Check what a Sealtrace log says, offline and without Sealtrace: evidence, receipts, checkpoints, whole logs.

One file for anyone who doubts. It needs Python 3.11, `cryptography` and `cbor2` from version 6, nothing else,
and follows the pages on the formats (evidence-format.md, ledger-format.md).

    python sealtrace_verify.py EVIDENCE_OR_PACKAGE [--key VKEY] [--cosigner VKEY]...
    python sealtrace_verify.py STATEMENT --receipt RECEIPT --keys KEYS.json [--checkpoint NOTE]
    python sealtrace_verify.py CHECKPOINT --key VKEY [--cosigner VKEY]...
    python sealtrace_verify.py FOLDER --key VKEY [--since OLDER_CHECKPOINT]     (a published log: C2SP tiles)

VKEY is the log's verifier key as its operator publishes it; KEYS.json is what `sealtrace ledger key --json`
prints. Exit codes: 0 everything that was checked holds; 20 something does not hold; 2 usage, or a file that
can't be read. What can't be checked here is listed as such and never counted as holding.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import struct
import sys
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache, partial
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

import cbor2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

HOLDS, FAILS, UNREADABLE = 0, 20, 2


class Broken(Exception):
    """A claim does not hold; the message says why."""


class Unknown(Exception):
    """A claim can't be checked here; the message says why."""


class Claim(NamedTuple):
    """One thing a file claims. `holds` is None where it can't be checked here."""

    claim: str
    holds: bool | None
    detail: str


def must(holds: object, otherwise: str) -> None:
    """Raise Broken unless `holds`."""
    if not holds:
        raise Broken(otherwise)


class Claims(list[Claim]):
    """Claims in the order they were checked."""

    def run(self, claim: str, check: Callable[[], object]) -> None:
        """Check one claim; a failure is recorded, never raised."""
        try:
            self.append(Claim(claim, True, str(check() or "")))
        except Unknown as e:
            self.append(Claim(claim, None, str(e)))
        except Broken as e:
            self.append(Claim(claim, False, str(e)))
        except InvalidSignature:
            self.append(Claim(claim, False, "the signature does not fit"))
        except Exception as e:  # hostile content: a claim that can't be worked out does not hold
            self.append(Claim(claim, False, f"can't be checked ({type(e).__name__})"))

    @property
    def hold(self) -> bool:
        """True when there are claims and none fails."""
        return bool(self) and all(c.holds is not False for c in self) and any(c.holds for c in self)


# -- the tree (RFC 9162, 2.1) ------------------------------------------------------------------------

Join = Callable[[bytes, bytes], bytes]


def _hash(data: bytes, name: str = "sha256") -> bytes:
    return hashlib.new(name, data).digest()


def leaf_hash(entry: bytes, name: str = "sha256") -> bytes:
    """Return H(0x00 || entry)."""
    return _hash(b"\0" + entry, name)


def node_hash(left: bytes, right: bytes, name: str = "sha256") -> bytes:
    """Return H(0x01 || left || right)."""
    return _hash(b"\1" + left + right, name)


def tree_root(leaves: Sequence[bytes], name: str = "sha256") -> bytes:
    """Return the root over leaf hashes."""
    if not leaves:
        return _hash(b"", name)
    row = list(leaves)
    while len(row) > 1:  # an odd one out is carried up: the same tree as splitting at powers of two
        joined = [node_hash(row[i], row[i + 1], name) for i in range(0, len(row) - 1, 2)]
        row = joined + row[len(joined) * 2 :]
    return row[0]


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """Return the root that an audit path leads to. Source: RFC 9162, 2.1.3.2."""
    must(0 <= index < size, f"entry {index} is not in a tree of {size}")
    fn, sn, root = index, size - 1, leaf
    for p in path:
        must(sn and len(p) == 32, "the inclusion proof is too long or malformed")
        if fn & 1 or fn == sn:
            root = node_hash(p, root)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, p)
        fn, sn = fn >> 1, sn >> 1
    must(sn == 0, "the inclusion proof is too short")
    return root


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of `new` leaves extends that of `old`. Source: RFC 9162, 2.1.4.2."""
    must(0 <= old <= new, f"a tree of {new} can't extend one of {old}")
    if old in (0, new):
        fits = not path and (old != new or old_root == new_root)
        must(fits, "the consistency proof does not fit equal or empty trees")
        return
    nodes = ([] if old & (old - 1) else [old_root]) + list(path)
    must(nodes, "the consistency proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    before = after = nodes[0]
    for c in nodes[1:]:
        must(sn and len(c) == 32, "the consistency proof is too long or malformed")
        if fn & 1 or fn == sn:
            before, after = node_hash(c, before), node_hash(c, after)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = node_hash(after, c)
        fn, sn = fn >> 1, sn >> 1
    must(
        sn == 0 and before == old_root and after == new_root, "the consistency proof does not join the trees"
    )


# -- notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ----------------------

KINDS = {
    b"\x01": "Ed25519",
    b"\x04": "Ed25519 cosignature",
    b"\x06": "ML-DSA-44",
    b"\xffsealtrace/sm2\0": "SM2",
}

LENGTHS = {b"\x01": 32, b"\x04": 32, b"\x06": 1312, b"\xffsealtrace/sm2\0": 65}


class Checkpoint(NamedTuple):
    """A checkpoint's text, taken apart; nothing is verified yet."""

    origin: str
    size: int
    root: bytes
    extensions: list[str]
    text: str
    lines: list[tuple[str, bytes, bytes]]  # name, 4-byte key id, signature

    @property
    def head(self) -> tuple[int, bytes]:
        """Size and root."""
        return self.size, self.root


def read_checkpoint(note: str) -> Checkpoint:
    """Take a signed checkpoint apart."""
    text, blank, signatures = note.rpartition("\n\n")
    rows, text = signatures.split("\n"), text + "\n"
    must(blank and not rows.pop() and 1 <= len(rows) <= 100, "this is not a signed note")
    lines = []
    for row in rows:
        dash, _, rest = row.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = _base64(encoded)
        must(dash == "\u2014" and name and "+" not in name and len(raw) > 4, "a signature line is malformed")
        lines.append((name, raw[:4], raw[4:]))
    body = text.split("\n")
    must(len(body) > 3 and body[0] and not body[-1], "this is not a checkpoint")
    digits = body[1].isascii() and body[1].isdecimal() and body[1] == str(int(body[1]))
    must(digits and int(body[1]) < 1 << 63, "the checkpoint's size is not a number")
    root = _base64(body[2])
    must(len(root) == 32, "the checkpoint's root has not 32 bytes")
    return Checkpoint(body[0], int(body[1]), root, body[3:-1], text, lines)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as e:
        raise Broken("something that should be base64 is not") from e


class NoteKey(NamedTuple):
    """A C2SP verifier key."""

    name: str
    digest: bytes
    kind: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Read name+hash+base64(kind || key)."""
        parts = text.strip().split("+", 2)
        must(len(parts) == 3 and parts[0], "this is not a verifier key")
        raw = _base64(parts[2])
        kind = next((k for k in KINDS if raw.startswith(k)), raw[:1])
        length = LENGTHS.get(kind, len(raw) - len(kind))
        must(raw and len(raw) == len(kind) + length, "this is not a verifier key: its length does not fit")
        digest = _hash(parts[0].encode() + b"\n" + raw)[:4]
        must(parts[1] == digest.hex(), "this is not a verifier key: its hash does not fit")
        return cls(parts[0], digest, kind, raw[len(kind) :])

    def check(self, note: Checkpoint) -> str:
        """Check this key's lines on a checkpoint; there must be one and each must hold."""
        mine = [
            signature for name, digest, signature in note.lines if (name, digest) == (self.name, self.digest)
        ]
        must(mine, f"{self.name} has not signed it with this key")
        return ", ".join([self._line(note, signature) for signature in mine])

    def _line(self, note: Checkpoint, signature: bytes) -> str:
        what = KINDS.get(self.kind)
        if what is None:
            raise Unknown("lines of this kind: not checked here")
        if what == "SM2":
            must(
                sm2_holds(self.public, signature, note.text.encode()),
                f"the signature of {self.name} does not hold",
            )
            return what
        if what == "Ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, note.text.encode())
            return what
        at = int.from_bytes(signature[:8], "big")
        must(len(signature) > 8 and at < 1 << 63, "the cosignature carries no time")
        if what == "ML-DSA-44":
            self._ml_dsa(note, at, signature[8:])
        else:
            message = f"cosignature/v1\ntime {at}\n{note.text}".encode()
            ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature[8:], message)
        return f"{what} at POSIX time {at}"

    def _ml_dsa(self, note: Checkpoint, at: int, signature: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
        except ImportError as e:
            raise Unknown("this cryptography library has no ML-DSA: not checked here") from e
        name, log = self.name.encode(), note.origin.encode()
        must(len(name) < 256 and len(log) < 256, "a name is longer than 255 bytes")
        message = (
            b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", at) + bytes([len(log)]) + log
        )
        MLDSA44PublicKey.from_public_bytes(self.public).verify(
            signature, message + struct.pack(">QQ", 0, note.size) + note.root
        )


# SM2 with SM3 (GB/T 32918.2, 7.1): y^2 = x^3 - 3x + b over P, of order N, with the standard's signer id

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None  # None is infinity


def sm2_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a DER signature is one of `message` under an uncompressed public key."""
    r, s = utils.decode_dss_signature(signature)
    x, y = (int.from_bytes(half, "big") for half in (public[1:33], public[33:]))
    on_curve = len(public) == 65 and public[0] == 4 and max(x, y) < P and (y * y - x**3 + 3 * x - B) % P == 0
    if not on_curve or not 0 < r < N or not 0 < s < N or (r + s) % N == 0:
        return False
    curve = b"".join(v.to_bytes(32, "big") for v in (P - 3, B, *G))
    z = _hash(b"\0\x80" + b"1234567812345678" + curve + public[1:], "sm3")
    found = _add(_times(s, G), _times((r + s) % N, (x, y)))
    return found is not None and (int.from_bytes(_hash(z + message, "sm3"), "big") + found[0]) % N == r


def _add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = 3 * (a[0] ** 2 - 1) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(n: int, point: Point) -> Point:
    total: Point = None
    while n:
        total, point, n = _add(total, point) if n & 1 else total, _add(point, point), n >> 1
    return total


def open_checkpoint(note: str, keys: Iterable[str]) -> Checkpoint:
    """Check a checkpoint with the log's keys: one must have signed, and each that did must hold."""
    read = read_checkpoint(note)
    own = [key for key in map(NoteKey.parse, keys) if key.name == read.origin]
    there = {(name, digest) for name, digest, _ in read.lines}
    mine = [key for key in own if (key.name, key.digest) in there]
    must(mine, "no signature on the checkpoint is by a given key of the log")
    for key in mine:
        key.check(read)
    return read


# -- COSE_Sign1 (RFC 9052), statements (RFC 9943, 9995), receipts (RFC 9942) ---------------------------

ALG, KID, CWT, VDS, VDP, HASH_ALG, TYPE = 1, 4, 15, 395, 396, 258, 259


def cbor(value: Any) -> bytes:
    """Write deterministic CBOR (RFC 8949, 4.2.1)."""
    return cbor2.dumps(value, canonical=True)


class Sign1(NamedTuple):
    """The four parts of a COSE_Sign1, and its protected header read."""

    protected: bytes
    unprotected: Mapping[Any, Any]
    payload: bytes | None
    signature: bytes
    header: Mapping[Any, Any]

    @classmethod
    def parse(cls, data: bytes, what: str) -> Sign1:
        """Take a tagged COSE_Sign1 apart; its own encoding must be deterministic."""
        try:
            tagged = cbor2.loads(data)
            protected, unprotected, payload, signature = tagged.value
            header = cbor2.loads(protected)
            regular = tagged.tag == 18 and cbor(tagged) == data and cbor2.dumps(header) == protected
        except Exception as e:
            raise Broken(f"the {what} is not a COSE_Sign1") from e
        typed = (
            isinstance(header, Mapping) and isinstance(unprotected, Mapping) and isinstance(signature, bytes)
        )
        must(regular and typed, f"the {what} is not a COSE_Sign1 in deterministic form")
        return cls(protected, unprotected, payload, signature, header)

    def signed(self, payload: bytes) -> bytes:
        """Write the Sig_structure. Source: RFC 9052, 4.4."""
        return cbor(["Signature1", self.protected, b"", payload])

    def check_es256(self, payload: bytes, pems: Sequence[str], what: str) -> None:
        """Check an ES256 signature under the key that the header's key id names."""
        regular = self.header.get(ALG) == -7 and len(self.signature) == 64
        must(regular, f"the {what} is not signed with ES256")
        key = _by_id(tuple(pems)).get(self.header.get(KID, b""))
        must(key, f"the {what} is signed by a key that is not among the given ones")
        assert key is not None
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        try:
            key.verify(utils.encode_dss_signature(r, s), self.signed(payload), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as e:
            raise Broken(f"the {what}'s signature does not hold") from e


@cache
def _by_id(pems: tuple[str, ...]) -> Mapping[bytes, ec.EllipticCurvePublicKey]:
    found = {}
    for pem in pems:
        try:
            key = load_pem_public_key(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            continue  # what is no key has signed nothing
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
            found[_hash(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))[:8]] = key
    return found


def check_statement(data: bytes, pems: Sequence[str]) -> Sign1:
    """Check a signed statement in hash-envelope form."""
    one = Sign1.parse(data, "statement")
    bare = not one.unprotected and isinstance(one.payload, bytes) and len(one.payload) == 32
    must(bare and one.header.get(HASH_ALG) == -16, "the statement is not a bare SHA-256 hash envelope")
    assert one.payload is not None
    one.check_es256(one.payload, pems, "statement")
    return one


def check_receipt(data: bytes, entry: bytes, pems: Sequence[str]) -> tuple[int, int, bytes]:
    """Check a receipt for an entry's bytes; returns index, size and root of the tree it proves."""
    one = Sign1.parse(data, "receipt")
    must(
        one.payload is None and one.header.get(VDS) == 1,
        "this is no RFC9162_SHA256 receipt with a detached root",
    )
    try:
        [proof] = one.unprotected[VDP][-1]
        size, index, path = cbor2.loads(proof)
        regular = cbor([size, index, list(path)]) == proof and type(size) is type(index) is int
    except Exception as e:
        raise Broken("the receipt holds no single inclusion proof") from e
    must(regular, "the inclusion proof is not in deterministic form")
    root = root_from_inclusion(index, size, leaf_hash(entry), path)
    one.check_es256(root, pems, "receipt")
    return index, size, root


def check_opening(
    digest: bytes | None, opening: Mapping[str, Sequence[Any]], hidden: Sequence[bytes] = ()
) -> None:
    """Check that disclosed fields, name -> [salt, value], and hidden ones' commitments are a statement's."""
    shown = [_hash(cbor([salt, name, value])) for name, (salt, value) in opening.items()]
    fields = sorted([*shown, *hidden])
    must(
        _hash(b"sealtrace commitment 1\0" + b"".join(fields)) == digest,
        "what is disclosed does not open the entry's commitment",
    )


# -- the evidence file --------------------------------------------------------------------------------

FIRST, SECOND, TWO_KEYS = (f"sealtrace-evidence/{n}" for n in (1, 2, 3))
FIELDS = {"format", "findings", "trace", "home", "rotations", "accused", "checkpoint", "keys", "limits"}
FIELDS_OF = {FIRST: FIELDS, **dict.fromkeys((SECOND, TWO_KEYS), FIELDS | {"opened", "release"})}
FINDINGS_OF = {form: form.replace("evidence", "findings") for form in FIELDS_OF}
ROTATION = ("old_verifier_key", "new_verifier_key", "new_statement_key", "new_receipt_key")
PROVEN_BY = {"exact", "stamp", "page", "table", "order", "decoy"}
BY_MARKS = {"page", "table"}
COPIES = (
    "copy:issued",
    "copy:viewed",
    "copy:printed",
    "copy:packaged",
)  # the entries by which a copy comes to be
PARTIES = ("office", "notary")  # whose key each half of a codeword is drawn under, where there are two keys


def check_evidence(data: bytes, *, key: str | None = None, cosigners: Sequence[str] = ()) -> Claims:
    """Check every claim of an evidence file. A file that is none, or not in its one form, gives one claim."""
    claims, members = Claims(), dict[str, bytes]()
    try:
        if data[:4] == LOCAL_HEAD:
            members = read_package(data)
        evidence = Evidence(members.get(INSIDE, data), key)
    except Exception as e:
        return Claims([Claim("this is an evidence file in its one form", False, str(e) or type(e).__name__)])
    if members:
        claims.run("the package is whole: its manifest is signed and fits", lambda: evidence.package(members))
    claims.run("the file is whole: its signature holds", evidence.signature)
    claims.run("the keys belong to the log that made it", evidence.chain)
    claims.run("the checkpoint is signed by the log", evidence.checkpoint)
    for cosigner in cosigners:
        name = cosigner.partition("+")[0]
        claims.run(f"{name} has cosigned the checkpoint", partial(evidence.cosigned, cosigner))
    claims.run("the home's first entry is in the log", evidence.home)
    claims.run("the trace was entered in the log", evidence.trace)
    if evidence.second or "opened" in evidence.promises:
        claims.run("number, chance, models and software were entered before decoding", evidence.was_opened)
    if "sealed" in evidence.promises or evidence.content.get("release") is not None:
        claims.run("the sealed keys were released by several people before", evidence.released)
    claims.run("the findings are those that were entered", evidence.findings)
    try:
        check_accused(claims, evidence)
    except Exception as e:  # hostile content: what can't be read does not hold
        claims.append(
            Claim("the accused copies are described", False, f"can't be checked ({type(e).__name__})")
        )
    claims.run("the result follows from the findings", evidence.result)
    return claims


def check_accused(claims: Claims, evidence: Evidence) -> None:
    """Check each accused copy that comes with its proof; the result misses the others."""
    if len(evidence.content["accused"]) == len(evidence.found["accused"]):
        for stated, proof in zip(evidence.found["accused"], evidence.content["accused"], strict=True):
            name = copy_name(stated["copy"])
            claims.run(f"copy {name} was entered before the trace", partial(evidence.issued, stated, proof))
            if evidence.second:
                check_deeds(claims, evidence, name, proof)
            if "stamp" in stated["channels"]:
                claims.run(f"copy {name} is named by its stamp", evidence.stamped)
            if BY_MARKS & set(stated["channels"]) and evidence.two_keys:
                check_halves(claims, evidence, name, stated, proof)
            elif BY_MARKS & set(stated["channels"]):
                claims.run(f"copy {name} has the stated e-value", partial(evidence.weighed, stated, proof))


def check_halves(
    claims: Claims, evidence: Evidence, name: str, stated: Mapping[str, Any], proof: Mapping[str, Any]
) -> None:
    """Check both halves of a codeword, each under its own party's key, and what follows for the copy."""
    claims.run(f"copy {name} was marked by the notary too", partial(evidence.marked, proof))
    for half in PARTIES:
        claims.run(
            f"copy {name} has the stated e-value in the {half}'s half",
            partial(evidence.weighed, stated, proof, half),
        )
    claims.run(f"copy {name} is named by the weaker half", partial(evidence.weaker, stated))


def check_deeds(claims: Claims, evidence: Evidence, name: str, proof: Mapping[str, Any]) -> None:
    """Check what the recipient's device signed, where it did or where the home promises that it does."""
    opening, withheld = proof["issue"]["opening"], bool(proof["issue"].get("hidden"))
    view = value(proof["issue"], "event") == "copy:viewed"
    signed = opening.get("request", (b"", None))[1] is not None
    if withheld or signed or ("signed" in evidence.promises and not view):
        claims.run(f"copy {name} was asked for by its device", partial(evidence.asked, proof))
    if any(value(deed, "event") == "copy:received" for deed in proof["deeds"]):
        claims.run(f"copy {name} was received by its device", partial(evidence.received, proof))


class Evidence:
    """An evidence file, read; each method checks one claim and returns a detail to show."""

    def __init__(self, data: bytes, key: str | None = None) -> None:
        self.sign1, self.key = Sign1.parse(data, "evidence file"), key
        payload = self.sign1.payload
        must(isinstance(payload, bytes), "the evidence file has no payload")
        assert payload is not None
        self.content = cbor2.loads(payload)
        self.found = cbor2.loads(self.content["findings"])
        regular = (
            (self.sign1.unprotected, self.sign1.header) == ({}, {ALG: -8})
            and (cbor(self.content), cbor(self.found)) == (payload, self.content["findings"])
            and set(self.content) == FIELDS_OF[self.content["format"]]
            and self.found["format"] == FINDINGS_OF[self.content["format"]]
            and set(self.found) >= {"accused", "leak", "weighed", "considered"}
            and all(isinstance(a["copy"], bytes) and len(a["copy"]) == 8 for a in self.found["accused"])
            and all(isinstance(a["channels"], list) for a in self.found["accused"])
            and isinstance(self.found["accused"], list)
            and isinstance(self.content["accused"], list)
            and all(isinstance(a["chance_of_error"], float) for a in self.found["accused"])
            and isinstance(self.found["chance"], float)
            and all(isinstance(p["sha256"], bytes) and len(p["sha256"]) == 32 for p in self.found["leak"])
        )
        must(regular, "it is not in the one form evidence is written in: it was altered")
        self.two_keys = self.content["format"] == TWO_KEYS
        self.second = self.two_keys or self.content["format"] == SECOND

    @cached_property
    def promises(self) -> set[str]:
        """What the home's first entry promises of everything after it."""
        try:
            pair = self.content["home"]["opening"].get("promises", (b"", ""))
            return set(str(pair[1]).split(",")) - {""}
        except Exception:  # the claim about this entry fails by itself
            return set()

    def package(self, members: Mapping[str, bytes]) -> str:
        """A package's manifest is signed by the evidence key and lists every member as it is."""
        one = Sign1.parse(members[MANIFEST], "manifest")
        must((one.unprotected, one.header) == ({}, {ALG: -8}), "the package's manifest can't be read")
        payload, trace = one.payload or b"", cbor2.loads(one.payload or b"")["trace"]
        key = ed25519.Ed25519PublicKey.from_public_bytes(value(self.content["home"], "evidence_key"))
        key.verify(one.signature, one.signed(payload))
        files = {n: [len(m), _hash(m)] for n, m in members.items() if n != MANIFEST}
        again = cbor({"format": "sealtrace-package/1", "trace": trace, "files": files})
        must(payload == again, "a file in it is not as its manifest says")
        must(trace == self.found.get("trace"), "its manifest is for another trace")
        return f"{len(files)} files"

    def signature(self) -> str:
        """The evidence key that the first entry names has signed the file."""
        key, payload = value(self.content["home"], "evidence_key"), self.content_bytes
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(
            self.sign1.signature, self.sign1.signed(payload)
        )
        return f"evidence key {_hash(key).hex()[:16]}"

    @property
    def content_bytes(self) -> bytes:
        """The payload."""
        return self.sign1.payload or b""

    def chain(self) -> str:
        """From the keys in the first entry, through each rotation, to those in use."""
        home, keys = self.content["home"], self.content["keys"]
        verifiers, statements = set(value(home, "verifier_keys").split("\n")), {value(home, "statement_keys")}
        for rotation in self.content["rotations"]:
            self.entry(rotation, sorted(statements))
            new = {name: value(rotation, name) for name in (*ROTATION, "event", "possession")}
            known = new["event"] == "ledger:key-rotated" and new["old_verifier_key"] in verifiers
            must(known, "a rotation does not follow from the keys before it")
            message = "\n".join(["sealtrace key rotation 1", *(new[name] for name in ROTATION)]).encode()
            public = ed25519.Ed25519PublicKey.from_public_bytes(NoteKey.parse(new["new_verifier_key"]).public)
            public.verify(bytes.fromhex(new["possession"]), message)
            verifiers.add(new["new_verifier_key"])
            statements.add(new["new_statement_key"])
        follow = set(keys["verifier_keys"]) <= verifiers and set(keys["statement_keys"]) <= statements
        must(follow, "the keys do not follow from those the home's first entry names")
        if self.key is None:
            return f"{keys['verifier_keys'][0]} (compare it with the key its operator publishes)"
        must(self.key.strip() in keys["verifier_keys"], "the log's key is not the expected one")
        return "the expected key"

    def checkpoint(self) -> str:
        """The log's key has signed the checkpoint; when a key was expected, that one must have."""
        opened = self.opened
        return f"{opened.origin}, {opened.size} entries"

    @cached_property
    def opened(self) -> Checkpoint:
        """The checkpoint, its signature checked."""
        return open_checkpoint(
            self.content["checkpoint"], [self.key] if self.key else self.content["keys"]["verifier_keys"]
        )

    def cosigned(self, key: str) -> str:
        """A witness, or the log's further key, has signed the checkpoint."""
        return _cosigned(self.content["checkpoint"], key)

    def entry(self, proof: Mapping[str, Any], pems: Sequence[str] = (), event: str = "") -> str:
        """A statement of the log, in the checkpoint's tree, opened by what is disclosed."""
        keys, opened = self.content["keys"], self.opened
        one = check_statement(proof["statement"], pems or keys["statement_keys"])
        index, *head = check_receipt(proof["receipt"], proof["statement"], keys["receipt_keys"])
        must(index == proof["index"], "the receipt is for another entry")
        must(tuple(head) == opened.head, "the receipt's tree is not the checkpoint's")
        hidden = proof.get("hidden", []) if self.second else []
        must(all(isinstance(h, bytes) and len(h) == 32 for h in hidden), "what is withheld is no commitment")
        check_opening(one.payload, proof["opening"], hidden)
        said = value(proof, "event")
        must(not event or said == event, f"it is an entry about {said}, not {event}")
        type_ = f"application/vnd.sealtrace.{said.replace(':', '-')}+cbor"
        must(one.header.get(TYPE) == type_, "the statement's media type is not its event's")
        return f"entry {proof['index']}"

    def home(self) -> str:
        """The first entry of all says who the log is."""
        must(self.content["home"]["index"] == 0, "it is not the log's first entry")
        return self.entry(self.content["home"], event="home:created")

    def trace(self) -> str:
        """The trace has its entry."""
        return self.entry(self.content["trace"], event="leak:traced")

    def was_opened(self) -> str:
        """What the trace was to be judged by stands in an entry of its own, below the trace's."""
        must(
            self.second, "the home promises that every trace is opened beforehand; this file shows no opening"
        )
        opened, trace, found = self.content["opened"], self.content["trace"], self.found
        detail = self.entry(opened, event="leak:opened")
        must(opened["index"] < trace["index"], "it was entered after the trace")
        must(opened["index"] == value(trace, "opened") == found["opened"], "the trace names another opening")
        for name in ("trace", "considered", "chance", "models", "software_sha256", "leak_sha256"):
            must(value(opened, name) == value(trace, name), f"its {name} is not the trace's")
        used = (found["considered"], found["chance"], found["models"], found["software_sha256"])
        said = [value(opened, name) for name in ("considered", "chance", "models", "software_sha256")]
        same = (said[0], float(said[1]), said[2], said[3]) == used and said[2] == models_text()
        must(same, "what was entered beforehand is not what the findings used")
        again = value(opened, "earlier")
        return f"{detail}, opened {again} times before" if again else detail

    def released(self) -> str:
        """Enough people gave their shares, before the trace was opened and for that time."""
        release, opened = self.content.get("release"), self.content.get("opened")
        must(release is not None and opened is not None, "the home seals its keys; no release is shown")
        assert release is not None
        assert opened is not None
        detail, home = self.entry(release, event="key:released"), self.content["home"]
        must(value(opened, "release") == release["index"], "the opening names another release")
        must(release["index"] < opened["index"], "it was entered after the opening")
        must(value(opened, "at") <= value(release, "expires_at"), "it had expired")
        must(value(release, "tracing_key") == value(home, "tracing_key"), "it is of another tracing key")
        shares = set(value(release, "shares").split(","))
        people, needed = set(value(release, "holders").split("\n")) - {""}, value(home, "tracing_needed")
        must(len(shares) >= needed and len(people) >= needed, "too few people gave their shares")
        return f"{detail}, {len(people)} people"

    def findings(self) -> str:
        """The findings are those whose digest was entered, and agree with what was entered beside it."""
        trace, found = self.content["trace"], self.found
        must(
            value(trace, "findings_sha256") == _hash(self.content["findings"]),
            "the findings differ from those entered",
        )
        must(
            value(trace, "leak_sha256") == b"".join(piece["sha256"] for piece in found["leak"]),
            "the leak's digest differs from the one entered",
        )
        must(value(trace, "considered") == found["considered"], "the number of copies differs")
        must(value(trace, "result") == found["result"], "the result differs from the one entered")
        must(
            value(trace, "accused") == b"".join(sorted(a["copy"] for a in found["accused"])),
            "the accused copies differ from those entered",
        )
        return ", ".join(piece["sha256"].hex()[:16] for piece in found["leak"])

    def issued(self, stated: Mapping[str, Any], proof: Mapping[str, Any]) -> str:
        """An accused copy was entered before the trace, and is the one the findings name."""
        issue = proof["issue"]
        detail = self.entry(issue)
        must(value(issue, "event") in COPIES, "the entry is not about a copy")
        must(value(issue, "copy") == stated["copy"], "the entry is another copy's")
        ref = f"{value(issue, 'code')}@{value(issue, 'version')}"
        must(ref == stated["version"], "another version's copy")
        before = self.content["opened" if self.second else "trace"]["index"]
        must(issue["index"] < before, "it was entered after the trace")
        if self.second:
            known = isinstance(value(issue, "document_key_sha256"), bytes)
            must(known, "the entry does not commit to the document key")
        if "exact" in stated["channels"]:
            leak = {piece["sha256"] for piece in self.found["leak"]}
            must(leak & self.digests(proof), "no piece of the leak has this copy's bytes")
        return detail

    def deeds(self, proof: Mapping[str, Any], event: str) -> list[Mapping[str, Any]]:
        """The deeds of one kind, each of them proved and entered before the trace was opened."""
        found = [deed for deed in proof["deeds"] if value(deed, "event") == event]
        for deed in found:
            self.entry(deed, event=event)
            must(deed["index"] < self.content["opened"]["index"], "a deed was entered after the opening")
        return found

    def digests(self, proof: Mapping[str, Any]) -> set[bytes]:
        """The digests of a copy's bytes: from its issue, and from each delivery of it."""
        copy, found = value(proof["issue"], "copy"), {value(proof["issue"], "copy_sha256")}
        if self.second:
            for deed in self.deeds(proof, "copy:delivered"):
                must(value(deed, "copy") == copy, "a delivery is of another copy")
                found.add(value(deed, "copy_sha256"))
        return found - {None}

    def asked(self, proof: Mapping[str, Any]) -> str:
        """An enrolled device of the recipient signed the request for this copy."""
        issue = proof["issue"]
        if issue.get("hidden"):
            raise Unknown("who it was is withheld in this copy of the evidence")
        enrolled = self.deeds(proof, "device:enrolled")
        request, key = value(issue, "request"), value(issue, "device_key")
        must(request is not None and len(enrolled) == 1, "no device of the recipient signed a request")
        must(enrolled[0]["index"] < issue["index"], "the device was enrolled after the copy was issued")
        must(value(enrolled[0], "public_key") == key, "the device was enrolled with another key")
        said = signed_by(key, request, "sealtrace-copy-request/1")
        for name in ("code", "version", "operator", "device"):
            must(said.get(name) == value(issue, name), f"the request is for another {name}")
        for name in ("operator", "device"):
            must(
                value(enrolled[0], name) == value(issue, name), f"the device was enrolled for another {name}"
            )
        return f"device key {_hash(key).hex()[:16]}"

    def received(self, proof: Mapping[str, Any]) -> str:
        """The same device signed a receipt for these bytes."""
        issue, [received] = proof["issue"], self.deeds(proof, "copy:received")
        if issue.get("hidden"):
            raise Unknown("who it was is withheld in this copy of the evidence")
        digest = value(received, "copy_sha256")
        said = signed_by(value(issue, "device_key"), value(received, "receipt"), "sealtrace-copy-receipt/1")
        same = said.get("copy") == value(issue, "copy") == value(received, "copy")
        must(same, "the receipt is for another copy")
        must(
            said.get("copy_sha256") == digest and digest in self.digests(proof),
            "the receipt is for other bytes",
        )
        return f"entry {received['index']}"

    def stamped(self) -> str:
        """A stamp's tag is under a key of the office."""
        raise Unknown("a stamp is checked with the office's key, from the leak itself")

    def weighed(self, stated: Mapping[str, Any], proof: Mapping[str, Any], half: str = "") -> str:
        """The e-value, worked out again from what is disclosed, is the stated one and reaches the threshold."""
        weighed = self.weighed_for(stated, half)
        word, (bias_key, committed) = self.word(proof, half), self.bias_key(proof, half)
        mixture, score = weighed.get("mixture", "averaging"), stated["halves"][half] if half else stated
        must(_hash(bias_key) == committed, "the bias key is not the one committed at issue")
        must(mixture in MIXTURES, "its mixture of models is not known here")
        named = self.named_before(stated, half)
        log_e = log_e_value(weighed["sums"], weighed["information"], bias_key, word, mixture, named)
        must(
            math.isclose(log_e, score["log_e"], rel_tol=1e-6),
            f"recomputed log e-value {log_e:.6f}, stated {score['log_e']:.6f}",
        )
        copies, chance = self.found["considered"], self.found["chance"]
        looks = self.found["looks"] << round_of(stated) - 1
        bound = family_bound(log_e, copies, looks)
        must(
            math.isclose(bound, score["chance_of_error"], rel_tol=1e-3),
            "the stated chance of error is another",
        )
        must(looks >= len(weighed["pages"]), "copies were weighed more often than was paid for")
        must(log_e >= math.log(max(copies, 1) * max(looks, 1) / chance), "it is below the threshold")
        return f"log E = {log_e:.2f}, chance of error <= {bound:.2e} over {copies} copies"

    def weighed_for(self, stated: Mapping[str, Any], half: str = "") -> Mapping[str, Any]:
        """What was weighed for an accused copy: its version, on its channel, with that channel's models."""
        mine: list[Mapping[str, Any]] = [
            w for w in self.found["weighed"] if w["version"] == stated["version"]
        ]
        if not self.second:
            return mine[0]
        [channel] = BY_MARKS & set(stated["channels"])
        mine = [w for w in mine if (w.get("channel", "page"), w.get("half", "")) == (channel, half)]
        must(mine, "its channel was not weighed")
        same = mine[0].get("mixture", "averaging") == MIXTURE_OF[channel]
        must(same, "the models are not those of its channel")
        return mine[0]

    def named_before(self, stated: Mapping[str, Any], half: str = "") -> list[bytes]:
        """The codewords of the version's copies that were named in earlier rounds, as committed at issue."""
        both = zip(self.found["accused"], self.content["accused"], strict=True)
        earlier = [
            self.word(proof, half)
            for other, proof in both
            if other["version"] == stated["version"] and round_of(other) < round_of(stated)
        ]
        must(bool(earlier) == (round_of(stated) > 1), "a later round needs the copies named before it")
        return earlier

    # two keys

    def mark(self, proof: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the home's notary signed of a copy before it was delivered."""
        issue, key = proof["issue"], value(self.content["home"], "notary_key")
        said = signed_by(key, value(issue, "notary_mark"), "sealtrace-notary-mark/1", NOT_MARKED)
        same = all(said.get(name) == value(issue, name) for name in ("code", "version", "copy"))
        must(same, "the notary's mark is of another copy")
        must(said.get("log") == self.opened.origin, "the notary's mark is for another log")
        return said

    def marked(self, proof: Mapping[str, Any]) -> str:
        """The notary marked the copy, and nobody else can have."""
        self.mark(proof)
        return f"notary key {_hash(value(self.content['home'], 'notary_key')).hex()[:16]}"

    def word(self, proof: Mapping[str, Any], half: str) -> bytes:
        """A copy's codeword, or one half of it, which is the one committed to."""
        if half != "notary":
            return _word(proof)
        word: bytes = proof["notary"][0]
        must(
            _hash(word) == self.mark(proof)["codeword_sha256"],
            "the codeword is not the one committed at issue",
        )
        return word

    def bias_key(self, proof: Mapping[str, Any], half: str) -> tuple[bytes, bytes]:
        """The key of the biases, and the digest of it that was committed to."""
        if half == "notary":
            return proof["notary"][1], self.mark(proof)["bias_key_sha256"]
        return proof["bias_key"], value(proof["issue"], "bias_key_sha256")

    def weaker(self, stated: Mapping[str, Any]) -> str:
        """What is stated of the copy is what the weaker half gives; the product is stated beside it."""
        scores = [stated["halves"][half] for half in PARTIES]
        must(set(stated["halves"]) == set(PARTIES), "a half is missing")
        must(stated["log_e"] == min(s["log_e"] for s in scores), "the log e-value is not the weaker half's")
        chance = stated["chance_of_error"]
        worse = max(s["chance_of_error"] for s in scores)
        must(chance == worse, "the chance of error is not the weaker half's")
        looks = self.found["looks"] << round_of(stated) - 1
        both = family_bound(sum(s["log_e"] for s in scores), self.found["considered"], looks)
        must(math.isclose(both, stated["both_secret"], rel_tol=1e-3), "the bound of both halves is another")
        return f"chance of error <= {chance:.2e} whichever party is honest, {both:.2e} where both are"

    def result(self) -> str:
        """The result is the one that the findings allow."""
        accused, result = self.found["accused"], self.found["result"]
        must(len(accused) == len(self.content["accused"]), "an accused copy lacks its proof")
        promised = "two-keys" in self.promises
        must(self.two_keys == promised, "the home promises two keys, and this is no evidence of both halves")
        for a in accused:
            channels = set(a["channels"])
            proven = channels <= (BY_MARKS if self.two_keys else PROVEN_BY)
            must(channels and proven, "a copy is accused by something that is not proven here")
            limit = max(2.0**-128, self.found["chance"])
            must(a["chance_of_error"] <= limit, "an accusation is less sure than what was asked for")
        certain = all({"exact", "stamp"} & set(a["channels"]) for a in accused)
        allowed = {"exact"} if accused and certain else {"strong"} if accused else {"inconclusive", "none"}
        must(result in allowed, f"{result!r} does not follow from {len(accused)} accused copies")
        return str(result)


def value(proof: Mapping[str, Any], name: str) -> Any:
    """Return the disclosed value of a field."""
    return proof["opening"][name][1]


NOT_ASKED = "it is not signed by the device's key"
NOT_MARKED = "it is not signed by the key it should be"


def signed_by(key: bytes, data: bytes, form: str, otherwise: str = NOT_ASKED) -> Mapping[str, Any]:
    """Return what a device, or a notary, has signed, in its one form."""
    one = Sign1.parse(data, "request or receipt")
    said = cbor2.loads(one.payload or b"")
    regular = (one.unprotected, one.header) == ({}, {ALG: -8}) and cbor(said) == one.payload
    must(regular and said.get("format") == form, "this is nothing that a device signs")
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(one.signature, one.signed(one.payload or b""))
    except InvalidSignature as e:
        raise Broken(otherwise) from e
    return dict(said)


# A package: stored members, the manifest first, then by name, no time and no attribute; nothing else

LOCAL_HEAD, MANIFEST, INSIDE = b"PK\x03\x04", "manifest.cose", "trace.evidence"
LOCAL, CENTRAL, END = (struct.Struct(f) for f in ("<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"))


def read_package(data: bytes) -> dict[str, bytes]:
    """Take a package apart; written again it must be the same bytes."""
    members, at = dict[str, bytes](), 0
    while data[at : at + 4] == LOCAL_HEAD and len(members) < 1000:
        size, named, more = (LOCAL.unpack_from(data, at)[i] for i in (7, 9, 10))
        start, at = at + LOCAL.size, at + LOCAL.size + named + more + size
        members[data[start : start + named].decode()] = data[start + named + more : at]
    must({MANIFEST, INSIDE} <= set(members), "this is not an evidence package")
    must(write_package(members) == data, "it is not in the one form a package is written in: it was altered")
    return members


def write_package(members: Mapping[str, bytes]) -> bytes:
    """Write the one archive of these members."""
    body, listed = bytearray(), bytearray()
    for name in sorted(members, key=lambda n: (n != MANIFEST, n.encode())):
        data, called = members[name], name.encode()
        about = (20, 0x0800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(called), 0)
        listed += CENTRAL.pack(b"PK\x01\x02", 20, *about, 0, 0, 0, 0, len(body)) + called
        body += LOCAL.pack(LOCAL_HEAD, *about) + called + data
    count = len(members)
    return bytes(body + listed) + END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), len(body), 0)


def round_of(accused: Mapping[str, Any]) -> int:
    """Return the round in which an accused copy was named."""
    number = accused.get("round", 1)
    must(type(number) is int and 1 <= number <= MOST_ROUNDS, "there is no such round")
    return int(number)


def _word(proof: Mapping[str, Any]) -> bytes:
    word: bytes = proof["codeword"]
    committed = value(proof["issue"], "codeword_sha256")
    must(word is not None and _hash(word) == committed, "the codeword is not the one committed at issue")
    return word


def copy_name(copy: bytes) -> str:
    """Write a copy id as printed: Crockford's base 32 and two check characters of a code over GF(32).

    The check characters are the remainder by (x - a)(x - a^2), a a root of x^5 + x^2 + 1.
    """
    number, high, low = int.from_bytes(copy, "big"), 0, 0
    symbols = [number >> 5 * i & 31 for i in reversed(range(13))]
    for symbol in symbols:
        lead = symbol ^ high
        high, low = low ^ _gf32(lead, 0b00110), _gf32(lead, 0b01000)  # a + a^2 and a^3
    text = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[s] for s in (*symbols, high, low))
    return "-".join(("C" + text[0:4], text[4:8], text[8:12], text[12:]))


def _gf32(a: int, b: int) -> int:
    product = 0
    for i in range(5):
        product ^= (a << i) * (b >> i & 1)
    for i in range(8, 4, -1):
        product ^= (0b100101 << i - 5) * (product >> i & 1)
    return product


# -- the e-value (see the page "The chance of error") ---------------------------------------------------

COLLUDERS, OUTLIERS, SHARE, FARTHEST = (1, 2, 3, 4, 5, 6, 8, 10), 0.02, 0.9, 60.0
FRACTIONS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.985)
FITTED_ON, MOST_ROUNDS = 2048, 10
AVERAGING = ("linear", "unanimous", "majority")
MIXTURES = {
    "averaging": AVERAGING,
    "blends": (*AVERAGING, "interleave", "minority", "ones", "zeros", "coin"),
}
MIXTURE_OF = {"page": "averaging", "table": "blends"}
Place = tuple[int, int]  # a symbol's bias k, and how many of the named copies carry a 1 there


def family_bound(log_e: float, copies: int, looks: int) -> float:
    """Return N * K / E, at most 1, never stated below 2^-128."""
    exponent = math.log(max(copies, 1) * max(looks, 1)) - log_e
    return 1.0 if exponent >= 0 else max(math.exp(max(exponent, -700.0)), 2.0**-128)


def models_text() -> str:
    """Write the models and which channel each mixture of them weighs, as a trace enters them beforehand."""
    channels = [f"{channel}={mixture}" for channel, mixture in MIXTURE_OF.items()]
    kinds = [f"{name}({','.join(strategies)})" for name, strategies in MIXTURES.items()]
    return " ".join([*channels, *kinds, f"copies({','.join(map(str, COLLUDERS))})"])


@cache
def bias_thresholds() -> list[int]:
    """Where, on 32-bit uniforms, the arcsine law on k = 8..248 steps from each k to the next."""
    angle = [math.asin(math.sqrt((k - 0.5) / 256)) for k in range(8, 250)]
    return [round((a - angle[0]) / (angle[-1] - angle[0]) * 2.0**32) for a in angle[1:-1]]


def biases(key: bytes, symbols: int) -> list[int]:
    """Return each symbol's k of p = k/256: from AES-256-CTR with a zero counter, 8 bytes a symbol."""
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(8 * symbols))
    return [
        8 + bisect_right(bias_thresholds(), uniform) for (uniform, _) in struct.iter_unpack(">II", stream)
    ]


class Levels(NamedTuple):
    """The levels a blend may show; for each place, how likely each is given that one copy has a 1, or a 0."""

    values: tuple[float, ...]
    given: Mapping[Place, tuple[list[float], list[float]]]


def shows(colluders: int, strategy: str, ones: int) -> dict[float, float]:
    """Return the levels that may show when so many copies of a blend carry a 1, each with its chance."""
    share, sign = ones / colluders, float((2 * ones > colluders) - (2 * ones < colluders))
    if ones in (0, colluders):
        return {2 * share - 1: 1.0}
    return {
        "linear": {2 * share - 1: 1.0},
        "unanimous": {0.0: 1.0},
        "majority": {sign: 1.0},
        "interleave": {-1.0: 1 - share, 1.0: share},
        "minority": {-sign: 1.0},
        "ones": {1.0: 1.0},
        "zeros": {-1.0: 1.0},
        "coin": {-1.0: 0.5, 1.0: 0.5},
    }[strategy]


def levels(colluders: int, strategy: str, places: Iterable[Place], named: int = 0) -> Levels:
    """Work out what a blend shows: of its copies, `named` are known, one is weighed, nothing is known of the rest."""
    shown = [shows(colluders, strategy, ones) for ones in range(colluders + 1)]
    values, others = sorted({value for row in shown for value in row}), colluders - 1 - named
    table = [[row.get(value, 0.0) for row in shown] for value in values]
    given = {}
    for k, sure in places:
        p = k / 256
        chances = [math.comb(others, m) * p**m * (1 - p) ** (others - m) for m in range(others + 1)]
        one = [_mean(chances, row[sure + 1 :]) for row in table]
        given[k, sure] = one, [_mean(chances, row[sure:]) for row in table]
    return Levels(tuple(values), given)


class Symbol(NamedTuple):
    """A symbol that says something: where it stands in the codeword, z, the root of its information, its place."""

    at: int
    z: float
    root: float
    place: Place


class Fit(NamedTuple):
    """A model at its best: its marginal log-likelihood, and for each symbol the log ratios of a 1 and of a 0."""

    likelihood: float
    log_one: list[float]
    log_zero: list[float]


def log_e_value(
    sums: bytes,
    information: bytes,
    bias_key: bytes,
    word: bytes,
    mixture: str = "averaging",
    named: Sequence[bytes] = (),
) -> float:
    """Return the natural log of a copy's e-value from a leak's symbols and the copy's codeword.

    `sums` and `information` are little-endian float64; a word's first symbol is its highest bit. `named` are
    the words of copies known to be in the blend. A few seconds for 2,048 symbols; the next word costs nothing.
    """
    same = len(sums) == len(information) and all(64 * len(w) == len(sums) for w in (word, *named))
    must(same, "sums, informations and codeword differ in length")
    if len(bias_key) != 32:
        return _joint(sums, information, bias_key, word, mixture, named)
    symbols, fits = _fits(sums, information, bias_key, mixture, tuple(named))
    if not fits:
        return 0.0
    carried = [_bit(word, symbol.at) for symbol in symbols]
    most = max(fit.likelihood for fit in fits)
    weights = [math.exp(fit.likelihood - most) for fit in fits]
    total, terms = math.fsum(weights), list[float]()
    for weight, fit in zip(weights, fits, strict=True):
        ratios = zip(carried, fit.log_one, fit.log_zero, strict=True)
        ratio = math.fsum(one if bit else zero for bit, one, zero in ratios)
        terms.append(ratio + math.log(SHARE * weight / total + (1 - SHARE) / len(fits)))
    return max(terms) + math.log(math.fsum(math.exp(t - max(terms)) for t in terms))


def _joint(
    sums: bytes, information: bytes, bias_key: bytes, word: bytes, mixture: str, named: Sequence[bytes]
) -> float:
    """Add up the log e-values of independently keyed channels put end to end; a key is followed by its symbols."""
    must(bias_key and len(bias_key) % 36 == 0, "the bias key has no such length")
    total, first = 0.0, 0
    for at in range(0, len(bias_key), 36):
        count = int.from_bytes(bias_key[at + 32 : at + 36], "big")
        must(count > 0 and count % 8 == 0, "a channel has no such number of symbols")
        wide, bits = slice(8 * first, 8 * (first + count)), slice(first // 8, (first + count) // 8)
        total += log_e_value(
            sums[wide],
            information[wide],
            bias_key[at : at + 32],
            word[bits],
            mixture,
            [w[bits] for w in named],
        )
        first += count
    must(8 * first == len(sums), "the channels do not make up the codeword")
    return total


@lru_cache(maxsize=8)
def _fits(
    sums: bytes, information: bytes, bias_key: bytes, mixture: str, named: tuple[bytes, ...]
) -> tuple[list[Symbol], list[Fit]]:
    """Fit each model that has room for one copy beside the named ones; kept, as no copy weighed plays a part."""
    s, n = ([x for (x,) in struct.iter_unpack("<d", data)] for data in (sums, information))
    must(all(map(math.isfinite, s + n)) and min(n) >= 0, "the symbols are not finite numbers")
    ks, least = biases(bias_key, len(s)), 1e-9 * max(n)
    symbols = []
    for i, (sum_, weight) in enumerate(zip(s, n, strict=True)):
        if weight > least:
            root, sure = math.sqrt(weight), sum(_bit(other, i) for other in named)
            symbols.append(Symbol(i, sum_ / root, root, (ks[i], sure)))
    if not any(symbol.z**2 > 0 for symbol in symbols):
        return symbols, []
    fitter, places = Fitter(symbols), {symbol.place for symbol in symbols}
    return symbols, [
        fitter.best(levels(c, strategy, places, len(named)))
        for c in COLLUDERS
        for strategy in MIXTURES[mixture]
        if c > len(named) and (c > 1 or strategy == "linear")
    ]


def _bit(word: bytes, at: int) -> int:
    return word[at >> 3] >> 7 - (at & 7) & 1


class Fitter:
    """Chooses for one model after another the part of the symbols' power that is signal."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.symbols, self.step = symbols, -(-len(symbols) // FITTED_ON)
        self.power = math.fsum(s.z**2 for s in symbols) / len(symbols)
        self.per_energy = math.fsum(s.root**2 for s in symbols) / len(symbols)
        self.outlier = [
            OUTLIERS / 3 * math.exp(-0.5 * min(s.z**2 / (9 * self.power), FARTHEST)) for s in symbols
        ]
        self.kept: dict[tuple[tuple[float, ...], float], list[list[list[float]]]] = {}

    def best(self, level: Levels) -> Fit:
        """Fit a model on every so-manyth symbol of a long codeword; all of them are weighed."""
        chances, squares = dict[Place, list[float]](), dict[Place, float]()
        for (k, sure), given in level.given.items():
            row = [k / 256 * one + (1 - k / 256) * zero for one, zero in zip(*given, strict=True)]
            chances[k, sure] = row
            squares[k, sure] = math.fsum(v * v * c for v, c in zip(level.values, row, strict=True))
        energy = math.fsum(squares[s.place] for s in self.symbols) / len(self.symbols)
        key = level.values, round(max(energy, 1e-6), 9)
        every = self.kept.get(key) or [self.densities(*key, fraction, self.step) for fraction in FRACTIONS]
        if len(level.values) <= 3:  # most models show -1 and 1, some 0 besides: the same for many of them
            self.kept[key] = every
        rows, likelihoods = [chances[s.place] for s in self.symbols[:: self.step]], list[float]()
        for fraction, densities in zip(FRACTIONS, every, strict=True):
            shown = math.fsum(map(math.log, map(_mean, rows, densities)))
            likelihoods.append(shown - 0.5 * len(rows) * math.log((1 - fraction) * self.power))
        most = max(likelihoods)
        log_one, log_zero = list[float](), list[float]()
        dense = self.densities(*key, FRACTIONS[likelihoods.index(most)], 1)
        for symbol, density in zip(self.symbols, dense, strict=True):
            one, zero = (_mean(given, density) for given in level.given[symbol.place])
            marginal = math.log(_mean(chances[symbol.place], density))
            log_one.append(math.log(one) - marginal)
            log_zero.append(math.log(zero) - marginal)
        return Fit(most, log_one, log_zero)

    def densities(
        self, values: tuple[float, ...], energy: float, fraction: float, step: int
    ) -> list[list[float]]:
        """How likely each symbol (of every `step`) is at each level, outliers included; times the noise."""
        noise, exp, least = math.sqrt((1 - fraction) * self.power), math.exp, math.exp(-0.5 * FARTHEST)
        shifts = [v * math.sqrt(fraction * self.power / (self.per_energy * energy)) / noise for v in values]
        inlier, scale, found = 1 - OUTLIERS, math.sqrt(1 - fraction), list[list[float]]()
        for (_, z, root, _), outlier in zip(self.symbols[::step], self.outlier[::step], strict=True):
            away = [(z / noise - shift * root) ** 2 for shift in shifts]
            wide = outlier * scale
            found.append([inlier * (exp(-0.5 * d) if d < FARTHEST else least) + wide for d in away])
        return found


def _mean(chances: Sequence[float], values: Sequence[float]) -> float:
    total: float = sum(map(mul, chances, values))
    return total


# -- statement and receipt; checkpoint; a published log -------------------------------------------------


def check_pair(
    statement: bytes, receipt: bytes, keys: Mapping[str, Sequence[str]], note: str | None = None
) -> Claims:
    """Check a statement, its receipt and, when given, that the receipt's tree is a signed checkpoint's."""
    claims, found = Claims(), list[tuple[int, int, bytes]]()

    def proven() -> str:
        found.append(check_receipt(receipt, statement, keys["receipt_keys"]))
        return f"entry {found[0][0]} of {found[0][1]}"

    def signed() -> str:
        opened = open_checkpoint(note or "", keys["verifier_keys"])
        must(found and opened.head == found[0][1:], "the receipt's tree is not the checkpoint's")
        return f"{opened.origin}, {opened.size} entries"

    claims.run(
        "the statement is signed by the issuer",
        lambda: _about(check_statement(statement, keys["statement_keys"])),
    )
    claims.run("the receipt proves the statement to be in the log", proven)
    if note is not None:
        claims.run("the checkpoint is signed by the log and of the receipt's tree", signed)
    return claims


def _about(one: Sign1) -> str:
    cwt = one.header.get(CWT, {})
    return f"{cwt.get(1)}: {one.header.get(TYPE)}"


def check_note(note: str, keys: Sequence[str], cosigners: Sequence[str] = ()) -> Claims:
    """Check a checkpoint under the log's keys and each cosigner's."""
    claims = Claims()

    def signed() -> str:
        opened = open_checkpoint(note, keys)
        return f"{opened.origin}, {opened.size} entries, root {opened.root.hex()}"

    claims.run("the checkpoint is signed by the log", signed)
    for cosigner in cosigners:
        name = cosigner.partition("+")[0]
        claims.run(
            f"{name} has cosigned the checkpoint",
            partial(_cosigned, note, cosigner),
        )
    return claims


def _cosigned(note: str, key: str) -> str:
    return NoteKey.parse(key).check(read_checkpoint(note))


def _sm3_root(stated: str, entries: Sequence[bytes]) -> None:
    again = tree_root([leaf_hash(entry, "sm3") for entry in entries], "sm3")
    must(_base64(stated) == again, "another root")


def check_folder(
    folder: Path,
    keys: Sequence[str],
    cosigners: Sequence[str] = (),
    pems: Sequence[str] = (),
    since: str | None = None,
) -> Claims:
    """Check a published log (C2SP tlog-tiles): every entry, every tile, the root, what the checkpoint adds."""
    note = (folder / "checkpoint").read_text("utf-8")
    claims = check_note(note, keys, cosigners)
    try:
        head = read_checkpoint(note)
        entries = list(read_entries(folder, head.size))
    except (Broken, OSError) as e:
        claims.append(Claim("every entry is there", False, str(e)))
        return claims
    leaves = [leaf_hash(entry) for entry in entries]
    claims.run("every entry is there", lambda: f"{len(entries)}")
    claims.run("every tile is the tree's", lambda: check_tiles(folder, leaves))
    claims.run(
        "the entries give the signed root", lambda: must(tree_root(leaves) == head.root, "another root")
    )
    for extension in head.extensions:
        if extension.startswith("sm3 "):
            claims.run(
                "the entries give the signed SM3 root",
                partial(_sm3_root, extension[4:], entries),
            )
    if pems:
        claims.run("every statement is signed by the issuer", lambda: _all_signed(entries, pems))
    if since is not None:
        claims.run("the log extends the older checkpoint", lambda: _extends(since, keys, leaves))
    return claims


def read_entries(folder: Path, size: int) -> Iterator[bytes]:
    """Read all entries from their bundles, each entry after its length in two bytes."""
    for tile in range(-(-size // 256)):
        width = min(256, size - 256 * tile)
        data, at = _tile(folder, "entries", tile, width), 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            must(at + 2 <= len(data) >= end, f"entry bundle {tile} is cut off")
            yield data[at + 2 : end]
            at = end
        must(at == len(data), f"entry bundle {tile} has bytes after its last entry")


def check_tiles(folder: Path, leaves: Sequence[bytes]) -> str:
    """Compare every tile with the tree over the entries."""
    row, level, count = list(leaves), 0, 0
    while row:
        for tile in range(-(-len(row) // 256)):
            part = row[256 * tile : 256 * tile + 256]
            same = _tile(folder, str(level), tile, len(part)) == b"".join(part)
            must(same, f"tile {level}/{tile} holds another hash than its entries give")
            count += 1
        row = [tree_root(row[256 * i : 256 * i + 256]) for i in range(len(row) // 256)]
        level += 1
    return f"{count} tiles"


def _tile(folder: Path, level: str, index: int, width: int) -> bytes:
    name = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03d}/{name}"
    full = folder / "tile" / level / name
    part = full if width == 256 else full.with_name(f"{full.name}.p") / str(width)
    if part.exists():
        return part.read_bytes()
    must(width < 256 and full.exists() and level != "entries", f"tile/{level}/{name} is missing")
    return full.read_bytes()[: 32 * width]


def _all_signed(entries: Sequence[bytes], pems: Sequence[str]) -> str:
    for index, entry in enumerate(entries):
        try:
            check_statement(entry, pems)
        except Broken as e:
            raise Broken(f"entry {index}: {e}") from e
    return f"{len(entries)}"


def _extends(since: str, keys: Sequence[str], leaves: Sequence[bytes]) -> str:
    older = open_checkpoint(since, keys)
    must(older.size <= len(leaves), f"the log has fewer entries than the older checkpoint's {older.size}")
    must(
        tree_root(leaves[: older.size]) == older.root, f"the first {older.size} entries are not those of then"
    )
    return f"from {older.size} to {len(leaves)} entries"


# -- the command ----------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one check and print its claims; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "path", type=Path, help="evidence, statement, checkpoint, or the folder of a published log"
    )
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's verifier key")
    parser.add_argument(
        "--cosigner", action="append", default=[], metavar="VKEY", help="must have cosigned, too"
    )
    parser.add_argument("--keys", type=Path, help="what `sealtrace ledger key --json` printed")
    parser.add_argument("--receipt", type=Path, help="the receipt of the statement")
    parser.add_argument("--checkpoint", type=Path, help="the checkpoint that the receipt is for")
    parser.add_argument("--since", type=Path, help="an older checkpoint, which the published log must extend")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    try:
        claims = _chosen(options)
    except (OSError, ValueError, KeyError) as e:
        print(f"can't be read: {e}", file=sys.stderr)
        return UNREADABLE
    if options.json:
        print(
            json.dumps(
                {"ok": claims.hold, "claims": [claim._asdict() for claim in claims]}, ensure_ascii=False
            )
        )
    else:
        for claim in claims:
            mark = {True: "holds", False: "DOES NOT HOLD", None: "not checked here"}[claim.holds]
            print(f"{mark:<17} {claim.claim}{f': {claim.detail}' if claim.detail else ''}")
        print(
            "\nEverything checked holds."
            if claims.hold
            else "\nDo not rely on this: something does not hold."
        )
    return HOLDS if claims.hold else FAILS


def _chosen(options: argparse.Namespace) -> Claims:
    given = json.loads(options.keys.read_text("utf-8")) if options.keys else {}
    keys = {name: given.get(name, []) for name in ("verifier_keys", "statement_keys", "receipt_keys")}
    keys["verifier_keys"] = options.key or keys["verifier_keys"]
    note = options.checkpoint.read_text("utf-8") if options.checkpoint else None
    if options.path.is_dir():
        since = options.since.read_text("utf-8") if options.since else None
        return check_folder(
            options.path, keys["verifier_keys"], options.cosigner, keys["statement_keys"], since
        )
    data = options.path.read_bytes()
    if options.receipt:
        return check_pair(data, options.receipt.read_bytes(), keys, note)
    if b"\n\n\xe2\x80\x94 " in data and data[:1] != b"\xd2" and data[:4] != LOCAL_HEAD:
        return check_note(data.decode("utf-8"), keys["verifier_keys"], options.cosigner)
    key = keys["verifier_keys"][0] if keys["verifier_keys"] else None
    return check_evidence(data, key=key, cosigners=options.cosigner)


if __name__ == "__main__":
    sys.exit(main())
