"""What devices sign, sealed secrets and archives: what was written is read, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import Corrupted, ProofInvalid, WrongKey
from sealtrace.trace import package
from sealtrace.trace.device import Receipt, Request, check, new_key, read_private, read_public
from sealtrace.vault import shares
from sealtrace.vault.keyring import ShareOrder
from sealtrace.vault.sealing import TracingKey
from sealtrace.verifier import sealtrace_verify as standalone

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
texts = st.text(max_size=40)


@given(texts, st.integers(0, 1 << 40), texts, texts, st.binary(min_size=16, max_size=16))
def test_a_request_is_read_as_it_was_signed(
    code: str, version: int, operator: str, device: str, nonce: bytes
) -> None:
    request = Request(code, version, operator, device, "2026-03-01T09:00:00Z", nonce)
    data = request.sign(KEY)
    check(data, PUBLIC)
    assert Request.read(data) == request
    assert standalone.signed_by(PUBLIC, data, "sealtrace-copy-request/1")["operator"] == operator
    with pytest.raises(ProofInvalid):
        Receipt.read(data)


@given(st.integers(min_value=0), st.integers(0, 7))
def test_no_bit_of_a_receipt_can_be_changed(at: int, bit: int) -> None:
    data = bytearray(Receipt(b"8 bytes.", bytes(32), "2026-03-01T10:00:00Z").sign(KEY))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(ProofInvalid):
        check(bytes(data), PUBLIC)


def test_keys_in_files(tmp_path: Path) -> None:
    private, public = new_key()
    (tmp_path / "k").write_bytes(private)
    (tmp_path / "k.pub").write_bytes(public)
    assert read_private(tmp_path / "k").public_key().public_bytes_raw() == read_public(tmp_path / "k.pub")
    for read in (read_private, read_public):
        with pytest.raises(WrongKey):
            read(tmp_path / "nowhere")
    with pytest.raises(WrongKey):
        read_public(tmp_path / "k")


names = st.text("abcdefghij/._中文", min_size=1, max_size=12)


@given(st.dictionaries(names, st.binary(max_size=60), max_size=6))
def test_an_archive_is_read_as_it_was_written(members: dict[str, bytes]) -> None:
    members |= {package.MANIFEST: b"m", package.EVIDENCE: b"e"}
    data = package.write(members)
    assert package.read(data, "x") == standalone.read_package(data) == members
    assert package.write(dict(reversed(members.items()))) == standalone.write_package(members) == data


@given(st.integers(min_value=0), st.integers(0, 7))
def test_no_bit_of_an_archive_is_without_meaning(at: int, bit: int) -> None:
    """A changed bit is refused, or changes a member's bytes or name, which the manifest tells."""
    members = {package.MANIFEST: b"m", package.EVIDENCE: b"e", "a": b"abc"}
    data = bytearray(package.write(members))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(ProofInvalid):
        package.read(bytes(data), "x")


def test_what_is_sealed_opens_with_enough_shares_only(tmp_path: Path) -> None:
    key = TracingKey.create(tmp_path, ShareOrder(2, 3, tmp_path, "tracing-share"))
    assert TracingKey.read(tmp_path) == key
    parts = shares.read(ShareOrder(2, 3, tmp_path, "tracing-share").paths)
    sealed = key.seal(b"secret", b"version 1")
    assert sealed != key.seal(b"secret", b"version 1")
    assert key.unseal(key.join(parts[:2]), sealed, b"version 1") == b"secret"
    assert key.join(parts[1:]) == key.join([parts[2], parts[0]])
    with pytest.raises(WrongKey):
        key.join(parts[:1])
    with pytest.raises(Corrupted):
        key.unseal(key.join(parts), sealed, b"version 2")
    with pytest.raises(Corrupted):
        key.unseal(key.join(parts), sealed[:-1] + bytes([sealed[-1] ^ 1]), b"version 1")
    assert TracingKey.read(tmp_path / "nowhere") is None
    others = shares.split(bytes(32), 2, 3)
    with pytest.raises(WrongKey, match="not of this home's"):
        key.join(others[:2])
