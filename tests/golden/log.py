"""A small log whose every byte follows from a seed: what the golden vectors are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealtrace.ledger import cose, merkle
from sealtrace.ledger.commitment import Opening, commit
from sealtrace.ledger.keys import key_id, p256_from_seed
from sealtrace.ledger.model import Draft, TreeHead
from sealtrace.ledger.notekey import COSIGN_ED25519, COSIGN_ML_DSA, ED25519, SM2, NoteSigner, head_text
from sealtrace.ledger.rotation import possession_message
from sealtrace.ledger.statement import StatementSigner
from sealtrace.ledger.verify import INCLUSION, RFC9162_SHA256, VDP, VDS
from sealtrace.trace.evidence import ProvenEntry

AT = 1_772_440_200  # POSIX time of every cosignature: 2 March 2026


def seed(purpose: str) -> bytes:
    """32 bytes for a purpose; anyone can make these keys again, so they protect nothing."""
    return hashlib.sha256(f"sealtrace golden vectors: {purpose}".encode()).digest()


class Stream:
    """Bytes that follow from a name."""

    def __init__(self, name: str) -> None:
        self._name, self._at = name, 0

    def __call__(self, count: int) -> bytes:
        made = b""
        while len(made) < count:
            made += seed(f"{self._name}/{self._at}")
            self._at += 1
        return made[:count]

    def normal(self) -> float:
        """A number of mean 0 and variance 1: twelve uniforms added, so that no library is needed."""
        return sum(byte / 256 + 1 / 512 for byte in self(12)) - 6


class Repeatable:
    """A P-256 key whose signatures follow from key and message. Source: RFC 6979."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._key.public_key()

    def sign(self, message: bytes, _algorithm: object) -> bytes:
        return self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def p256(purpose: str) -> Any:
    return Repeatable(p256_from_seed(seed(purpose), purpose))


def pem(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class Keys:
    """One generation of a log's keys."""

    generation: str
    origin: str = "sealtrace/GOLD/log"

    @property
    def checkpoint(self) -> NoteSigner:
        return NoteSigner.from_seed(self.origin, ED25519, seed(f"checkpoint {self.generation}"))

    @property
    def statement(self) -> Any:
        return p256(f"statement {self.generation}")

    @property
    def receipt(self) -> Any:
        return p256(f"receipt {self.generation}")


EVIDENCE = Ed25519PrivateKey.from_private_bytes(seed("evidence"))
ML_DSA = NoteSigner.from_seed(Keys("1").origin, COSIGN_ML_DSA, seed("ml-dsa"))
SM2_SIGNER = NoteSigner.from_seed(Keys("1").origin, SM2, seed("sm2"))
WITNESS = NoteSigner.from_seed("customs.example/witness", COSIGN_ED25519, seed("witness"))
ML_DSA_WITNESS = NoteSigner.from_seed("bureau.example/witness", COSIGN_ML_DSA, seed("witness ml-dsa"))


class Log:
    """Entries, the tree over them, and what a log gives out about them."""

    def __init__(self, name: str, keys: Keys | None = None) -> None:
        self.salts, self.keys = Stream(f"log {name}"), keys or Keys("1")
        self.generations = [self.keys]
        self.statements: list[bytes] = []
        self.openings: list[Opening] = []
        self.nodes: dict[int, bytes] = {}
        self._frontier = merkle.Frontier(0, lambda number: self.nodes[number])

    def enter(
        self, event: str, fields: Mapping[str, Any], *, content_type: str = "", signer: Any = None
    ) -> int:
        """Enter an event; returns its index."""
        sealed = commit({"event": event, **fields}, self.salts)
        type_ = content_type or f"application/vnd.sealtrace.{event.replace(':', '-')}+cbor"
        draft = Draft(event, self.salts(8).hex(), sealed.digest, type_)
        statement = StatementSigner("urn:sealtrace:org:GOLD", signer or self.keys.statement).sign(draft)
        return self.append(statement, sealed.opening)

    def append(self, statement: bytes, opening: Opening | None = None) -> int:
        self.statements.append(statement)
        self.openings.append(opening or {})
        self.nodes.update(self._frontier.append([merkle.leaf_hash(statement)]))
        return len(self.statements) - 1

    def begin(self, **changed: Any) -> None:
        """Enter the home's first entry."""
        first = {
            "org": "Golden Rare Earths 金稀土",
            "org_code": "GOLD",
            "verifier_keys": self.keys.checkpoint.public.text,
            "statement_keys": pem(self.keys.statement),
            "evidence_key": EVIDENCE.public_key().public_bytes_raw(),
            "created_at": "2026-03-01T08:00:00Z",
        }
        self.enter("home:created", first | changed)

    def rotate(self, *, possession: bytes | None = None) -> int:
        """Enter a rotation to a further generation of keys; both keys sign heads from then on."""
        old, new = self.keys, Keys(str(len(self.generations) + 1))
        fields = {
            "old_verifier_key": old.checkpoint.public.text,
            "new_verifier_key": new.checkpoint.public.text,
            "new_statement_key": pem(new.statement),
            "new_receipt_key": pem(new.receipt),
        }
        proof = possession or new.checkpoint.key.sign(possession_message(fields))  # type: ignore[union-attr]
        index = self.enter(
            "ledger:key-rotated", {**fields, "possession": proof.hex(), "at": "2026-03-02T08:00:00Z"}
        )
        self.keys = new
        self.generations.insert(0, new)
        return index

    @property
    def size(self) -> int:
        return len(self.statements)

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.size if size is None else size, self.nodes.__getitem__)

    def sm3_root(self) -> bytes:
        tree = merkle.Frontier(0, lambda _: b"", merkle.sm3_node_hash)
        tree.append(map(merkle.sm3_leaf_hash, self.statements))
        return tree.root()

    def text(self, extensions: Sequence[str] = ()) -> str:
        head = head_text(self.keys.origin, TreeHead(self.size, self.root()))
        return head + "".join(f"{line}\n" for line in extensions)

    def checkpoint(self, extensions: Sequence[str] = ()) -> str:
        """The newest head, signed by every generation."""
        text = self.text(extensions)
        return text + "\n" + "".join(keys.checkpoint.line(text) for keys in self.generations)

    def receipt(self, index: int, size: int | None = None, *, key: Any = None) -> bytes:
        size = size or self.size
        path = merkle.inclusion_path(index, size, self.nodes.__getitem__)
        key = key or self.keys.receipt
        protected = {cose.ALG: cose.ES256, cose.KID: key_id(key.public_key()), VDS: RFC9162_SHA256}
        proofs = {VDP: {INCLUSION: [cose.encode([size, index, path])]}}
        return cose.sign1(key, protected, self.root(size), unprotected=proofs, detached=True)

    def proven(self, index: int) -> ProvenEntry:
        return ProvenEntry(index, self.statements[index], self.receipt(index), self.openings[index])

    def public(self) -> dict[str, list[str]]:
        """The public keys, the newest first, as `ledger key --json` gives them."""
        return {
            "verifier_keys": [keys.checkpoint.public.text for keys in self.generations],
            "statement_keys": [pem(keys.statement) for keys in self.generations],
            "receipt_keys": [pem(keys.receipt) for keys in self.generations],
        }
