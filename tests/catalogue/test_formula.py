"""Formulas: what is understood is understood right, everything else is refused."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress
from decimal import Decimal

import periodictable
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.catalogue.elements import RARE_EARTHS, WEIGHTS
from sealtrace.catalogue.formula import Formula, parse
from sealtrace.errors import MalformedFormula

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FULL_WIDTH = {ord(c): ord(c) - 0x20 + 0xFF00 for c in map(chr, range(0x21, 0x7F))}
ANIONS = {
    "Cl": 1,
    "F": 1,
    "Br": 1,
    "I": 1,
    "NO3": 1,
    "OH": 1,
    "CH3COO": 1,
    "CO3": 2,
    "SO4": 2,
    "C2O4": 2,
    "PO4": 3,
}
ANION_ATOMS = {
    "NO3": {"N": 1, "O": 3},
    "OH": {"O": 1, "H": 1},
    "CH3COO": {"C": 2, "H": 3, "O": 2},
    "CO3": {"C": 1, "O": 3},
    "SO4": {"S": 1, "O": 4},
    "C2O4": {"C": 2, "O": 4},
    "PO4": {"P": 1, "O": 4},
}


def salts() -> list[tuple[str, dict[str, int]]]:
    """Every rare earth's salt with each anion, with 0, 1, 6 and 10 waters: spelling and atoms."""
    made = []
    for metal, (anion, charge), water in itertools.product(
        sorted(RARE_EARTHS), ANIONS.items(), (0, 1, 6, 10)
    ):
        metals, anions = (1, 3) if charge == 1 else (2, 3) if charge == 2 else (1, 1)
        atoms = {metal: metals}
        for symbol, count in ANION_ATOMS.get(anion, {anion: 1}).items():
            atoms[symbol] = atoms.get(symbol, 0) + count * anions
        group = anion if len(ANION_ATOMS.get(anion, "x")) == 1 or anions == 1 else f"({anion})"
        text = f"{metal}{metals if metals > 1 else ''}{group}{anions if anions > 1 else ''}"
        if water:
            text += f"·{water if water > 1 else ''}H2O"
            atoms["H"] = atoms.get("H", 0) + 2 * water
            atoms["O"] = atoms.get("O", 0) + water
        made.append((text, atoms))
    return made


SALTS = salts()
SPELLINGS = [
    (f"{name}: {spelled}", spelled, atoms)
    for (text, atoms) in SALTS
    for name, spelled in (
        ("plain", text),
        ("subscripts", text.translate(SUBSCRIPTS).replace("·₆", "·6").replace("·₁₀", "·10")),
        ("full width", text.translate(FULL_WIDTH)),
        ("dot", text.replace("·", ".")),
        ("bullet", text.replace("·", "•")),
        ("asterisk", text.replace("·", " * ")),
    )
]


def test_thousands_of_spellings_are_read_right() -> None:
    assert len({spelled for _, spelled, _ in SPELLINGS}) >= 500
    wrong = [
        (name, dict(parse(spelled).atoms))
        for name, spelled, atoms in SPELLINGS
        if dict(parse(spelled).atoms) != atoms
    ]
    assert wrong == []


def test_molar_masses_agree_with_an_independent_library() -> None:
    for text, _ in SALTS[::5]:
        other = periodictable.formula(text.replace("·", "+")).mass
        assert float(parse(text).molar_mass) == pytest.approx(other, rel=2e-5), text


@pytest.mark.parametrize("oxide", ["Sc2O3", "Y2O3", "Sm2O3", "Gd2O3", "Tb4O7", "Tb2O3", "Dy2O3", "Lu2O3"])
def test_element_fractions_of_the_oxides(oxide: str) -> None:
    published = {
        "Sc2O3": "0.65197",
        "Y2O3": "0.78744",
        "Sm2O3": "0.86236",
        "Gd2O3": "0.86759",
        "Tb4O7": "0.85022",
        "Tb2O3": "0.86881",
        "Dy2O3": "0.87132",
        "Lu2O3": "0.87938",
    }
    element = oxide[:2].rstrip("2")
    assert parse(oxide).fraction(element).quantize(Decimal("1e-5")) == Decimal(published[oxide])


