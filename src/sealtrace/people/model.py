"""Values of the directory. What is not needed for the work has no field here, so it can't be held by mistake.

There is no field for relatives, ethnicity, religion, health, party, biometrics, movements or a score.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sealtrace.errors import ProfileUnlawful

ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


class Source(StrEnum):
    """Who says so. The person's own word and the passport outrank what a program or a paper suggests."""

    SELF = "self"
    PASSPORT = "passport"
    PUBLICATION = "publication"
    EMPLOYER = "employer"


OWN = frozenset({Source.SELF, Source.PASSPORT})


@dataclass(frozen=True, slots=True)
class PersonName:
    """One written form of a person's name, as it stands in its source."""

    text: str
    source: Source

    def __post_init__(self) -> None:
        if not self.text.strip() or self.text != self.text.strip():
            raise ProfileUnlawful("a name is not blank and has no spaces around it")


@dataclass(frozen=True, slots=True)
class Employment:
    """A time with an employer: first day and first day without, or none while it lasts."""

    employer: str
    role: str
    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if not self.employer.strip():
            raise ProfileUnlawful("an employment names the employer")
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise ProfileUnlawful("an employment ends after it starts")

    def holds(self, on: date) -> bool:
        """Whether it lasts on a day."""
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True, slots=True)
class Person:
    """A specialist. `id` is random and means nothing. An ORCID iD is linked by the person only, never guessed."""

    id: str
    names: tuple[PersonName, ...]
    specialities: tuple[str, ...] = ()
    education: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()
    employments: tuple[Employment, ...] = ()
    birth_year: int | None = None
    orcid: str | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.names:
            raise ProfileUnlawful("a person has an id and at least one name")
        if self.orcid is not None and not orcid_holds(self.orcid):
            raise ProfileUnlawful("this is no ORCID iD: its check character does not fit")

    @property
    def own_spellings(self) -> tuple[str, ...]:
        """The forms the person or the passport gives."""
        return tuple(n.text for n in self.names if n.source in OWN)

    def with_name(self, name: PersonName) -> Person:
        """The person with one more written form; the same form twice is one."""
        return self if name in self.names else replace(self, names=(*self.names, name))


def orcid_holds(text: str) -> bool:
    """Whether the check character of an ORCID iD fits. Source: ISO 7064, MOD 11-2."""
    if not ORCID.fullmatch(text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return text[-1] == ("X" if check == 10 else str(check))
