"""Check every statement and receipt of the golden data with python-cwt, in an environment of its own.

python-cwt 3.3 holds cbor2 below version 6, so it can't stand beside Sealtrace. Needs nothing but itself:

    python -m venv ../cwt && ../cwt/bin/pip install cwt && ../cwt/bin/python tests/golden/foreign_cwt.py
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import cbor2
from cwt import COSE, COSEKey, VerifyError

DATA = Path(__file__).parent / "data"
STATEMENT = "the statement is signed by the issuer"
RECEIPT = "the receipt proves the statement to be in the log"


def root(proof: bytes, entry: bytes) -> bytes:
    """The root that a receipt's proof leads to, split recursively as RFC 9162, 2.1.1 defines the tree."""
    size, index, path = cbor2.loads(proof)

    def up(start: int, end: int, nodes: list[bytes]) -> bytes:
        if end - start == 1:
            if nodes:
                raise ValueError("too long")
            return hashlib.sha256(b"\0" + entry).digest()
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            return hashlib.sha256(b"\1" + up(start, middle, nodes[:-1]) + nodes[-1]).digest()
        return hashlib.sha256(b"\1" + nodes[-1] + up(middle, end, nodes[:-1])).digest()

    return up(0, size, list(path))


def key_of(data: bytes, pems: list[str]) -> Any:
    """The given key whose id the protected header names; python-cwt picks by key id, too."""
    kid = cbor2.loads(cbor2.loads(data).value[0])[4]
    return [COSEKey.from_pem(pem, kid=kid) for pem in pems]


def holds(check: Any) -> bool:
    try:
        check()
    except (VerifyError, ValueError, KeyError, IndexError, TypeError, cbor2.CBORDecodeError):
        return False
    return True


def receipt(data: bytes, statement: bytes, pems: list[str]) -> None:
    [proof] = cbor2.loads(data).value[1][396][-1]
    COSE.new().decode(data, key_of(data, pems), detached_payload=root(proof, statement))


def main() -> int:
    checked = wrong = 0
    for vector in json.loads((DATA / "vectors.json").read_text("utf-8")):
        if vector["kind"] != "pair" or "python-cwt" in vector.get("stricter_than", []):
            continue
        by_ending = {name.rpartition(".")[2]: (DATA / name).read_bytes() for name in vector["files"]}
        statement, keys, fails = by_ending["statement"], vector["keys"], vector.get("fails", [])
        found = {
            STATEMENT: holds(
                lambda s=statement, k=keys: COSE.new().decode(s, key_of(s, k["statement_keys"]))
            ),
            RECEIPT: holds(
                lambda s=statement, k=keys, r=by_ending: receipt(r["receipt"], s, k["receipt_keys"])
            ),
        }
        for claim, held in found.items():
            checked += 1
            if held is (claim in fails):
                wrong += 1
                print(f"{vector['name']}: {claim}: python-cwt says {held}")
    print(f"statements and receipts: {checked}, disagreements: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
