"""Look for people under a restriction in the rows of one roster: by name first, then by what the row says of work.

A row that fits by its name alone is counted and not kept: a candidate needs two fields that both sides state and one
that agrees. Small rosters are compared pair by pair, so that slips of the pen are met too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .index import NameIndex
from .names import compare_known, letters_of
from .persons import (
    POSSIBLE_FROM,
    Agreement,
    Band,
    PersonScore,
    ceiling,
    compare_persons,
    same_text,
    same_year,
)
from .rosters import RosterRow
from .written import HAN, parse

PAIRWISE = 60_000
"""Up to so many pairs of a name and a row are all compared."""
FITS = 0.5
"""Score of a name from which a pair is looked at further."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A person under an effective restriction, with what a roster may state too."""

    person: str
    restriction: str
    names: tuple[str, ...]
    own_spellings: tuple[str, ...] = ()
    employer: str = ""
    speciality: str = ""
    school: str = ""
    birth: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A row that fits a person by name and context, with the score and everything it came from."""

    watched: Watched
    row: RosterRow
    name: str
    score: PersonScore


@dataclass(slots=True)
class Tally:
    """What a screening saw: rows, rows whose name fits somebody, pairs that fit by name alone."""

    rows: int = 0
    touched: int = 0
    name_only: int = 0
    matches: int = field(default=0)


class Screener:
    """People to be looked for, indexed by their names and by their own spellings."""

    def __init__(self, people: Sequence[Watched]) -> None:
        self.people = people
        self._names: list[str] = []
        self._owner: list[int] = []
        self._own: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, one in enumerate(people):
            for name in one.names:
                if HAN.search(name):
                    self._names.append(name)
                    self._owner.append(number)
            for spelling in {*one.own_spellings, *(n for n in one.names if not HAN.search(n))}:
                letters = letters_of(parse(spelling))
                if letters:
                    self._own[letters].append(number)
        self._index = NameIndex(self._names)
        self._context = [(one.employer, one.speciality, one.school, one.birth) for one in people]

    def screen(self, rows: Iterable[RosterRow], tally: Tally, *, thorough: bool = False) -> Iterator[Match]:
        """Yield the rows that fit somebody by name and context, in the roster's order; count the rest."""
        for row in rows:
            tally.rows += 1
            found, abbreviated = self._fitting(row.name)
            if thorough:
                self._add_slips(row.name, found)
            tally.touched += bool(found or abbreviated)
            tally.name_only += abbreviated
            said = (row.employer, row.speciality, row.school, row.birth)
            if found and sum(map(bool, said)) < 2:
                tally.name_only += len(found)
                continue
            for number, name in found.items():
                match = self._judge(number, name, row) if self._supported(number, said) else None
                if match is None:
                    tally.name_only += 1
                else:
                    tally.matches += 1
                    yield match

    def _fitting(self, text: str) -> tuple[dict[int, str], int]:
        """People whose name may be written so, each with the name that may; and how many fit by initials alone.

        Initials never support a candidate, so their bearers are only counted.
        """
        found: dict[int, str] = {}
        letters: dict[int, int] = {}
        owner, names = self._owner, self._names
        for candidate in self._index.search(text):
            numbers = candidate.numbers
            if candidate.initials:
                letters[id(numbers)] = len(numbers)
                continue
            for number in numbers:
                found[owner[number]] = names[number]
        abbreviated = sum(letters.values()) if letters else 0
        if self._own:
            for number in self._own.get(letters_of(parse(text)), ()):
                found.setdefault(number, self._main(number))
        return found, abbreviated

    def _supported(self, number: int, said: tuple[str, str, str, str]) -> bool:
        """Whether two fields are stated on both sides, one agrees, and a name could still reach a candidate."""
        employer, speciality, school, birth = self._context[number]
        stated = (
            bool(employer and said[0]) + bool(speciality and said[1]) + bool(school and said[2])
            + bool(birth and said[3])
        )  # fmt: skip
        if stated < 2:
            return False
        says = (
            same_text(employer, said[0]), same_text(speciality, said[1]), same_text(school, said[2]),
            same_year(birth, said[3]),
        )  # fmt: skip
        return Agreement.AGREES in says and ceiling(says) >= POSSIBLE_FROM

    def _add_slips(self, text: str, found: dict[int, str]) -> None:
        """Compare with everybody who does not fit by the index: slips of the pen are met so."""
        for number, one in enumerate(self.people):
            if number not in found:
                for name in one.names:
                    if compare_known(name, one.own_spellings, text).score >= FITS:
                        found[number] = name
                        break

    def _main(self, number: int) -> str:
        names = self.people[number].names
        return next((n for n in names if HAN.search(n)), names[0])

    def _judge(self, number: int, name: str, row: RosterRow) -> Match | None:
        """Score a fitting pair; None while the context does not reach a candidate."""
        one = self.people[number]
        score = compare_persons(
            {
                "left_name": name, "left_employer": one.employer, "left_speciality": one.speciality,
                "left_school": one.school, "left_birth": one.birth, "right_name": row.name,
                "right_prev_employer": row.employer, "right_speciality": row.speciality,
                "right_school": row.school, "right_birth": row.birth,
            },
            one.own_spellings,
        )  # fmt: skip
        return None if score.band is Band.INSUFFICIENT else Match(one, row, name, score)
