"""The index finds what pair comparison finds, and nothing twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.watch.index import NameIndex
from sealtrace.watch.lattice import CANTONESE, PINYIN, WADE, family_name, syllable
from sealtrace.watch.names import compare
from sealtrace.watch.tables import given_shares, surnames

FAMILIES = [*[n for n in surnames() if len(n) == 1][:60], "欧阳", "司徒"]
CHARS = sorted(given_shares())[:150]
NAMES = st.tuples(st.sampled_from(FAMILIES), st.text(alphabet=CHARS, min_size=1, max_size=2)).map("".join)


def places(index: NameIndex, text: str) -> list[int]:
    return sorted(n for c in index.candidates(text) if not c.initials for n in c.numbers)


@given(st.lists(NAMES, min_size=1, max_size=12), st.data())
@settings(max_examples=40, deadline=None)
def test_a_usual_spelling_leads_to_its_bearer(names: list[str], data: st.DataObject) -> None:
    index = NameIndex(names)
    place = data.draw(st.integers(0, len(names) - 1))
    family = names[place][:2] if names[place][:2] in ("欧阳", "司徒") else names[place][0]
    system = data.draw(st.sampled_from([PINYIN, WADE, CANTONESE]))
    pieces = []
    for options in (family_name(family), *(syllable(c) for c in names[place][len(family) :])):
        usual = sorted(t for t, c in options.items() if c[system] <= 0.2 and "'" not in t and "v" not in t)
        if not usual:
            return
        pieces.append(data.draw(st.sampled_from(usual)))
    own, rest = pieces[0].capitalize(), "".join(pieces[1:]).capitalize()
    for text in (f"{own} {rest}", f"{rest} {own}", f"David {rest} {own}", f"{own}, {rest}"):
        found = places(index, text)
        assert place in found
        assert len(found) == len(set(found))
    assert place in places(index, names[place])


@given(
    st.lists(NAMES, min_size=1, max_size=30, unique=True),
    st.sampled_from(["Chan Ming", "Li Wei", "Wong Kwok Keung", "Tan Mei"]),
)
@settings(max_examples=40, deadline=None)
def test_what_is_found_also_aligns(names: list[str], text: str) -> None:
    for number in places(NameIndex(names), text):
        assert "aligned" in compare(names[number], text).features


def test_initials_are_found_and_marked() -> None:
    index = NameIndex(["李晓明", "李伟", "王晓明"])
    found = index.candidates("Li, X. M.")
    assert [list(c.numbers) for c in found] == [[0]]
    assert all(c.initials for c in found)


def test_bearers_of_one_name_come_together() -> None:
    index = NameIndex(["张伟", "李伟", "張偉"])
    assert places(index, "Zhang Wei") == [0, 2]
    assert places(index, "张伟") == [0, 2]
    assert places(index, "Smith") == []
    assert index.size == 3


def test_one_spelling_finds_every_surname_it_stands_for() -> None:
    names = ["李伟", "黎伟", "厉伟", "王伟", "李明"]
    assert places(NameIndex(names), "Li Wei") == places(NameIndex(names), "Wei Li") == [0, 1, 2]
    assert places(NameIndex(names), "Liwei") == [0, 1, 2]
    assert [list(c.numbers) for c in NameIndex(names).candidates("Li W.")] == [[0], [1], [2]]
