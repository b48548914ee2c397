"""Leases: quantity that a post without a network may use until a time, reserved for it beforehand.

A revocation list can't stop two posts from using the same licence; a reservation can. What a lease holds is
reserved at the centre before it is signed, so an offline post can't over-issue, whatever it does. The price
is quantity that lies idle: it returns when the post settles. A lease that ran out and was not settled keeps
its quantity reserved until a person settles it, for nobody at the centre knows how much was used.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.clock import stamp
from sealtrace.custody.home import storage_guard
from sealtrace.custody.office import Office
from sealtrace.errors import (
    Corrupted,
    KeyReused,
    LicenceNotInForce,
    NotOnLicence,
    ProofInvalid,
    QuantityExceeded,
    UsageProblem,
)
from sealtrace.ledger import cose
from sealtrace.ledger.keys import key_id

from . import store, token
from .account import NOTHING, Amount, Kind, LineKey, Request, Want
from .accounts import WAIT_S, post, post_many
from .issuing import signing_key
from .token import EXP, IAT, ISS, SUB, TYP, GoodsLine
from .turn import Receipt

LEASE_TYPE = "stl/lease"
LEASE = -65539


@dataclass(frozen=True, slots=True)
class Lease:
    """What a post may use, of which licence, until when."""

    issuer: str
    licence: str
    key: str
    post: str
    until: datetime
    lines: tuple[GoodsLine, ...]
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """One use at the post, with its own idempotency key."""

    key: str
    at: datetime
    lines: tuple[GoodsLine, ...]


def grant(
    office: Office, licence: str, key: str, place: str, wants: tuple[Want, ...], until: datetime
) -> tuple[Lease, str]:
    """Reserve quantity and sign a lease for it. The same words again give the same lease.

    Raises:
        QuantityExceeded, LicenceNotInForce, NotOnLicence, KeyReused: as a reservation.
        UsageProblem: it would end in the past.
    """
    now = office.clock.now().replace(microsecond=0)
    if until <= now or not place.strip():
        raise UsageProblem("a lease names its post and ends in the future")
    with office.writing(WAIT_S):
        _must_state_limits(office, licence, wants)
        receipt = post(
            office, Request(licence, Kind.RESERVE, key, wants, note=f"lease {place} {stamp(until)}")
        )
        known = store.lease(office.db, licence, key)
        if known is not None:
            return read(known[0], [signing_key(office).public_key()]), known[0]
        lines = tuple(GoodsLine(line, amount) for line, amount, _ in receipt.lines)
        made = Lease(office.home.config.issuer, licence, key, place, until.replace(microsecond=0), lines, now)
        text = _sign(made, signing_key(office))
        office.ledger.append([], lambda db, _: store.insert_lease(db, licence, key, text, stamp(made.until)))
        return made, text


def _must_state_limits(office: Office, licence: str, wants: Sequence[Want]) -> None:
    """A post counts what its lease states, so a lease states everything the licence limits."""
    for line in store.lines(office.db, licence) if store.prepared(office.db) else ():
        for want in wants:
            if want.element == line.key.element and want.entry in (None, line.key.entry):
                unstated = (line.balance.gross_limited and not want.amount.gross_mg) or (
                    line.balance.value_limited and not want.amount.value_minor
                )
                if unstated:
                    raise UsageProblem(
                        f"{licence} limits gross or value of {want.element}: the lease must state it"
                    )


def settle(office: Office, text: str, uses: Sequence[Use]) -> list[Receipt]:
    """Post what a lease's post used, and give back the rest. Safe to send again.

    Raises:
        ProofInvalid: this office did not sign the lease.
        QuantityExceeded, LicenceNotInForce: the uses are more than the lease, or after its end; nothing is posted.
    """
    lease = read(text, [signing_key(office).public_key()])
    spent: tuple[Use, ...] = ()
    for use in uses:
        spent = spend(lease, spent, use)
    with office.writing(WAIT_S):
        requests = [
            Request(
                lease.licence,
                Kind.DRAW,
                f"{lease.key}/{use.key}",
                tuple(Want(n.key.element, n.amount, n.key.entry) for n in use.lines),
                lease.key,
                f"post {lease.post}",
                stamp(use.at),
            )
            for use in spent
        ]
        rest = [(n.key, left) for n in lease.lines if (left := n.amount - _used(spent, n.key)) != NOTHING]
        if rest:
            wants = tuple(Want(key.element, _not_below_zero(left), key.entry) for key, left in rest)
            requests.append(Request(lease.licence, Kind.RELEASE, f"{lease.key}/rest", wants, lease.key))
        outcomes = post_many(office, requests)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        office.ledger.append([], lambda db, _: store.settle_lease(db, lease.licence, lease.key))
        return [o for o in outcomes if isinstance(o, Receipt)]


def _not_below_zero(amount: Amount) -> Amount:
    return Amount(*(max(part, 0) for part in amount.parts))


def spend(lease: Lease, spent: tuple[Use, ...], use: Use) -> tuple[Use, ...]:
    """Use part of a lease, at the post: pure, so that the post and the centre judge alike.

    Raises:
        LicenceNotInForce: the lease has ended.
        QuantityExceeded: it has less left.
        NotOnLicence: it has no such line.
        KeyReused: the key was used for something else. The same use again changes nothing.
    """
    before = next((u for u in spent if u.key == use.key), None)
    if before is not None:
        if before.lines != use.lines:
            raise KeyReused(f"the key {use.key!r} was used on this lease for another request")
        return spent
    if not lease.issued_at <= use.at <= lease.until:
        raise LicenceNotInForce(f"the lease is good from {stamp(lease.issued_at)} until {stamp(lease.until)}")
    held = {n.key: n.amount for n in lease.lines}
    for line in use.lines:
        if line.key not in held:
            raise NotOnLicence(f"the lease has no line {line.key.entry} {line.key.element}")
        whole, left = held[line.key], held[line.key] - _used(spent, line.key)
        stated = zip(whole.parts, left.parts, line.amount.parts, strict=True)
        if line.amount.element_mg <= 0 or any(limit and asked > rest for limit, rest, asked in stated):
            raise QuantityExceeded(
                f"the lease has {left.element_mg} mg of {line.key.element} left (gross {left.gross_mg} mg), "
                f"{line.amount.element_mg} mg (gross {line.amount.gross_mg} mg) are asked for"
            )
    return (*spent, use)


def left(lease: Lease, spent: Sequence[Use]) -> list[tuple[LineKey, Amount]]:
    """What a lease has left on each line."""
    return [(n.key, n.amount - _used(spent, n.key)) for n in lease.lines]


def _used(spent: Sequence[Use], key: LineKey) -> Amount:
    return sum((n.amount for use in spent for n in use.lines if n.key == key), NOTHING)


# -- signed text ----------------------------------------------------------------------------------


def _sign(lease: Lease, key: ec.EllipticCurvePrivateKey) -> str:
    protected = {cose.ALG: cose.ES256, cose.KID: key_id(key.public_key()), TYP: LEASE_TYPE}
    lines = [[n.key.entry, n.key.element, *n.amount.parts] for n in lease.lines]
    claims = {
        ISS: lease.issuer, SUB: lease.licence, IAT: int(lease.issued_at.timestamp()), EXP: int(lease.until.timestamp()),
        LEASE: [lease.key, lease.post, lines],
    }  # fmt: skip
    return token.pack(cose.sign1(key, protected, cose.encode(claims)))


def read(text: str, keys: Sequence[ec.EllipticCurvePublicKey]) -> Lease:
    """Read a lease that one of the keys signed. Raises ProofInvalid."""
    claims = token.open_signed(token.unpack(text), LEASE_TYPE, keys)
    try:
        key, place, lines = claims[LEASE]
        at, until = (datetime.fromtimestamp(claims[t], UTC) for t in (IAT, EXP))
        goods = tuple(GoodsLine(LineKey(e, s), Amount(*parts)) for e, s, *parts in lines)
        return Lease(claims[ISS], claims[SUB], key, place, until, goods, at)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as e:
        raise ProofInvalid("the claims are not those of a lease") from e


# -- the post's own book --------------------------------------------------------------------------


class Book:
    """A post's record of what it used: one JSON line a use, added durably, one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _held(self) -> Iterator[int]:
        with storage_guard(f"opening {self.path}"):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def uses(self) -> tuple[Use, ...]:
        """Read the uses. A last line that was cut short by a crash was never acknowledged and does not count.

        Raises:
            Corrupted: another line can't be read.
        """
        if not self.path.exists():
            return ()
        with storage_guard(f"reading {self.path}"):
            lines = self.path.read_bytes().split(b"\n")[:-1]
        try:
            return tuple(_use(json.loads(line)) for line in lines if line)
        except (ValueError, KeyError, TypeError) as e:
            raise Corrupted(f"{self.path.name} has a line that is no use of a lease") from e

    def spend(self, lease: Lease, use: Use) -> tuple[Use, ...]:
        """Judge a use against the lease and what was used before, and add it; durable when it returns."""
        with self._held() as handle:
            self._drop_cut_line(handle)
            before = self.uses()
            after = spend(lease, before, use)
            if after is not before:
                lines = [[n.key.entry, n.key.element, *n.amount.parts] for n in use.lines]
                row = {"key": use.key, "at": stamp(use.at), "lines": lines}
                with storage_guard(f"writing {self.path}"):
                    os.write(handle, json.dumps(row).encode() + b"\n")
                    os.fsync(handle)
            return after

    def _drop_cut_line(self, handle: int) -> None:
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            os.ftruncate(handle, data.rfind(b"\n") + 1)


def _use(row: dict[str, Any]) -> Use:
    lines = tuple(GoodsLine(LineKey(e, s), Amount(*parts)) for e, s, *parts in row["lines"])
    return Use(row["key"], datetime.fromisoformat(row["at"]), lines)
