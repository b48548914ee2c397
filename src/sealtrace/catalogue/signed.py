"""A control list as a signed file: COSE_Sign1 (RFC 9052) over the list's canonical bytes.

Who releases a list signs it; a second person may sign beside the first (a file holds one signature or more
over the same bytes), and a reader states how many of the keys it trusts must have signed.
"""

from __future__ import annotations

from collections.abc import Sequence

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.errors import ProofInvalid
from sealtrace.ledger import cose
from sealtrace.ledger.keys import key_id

from .lists import ControlList, Document, canonical, read_list

CONTENT_TYPE, LIST_TYPE = 3, "application/vnd.sealtrace.control-list+cbor"
MAX_BYTES = 32 << 20


def sign_list(document: Document, key: ec.EllipticCurvePrivateKey, others: bytes | None = None) -> bytes:
    """Sign a list, adding to the signatures a file holds already. The list is read first: it must be whole.

    Raises:
        MalformedList: it is not.
        ProofInvalid: the other signatures are over something else.
    """
    read_list(document)
    payload = canonical(document)
    protected = {cose.ALG: cose.ES256, cose.KID: key_id(key.public_key()), CONTENT_TYPE: LIST_TYPE}
    made = cose.sign1(key, protected, payload, detached=True)
    before: list[bytes] = []
    if others is not None:
        held, before = _take_apart(others)
        if held != payload:
            raise ProofInvalid("the signatures in this file are over another list")
    return cbor2.dumps([payload, [*before, made]], canonical=True)


def open_list(data: bytes, keys: Sequence[ec.EllipticCurvePublicKey], needed: int = 1) -> ControlList:
    """Read a signed list that at least `needed` different keys of `keys` signed.

    Raises:
        ProofInvalid: too few signatures hold, or the bytes are not the canonical ones.
        MalformedList: what was signed is not a whole list.
    """
    payload, signatures = _take_apart(data)
    by_id = {key_id(key): key for key in keys}
    signers = {kid for one in signatures if (kid := _signer(one, payload, by_id)) is not None}
    if len(signers) < needed or needed < 1:
        raise ProofInvalid(f"{len(signers)} of the trusted keys signed this list, {needed} are needed")
    document = cbor2.loads(payload)
    made = read_list(document)
    if canonical(document) != payload:
        raise ProofInvalid("the list is not in its canonical form")
    return made


def _signer(signature: bytes, payload: bytes, keys: dict[bytes, ec.EllipticCurvePublicKey]) -> bytes | None:
    try:
        header, protected, _, detached, mark = cose.parse(signature)
        kid = protected.get(cose.KID)
        if detached is not None or protected.get(CONTENT_TYPE) != LIST_TYPE or not isinstance(kid, bytes):
            return None
        if kid not in keys or protected.get(cose.ALG) != cose.ES256 or len(mark) != 64:
            return None
        cose.check(keys[kid], mark, cose.to_be_signed(header, payload))
    except (ValueError, TypeError, InvalidSignature, cbor2.CBORDecodeError):
        return None
    return kid


def _take_apart(data: bytes) -> tuple[bytes, list[bytes]]:
    if len(data) > MAX_BYTES:
        raise ProofInvalid(f"a signed list has at most {MAX_BYTES} bytes")
    try:
        payload, signatures = cbor2.loads(data)
    except (ValueError, TypeError, cbor2.CBORDecodeError) as e:
        raise ProofInvalid("this is not a signed control list") from e
    if not isinstance(payload, bytes) or not isinstance(signatures, list) or len(signatures) > 16:
        raise ProofInvalid("this is not a signed control list")
    if not all(isinstance(s, bytes) for s in signatures):
        raise ProofInvalid("this is not a signed control list")
    return payload, signatures