MALFORMED = [
    "",
    " ",
    "dy2o3",
    "DY2O3",
    "Dy2o3",
    "D2O",
    "Xx2O3",
    "160Gd2O3",
    "[160Gd]2O3",
    "¹⁶⁰Gd2O3",
    "2Dy2O3",
    "Dy203",
    "Y203",
    "Gd205",
    "Dy02O3",
    "Dy2O0",
    "Dy0",
    "Dy2O3)",
    "(Dy2O3",
    "(Dy2O3]",
    "()",
    "(",
    ")",
    "Dy2()O3",
    "Nd2-xDyxFe14B",
    "(Nd,Dy)2Fe14B",
    "Dy2O3-x",
    "Dy3+",
    "Dy³⁺",
    "Dy2O3+",
    "Dy2O3·",
    "·H2O",
    "Dy2O3··H2O",
    "Dy..H2O",
    "Dy2O3:",
    "Dy2O3:Dy",
    "Dy2O3:Eu,",
    "Y2O3:Eu,Eu",
    "Y2O3:Xx",
    "Y2O3:Eu9+",
    "Y2O3:Eu:Tb",
    "Dy 2O3",
    "Dy2 O3",
    "Dy2O3 99.9%",
    "Dy2.O3",
    "Dy2..5O3",
    "Dy1.2.3O",
    "Dy-O",
    "Dy/O",
    "Dy2O₃³",
    "氧化镝",
    "Dy２Ｏ３氧",
    "DyCl3·xH2O",
    "DyCl3·nH2O",
    "Dy_2O_3",
    "Dy^2O3",
    "Dy2O3;Tb",
    "{Dy2O3",
    "((((((Dy))))))",
    "Dy2O3\x00",
    "Dy100O150",
    "Nd1.6Dy0.0Fe14B",
    "Dy1000",
    "Dy2O3" * 40,
    "Dy2O3·6",
    "Dy2O3·0H2O",
    "Dy2O3·6H2O6.",
    "eO",
    "O2:",
    "²Dy2O3",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_is_refused(text: str) -> None:
    with pytest.raises(MalformedFormula):
        parse(text)


def test_decimal_counts_and_dopants() -> None:
    made = parse("Nd1.6Dy0.4Fe14B")
    assert made.count("Nd") == Decimal("1.6")
    assert made.count("Dy") == Decimal("0.4")
    doped = parse("Gd2O2S:Tb3+")
    assert doped.elements == {"Gd", "O", "S", "Tb"}
    with pytest.raises(MalformedFormula):
        doped.fraction("Gd")


def atoms_of(depth: int) -> st.SearchStrategy[tuple[str, dict[str, Decimal]]]:
    """A formula spelled from a tree of groups, and the atoms the tree has."""
    counts = st.one_of(
        st.just((Decimal(1), "")),
        st.integers(2, 99).map(lambda n: (Decimal(n), str(n))),
        st.decimals("0.1", "9.9", places=1).map(lambda n: (n, str(n))),
    )
    one = st.tuples(st.sampled_from(sorted(WEIGHTS)), counts).map(lambda t: (t[0] + t[1][1], {t[0]: t[1][0]}))
    if depth:
        inner = st.tuples(atoms_of(depth - 1), counts).map(
            lambda t: (f"({t[0][0]}){t[1][1]}", {s: n * t[1][0] for s, n in t[0][1].items()})
        )
        one = st.one_of(one, inner)
    return st.lists(one, min_size=1, max_size=4).map(_join)


def _join(parts: list[tuple[str, dict[str, Decimal]]]) -> tuple[str, dict[str, Decimal]]:
    total: dict[str, Decimal] = {}
    for _, atoms in parts:
        for symbol, count in atoms.items():
            total[symbol] = total.get(symbol, Decimal(0)) + count
    return "".join(text for text, _ in parts), total


@settings(max_examples=40)
@given(atoms_of(2).filter(lambda t: len(t[0]) <= 120))
def test_what_is_spelled_is_what_is_read(spelled: tuple[str, dict[str, Decimal]]) -> None:
    text, atoms = spelled
    assert dict(parse(text).atoms) == atoms


@given(st.text(max_size=30), st.text("DyTbSmOCl0123456789().·:H ", max_size=12))
def test_any_text_is_read_or_refused(wild: str, near: str) -> None:
    for text in (wild, near):
        with suppress(MalformedFormula):
            assert isinstance(parse(text), Formula)


@given(st.sampled_from(SALTS), st.integers(0, 30), st.sampled_from("-_#%?!&'\"\\|/~=<>@;"))
def test_one_wrong_character_anywhere_is_refused(
    salt: tuple[str, dict[str, int]], place: int, wrong: str
) -> None:
    text = salt[0]
    broken = text[: place % (len(text) + 1)] + wrong + text[place % (len(text) + 1) :]
    with pytest.raises(MalformedFormula):
        parse(broken)


def test_fractions_add_up() -> None:
    """The fractions of a formula's elements add up to one."""
    rnd = random.Random(7)
    for _ in range(200):
        text = "".join(f"{s}{rnd.randint(2, 30)}" for s in rnd.sample(sorted(WEIGHTS), 4))
        made = parse(text)
        assert abs(sum(made.fraction(s) for s in made.elements) - 1) < Decimal("1e-20")
