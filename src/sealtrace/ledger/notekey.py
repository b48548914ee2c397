"""Keys that sign notes: C2SP verifier keys of every kind the ledger meets, and what each kind signs.

A kind tells what is signed: 0x01 the note's text; 0x04 and 0x06 a timestamped cosignature, as a log's
witnesses give; 0xff with a name behind it a private kind, here SM2. Verifiers that do not know a kind
ignore its lines. Sources: C2SP signed-note, tlog-cosignature.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from sealtrace.errors import ProofInvalid

from . import sm2
from .model import TreeHead

ED25519, COSIGN_ED25519, COSIGN_ML_DSA = b"\x01", b"\x04", b"\x06"
SM2 = b"\xffsealtrace/sm2\x00"
_KEY_BYTES = {ED25519: 32, COSIGN_ED25519: 32, COSIGN_ML_DSA: 1312, SM2: 65}
TIMESTAMPED = (COSIGN_ED25519, COSIGN_ML_DSA)
MAX_TIMESTAMP = (1 << 63) - 1


def from_base64(text: str) -> bytes:
    """Read base64 in its one canonical form: padding and the bits it leaves over are checked too.

    Raises:
        ValueError: it is not that.
    """
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("this base64 has bits that mean nothing")
    return data


def head_text(origin: str, head: TreeHead) -> str:
    """Write a checkpoint's text: origin, size, root. Source: C2SP tlog-checkpoint."""
    return f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def read_head(text: str) -> tuple[str, TreeHead]:
    """Read a checkpoint's text: its origin and the tree head; further lines are extensions.

    Raises:
        ProofInvalid: it is not one.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or lines[-1]:
        raise ProofInvalid("this is not a checkpoint")
    size, root = lines[1], b""
    if not (size.isascii() and size.isdecimal()) or (len(size) > 1 and size[0] == "0") or int(size) >> 63:
        raise ProofInvalid("the checkpoint's size is not a number")
    try:
        root = from_base64(lines[2])
    except ValueError as e:
        raise ProofInvalid("the checkpoint's root is not base64") from e
    if len(root) != 32:
        raise ProofInvalid("the checkpoint's root has not 32 bytes")
    return lines[0], TreeHead(int(size), root)


def _ed25519_message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def _ml_dsa_message(name: str, text: str, timestamp: int) -> bytes:
    origin, head = read_head(text)
    cosigner, log = name.encode(), origin.encode()
    if len(cosigner) > 255 or len(log) > 255:
        raise ProofInvalid("a cosigner's or log's name is longer than 255 bytes")
    return b"".join((
        b"subtree/v1\n\0", bytes([len(cosigner)]), cosigner, struct.pack(">Q", timestamp),
        bytes([len(log)]), log, struct.pack(">QQ", 0, head.size), head.root,
    ))  # fmt: skip


@dataclass(frozen=True)
class NoteKey:
    """A public key that verifies one signer's lines."""

    name: str
    kind: bytes
    public: bytes

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> NoteKey:
        """Read a C2SP verifier key, name+hash+base64(kind || key).

        Raises:
            ProofInvalid: malformed, or of a kind that is not known here.
        """
        try:
            name, digest, encoded = text.strip().split("+", 2)
            raw = from_base64(encoded)
            kind = next((kind for kind in _KEY_BYTES if raw.startswith(kind)), None)
            if kind is None or len(raw) != len(kind) + _KEY_BYTES[kind]:
                raise ValueError("its kind is not known here")
            key = cls(name, kind, raw[len(kind) :])
            if not name or key.digest.hex() != digest:
                raise ValueError("its hash does not fit")
        except ValueError as e:
            raise ProofInvalid(f"this is not a verifier key: {e}") from e
        return key

    @cached_property
    def text(self) -> str:
        """The C2SP verifier key."""
        return f"{self.name}+{self.digest.hex()}+{base64.b64encode(self.kind + self.public).decode()}"

    @cached_property
    def digest(self) -> bytes:
        """The 4-byte key id. Source: C2SP signed-note."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def timestamp(self, signature: bytes) -> int | None:
        """The POSIX time in a cosignature; None for kinds that carry none."""
        return int.from_bytes(signature[:8], "big") if self.kind in TIMESTAMPED else None

    def verify(self, text: str, signature: bytes) -> None:
        """Check a signature, without its key id, over a note's text.

        Raises:
            ProofInvalid: it does not hold.
        """
        try:
            if self.kind == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
            elif self.kind == SM2:
                sm2.PublicKey(self.public).verify(signature, text.encode())
            else:
                self._verify_timestamped(text, signature)
        except (InvalidSignature, ValueError) as e:
            raise ProofInvalid(f"the signature of {self.name} does not hold") from e

    def _verify_timestamped(self, text: str, signature: bytes) -> None:
        timestamp = int.from_bytes(signature[:8], "big")
        if len(signature) < 8 or timestamp > MAX_TIMESTAMP:
            raise ValueError("no timestamp")
        if self.kind == COSIGN_ED25519:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature[8:], _ed25519_message(text, timestamp))
        else:
            ml_dsa = MLDSA44PublicKey.from_public_bytes(self.public)
            ml_dsa.verify(signature[8:], _ml_dsa_message(self.name, text, timestamp))


@dataclass(frozen=True)
class NoteSigner:
    """A private key that signs notes or cosigns checkpoints under a name."""

    name: str
    kind: bytes
    key: Ed25519PrivateKey | MLDSA44PrivateKey | sm2.PrivateKey

    @classmethod
    def from_seed(cls, name: str, kind: bytes, seed: bytes) -> NoteSigner:
        """Make the signer of a 32-byte seed; the same seed always gives the same key."""
        if kind == COSIGN_ML_DSA:
            return cls(name, kind, MLDSA44PrivateKey.from_seed_bytes(seed))
        if kind == SM2:
            return cls(name, kind, sm2.PrivateKey.from_seed(seed))
        return cls(name, kind, Ed25519PrivateKey.from_private_bytes(seed))

    @cached_property
    def public(self) -> NoteKey:
        """The key that verifies this signer's lines."""
        if isinstance(self.key, sm2.PrivateKey):
            return NoteKey(self.name, self.kind, self.key.public)
        return NoteKey(self.name, self.kind, self.key.public_key().public_bytes_raw())

    def line(self, text: str, timestamp: int = 0) -> str:
        """Sign a note's text; returns the signature line with its newline.

        `timestamp` is POSIX seconds, used by the kinds that carry a time.
        """
        if self.kind == COSIGN_ED25519:
            message = _ed25519_message(text, timestamp)
        elif self.kind == COSIGN_ML_DSA:
            message = _ml_dsa_message(self.name, text, timestamp)
        else:
            message = text.encode()
        prefix = struct.pack(">Q", timestamp) if self.kind in TIMESTAMPED else b""
        signature = self.public.digest + prefix + self.key.sign(message)
        return f"\N{EM DASH} {self.name} {base64.b64encode(signature).decode()}\n"
