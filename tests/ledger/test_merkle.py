"""The tree against RFC 9162's own recursive definitions, and its proofs against every flipped byte."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import ProofInvalid
from sealtrace.ledger import merkle
from sealtrace.ledger.verify import root_from_inclusion, verify_consistency, verify_inclusion

LEAVES = [i.to_bytes(2, "big") for i in range(130)]


@cache
def mth(start: int, end: int) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if start == end:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return hashlib.sha256(b"\x00" + LEAVES[start]).digest()
    k = 1 << (end - start - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(start, start + k) + mth(start + k, end)).digest()


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1."""
    if end - start == 1:
        return []
    k = 1 << (end - start - 1).bit_length() - 1
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == end - start:
        return [] if whole else [mth(start, end)]
    k = 1 << (end - start - 1).bit_length() - 1
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


@pytest.fixture(scope="module")
def nodes() -> dict[int, bytes]:
    stored: dict[int, bytes] = {}
    frontier = merkle.Frontier(0, stored.__getitem__)
    for size, leaf in enumerate(LEAVES):
        stored.update(frontier.append([merkle.leaf_hash(leaf)]))
        assert frontier.root() == mth(0, size + 1)
    return stored


def test_empty_root_is_the_published_vector() -> None:
    assert (
        merkle.root(0, {}.__getitem__).hex()
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_published_roots_of_certificate_transparency() -> None:
    """The eight-leaf vectors that CT implementations share (RFC 6962 reference tests)."""
    inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]  # fmt: skip
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    frontier = merkle.Frontier(0, {}.__getitem__)
    for data, root in zip(inputs, roots, strict=True):
        frontier.append([merkle.leaf_hash(bytes.fromhex(data))])
        assert frontier.root().hex() == root


def test_every_proof_is_the_standards(nodes: dict[int, bytes]) -> None:
    for size in (*range(1, 40), 64, 65, 127, 128, 130):
        root = merkle.root(size, nodes.__getitem__)
        assert root == mth(0, size)
        for index in range(size):
            proof = merkle.inclusion_path(index, size, nodes.__getitem__)
            assert proof == path(index, 0, size)
            verify_inclusion(index, size, merkle.leaf_hash(LEAVES[index]), proof, root)
        for old in range(1, size):
            proof = merkle.consistency_path(old, size, nodes.__getitem__)
            assert proof == subproof(old, 0, size, True)
            verify_consistency(old, size, proof, mth(0, old), root)


@settings(max_examples=150)
@given(data=st.data(), size=st.integers(2, 130))
def test_no_altered_inclusion_proof_holds(nodes: dict[int, bytes], data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_path(index, size, nodes.__getitem__)
    root, leaf = mth(0, size), merkle.leaf_hash(LEAVES[index])
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytearray(proof[at])
    flipped[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    for bad in (
        [*proof[:at], bytes(flipped), *proof[at + 1 :]],
        proof[:at] + proof[at + 1 :],
        [*proof, bytes(32)],
    ):
        with pytest.raises(ProofInvalid):
            verify_inclusion(index, size, leaf, bad, root)
    with pytest.raises(ProofInvalid):
        verify_inclusion((index + 1) % size, size, leaf, proof, root)


@settings(max_examples=150)
@given(data=st.data(), new=st.integers(2, 130))
def test_no_altered_consistency_proof_holds(nodes: dict[int, bytes], data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_path(old, new, nodes.__getitem__)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytearray(proof[at])
    flipped[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ProofInvalid):
        verify_consistency(
            old, new, [*proof[:at], bytes(flipped), *proof[at + 1 :]], mth(0, old), mth(0, new)
        )
    with pytest.raises(ProofInvalid):
        verify_consistency(old, new, proof[:-1], mth(0, old), mth(0, new))


def test_a_path_from_nowhere_is_refused() -> None:
    for index, size in ((1, 1), (-1, 4), (4, 4)):
        with pytest.raises(ProofInvalid):
            root_from_inclusion(index, size, bytes(32), [])
