"""Who may register statements from outside, and taking such a statement in.

Source: RFC 9943, 5.1 (registration policy): a statement is entered when a trusted issuer signed it, in
hash-envelope form, so that the log holds digests and no data.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sealtrace.errors import Denied, ProofInvalid, UsageProblem

from . import cose
from .bundles import MAX_STATEMENT_BYTES
from .log import Ledger
from .merkle import leaf_hash
from .model import Entry
from .statement import CWT_CLAIMS, ISS, SUB
from .verify import verify_statement

SCHEMA = """
CREATE TABLE IF NOT EXISTS issuers(
    name TEXT NOT NULL,            -- the CWT issuer its statements carry
    pem TEXT NOT NULL,
    PRIMARY KEY (name, pem)
) WITHOUT ROWID;
"""


def known(db: apsw.Connection) -> list[tuple[str, str]]:
    """The trusted issuers: CWT issuer and PEM key."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'issuers'").fetchone() is None:
        return []
    return [(str(n), str(p)) for n, p in db.execute("SELECT name, pem FROM issuers ORDER BY name, pem")]


def add(db: apsw.Connection, name: str, pem: str) -> None:
    """Trust an issuer's key. Runs in the caller's transaction.

    Raises:
        UsageProblem: this is not a P-256 public key.
    """
    must_be_p256(pem)
    db.execute(SCHEMA)
    db.execute("INSERT OR IGNORE INTO issuers VALUES (?, ?)", (name, pem))


def must_be_p256(pem: str) -> None:
    """Raise UsageProblem unless this is a P-256 public key."""
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as e:
        raise UsageProblem(f"this is not a PEM public key: {e}") from e
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise UsageProblem("statements are signed with ES256: the key must be a P-256 key")


def bare(data: bytes) -> bytes:
    """Give the bytes that are entered: the statement with its unprotected header emptied.

    Raises:
        ProofInvalid: it is not a tagged COSE_Sign1 of a size an entry can have.
    """
    try:
        header, _protected, _unprotected, payload, signature = cose.parse(data)
    except (ValueError, TypeError, cbor2.CBORDecodeError) as e:
        raise ProofInvalid("this is not a tagged COSE_Sign1") from e
    if payload is None:
        raise ProofInvalid("the payload is detached: a hash envelope carries its 32-byte digest")
    entry = cose.join(header, signature, payload)
    if len(entry) > MAX_STATEMENT_BYTES:
        raise ProofInvalid(f"a statement has at most {MAX_STATEMENT_BYTES} bytes")
    return entry


def check(ledger: Ledger, statements: Sequence[bytes]) -> list[bytes]:
    """Check statements as for registering; returns the bytes to be entered. Raises as `register` does."""
    trusted = known(ledger.reader())
    entries = [bare(statement) for statement in statements]
    for entry in entries:
        _must_be_trusted(entry, trusted)
    return entries


def register(ledger: Ledger, statements: Sequence[bytes]) -> list[Entry]:
    """Enter statements that others signed; one that is in the log already keeps its entry.

    Raises:
        ProofInvalid: malformed, or the signature does not hold.
        Denied: the issuer is not trusted here, or names itself differently.
    """
    entries = check(ledger, statements)
    found = {entry: ledger.find(leaf_hash(entry)) for entry in entries}
    new = list(dict.fromkeys(entry for entry, index in found.items() if index is None))
    made = {entry.statement: entry for entry in ledger.append_signed(new)} if new else {}
    return [made.get(entry) or ledger.entry(_index(found[entry])) for entry in entries]


def _index(index: int | None) -> int:
    assert index is not None, "what was not found was entered"
    return index


def _must_be_trusted(entry: bytes, trusted: Sequence[tuple[str, str]]) -> None:
    _, protected, _, _, _ = cose.parse(entry)
    claims = protected.get(CWT_CLAIMS)
    if not isinstance(claims, dict) or not all(isinstance(claims.get(c), str) for c in (ISS, SUB)):
        raise ProofInvalid("the statement names no issuer and subject (CWT claims, label 15)")
    keys = [pem for name, pem in trusted if name == claims[ISS]]
    if not keys:
        raise Denied(
            f"{claims[ISS]!r} is not an issuer this log takes statements from",
            advice="Ask the log's operator to add your key: `sealtrace ledger issuer add`.",
        )
    verify_statement(entry, keys)
