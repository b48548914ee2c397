"""What to inspect next: most of the budget by rank, a share at random, drawn so that anyone can check it later.

The random arm is the only unbiased view of what the checks miss. Its draw is a keyed pseudo-random function of the
declaration (HMAC-SHA-256), so that neither an officer nor a trader can steer it: the key's commitment is published
before, the key after. Each pick carries its propensity, the chance it had of being picked.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sealtrace.errors import UsageProblem

LEAST_SHARE, USUAL_SHARE, MOST_SHARE = 0.02, 0.10, 0.50
KEY_BYTES = 32
_POLICY = b"sealtrace trade audit draw 1"


class Arm(StrEnum):
    """Why a declaration was picked."""

    TARGETED = "targeted"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Pick:
    """One declaration to inspect, the arm it was picked by, and the chance it had."""

    decl_id: str
    propensity: float
    arm: Arm


def commitment(key: bytes) -> str:
    """Give what is published before the draw: it fixes the key without showing it."""
    return hashlib.sha256(_POLICY + b"\0commitment\0" + key).hexdigest()


def lot(key: bytes, round_name: str, decl_id: str) -> int:
    """Draw the lot of one declaration in one round: 64 pseudo-random bits, the smallest win."""
    message = b"\0".join((_POLICY, round_name.encode(), decl_id.encode()))
    return int.from_bytes(hmac.digest(key, message, "sha256")[:8], "big")


def shares(budget: int, candidates: int, audit_share: float) -> tuple[int, int]:
    """Split a budget into (targeted, random); a budget of at least two always has a random pick.

    Raises:
        UsageProblem: the share is outside [0.02, 0.5] or the budget is not positive.
    """
    if not LEAST_SHARE <= audit_share <= MOST_SHARE:
        raise UsageProblem(f"an audit share of {audit_share:g} is outside {LEAST_SHARE:g}-{MOST_SHARE:g}")
    if budget < 1:
        raise UsageProblem(f"a budget of {budget} inspects nothing")
    budget = min(budget, candidates)
    at_random = min(max(1, round(budget * audit_share)), budget) if budget >= 2 else 0
    return budget - at_random, at_random


def choose(
    ranked: Sequence[str], *, budget: int, key: bytes, round_name: str, audit_share: float = USUAL_SHARE
) -> list[Pick]:
    """Pick from candidates given best first: the first by rank, and by lot among all others.

    The propensity of a targeted pick is 1; that of a random pick is the number of lots over the number of
    candidates they were drawn from. Both are exact, so weighting by their inverse is unbiased over all candidates
    (Horvitz and Thompson 1952).

    Raises:
        UsageProblem: see `shares`; or the key is not 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise UsageProblem(f"the audit key has {len(key)} bytes, {KEY_BYTES} are needed")
    if not ranked:
        return []
    targeted, at_random = shares(budget, len(ranked), audit_share)
    rest = ranked[targeted:]
    drawn = sorted(rest, key=lambda decl_id: (lot(key, round_name, decl_id), decl_id))[:at_random]
    chance = at_random / len(rest) if rest else 0.0
    return [Pick(decl_id, 1.0, Arm.TARGETED) for decl_id in ranked[:targeted]] + [
        Pick(decl_id, chance, Arm.RANDOM) for decl_id in drawn
    ]


def verify(picks: Sequence[Pick], candidates: Sequence[str], *, key: bytes, round_name: str) -> list[str]:
    """Check a past draw with its key: give what is wrong with it, nothing if it holds.

    `candidates` are all declarations that could have been picked. The targeted picks are taken as given; the
    random ones must be exactly the smallest lots among the others, at the propensity that follows.
    """
    wrong = []
    targeted = {p.decl_id for p in picks if p.arm is Arm.TARGETED}
    drawn = {p.decl_id for p in picks if p.arm is Arm.RANDOM}
    unknown = (targeted | drawn) - set(candidates)
    if unknown:
        wrong.append(f"{len(unknown)} picks were no candidates, such as {min(unknown)}")
    if len(targeted) + len(drawn) != len(picks):
        wrong.append("a declaration was picked twice")
    rest = [c for c in candidates if c not in targeted]
    due = set(sorted(rest, key=lambda d: (lot(key, round_name, d), d))[: len(drawn)])
    for decl_id in sorted(drawn - due):
        wrong.append(f"{decl_id} was not drawn by this key")
    if picks and len(drawn) < math.floor(LEAST_SHARE * len(picks)):
        wrong.append(f"only {len(drawn)} of {len(picks)} picks are random")
    chance = len(drawn) / len(rest) if rest else 0.0
    for pick in picks:
        expected = 1.0 if pick.arm is Arm.TARGETED else chance
        if not math.isclose(pick.propensity, expected, rel_tol=1e-6):
            wrong.append(f"{pick.decl_id} states a propensity of {pick.propensity:g}, it was {expected:g}")
    return wrong


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate with its 95 % Wilson interval, estimated from the random arm alone."""

    hits: int
    inspected: int
    rate: float
    low: float
    high: float


def base_rate(outcomes: Mapping[str, bool], picks: Sequence[Pick]) -> Estimate:
    """Estimate the share of fraud among candidates that were not targeted, from the random arm's outcomes."""
    seen = [outcomes[p.decl_id] for p in picks if p.arm is Arm.RANDOM and p.decl_id in outcomes]
    n, hits, z = len(seen), sum(seen), 1.959964
    if n == 0:
        return Estimate(0, 0, 0.0, 0.0, 1.0)
    rate = hits / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(hits, n, rate, max(0.0, middle - half), min(1.0, middle + half))
