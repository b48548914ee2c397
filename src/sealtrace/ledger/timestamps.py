"""RFC 3161 timestamps of checkpoints: an authority outside says when a head existed.

Optional: the log's order needs no clock but its own; a timestamp tells an outsider the latest moment at
which everything up to this head was entered. KNOWN LIMIT: tokens are read as strict DER; an authority that sends
several certificates out of DER order, as `openssl ts` does with its `certs` setting, is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import apsw
from cryptography import x509

from sealtrace.errors import ProofInvalid, UsageProblem

from .note import Note

SCHEMA = """
CREATE TABLE IF NOT EXISTS timestamps(
    size INTEGER NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,            -- the checkpoint that was stamped
    token BLOB NOT NULL,           -- the authority's answer, DER
    PRIMARY KEY (size, at)
) WITHOUT ROWID;
"""
CONTENT_TYPE = "application/timestamp-query"

Ask = Callable[[bytes], bytes]
"""Sends a DER request to the authority; returns its DER answer. Raises OSError."""


def stamp(note: str, ask: Ask, roots: list[x509.Certificate]) -> tuple[bytes, datetime]:
    """Have a checkpoint's text stamped and check the answer; returns the token and its time.

    Raises:
        ProofInvalid: the answer does not hold for this checkpoint under the given roots.
        OSError: the authority can't be reached.
    """
    from rfc3161_client import TimestampRequestBuilder

    message = Note.parse(note).text.encode()
    request = TimestampRequestBuilder().data(message).build()
    token = ask(request.as_bytes())
    return token, check(note, token, roots, nonce=request.nonce)


def check(note: str, token: bytes, roots: list[x509.Certificate], *, nonce: int | None = None) -> datetime:
    """Check a token against a checkpoint and the authority's root certificates; returns its time, UTC.

    Raises:
        ProofInvalid: it does not hold.
        UsageProblem: no root certificate was given.
    """
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    if not roots:
        raise UsageProblem("a timestamp is checked against the authority's root certificate; none was given")
    try:
        answer = decode_timestamp_response(token)
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(answer, Note.parse(note).text.encode())
    except (VerificationError, ValueError) as e:
        raise ProofInvalid(f"the timestamp does not hold for this checkpoint: {e}") from e
    return answer.tst_info.gen_time


def keep(db: apsw.Connection, size: int, at: datetime, note: str, token: bytes) -> None:
    """Keep a token with the checkpoint it stamps. Runs in the caller's transaction."""
    for statement in filter(str.strip, SCHEMA.split(";\n")):
        db.execute(statement)
    db.execute("INSERT OR IGNORE INTO timestamps VALUES (?, ?, ?, ?)", (size, at.isoformat(), note, token))


def kept(db: apsw.Connection) -> list[tuple[int, str, str, bytes]]:
    """Every kept timestamp: size, time, checkpoint, token; the newest first."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'timestamps'").fetchone() is None:
        return []
    rows = db.execute("SELECT size, at, note, token FROM timestamps ORDER BY size DESC, at DESC")
    return [(int(size), str(at), str(note), bytes(token)) for size, at, note, token in rows]


def read_roots(path: Path) -> list[x509.Certificate]:
    """Read root certificates, PEM. Raises UsageProblem."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as e:
        raise UsageProblem(f"{path} holds no PEM certificate: {e}") from e
