"""The start-up self-test: a fixed number of known answers and stored entries, the same work at any size.

It catches a broken machine or library before it signs, and a database that was exchanged or altered in
bulk. It is no substitute for `ledger check`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.errors import SealtraceError

from . import merkle
from .log import Ledger
from .model import Problem
from .verify import verify_inclusion, verify_statement

SAMPLES = 4
TESTS = 4 + SAMPLES
# RFC 9162 gives no vectors; these are RFC 6962's, as certificate transparency's own tests use them
_LEAVES = (b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43")
_ROOT_OF_LEAVES = "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
_SM3_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1
# RFC 8032, 7.1, test 2
_SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def run(ledger: Ledger) -> list[Problem]:
    """Run the self-test; an empty list means all is well. Under 100 ms."""
    return [*_known_answers(), *_samples(ledger)]


def _known_answers() -> Iterator[Problem]:
    if hashlib.sha256(b"abc").hexdigest()[:16] != "ba7816bf8f01cfea":
        yield Problem("self-test", "SHA-256 gives a wrong answer")
    tree = merkle.Frontier(0, lambda _number: b"")
    tree.append(merkle.leaf_hash(leaf) for leaf in _LEAVES)
    if tree.root().hex() != _ROOT_OF_LEAVES:
        yield Problem("self-test", "the tree hash gives a wrong answer")
    if hashlib.new("sm3", b"abc").hexdigest() != _SM3_ABC:
        yield Problem("self-test", "SM3 gives a wrong answer")
    if Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_SEED)).sign(b"\x72").hex() != _SIGNATURE:
        yield Problem("self-test", "Ed25519 gives a wrong answer")


def _samples(ledger: Ledger) -> Iterator[Problem]:
    """Read a few stored entries, drawn at random: body, place in the signed tree, issuer's signature."""
    size = ledger.size()
    if not size:
        return
    root, keys = ledger.root(size), ledger.trusted_statement_keys()
    for draw in range(SAMPLES):
        index = int.from_bytes(os.urandom(8), "big") % size if draw else size - 1
        if ledger.purged(index):
            continue
        try:
            entry = ledger.entry(index)
            verify_inclusion(index, size, entry.leaf, ledger.inclusion(index, size), root)
            verify_statement(entry.statement, keys)
        except IndexError:
            yield Problem(f"entry {index}", "it is missing")
        except SealtraceError as e:
            yield Problem(f"entry {index}", e.message)
