"""Personal data at rest: sealed under one key per person, found by a keyed token, gone when the key is.

The log never sees any of it: it holds salted commitments only. Destroying a subject's key makes every
row about that person unreadable while every receipt still verifies.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import apsw
import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealtrace.errors import Corrupted
from sealtrace.vault.keyring import Keyring

SCHEMA = """
CREATE TABLE IF NOT EXISTS subjects(
    token BLOB PRIMARY KEY,      -- HMAC of the operator's name, so that the name is not in the table
    wrapped_key BLOB             -- AES-GCM under the home's key; NULL once erased
) WITHOUT ROWID;
"""


class Subjects:
    """Seals and opens what the register knows about people."""

    def __init__(self, keyring: Keyring) -> None:
        self._token_key = keyring.secret("subjects/token")
        self._wrap = AESGCM(keyring.secret("subjects/wrap"))
        self._office = AESGCM(keyring.secret("register/records"))
        self._key_of = lru_cache(maxsize=4096)(self._unwrap)

    def token(self, kind: str, name: str) -> bytes:
        """Give the 16-byte search token of an operator, device or address."""
        return hmac.digest(self._token_key, f"{kind}\0{name}".encode(), "sha256")[:16]

    def ensure(self, db: apsw.Connection, name: str, kind: str = "operator") -> bytes:
        """Give the subject's token, making the subject's key at first sight. Runs in the caller's transaction."""
        token = self.token(kind, name)
        known = db.execute("SELECT 1 FROM subjects WHERE token = ?", (token,)).fetchone()
        if known is None:
            nonce, key = os.urandom(12), AESGCM.generate_key(256)
            db.execute(
                "INSERT INTO subjects VALUES (?, ?)", (token, nonce + self._wrap.encrypt(nonce, key, token))
            )
        return token

    def known(self, db: apsw.Connection, token: bytes) -> bool:
        """Tell whether this person's key is still there: an erased one's is not."""
        row = db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchone()
        return row is not None and row[0] is not None

    def seal(self, db: apsw.Connection, token: bytes, record: Mapping[str, Any], bound_to: bytes) -> bytes:
        """Encrypt a record under the subject's key, bound to the row it belongs to."""
        return _encrypt(self._cipher(db, token), record, bound_to)

    def unseal(
        self, db: apsw.Connection, token: bytes, sealed: bytes, bound_to: bytes
    ) -> dict[str, Any] | None:
        """Decrypt a record, or give None when the subject has been erased.

        Raises:
            Corrupted: the row was altered.
        """
        row = db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchone()
        if row is None or row[0] is None:
            return None
        return _decrypt(AESGCM(self._key_of(bytes(token), bytes(row[0]))), sealed, bound_to)

    def forget(self) -> None:
        """Let go of the keys held in memory, after an erasure."""
        self._key_of.cache_clear()

    def seal_office(self, record: Mapping[str, Any], bound_to: bytes) -> bytes:
        """Encrypt a record that is about no single person, under the home's own key."""
        return _encrypt(self._office, record, bound_to)

    def unseal_office(self, sealed: bytes, bound_to: bytes) -> dict[str, Any]:
        """Decrypt what `seal_office` made. Raises Corrupted when it was altered."""
        return _decrypt(self._office, sealed, bound_to)

    def _cipher(self, db: apsw.Connection, token: bytes) -> AESGCM:
        row = db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchone()
        assert row is not None, "ensure() comes before seal()"
        return AESGCM(self._key_of(bytes(token), bytes(row[0])))

    def _unwrap(self, token: bytes, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:12], wrapped[12:], token)
        except (InvalidTag, ValueError):
            raise Corrupted("a subject's key in the register does not open") from None


def _encrypt(cipher: AESGCM, record: Mapping[str, Any], bound_to: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + cipher.encrypt(nonce, cbor2.dumps(dict(record), canonical=True), bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> dict[str, Any]:
    try:
        record = cbor2.loads(cipher.decrypt(sealed[:12], sealed[12:], bound_to))
    except (InvalidTag, ValueError):
        raise Corrupted("a sealed record in the register does not open: it was altered") from None
    assert isinstance(record, dict)
    return record


def take_keys(db: apsw.Connection) -> dict[bytes, bytes]:
    """Take the wrapped keys of people out of a copy of the database; returns them by token."""
    rows: Any = db.execute("SELECT token, wrapped_key FROM subjects WHERE wrapped_key IS NOT NULL").fetchall()
    db.execute("UPDATE subjects SET wrapped_key = NULL")
    return {bytes(token): bytes(key) for token, key in rows}


def give_keys(db: apsw.Connection, keys: Mapping[bytes, bytes]) -> None:
    """Put wrapped keys back to the people of a restored database who have one still."""
    db.execute("BEGIN")
    db.executemany("UPDATE subjects SET wrapped_key = ? WHERE token = ?", [(k, t) for t, k in keys.items()])
    db.execute("COMMIT")
