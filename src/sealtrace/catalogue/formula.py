"""Chemical formulas, read strictly: a spelling is understood whole or refused, never half understood.

    formula  = group-list , { separator , [ count ] , group-list } , [ ":" , dopants ]
    separator = "·" | "." before water or after a bracket       a hydrate or double salt: DyCl3·6H2O
    dopants  = element , [ charge ] , { "," , dopants }          host first: Gd2O2S:Tb3+; amounts unknown

Subscripts may be plain, Unicode or full-width digits; counts may be decimal (Nd1.6Dy0.4Fe14B). Isotopes,
variables (Nd2-xDyx), ranges, charges of the host and a leading factor are refused: their composition is not
determined, or not that of a substance. Public parsers fail silently on such spellings; hence this one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sealtrace.errors import MalformedFormula

from .elements import WEIGHTS

MAX_LENGTH = 120
MAX_DEPTH = 4
MAX_COUNT = 99  # of one atom or group; a larger one is most likely a zero typed for the letter O: Dy203
MAX_LIGHT_COUNT = 999  # C, H and O of large organic ligands, and water

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_DOTS = str.maketrans(dict.fromkeys("•∙⋅・•‧*", "·"))
_ELEMENT = re.compile(r"[A-Z][a-z]?")
_COUNT = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?")
_WATER = re.compile(r"\.(?=\d{0,3}H2O(?:$|[.·:]))")
_AFTER_BRACKET = re.compile(r"(?<=[)\]}])\.(?=\d*[A-Z(\[])")
_DOPANT = re.compile(r"([A-Z][a-z]?)(?:\^?([1-7])?\+)?$")
_SUPERSCRIPT = {"⁺": "+", "¹": "1", "²": "2", "³": "3", "⁴": "4"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's atoms, each with its count, and its dopants, whose amounts it does not state."""

    text: str
    atoms: tuple[tuple[str, Decimal], ...]
    dopants: tuple[str, ...] = ()

    @property
    def elements(self) -> frozenset[str]:
        """All elements named, dopants included."""
        return frozenset(symbol for symbol, _ in self.atoms) | frozenset(self.dopants)

    def count(self, element: str) -> Decimal:
        """How many atoms of an element one formula unit has."""
        return dict(self.atoms).get(element, Decimal(0))

    @property
    def molar_mass(self) -> Decimal:
        """Grams a mole, by the frozen table; dopants count nothing."""
        return sum((WEIGHTS[s] * n for s, n in self.atoms), Decimal(0))

    def fraction(self, element: str) -> Decimal:
        """The element's share of the mass, 0 to 1.

        Raises:
            MalformedFormula: the formula has dopants of unknown amount, so no share is determined.
        """
        if self.dopants:
            raise MalformedFormula(f"{self.text!r} does not state how much of its dopants it has")
        count = self.count(element)
        return WEIGHTS[element] * count / self.molar_mass if count else Decimal(0)


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Read a formula.

    Raises:
        MalformedFormula: anything in it is not understood; the message says what and where.
    """
    plain = _normalise(text)
    host, colon, doped = plain.partition(":")
    dopants = _dopants(text, doped) if colon else ()
    host = _AFTER_BRACKET.sub("·", _WATER.sub("·", host))
    total: dict[str, Decimal] = {}
    for number, part in enumerate(host.split("·")):
        factor = Decimal(1)
        leading = _COUNT.match(part)
        if leading:
            if number == 0:
                raise MalformedFormula(f"{text!r} begins with a number: an isotope, or a multiple")
            factor = _count(text, leading[0], light=True)
        reader = _Reader(text, part[leading.end() :] if leading else part)
        for symbol, count in reader.whole().items():
            total[symbol] = total.get(symbol, Decimal(0)) + factor * count
    for symbol in dopants:
        if symbol in total:
            raise MalformedFormula(f"{text!r} dopes its host with {symbol}, which the host has already")
    return Formula(text, tuple(total.items()), dopants)


def _normalise(text: str) -> str:
    if not 0 < len(text) <= MAX_LENGTH:
        raise MalformedFormula(f"a formula has 1 to {MAX_LENGTH} characters, not {len(text)}")
    before_colon, colon, after = text.partition(":" if ":" in text else "：")
    if any(c in _SUPERSCRIPT for c in before_colon):
        raise MalformedFormula(f"{text!r} has a superscript: isotopes and charges of a host are not read")
    after = "".join(_SUPERSCRIPT.get(c, c) for c in after)
    plain = (before_colon + colon + after).translate(_SUBSCRIPTS).translate(_DOTS)
    plain = re.sub(r"\s*([·:,])\s*", r"\1", unicodedata.normalize("NFKC", plain).strip().translate(_DOTS))
    if not plain.isascii() and any(not c.isascii() and c != "·" for c in plain):
        raise MalformedFormula(f"{text!r} has characters that no formula uses")
    return plain


def _count(text: str, digits: str, *, light: bool) -> Decimal:
    count = Decimal(digits)
    if count == 0:
        raise MalformedFormula(f"{text!r} has a count of zero")
    if count > (MAX_LIGHT_COUNT if light else MAX_COUNT):
        raise MalformedFormula(f"{text!r} has a count of {digits}: is a zero meant to be the letter O?")
    return count


def _dopants(text: str, doped: str) -> tuple[str, ...]:
    found = []
    for one in doped.split(","):
        match = _DOPANT.fullmatch(one)
        if match is None or match[1] not in WEIGHTS or match[1] in found:
            raise MalformedFormula(f"{text!r} has {one!r} where a dopant's symbol should stand")
        found.append(match[1])
    return tuple(found)


class _Reader:
    """Reads one part of a formula, between separators, from left to right."""

    def __init__(self, text: str, part: str) -> None:
        self._text, self._part, self._at = text, part, 0

    def whole(self) -> dict[str, Decimal]:
        """Read all of the part."""
        if not self._part:
            raise MalformedFormula(f"{self._text!r} has an empty part")
        atoms = self._groups("", 0)
        if self._at < len(self._part):
            raise MalformedFormula(f"{self._text!r} has {self._part[self._at]!r} where none can stand")
        return atoms

    def _groups(self, until: str, depth: int) -> dict[str, Decimal]:
        if depth > MAX_DEPTH:
            raise MalformedFormula(f"{self._text!r} nests brackets more than {MAX_DEPTH} deep")
        atoms: dict[str, Decimal] = {}
        while self._at < len(self._part) and self._part[self._at] != until:
            inner, light = self._one(depth)
            factor = self._number(light=light)
            for symbol, count in inner.items():
                atoms[symbol] = atoms.get(symbol, Decimal(0)) + count * factor
        if not atoms:
            raise MalformedFormula(f"{self._text!r} has empty brackets")
        return atoms

    def _one(self, depth: int) -> tuple[dict[str, Decimal], bool]:
        opened = self._part[self._at]
        if opened in _CLOSES:
            self._at += 1
            inner = self._groups(_CLOSES[opened], depth + 1)
            if self._at >= len(self._part):
                raise MalformedFormula(f"{self._text!r} has a bracket {opened!r} that does not close")
            self._at += 1
            return inner, False
        found = _ELEMENT.match(self._part, self._at)
        if found is None or found[0] not in WEIGHTS:
            # one letter may be the symbol when two are not: CO, but never when the second is lower case
            raise MalformedFormula(
                f"{self._text!r} has {self._part[self._at :]!r} where a symbol should stand"
            )
        self._at = found.end()
        return {found[0]: Decimal(1)}, found[0] in "CHO"

    def _number(self, *, light: bool) -> Decimal:
        found = _COUNT.match(self._part, self._at)
        if found is None:
            return Decimal(1)
        self._at = found.end()
        if self._at < len(self._part) and self._part[self._at].isdigit():
            raise MalformedFormula(f"{self._text!r} has a count that begins with zero")
        return _count(self._text, found[0], light=light)
