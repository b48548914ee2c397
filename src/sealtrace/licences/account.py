"""Quantity accounts as values and pure rules: what each posting does to a line, and when it is refused.

Everything is a whole number: milligrams of the element, milligrams gross, value in minor units. For each of
the three, granted = available + reserved + drawn + lapsed, always; a posting moves quantity between these and
never makes any, except a grant. Floats would refuse an exactly exhausting last shipment; integers can't.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import cbor2

from sealtrace.errors import MalformedQuantity, QuantityExceeded, UsageProblem

MAX_KEY = 128
LIMIT = 1 << 62


class Kind(StrEnum):
    """Postings."""

    GRANT = "grant"
    RESERVE = "reserve"
    DRAW = "draw"
    RELEASE = "release"
    CORRECT = "correct"
    LAPSE = "lapse"
    REVIVE = "revive"  # what lapsed, when an appeal undoes the end of a licence


WHOLE = frozenset({Kind.LAPSE, Kind.REVIVE})  # postings that move all there is, without saying how much


@dataclass(frozen=True, slots=True)
class Amount:
    """Element, gross and value together. Signed in corrections only."""

    element_mg: int
    gross_mg: int = 0
    value_minor: int = 0

    def __post_init__(self) -> None:
        if not (
            -LIMIT < self.element_mg < LIMIT
            and -LIMIT < self.gross_mg < LIMIT
            and -LIMIT < self.value_minor < LIMIT
        ):
            raise MalformedQuantity(f"{self.parts} is more than an account can hold")

    @property
    def parts(self) -> tuple[int, int, int]:
        """The three numbers in order."""
        return self.element_mg, self.gross_mg, self.value_minor

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.element_mg + other.element_mg,
            self.gross_mg + other.gross_mg,
            self.value_minor + other.value_minor,
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            self.element_mg - other.element_mg,
            self.gross_mg - other.gross_mg,
            self.value_minor - other.value_minor,
        )

    def __neg__(self) -> Amount:
        return NOTHING - self

    @property
    def not_negative(self) -> bool:
        """Whether no part is below zero."""
        return min(self.parts) >= 0


NOTHING = Amount(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """One line's quantities. `gross` and `value` are limited only when the licence states them."""

    granted: Amount
    reserved: Amount = NOTHING
    drawn: Amount = NOTHING
    lapsed: Amount = NOTHING
    gross_limited: bool = False
    value_limited: bool = False

    @property
    def available(self) -> Amount:
        """What can still be reserved or drawn. A part that is not limited counts down from zero."""
        return self.granted - self.reserved - self.drawn - self.lapsed

    def limited(self, amount: Amount) -> Amount:
        """The parts of an amount that the licence limits: a reservation holds only these."""
        return Amount(
            amount.element_mg,
            amount.gross_mg if self.gross_limited else 0,
            amount.value_minor if self.value_limited else 0,
        )

    def covers(self, amount: Amount) -> bool:
        """Whether this much can be taken."""
        left = self.available - amount
        return (
            left.element_mg >= 0
            and (left.gross_mg >= 0 or not self.gross_limited)
            and (left.value_minor >= 0 or not self.value_limited)
        )


@dataclass(frozen=True, slots=True)
class LineKey:
    """Names one line of a licence."""

    entry: str
    element: str


