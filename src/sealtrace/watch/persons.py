"""Compare a person on record with a row of a roster: the name, its rarity, and independent context.

A transparent logistic model with coefficients in `data/person_model.json`. Context is what a roster states about
work: former employer, speciality, school, year of birth. Data about relatives has no place here: a column that
names them is refused before anything is read.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz import fuzz

from .names import compare_known
from .rarity import FLOOR, share

FIELDS = ("employer", "speciality", "school", "birth")
COLUMNS = (
    "left_name", "left_employer", "left_speciality", "left_school", "left_birth",
    "right_name", "right_prev_employer", "right_speciality", "right_school", "right_birth",
)  # fmt: skip
POSSIBLE_FROM = 0.25
NEVER_SURER = 0.998
"""Scores of names are taken as no surer than this, on either side."""
ALIKE = 92
"""Token-set ratio from which two names of an organisation are taken as one; abbreviations stay unknown."""


class Agreement(StrEnum):
    """What one field says: agrees, disagrees, near (a year or two), or unknown on either side."""

    AGREES = "agrees"
    NEAR = "near"
    DISAGREES = "disagrees"
    UNKNOWN = "unknown"


class Band(StrEnum):
    """How far a candidate is supported. A band is shown with its counts, never a bare percentage."""

    INSUFFICIENT = "insufficient"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class PersonScore:
    """The model's chance that both are one person, and everything it came from.

    `compatible_share` is the share of people with Chinese names whose name may be written like the right one.
    """

    score: float
    name_score: float
    reading: str
    compatible_share: float
    agreement: Mapping[str, Agreement]
    initials: bool

    @property
    def known_fields(self) -> int:
        """How many context fields both sides state."""
        return sum(a is not Agreement.UNKNOWN for a in self.agreement.values())

    @property
    def supporting_fields(self) -> int:
        """How many context fields agree."""
        return sum(a is Agreement.AGREES for a in self.agreement.values())

    @property
    def band(self) -> Band:
        """Name alone, or one field, or initials only, is never more than insufficient."""
        if self.known_fields < 2 or self.supporting_fields < 1 or self.initials:
            return Band.INSUFFICIENT
        if self.score >= 0.95 and self.supporting_fields >= 2:
            return Band.STRONG
        if self.score >= 0.75:
            return Band.PROBABLE
        return Band.POSSIBLE if self.score >= POSSIBLE_FROM else Band.INSUFFICIENT


def compare_persons(row: Mapping[str, str], own: Iterable[str] = ()) -> PersonScore:
    """Compare the two sides of one row with COLUMNS; a missing or blank field is unknown.

    `own` are the person's own spellings: one that stands on the right beats the model of names.
    """
    features, found = observe(row, own)
    weights = coefficients()
    logit = sum(weights.get(k, 0.0) * v for k, v in features.items())
    return PersonScore(1 / (1 + math.exp(-logit)), *found)


@lru_cache(maxsize=1024)
def ceiling(says: tuple[Agreement, ...]) -> float:
    """The highest score that any name can bring with what the FIELDS say: below it no name has to be compared."""
    weights = coefficients()
    known = [
        f"{field} {one}" for field, one in zip(FIELDS, says, strict=True) if one is not Agreement.UNKNOWN
    ]
    certain = math.log(NEVER_SURER / (1 - NEVER_SURER))
    rarest = -math.log10(FLOOR) - 5
    logit = weights.get("one", 0.0) + sum(weights.get(k, 0.0) for k in known)
    logit += max(0.0, weights.get("name", 0.0) * certain) + max(0.0, weights.get("rarity", 0.0) * rarest)
    logit += sum(max(0.0, weights.get(k, 0.0)) for k in ("initials", "same characters", "name against"))
    return 1 / (1 + math.exp(-logit))


Found = tuple[float, str, float, Mapping[str, Agreement], bool]


def observe(row: Mapping[str, str], own: Iterable[str] = ()) -> tuple[dict[str, float], Found]:
    """The features of one row, and what they were made from."""
    right = row.get("right_name", "")
    name = compare_known(row.get("left_name", ""), own, right)
    agreement = {
        "employer": same_text(row.get("left_employer", ""), row.get("right_prev_employer", "")),
        "speciality": same_text(row.get("left_speciality", ""), row.get("right_speciality", "")),
        "school": same_text(row.get("left_school", ""), row.get("right_school", "")),
        "birth": same_year(row.get("left_birth", ""), row.get("right_birth", "")),
    }
    common = share(right)
    initials = "initials" in name.features
    bounded = min(max(name.score, 1 - NEVER_SURER), NEVER_SURER)
    features = {"one": 1.0, "name": math.log(bounded / (1 - bounded)), "rarity": -math.log10(common) - 5}
    if initials:
        features["initials"] = 1.0
    if name.reading == "han":
        features["same characters"] = 1.0
    if name.score < 0.1:
        features["name against"] = 1.0
    for field, says in agreement.items():
        if says is not Agreement.UNKNOWN:
            features[f"{field} {says}"] = 1.0
    return features, (name.score, name.reading, common, agreement, initials)


@lru_cache(maxsize=1 << 15)
def _said(text: str) -> frozenset[str]:
    """The names that a field states, plain."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(" ".join(name.split()) for name in plain.split("|")) - {""}


@lru_cache(maxsize=1 << 17)
def same_text(left: str, right: str) -> Agreement:
    """Compare stated values; `|` separates other names of the same thing."""
    a, b = _said(left), _said(right)
    if not a or not b:
        return Agreement.UNKNOWN
    if not a.isdisjoint(b) or any(
        fuzz.token_set_ratio(x, y) >= ALIKE and min(len(x), len(y)) > 3 for x in a for y in b
    ):
        return Agreement.AGREES
    return Agreement.DISAGREES


@lru_cache(maxsize=1 << 14)
def same_year(left: str, right: str) -> Agreement:
    """Compare stated years of birth."""
    a, b = (re.search(r"\b(1[89]\d\d|20\d\d)\b", side) for side in (left, right))
    if not a or not b:
        return Agreement.UNKNOWN
    apart = abs(int(a.group()) - int(b.group()))
    return Agreement.AGREES if apart == 0 else Agreement.NEAR if apart <= 2 else Agreement.DISAGREES


@cache
def coefficients() -> Mapping[str, float]:
    """The shipped model: a coefficient in nats for each feature."""
    model = json.loads((files(__package__) / "data" / "person_model.json").read_text("utf-8"))
    return {str(k): float(v) for k, v in model["coefficients"].items()}
