"""The key of a device: Ed25519, in a file that only its owner reads.

KNOWN LIMIT: the key is kept in a file, not in a security chip; whoever reads the owner's files has the device.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sealtrace.errors import StorageFailed, WrongKey


class DeviceKey:
    """Signs as one device."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> DeviceKey:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> DeviceKey:
        """Read a key file.

        Raises:
            WrongKey: it is missing, readable by others, or holds something else.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise WrongKey(
                    f"{path} can be read by others", advice=f"Run chmod 600 {path}, and enrol again."
                )
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as e:
            raise WrongKey(f"the device's key {path} can't be read", advice="Enrol this device again.") from e
        if not isinstance(key, Ed25519PrivateKey):
            raise WrongKey(f"{path} is no Ed25519 key", advice="Enrol this device again.")
        return cls(key)

    def save(self, path: Path) -> None:
        """Write the key for its owner alone; an existing file is never overwritten.

        Raises:
            StorageFailed: it exists, or can't be written.
        """
        data = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as e:
            raise StorageFailed(f"the key can't be written to {path}: {e.strerror}") from e

    @property
    def public(self) -> bytes:
        """SubjectPublicKeyInfo in DER."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self._key.sign(message)
