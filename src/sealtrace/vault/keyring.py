"""All secrets of a home, derived from one root secret kept under a passphrase or in a key file.

keyring.json   how the root is kept; with a passphrase, the root wrapped under scrypt(passphrase)
home.key       without a passphrase: the root itself, readable by its owner only
shares         in files of their own, given to different people; any k of n open the home
"""

from __future__ import annotations

import base64
import errno
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sealtrace.errors import StorageFailed, WrongKey

from . import shares as secret_shares
from .places import synchronise

ROOT_BYTES = 32
SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}  # 32 MiB, about 0.1 s: RFC 7914's interactive size, doubled
KEY_FILE_HEAD = "sealtrace-home-key-1 "
BOUND_TO = b"sealtrace keyring 1"


@dataclass(frozen=True, slots=True)
class ShareOrder:
    """Keep a secret in `of` share files in `folder`, any `needed` of which give it back."""

    needed: int
    of: int
    folder: Path
    name: str = "share"

    @property
    def paths(self) -> list[Path]:
        """The share files, in order."""
        return [self.folder / f"{self.name}-{number}-of-{self.of}.txt" for number in range(1, self.of + 1)]


class Keyring:
    """The root secret, opened. Gives purpose-bound secrets; never gives the root."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self.secret = lru_cache(maxsize=None)(self._secret)
        """`secret(name)`: 32 bytes for one purpose, always the same for the same home and name."""

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        passphrase: str | None,
        key_file: Path | None = None,
        shares: ShareOrder | None = None,
    ) -> Keyring:
        """Draw a fresh root secret and keep it in shares, under the passphrase, or else in a key file.

        Raises:
            StorageFailed: a place can't be written; an existing file is never overwritten.
        """
        root = os.urandom(ROOT_BYTES)
        if shares is not None:
            described: dict[str, Any] = _shared(root, shares)
        elif passphrase is None:
            place = key_file or folder / "home.key"
            write_new(place, (KEY_FILE_HEAD + base64.b64encode(root).decode() + "\n").encode())
            described = {"kept": "key-file", "check": _check(root)}
            if key_file is not None:
                described["key_file"] = str(key_file.absolute())
        else:
            described = _wrapped(root, passphrase)
        write_new(folder / "keyring.json", (json.dumps(described) + "\n").encode())
        return cls(root)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        passphrase: str | None,
        key_file: Path | None = None,
        shares: Sequence[Path] = (),
    ) -> Keyring:
        """Open the root secret.

        Raises:
            WrongKey: passphrase, key file or shares are missing, too few, damaged or another home's.
        """
        try:
            described = json.loads((folder / "keyring.json").read_text("utf-8"))
            kept = described["kept"]
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise WrongKey(f"the keyring in {folder} can't be read") from e
        if kept == "passphrase":
            return cls(_unwrapped(described, passphrase))
        if kept == "shares":
            return cls(_joined(described, shares))
        place = key_file or Path(described.get("key_file") or folder / "home.key")
        root = _read_key_file(place)
        if described.get("check") != _check(root):
            raise WrongKey(f"the key file {place.name} belongs to another home")
        return cls(root)

    def change_passphrase(self, folder: Path, passphrase: str) -> None:
        """Keep the same root under a new passphrase; replaces the old wrapping whole or not at all.

        A key file that was in use before is left to its owner to destroy.
        """
        partial = folder / "keyring.json.part"
        partial.unlink(missing_ok=True)
        write_new(partial, (json.dumps(_wrapped(self._root, passphrase)) + "\n").encode())
        partial.replace(folder / "keyring.json")
        synchronise(folder)

    def document_key(self, version_id: bytes) -> bytes:
        """Derive the key of one registered version's marks; 32 bytes."""
        return _derive(self.secret("marks/master"), b"document " + version_id)

    def _secret(self, name: str) -> bytes:
        return _derive(self._root, b"sealtrace 1 " + name.encode())


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, info).derive(key)


def _check(root: bytes) -> str:
    """Names a root without telling anything of it: lets a foreign key file be refused by name."""
    return _derive(root, b"sealtrace 1 keyring check")[:8].hex()


def _shared(root: bytes, order: ShareOrder) -> dict[str, Any]:
    made = secret_shares.split(root, order.needed, order.of)
    written: list[Path] = []
    try:
        for place, share in zip(order.paths, made, strict=True):
            write_new(place, (share.text + "\n").encode())
            written.append(place)
    except StorageFailed:
        for place in written:
            place.unlink(missing_ok=True)
        raise
    return {"kept": "shares", "needed": order.needed, "of": order.of, "check": _check(root)}


def _joined(described: dict[str, Any], paths: Sequence[Path]) -> bytes:
    if not paths:
        raise WrongKey(
            f"this home opens with {described.get('needed')} of {described.get('of')} key shares",
            advice="Give each share's file with --share, or all of them in SEALTRACE_SHARES.",
        )
    root = secret_shares.join(secret_shares.read(paths))
    if described.get("check") != _check(root):
        raise WrongKey("the key shares belong to another home, or one was altered")
    return root


def _wrapped(root: bytes, passphrase: str) -> dict[str, Any]:
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = nonce + AESGCM(_stretch(passphrase, salt, SCRYPT)).encrypt(nonce, root, BOUND_TO)
    return {
        "kept": "passphrase",
        "scrypt": {**SCRYPT, "salt": base64.b64encode(salt).decode()},
        "root": base64.b64encode(sealed).decode(),
    }


def _unwrapped(described: dict[str, Any], passphrase: str | None) -> bytes:
    if passphrase is None:
        raise WrongKey("this home asks for a passphrase and none was given")
    try:
        settings = described["scrypt"]
        sealed = base64.b64decode(described["root"])
        cost = {name: int(settings[name]) for name in SCRYPT}
        if not (1 < cost["n"] <= 1 << 20 and 1 <= cost["r"] <= 16 and 1 <= cost["p"] <= 16):
            raise ValueError("scrypt cost out of bounds")
        key = _stretch(passphrase, base64.b64decode(settings["salt"]), cost)
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], BOUND_TO)
    except InvalidTag:
        raise WrongKey("the passphrase does not open this home") from None
    except (KeyError, ValueError, TypeError) as e:
        raise WrongKey("the keyring is damaged") from e


def _stretch(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())


def _read_key_file(place: Path) -> bytes:
    try:
        text = place.read_text("ascii")
        root = base64.b64decode(text.removeprefix(KEY_FILE_HEAD).strip(), validate=True)
    except OSError as e:
        raise WrongKey(f"the key file {place} can't be read: {e.strerror}") from e
    except ValueError as e:
        raise WrongKey(f"{place.name} is not a key file") from e
    if not text.startswith(KEY_FILE_HEAD) or len(root) != ROOT_BYTES:
        raise WrongKey(f"{place.name} is not a key file")
    return root


def write_new(place: Path, data: bytes) -> None:
    """Write a file that must not exist yet, readable by its owner only, durable when it returns."""
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as e:
        raise StorageFailed(f"{place} can't be made: {e.strerror}") from e
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        synchronise(place.parent)
    except OSError as e:
        place.unlink(missing_ok=True)
        raise StorageFailed(f"{place} can't be written: {errno.errorcode.get(e.errno or 0, e.errno)}") from e
