"""The status list: which licences are suspended, revoked or ended, exactly, in a few bytes a hundred.

Everything not on the list is in force, so only the exceptions are written: the gaps between their places in
Golomb-Rice code (Golomb 1966; Rice 1979), each followed by two bits of state. No hashing, so no false alarm.
131,072 licences with 1 % exceptions take about 1.7 KB, which one QR symbol holds: a post without a network
can be brought up to date on paper. The list is signed, and says until when it may be relied on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.errors import ProofInvalid
from sealtrace.ledger import cose
from sealtrace.ledger.keys import key_id

from .states import LicenceState
from .token import EXP, IAT, ISS, TYP, open_signed

STATUS_TYPE = "stl/status"
LIST = -65538
MAX_LICENCES = 1 << 22
MAX_RICE = 22
CODES = {
    1: (LicenceState.SUSPENDED,),
    2: (LicenceState.REVOKED,),
    3: (LicenceState.SURRENDERED, LicenceState.EXHAUSTED, LicenceState.EXPIRED, LicenceState.CANCELLED),
}
_CODE = {state: code for code, states in CODES.items() for state in states}


@dataclass(frozen=True, slots=True)
class StatusList:
    """The exceptions among an issuer's licences at one time."""

    issuer: str
    at: datetime
    until: datetime
    count: int
    exceptions: Mapping[int, int]  # place -> 1 suspended, 2 revoked, 3 ended

    def state(self, index: int) -> str:
        """Give the state of the licence at a place: in_force, suspended, revoked or ended.

        Raises:
            ProofInvalid: the list is older than the licence, so it says nothing of it.
        """
        if not 0 <= index < self.count:
            raise ProofInvalid(
                f"the status list covers {self.count} licences and not place {index}",
                advice="Get a newer list; this one was made before the licence.",
            )
        return ("in_force", "suspended", "revoked", "ended")[self.exceptions.get(index, 0)]


def code_of(state: LicenceState) -> int:
    """The code of a state; 0 for a licence in force."""
    return _CODE.get(state, 0)


def encode(count: int, exceptions: Mapping[int, int]) -> tuple[int, bytes]:
    """Write exceptions as a Rice parameter and a bit string that ends with a single 1."""
    mean = count / (len(exceptions) or 1)
    k = max(0, min(MAX_RICE, math.floor(math.log2(max(mean * math.log(2), 1)))))
    bits, last = [], -1
    for index in sorted(exceptions):
        quotient, rest = divmod(index - last - 1, 1 << k)
        bits.append("1" * quotient + "0" + (f"{rest:0{k}b}" if k else "") + f"{exceptions[index]:02b}")
        last = index
    text = "".join(bits) + "1"
    text += "0" * (-len(text) % 8)
    return k, int(text, 2).to_bytes(len(text) // 8, "big")


def decode(count: int, k: int, data: bytes) -> dict[int, int]:
    """Read them back. Raises ProofInvalid for anything `encode` does not write."""
    if not (0 <= count <= MAX_LICENCES and 0 <= k <= MAX_RICE and data):
        raise ProofInvalid("the status list is damaged")
    text = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}".rstrip("0")
    if not text or len(data) * 8 - len(text) > 7:
        raise ProofInvalid("the status list is damaged")
    text, at, last, made = text[:-1], 0, -1, dict[int, int]()
    while at < len(text):
        stop = text.find("0", at)
        end = stop + 1 + k + 2
        if stop < 0 or end > len(text):
            raise ProofInvalid("the status list is cut short")
        rest = int(text[stop + 1 : stop + 1 + k] or "0", 2)
        last += ((stop - at) << k) + rest + 1
        code = int(text[end - 2 : end], 2)
        if code == 0 or last >= count:
            raise ProofInvalid("the status list names a licence or a state there is not")
        made[last], at = code, end
    return made


def sign(status: StatusList, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Sign a status list as a file."""
    k, data = encode(status.count, status.exceptions)
    claims = {
        ISS: status.issuer,
        IAT: int(status.at.timestamp()),
        EXP: int(status.until.timestamp()),
        LIST: [status.count, k, data],
    }
    protected = {cose.ALG: cose.ES256, cose.KID: key_id(key.public_key()), TYP: STATUS_TYPE}
    return cose.sign1(key, protected, cose.encode(claims))


def verify(data: bytes, keys: Sequence[ec.EllipticCurvePublicKey]) -> StatusList:
    """Read a status list that one of the keys signed. Raises ProofInvalid."""
    claims = open_signed(data, STATUS_TYPE, keys)
    try:
        count, k, packed = claims[LIST]
        at, until = (datetime.fromtimestamp(claims[t], UTC) for t in (IAT, EXP))
        return StatusList(str(claims[ISS]), at, until, count, decode(count, k, packed))
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as e:
        raise ProofInvalid("the claims are not those of a status list") from e
