"""Which entries of a list a party's names resemble: spelling by spelling, and across Han characters and letters.

Letters are compared word by word in any order after legal forms and marks are taken off; names of people in Han
characters and in letters by `watch`, which knows how they are romanised. A resemblance is a question to a person,
never an answer.

KNOWN LIMIT: a name of a body in Han characters is not told from its translation; lists carry both as names.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from sealtrace.watch import service as watch

from .lists import Listed, ScreeningList

LETTERS_FLOOR = 0.84  # the other spelling has at least this share of the letters, words in any order
HAN_FLOOR = 0.8
PERSON_FLOOR = 0.5
LONGEST_PERSON = 4  # Han characters; a longer name is a body's, and is not romanised
CONTAINED = 0.9  # a name of several words that is wholly within the other
SHORTEST_HAN = 4  # characters that a name within another must have
LEGAL = frozenset(
    [
        "ltd",
        "limited",
        "co",
        "company",
        "inc",
        "incorporated",
        "llc",
        "llp",
        "lp",
        "corp",
        "corporation",
        "gmbh",
        "ag",
        "kg",
        "se",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "plc",
        "pte",
        "pty",
        "kk",
        "pjsc",
        "ojsc",
        "jsc",
        "ooo",
        "zao",
        "oao",
        "the",
        "and",
        "of",
        "group",
        "holding",
        "holdings",
    ]
)
LEGAL_HAN = re.compile(r"(股份有限公司|有限责任公司|有限公司|总公司|公司|集团|株式会社|株式會社|\(.*?\))")


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A party and an entry that may be the same: the names that meet, how much, and why."""

    party: str
    spelling: str
    list_id: str
    effect: str
    entry: Listed
    listed_name: str
    score: float
    why: str

    @property
    def id(self) -> str:
        """A name that stays while party's spelling and listed name stay: a clearance is about these two."""
        said = "\0".join((self.list_id, self.entry.id, self.party, self.spelling, self.listed_name))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "id": self.id, "party": self.party, "spelling": self.spelling, "list": self.list_id,
            "effect": self.effect, "entry": self.entry.id, "name": self.listed_name, "score": f"{self.score:.3f}",
            "why": self.why, "person": self.entry.person, "countries": list(self.entry.countries),
            "remarks": self.entry.remarks[:400],
        }  # fmt: skip


def plain(name: str) -> str:
    """A name's words in small letters without marks and legal forms; Han characters simplified."""
    text = unicodedata.normalize(
        "NFKD", watch.simplified_text(unicodedata.normalize("NFKC", name))
    ).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    if watch.has_han(text):
        return re.sub(r"[\W_]+", "", LEGAL_HAN.sub("", text)) or re.sub(r"[\W_]+", "", text)
    words = re.sub(r"[^\w]+", " ", text).split()
    return " ".join([w for w in words if w not in LEGAL] or words)


class Directory:
    """A list made ready for asking. Building takes about 10 us a name."""

    def __init__(self, of: ScreeningList) -> None:
        self.list = of
        self._names = [(entry, name) for entry in of.entries for name in entry.names]
        self._plain = [plain(name) for _, name in self._names]
        self._words = [frozenset(name.split()) for name in self._plain]
        han = [
            (i, name)
            for i, (entry, name) in enumerate(self._names)
            if entry.person and watch.has_han(name) and len(self._plain[i]) <= LONGEST_PERSON
        ]
        self._han_places = [i for i, _ in han]
        self._han = watch.directory_of(name for _, name in han)
        self._latin = [
            i for i, (entry, name) in enumerate(self._names) if entry.person and not watch.has_han(name)
        ]

    def ask(self, party: str, spellings: Iterable[str], on: date) -> list[Resemblance]:
        """Give the entries that a party resembles on a day, the closest name of each, best first."""
        best: dict[str, Resemblance] = {}
        for spelling in dict.fromkeys(s for s in spellings if s.strip()):
            for place, score, why in self._meets(spelling):
                entry, name = self._names[place]
                found = Resemblance(party, spelling, self.list.id, self.list.effect, entry, name, score, why)
                if entry.on_list(on) and (entry.id not in best or best[entry.id].score < score):
                    best[entry.id] = found
        return sorted(best.values(), key=lambda r: (-r.score, r.entry.id))

    def _meets(self, spelling: str) -> Iterator[tuple[int, float, str]]:
        asked = plain(spelling)
        han = watch.has_han(asked)
        floor = HAN_FLOOR if han else LETTERS_FLOOR
        for _, score, place in process.extract(
            asked, self._plain, scorer=fuzz.token_sort_ratio, score_cutoff=100 * floor, limit=None
        ):
            yield place, score / 100, "spelling"
        for place in self._containing(asked, han=han):
            yield place, CONTAINED, "contained"
        yield from self._renderings(spelling, han=han)

    def _containing(self, asked: str, *, han: bool) -> Iterator[int]:
        """Names wholly within the other: all words of one in the other, or a run of Han characters."""
        if han:
            for place, listed in enumerate(self._plain):
                shorter, longer = sorted((listed, asked), key=len)
                if len(shorter) >= SHORTEST_HAN and shorter in longer:
                    yield place
            return
        words = frozenset(asked.split())
        for place, listed_words in enumerate(self._words):
            if min(len(words), len(listed_words)) >= 2 and (listed_words <= words or words <= listed_words):
                yield place

    def _renderings(self, spelling: str, *, han: bool) -> Iterator[tuple[int, float, str]]:
        """People's names across scripts."""
        if han and len(plain(spelling)) > LONGEST_PERSON:
            return
        if han:
            one = watch.directory_of([spelling])
            pairs = (
                (i, spelling, self._names[i][1]) for i in self._latin if one.candidates(self._names[i][1])
            )
        else:
            numbers = {n for c in self._han.candidates(spelling) for n in c.numbers}
            pairs = (
                (self._han_places[n], self._names[self._han_places[n]][1], spelling) for n in sorted(numbers)
            )
        for place, left, right in pairs:
            found = watch.compare_names(left, right)
            if found.score >= PERSON_FLOOR:
                yield place, found.score, f"reading: {found.reading}"
