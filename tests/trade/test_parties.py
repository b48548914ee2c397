"""Parties: aliases of one party are found, strangers are kept apart, and the order of records changes nothing."""

from __future__ import annotations

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.trade.parties import Party, plain_name, plain_phone, resolve

FIRST = [
    "Nord",
    "Silber",
    "Taiga",
    "Lotus",
    "Pacific",
    "Golden",
    "Delta",
    "Vega",
    "Orion",
    "Kappa",
    "Granit",
    "Lumen",
    "Astra",
    "Boreal",
    "Cedar",
    "Falcon",
]
SECOND = [
    "Ceramics",
    "Minerals",
    "Glass",
    "Powder",
    "Metals",
    "Optics",
    "Pigment",
    "Magnet",
    "Catalyst",
    "Polish",
    "Alloy",
    "Chemical",
]
STREETS = [
    "Harbour",
    "Mill",
    "Station",
    "Garden",
    "Park",
    "Lake",
    "Church",
    "King",
    "Queen",
    "River",
]


def world(seed: int, many: int) -> tuple[list[Party], dict[str, int]]:
    """Parties with up to three records each: legal forms, word order, typing errors, missing fields."""
    rnd = random.Random(seed)
    names = rnd.sample(list(itertools.product(FIRST, SECOND)), many)
    records, truth = [], {}
    for number, (a, b) in enumerate(names):
        phone = f"{rnd.randrange(10**9):09d}"
        street = f"{rnd.choice(STREETS)} Road {rnd.randrange(1, 400)}"
        country = rnd.choice(["DE", "VN", "MY", "JP", "AE"])
        for copy in range(rnd.choice([1, 1, 2, 3])):
            words = [a, b] if copy != 1 else [b, a]
            name = " ".join(words) + rnd.choice([" Co., Ltd.", " GmbH", "", " LIMITED"])
            if copy == 2:
                place = rnd.randrange(1, len(name) // 2)
                name = name[:place] + name[place + 1 :]
            written = street if rnd.random() < 0.8 else street.upper().replace("ROAD", "Rd")
            one = Party(
                f"P{rnd.randrange(10**8):08d}", name, written,
                (rnd.choice(["+49 ", "0", ""]) + phone) if rnd.random() < 0.7 else "", country,
            )  # fmt: skip
            records.append(one)
            truth[one.id] = number
    rnd.shuffle(records)
    return records, truth


def test_aliases_are_found_and_strangers_kept_apart() -> None:
    records, truth = world(4, 150)
    found = resolve(records)
    same = [(a.id, b.id) for a, b in itertools.combinations(records, 2) if truth[a.id] == truth[b.id]]
    joined = {
        (a.id, b.id)
        for a, b in itertools.combinations(records, 2)
        if found.entity[a.id] == found.entity[b.id]
    }
    right = [pair for pair in same if pair in joined]
    assert len(right) / len(joined) >= 0.97, "precision"
    assert len(right) / len(same) >= 0.90, "recall"
    assert found.compared < len(records) ** 2 / 8, "blocking spares most comparisons"
    assert all(link.bits > 0 and link.probability >= 0.95 for link in found.links)


def test_a_crowded_address_ties_nobody_together() -> None:
    strangers = [
        Party(f"P{i:03d}", f"{FIRST[i % 16]}{i} {SECOND[i % 12]}", "Free Zone Tower 1", "", "AE")
        for i in range(80)
    ]
    assert len(set(resolve(strangers).entity.values())) == 80


def test_chinese_names_lose_their_legal_form_and_nothing_else() -> None:
    assert plain_name("宁波恒润陶瓷原料有限公司") == plain_name("宁波恒润陶瓷原料（股份）有限责任公司")
    assert plain_name("宁波恒润陶瓷原料有限公司") != plain_name("宁波恒洁陶瓷原料有限公司")
    assert plain_name("Delta Glass Co., Ltd.") == plain_name("GLASS DELTA LIMITED")
    assert plain_phone("+86 (0571) 8888-1234") == plain_phone("0571 88881234")


def test_nobody_and_one_are_no_trouble() -> None:
    assert resolve([]).entity == {}
    assert resolve([Party("a", "Only One")]).entity == {"a": "a"}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(seed: int, rnd: random.Random) -> None:
    records, _ = world(seed, 12)
    shuffled = list(records)
    rnd.shuffle(shuffled)
    assert resolve(records) == resolve(shuffled)