@dataclass(frozen=True, slots=True)
class Want:
    """What a request asks of one line; without an entry, the only line of the element is meant."""

    element: str
    amount: Amount
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One posting to a licence's lines, all or nothing, the same however often it is sent.

    `ref` is the key of the reservation that is drawn from or released, of the draw that is corrected, or of the lapse
    that is undone.
    """

    licence: str
    kind: Kind
    key: str
    wants: tuple[Want, ...]
    ref: str | None = None
    note: str = ""
    used_at: str | None = None  # when an offline post used it, for draws that settle a lease

    def __post_init__(self) -> None:
        for text, what in ((self.licence, "licence's number"), (self.key, "idempotency key")):
            if not 0 < len(text) <= MAX_KEY or any(ord(c) < 32 for c in text):
                raise UsageProblem(f"the {what} has 1 to {MAX_KEY} characters, none of them for control")
        lines = [(w.entry, w.element) for w in self.wants]
        if not lines or len(set(lines)) != len(lines):
            raise UsageProblem("a request names each line once, and at least one")
        if self.kind is not Kind.CORRECT and not all(w.amount.not_negative for w in self.wants):
            raise MalformedQuantity("only a correction takes amounts below zero")
        if all(w.amount == NOTHING for w in self.wants) and self.kind not in WHOLE:
            raise MalformedQuantity("the request moves nothing")
        refers = self.kind in (Kind.RELEASE, Kind.CORRECT, Kind.REVIVE)
        if self.kind is not Kind.DRAW and refers == (self.ref is None):
            raise UsageProblem(f"a {self.kind} {'needs' if refers else 'takes no'} reference")

    @property
    def digest(self) -> bytes:
        """What the request says, so that a key used for something else is noticed."""
        wants = sorted([w.entry or "", w.element, *w.amount.parts] for w in self.wants)
        said = [self.licence, self.kind.value, wants, self.ref, self.note, self.used_at]
        return hashlib.sha256(cbor2.dumps(said, canonical=True)).digest()


def apply(balance: Balance, kind: Kind, amount: Amount, referred: Amount | None) -> Balance:
    """Give the balance after one posting.

    `referred` is what is still open of the reservation, or still stands of the draw or the lapse, that the posting
    names; None without a reference.

    Raises:
        QuantityExceeded: more than is available, open or drawn.
    """
    if kind is Kind.GRANT:
        return replace(balance, granted=balance.granted + amount)
    if kind is Kind.RESERVE:
        _must_cover(balance, amount)
        return replace(balance, reserved=balance.reserved + balance.limited(amount))
    if kind is Kind.LAPSE:
        rest = Amount(*(max(part, 0) for part in balance.available.parts))
        return replace(balance, lapsed=balance.lapsed + rest)
    if kind is Kind.DRAW and referred is None:
        _must_cover(balance, amount)
        return replace(balance, drawn=balance.drawn + amount)
    assert referred is not None, "releases, corrections and revivals name what they are about"
    return _referring(balance, kind, amount, referred)


def _referring(balance: Balance, kind: Kind, amount: Amount, referred: Amount) -> Balance:
    if kind is Kind.REVIVE:
        if not ((referred - amount).not_negative and (balance.lapsed - amount).not_negative):
            raise QuantityExceeded("more is to be revived than lapsed")
        return replace(balance, lapsed=balance.lapsed - amount)
    if kind is Kind.CORRECT:
        if not balance.limited(referred + amount).not_negative:
            raise QuantityExceeded("the correction takes back more than was drawn")
        _must_cover(balance, Amount(*(max(part, 0) for part in amount.parts)))
        return replace(balance, drawn=balance.drawn + amount)
    held = balance.limited(amount)
    if not balance.limited(referred - amount).not_negative:
        raise QuantityExceeded(
            f"the reservation has {referred.element_mg} mg open, {amount.element_mg} mg are asked for"
        )
    made = replace(balance, reserved=balance.reserved - held)
    return made if kind is Kind.RELEASE else replace(made, drawn=made.drawn + amount)


def _must_cover(balance: Balance, amount: Amount) -> None:
    if not balance.covers(amount):
        left = balance.available
        raise QuantityExceeded(
            f"asked for {amount.element_mg} mg (gross {amount.gross_mg} mg, value {amount.value_minor}); "
            f"left are {left.element_mg} mg"
            + (f", gross {left.gross_mg} mg" if balance.gross_limited else "")
            + (f", value {left.value_minor}" if balance.value_limited else "")
        )


def exhausted(balances: Iterable[Balance]) -> bool:
    """Whether nothing of the elements is available or reserved on any line."""
    return all(b.available.element_mg == 0 and b.reserved.element_mg == 0 for b in balances)
