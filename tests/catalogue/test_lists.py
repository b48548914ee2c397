"""Control lists: dated, bitemporal, hashed, signed, compared, imported."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.catalogue import technology
from sealtrace.catalogue.imports import ImportAs, import_csv, import_yaml
from sealtrace.catalogue.instruments import Event, Instrument, Standing, What, state
from sealtrace.catalogue.lists import canonical, diff, digest_of, load_yaml, read_list, shipped
from sealtrace.catalogue.signed import open_list, sign_list
from sealtrace.errors import MalformedList, ProofInvalid

D = date.fromisoformat
KEYS = [ec.derive_private_key(n, ec.SECP256R1()) for n in (11, 12, 13)]


@pytest.mark.parametrize(
    ("instrument", "part", "on", "standing"),
    [
        ("MOFCOM-GACC-2025-18", None, "2025-04-03", Standing.UNPUBLISHED),
        ("MOFCOM-GACC-2025-18", None, "2025-04-04", Standing.IN_FORCE),
        ("MOFCOM-GACC-2025-18", None, "2026-11-22", Standing.IN_FORCE),
        ("MOFCOM-GACC-2025-57", None, "2025-10-08", Standing.UNPUBLISHED),
        ("MOFCOM-GACC-2025-57", None, "2025-10-09", Standing.NOT_COMMENCED),
        ("MOFCOM-GACC-2025-57", None, "2025-11-06", Standing.NOT_COMMENCED),
        ("MOFCOM-GACC-2025-57", None, "2025-11-07", Standing.SUSPENDED),
        ("MOFCOM-GACC-2025-57", None, "2026-11-10", Standing.SUSPENDED),
        ("MOFCOM-GACC-2025-57", None, "2026-11-11", Standing.STATUS_UNKNOWN),
        ("MOFCOM-2025-61", "61.3", "2025-10-09", Standing.IN_FORCE),
        ("MOFCOM-2025-61", "61.1", "2025-11-06", Standing.NOT_COMMENCED),
        ("MOFCOM-2025-62", None, "2025-11-06", Standing.IN_FORCE),
        ("MOFCOM-2024-46", "1", "2026-11-28", Standing.IN_FORCE),
        ("MOFCOM-2024-46", "2", "2026-11-27", Standing.SUSPENDED),
        ("MOFCOM-2024-46", "2", "2026-11-28", Standing.STATUS_UNKNOWN),
    ],
)
def test_standing_on_a_day(instrument: str, part: str | None, on: str, standing: Standing) -> None:
    assert state(shipped().instruments[instrument], part, D(on)).standing is standing


def test_what_was_known_then() -> None:
    """On 2025-11-06 nobody could know of the suspension of the next day: the office saw a commencement coming."""
    instrument = shipped().instruments["MOFCOM-GACC-2025-57"]
    assert state(instrument, None, D("2025-12-01"), known=D("2025-11-06")).standing is Standing.IN_FORCE
    assert state(instrument, None, D("2025-12-01"), known=D("2025-11-07")).standing is Standing.SUSPENDED
    assert state(instrument, None, D("2025-12-01"), known=D("2025-10-08")).standing is Standing.UNPUBLISHED


def events_after(*more: Event) -> Instrument:
    start, pause = D("2025-01-10"), D("2025-02-01")
    return Instrument(
        "T",
        "T",
        "T",
        (
            Event(What.PUBLISHED, start, start),
            Event(What.COMMENCES, start, start),
            Event(What.SUSPENDED, pause, pause, until=D("2025-06-30"), by="P"),
            *more,
        ),
    )


@pytest.mark.parametrize(
    ("what", "standing"),
    [
        (What.RESUMED, Standing.IN_FORCE),
        (What.REPEALED, Standing.REPEALED),
        (What.AMENDED, Standing.STATUS_UNKNOWN),
    ],
)
def test_what_follows_a_suspension(what: What, standing: Standing) -> None:
    day = D("2025-07-01")
    made = events_after(Event(what, day, day))
    assert state(made, None, D("2025-06-30")).standing is Standing.SUSPENDED
    assert state(made, None, day).standing is standing


def test_a_second_suspension_extends_the_first() -> None:
    made = events_after(
        Event(What.SUSPENDED, D("2025-06-30"), D("2025-06-20"), until=D("2025-12-31"), by="Q")
    )
    assert state(made, None, D("2025-12-31")).until == D("2025-12-31")
    assert not list(made.alarms(D("2025-06-25")))
    assert [a.level for a in made.alarms(D("2025-06-25"), known=D("2025-06-19"))] == [7]


@pytest.mark.parametrize(
    ("days_before", "level"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (0, 7), (-1, 0), (-400, 0)],
)
def test_alarms_before_a_suspension_ends(days_before: int, level: int | None) -> None:
    alarms = list(events_after().alarms(D("2025-06-30") - timedelta(days=days_before)))
    assert [a.level for a in alarms] == ([] if level is None else [level])


def test_every_suspension_of_the_shipped_list_has_its_alarm() -> None:
    suspended = {
        i.id for i in shipped().instruments.values() if any(e.what is What.SUSPENDED for e in i.events)
    }
    assert {a.instrument for a in shipped().alarms(D("2026-12-01"))} == suspended
    assert all(a.level == 0 for a in shipped().alarms(D("2026-12-01")))


@given(st.dates(D("2024-01-01"), D("2028-12-31")), st.dates(D("2024-01-01"), D("2028-12-31")))
def test_a_later_look_never_unpublishes(on: date, known: date) -> None:
    for instrument in shipped().instruments.values():
        for part in instrument.parts:
            if state(instrument, part, on, known).standing is not Standing.UNPUBLISHED:
                assert state(instrument, part, on).standing is not Standing.UNPUBLISHED


def test_suspensions_state_their_last_day() -> None:
    day = D("2025-01-01")
    with pytest.raises(MalformedList):
        Event(What.SUSPENDED, day, day)
    with pytest.raises(MalformedList):
        Event(What.SUSPENDED, day, day, until=D("2024-12-31"))


# -- documents ------------------------------------------------------------------------------------


def test_the_digest_is_over_data_not_spelling() -> None:
    one = load_yaml("{a: 1, b: [x, y]}")
    two = load_yaml("# a remark\nb:\n  - x\n  - 'y'\na: 1\n")
    assert digest_of(one) == digest_of(two)
    assert digest_of(one) != digest_of(load_yaml("{a: 1, b: [y, x]}"))


def test_the_shipped_list_is_whole() -> None:
    made = shipped()
    assert len(made.entries) == 73
    assert sum(e.instrument.id == "MOFCOM-GACC-2025-18" for e in made.entries) == 38
    assert made.elements == {"Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y", "Ho", "Er", "Tm", "Eu", "Yb"}
    assert all(e.source and e.zh and e.en for e in made.entries)
    assert technology.shipped().items


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.update(schema="other/1"),
        lambda d: d.pop("entries"),
        lambda d: d["entries"].append(d["entries"][0]),
        lambda d: d["entries"][0].update(instrument="NOBODY"),
        lambda d: d["entries"][0].update(elements=["Xx"]),
        lambda d: d["instruments"][0]["events"].clear(),
        lambda d: d["instruments"][1]["events"][0].update(date="2025-13-01"),
        lambda d: d["instruments"][1]["events"][0].update(event="forgotten"),
        lambda d: d["entries"][1]["named"].append({"zh": "x"}),
    ],
)
def test_a_list_that_is_not_whole_is_refused(damage: object) -> None:
    document = copy.deepcopy(dict(shipped().document))
    damage(document)  # type: ignore[operator]
    with pytest.raises(MalformedList):
        read_list(document)


def test_differences_name_places() -> None:
    old = dict(shipped().document)
    new = copy.deepcopy(old)
    new["instruments"][2]["events"].append({"event": "resumed", "date": "2026-11-25"})
    new["entries"] = [e for e in new["entries"] if e["code"] != "1C914"]
    new["entries"][0]["en"] = "samarium, metal"
    changes = {c.place: (c.before, c.after) for c in diff(old, new)}
    assert changes["entries[1C902.a.1].en"] == ("samarium metal", "samarium, metal")
    assert changes["entries[1C914]"][1] is None
    assert "instruments[MOFCOM-GACC-2025-57].events[resumed 2026-11-25]" in changes
    assert len(changes) == 3
    assert diff(old, copy.deepcopy(old)) == []


# -- signed files ---------------------------------------------------------------------------------


def test_two_people_release_a_list() -> None:
    document = shipped().document
    public = [k.public_key() for k in KEYS]
    once = sign_list(document, KEYS[0])
    assert open_list(once, public).digest == shipped().digest
    with pytest.raises(ProofInvalid):
        open_list(once, public, needed=2)
    twice_same = sign_list(document, KEYS[0], once)
    with pytest.raises(ProofInvalid):
        open_list(twice_same, public, needed=2)
    assert open_list(sign_list(document, KEYS[1], once), public, needed=2).digest == shipped().digest
    with pytest.raises(ProofInvalid):
        open_list(once, public[1:])


def test_a_changed_signed_list_is_refused() -> None:
    signed = bytearray(sign_list(shipped().document, KEYS[0]))
    for place in range(0, len(signed), len(signed) // 60):
        broken = bytearray(signed)
        broken[place] ^= 1
        with pytest.raises((ProofInvalid, MalformedList)):
            open_list(bytes(broken), [KEYS[0].public_key()])


def test_a_signature_does_not_move_to_another_list() -> None:
    other = dict(shipped().document) | {"version": "other"}
    with pytest.raises(ProofInvalid):
        sign_list(other, KEYS[1], sign_list(shipped().document, KEYS[0]))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_signed_list(data: bytes) -> None:
    with pytest.raises((ProofInvalid, MalformedList)):
        open_list(data, [KEYS[0].public_key()])


# -- imports --------------------------------------------------------------------------------------

HOW = ImportAs(
    "eu-annex-1",
    "2026-01",
    "EU dual-use list",
    "EU-2021-821",
    D("2021-06-11"),
    D("2021-09-09"),
    D("2026-01-01"),
    {"code": "Code", "en": "Text", "elements": "Elements"},
)


def test_a_foreign_table_becomes_a_list() -> None:
    made = import_csv(
        b'Code,Text,Elements,form\n1C111,Aluminium powder,"Al, Mg",metal\n2B001,Machine tools,,equipment\n',
        HOW,
    )
    assert [e.code for e in made.entries] == ["1C111", "2B001"]
    assert made.entries[0].elements == ("Al", "Mg")
    now = made.entries[0].state(D("2021-09-09"))
    assert now is not None
    assert now.standing is Standing.IN_FORCE
    assert canonical(made.document)
    again = import_yaml(
        b"entries:\n  - {Code: 1C111, Text: Aluminium powder, Elements: [Al, Mg], form: metal}\n", HOW
    )
    assert again.entries[0].elements == ("Al", "Mg")


@pytest.mark.parametrize(
    "table",
    [
        "Code,Text\n",
        "Code,Text\n,empty code\n",
        "Code,Text,form\nA,x,plasma\n",
        "Code,Text,Elements\nA,x,Qq\n",
        "Code,Text\nA,\n",
        "Code,Text\nA,x\nA,y\n",
        "Code,Text,from\nA,x,yesterday\n",
        'Code,Text\n"A',
    ],
)
def test_half_a_table_is_no_list(table: str) -> None:
    with pytest.raises(MalformedList):
        import_csv(table.encode(), HOW)


def test_a_table_in_another_encoding_is_refused() -> None:
    with pytest.raises(MalformedList):
        import_csv("Code,Text\nA,镝\n".encode("gb18030"), HOW)


# -- technology -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("稀土串级萃取工艺规程", {"RE-P1", "1E902.a"}),
        ("Dysprosium solvent extraction flowsheet and process parameters", {"RE-P1", "1E902.a"}),
        ("钕铁硼磁体制备工艺", {"RE-P1", "1E902.a"}),
        ("稀土浮选选矿", {"RE-R1"}),
        ("稀土萃取生产线维护手册", {"1E902.a", "1E902.b"}),
        ("钕铁硼废料回收", {"1E902.a"}),
        ("office handbook", set()),
        ("solvent extraction of copper", set()),
    ],
)
def test_a_file_is_put_under_items_by_its_words(text: str, codes: set[str]) -> None:
    assert {hit.item.code for hit in technology.shipped().hits(text)} == codes
