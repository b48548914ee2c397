"""The evidence package: one archive for a court, in one form only, with a signed manifest of what is in it.

A ZIP of stored members: the manifest first, then by name, no time, no attribute, no comment. The same members
give the same bytes, and a reader writes the archive again and compares: no byte is without meaning. The manifest is
a tagged COSE_Sign1 (EdDSA) under the key that signs evidence files, over each member's size and SHA-256.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.errors import ProofInvalid

from .evidence import ALG_EDDSA, to_be_signed

FORMAT = "sealtrace-package/1"
MANIFEST, EVIDENCE = "manifest.cose", "trace.evidence"
HEAD = b"PK\x03\x04"
MAX_BYTES, MAX_MEMBERS = 512 << 20, 1000
_DATE = 0x21  # 1 January 1980, midnight: the first time a ZIP can tell
_UTF8 = 0x0800  # names are UTF-8
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


def seal(trace: str, members: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """Write a package of these members and their signed manifest."""
    payload, protected = manifest(trace, members), _cbor(ALG_EDDSA)
    signed = [protected, {}, payload, key.sign(to_be_signed(protected, payload))]
    return write({MANIFEST: _cbor(cbor2.CBORTag(18, signed)), **members})


def manifest(trace: str, members: Mapping[str, bytes]) -> bytes:
    """Write what a package holds: for each member its size in bytes and its SHA-256."""
    listed = {name: [len(data), hashlib.sha256(data).digest()] for name, data in members.items()}
    return _cbor({"format": FORMAT, "trace": trace, "files": listed})


def write(members: Mapping[str, bytes]) -> bytes:
    """Write the archive of these members."""
    parts, central, at = list[bytes](), list[bytes](), 0
    for name in _ordered(members):
        data, called = members[name], name.encode()
        crc = zlib.crc32(data)
        local = _LOCAL.pack(HEAD, 20, _UTF8, 0, 0, _DATE, crc, len(data), len(data), len(called), 0)
        parts += [local, called, data]
        central.append(
            _CENTRAL.pack(
                b"PK\x01\x02",
                20,
                20,
                _UTF8,
                0,
                0,
                _DATE,
                crc,
                len(data),
                len(data),
                len(called),
                0,
                0,
                0,
                0,
                0,
                at,
            )
            + called
        )
        at += len(local) + len(called) + len(data)
    listed = b"".join(central)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(central), len(central), len(listed), at, 0)
    return b"".join([*parts, listed, end])


def read(data: bytes, name: str) -> dict[str, bytes]:
    """Take a package apart, the manifest among its members; nothing is verified yet.

    Raises:
        ProofInvalid: it is not in the one form a package has.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("too large")
        members: dict[str, bytes] = {}
        at = 0
        while data[at : at + 4] == HEAD and len(members) < MAX_MEMBERS:
            _, _, _, _, _, _, _, size, _, named, more = _LOCAL.unpack_from(data, at)
            start = at + _LOCAL.size
            called = data[start : start + named].decode()
            at = start + named + more + size
            members[called] = data[start + named + more : at]
        regular = {MANIFEST, EVIDENCE} <= set(members) and write(members) == data
    except Exception as e:  # hostile bytes: whatever the reader trips over
        raise ProofInvalid(f"{name} is not an evidence package, or it was altered") from e
    if not regular:
        raise ProofInvalid(f"{name} is not in the one form a package is written in: it was altered")
    return members


def signed_manifest(members: Mapping[str, bytes]) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    """The manifest's content, protected header, payload and signature. Raises ProofInvalid."""
    try:
        tagged = cbor2.loads(members[MANIFEST])
        protected, unprotected, payload, signature = tagged.value
        content = cbor2.loads(payload)
        regular = (
            (tagged.tag, unprotected, protected) == (18, {}, _cbor(ALG_EDDSA))
            and _cbor(tagged) == members[MANIFEST]
            and _cbor(content) == payload
            and content["format"] == FORMAT
        )
    except Exception as e:  # hostile bytes
        raise ProofInvalid("the package's manifest can't be read") from e
    if not regular:
        raise ProofInvalid("the package's manifest is not in its one form: it was altered")
    return content, protected, payload, signature


def _ordered(members: Mapping[str, bytes]) -> list[str]:
    return sorted(members, key=lambda name: (name != MANIFEST, name.encode()))


def _cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)
