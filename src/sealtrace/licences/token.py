"""A licence as a signed text: CWT claims in COSE_Sign1, deflated, in base 45; small enough for a QR symbol.

    text   = "STL1:" base45( zlib( COSE_Sign1 ) )       RFC 9052, RFC 9285
    claims = { 1: issuer, 2: number, 4: ends, 5: begins, 6: issued, -65537: particulars }       RFC 8392
    particulars = [kind, holder, end user, destination, end use, lines, place in the status list, list digest]
    line   = [entry, element, element mg, gross mg, value in minor units]

Times are seconds since 1970; a licence begins and ends with a day in China. The protected header names the
algorithm (ES256), the key and the type; everything must stand in its one deterministic form, so that no two
texts say the same and no field can stand twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.errors import ProofInvalid
from sealtrace.ledger import cose
from sealtrace.ledger.keys import key_id

from . import base45
from .account import Amount, LineKey
from .states import CHINA

PREFIX = "STL1:"
TYP, LICENCE_TYPE = 16, "stl/licence"  # RFC 9596
ISS, SUB, EXP, NBF, IAT, PARTICULARS = 1, 2, 4, 5, 6, -65537
MAX_TEXT, MAX_BYTES = 4296, 8192  # a QR symbol holds no more; nor does a licence need it
KINDS = ("single", "general", "registration")


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One line of a licence: what may leave, and how much of it."""

    key: LineKey
    amount: Amount


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence says."""

    issuer: str
    number: str
    kind: str
    holder: str
    end_user: str
    destination: str
    end_use: str
    valid_from: date
    valid_to: date
    issued_at: datetime
    lines: tuple[GoodsLine, ...]
    status_index: int
    list_digest: bytes  # the first 8 bytes of the control list's digest it was decided under


def to_text(licence: Licence, key: ec.EllipticCurvePrivateKey) -> str:
    """Sign a licence and write it as text."""
    protected = {cose.ALG: cose.ES256, cose.KID: key_id(key.public_key()), TYP: LICENCE_TYPE}
    return pack(cose.sign1(key, protected, cose.encode(_claims(licence))))


def pack(signed: bytes) -> str:
    """Write a COSE_Sign1 as text."""
    return PREFIX + base45.encode(zlib.compress(signed, 9))


def unpack(text: str) -> bytes:
    """Read the COSE_Sign1 out of a text. Raises ProofInvalid."""
    plain = text.strip()
    if not plain.startswith(PREFIX) or len(plain) > MAX_TEXT:
        raise ProofInvalid(f"this is no licence: its text begins with {PREFIX}")
    opener = zlib.decompressobj()
    try:
        data = opener.decompress(base45.decode(plain.removeprefix(PREFIX)), MAX_BYTES)
    except zlib.error as e:
        raise ProofInvalid("the licence's text is damaged") from e
    if not opener.eof or opener.unused_data:
        raise ProofInvalid("the licence's text is damaged or too long")
    return data


def verify(text: str, keys: Sequence[ec.EllipticCurvePublicKey]) -> Licence:
    """Read a licence that one of the keys signed. Says nothing of dates and status.

    Raises:
        ProofInvalid: it is damaged, signed by nobody trusted, or not in its one form.
    """
    return _licence(open_signed(unpack(text), LICENCE_TYPE, keys))


def open_signed(data: bytes, typ: str, keys: Sequence[ec.EllipticCurvePublicKey]) -> Any:
    """Open a signed CBOR object of a type. Raises ProofInvalid."""
    try:
        header, protected, unprotected, payload, signature = cose.parse(data)
        if (
            payload is None
            or unprotected
            or len(signature) != 64
            or cose.join(header, signature, payload) != data
        ):
            raise ProofInvalid("the signed object is not in its one form")
        if (
            protected.get(TYP) != typ
            or protected.get(cose.ALG) != cose.ES256
            or cose.encode(dict(protected)) != header
        ):
            raise ProofInvalid(f"this is no {typ}")
        key = next((k for k in keys if key_id(k) == protected.get(cose.KID)), None)
        if key is None:
            raise ProofInvalid(
                "none of the trusted keys signed this",
                advice="Get the issuer's key: `sealtrace licence key`.",
            )
        cose.check(key, signature, cose.to_be_signed(header, payload))
        claims = cbor2.loads(payload)
    except InvalidSignature:
        raise ProofInvalid("the signature does not hold") from None
    except (ValueError, TypeError, AttributeError, cbor2.CBORDecodeError, RecursionError) as e:
        raise ProofInvalid("this is not a signed object") from e
    if not isinstance(claims, dict) or cose.encode(claims) != payload:
        raise ProofInvalid("the claims are not in their one form")
    return claims


def moment(day: date) -> int:
    """The second at which a day begins in China."""
    return int(datetime.combine(day, time(), CHINA).timestamp())


def _claims(licence: Licence) -> dict[int, Any]:
    lines = [[n.key.entry, n.key.element, *n.amount.parts] for n in licence.lines]
    return {
        ISS: licence.issuer,
        SUB: licence.number,
        EXP: moment(licence.valid_to + timedelta(days=1)),
        NBF: moment(licence.valid_from),
        IAT: int(licence.issued_at.timestamp()),
        PARTICULARS: [
            KINDS.index(licence.kind), licence.holder, licence.end_user, licence.destination, licence.end_use, lines,
            licence.status_index, licence.list_digest,
        ],
    }  # fmt: skip


def _licence(claims: dict[Any, Any]) -> Licence:
    try:
        kind, holder, end_user, destination, end_use, lines, index, digest = claims[PARTICULARS]
        begins, ends = (datetime.fromtimestamp(claims[t], CHINA) for t in (NBF, EXP))
        made = Licence(
            issuer=claims[ISS], number=claims[SUB], kind=KINDS[kind], holder=holder, end_user=end_user,
            destination=destination, end_use=end_use, valid_from=begins.date(),
            valid_to=ends.date() - timedelta(days=1), issued_at=datetime.fromtimestamp(claims[IAT], UTC),
            lines=tuple(GoodsLine(LineKey(e, s), Amount(*parts)) for e, s, *parts in lines),
            status_index=index, list_digest=digest,
        )  # fmt: skip
        if _claims(made) != claims:
            raise ValueError
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, OSError) as e:
        raise ProofInvalid("the claims are not those of a licence") from e
    return made
