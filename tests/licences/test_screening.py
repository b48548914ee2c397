"""Screening: what the importers read, what resembles what, and that a person judges every hit before a grant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import CaseUnknown, HitOpen, HumanRequired, MalformedList, SealtraceError
from sealtrace.licences.review import board, deciding, desk, lists
from sealtrace.licences.review.application import Party, Role
from sealtrace.licences.screening import desk as screening
from sealtrace.licences.screening.lists import ScreeningList, import_list, read_list
from sealtrace.licences.screening.match import Directory, plain

from .desk_scene import APPLICANT, CLERK, PROGRAM, SECOND, application, grant, ready, refuse

DAY = date(2026, 3, 2)
OFAC = (
    b'306,"BANCO NACIONAL EXEMPLO",-0- ,"XYZ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    b'7001,"ZHANG, Wei",individual,"XYZ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970." \r\n\x1a'
)
ALT = b'306,12,"aka","EXEMPLO NATIONAL BANK",-0- \r\n'
EU = b"""<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export">
 <sanctionEntity euReferenceNumber="EU.1.2" logicalId="1"><remark>seen</remark>
  <subjectType code="enterprise" classificationCode="E"/>
  <nameAlias wholeName="Beispiel Werke GmbH"/><nameAlias wholeName="Beispiel Works"/>
  <address countryIso2Code="DE"/></sanctionEntity>
 <sanctionEntity logicalId="2"><subjectType code="person"/><nameAlias wholeName="Ivan Ivanovich Primer"/>
  <citizenship countryIso2Code="00"/></sanctionEntity>
</export>"""
UN = """<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>RI</FIRST_NAME>
<SECOND_NAME>WON HO</SECOND_NAME><REFERENCE_NUMBER>KPi.1</REFERENCE_NUMBER><LISTED_ON>2016-11-30</LISTED_ON>
<NAME_ORIGINAL_SCRIPT>리원호</NAME_ORIGINAL_SCRIPT><INDIVIDUAL_ALIAS><ALIAS_NAME/></INDIVIDUAL_ALIAS></INDIVIDUAL>
</INDIVIDUALS><ENTITIES><ENTITY><DATAID>2</DATAID><FIRST_NAME>SAMPLE TRADING BUREAU</FIRST_NAME>
<ENTITY_ALIAS><ALIAS_NAME>Bureau of Samples</ALIAS_NAME></ENTITY_ALIAS></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>""".encode()
OWN = """id,name,names,person,countries,from,to,remarks
1,Plant C Magnets,,no,DE,2026-01-01,,watched
2,张伟,Chang Wei,yes,CN,,,
3,Old Trading House,,no,,2020-01-01,2024-12-31,expired
4,某某稀土新材料股份有限公司,,no,CN,,,
""".encode()


HOSTILE = (
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
    b'<a><sanctionEntity logicalId="1"><nameAlias wholeName="&b;"/></sanctionEntity></a>'
)


def own(effect: str = "barred", data: bytes = OWN) -> ScreeningList:
    return import_list(data, "own", "own", "1", effect)


def names(made: ScreeningList) -> dict[str, tuple[str, ...]]:
    return {e.id: e.names for e in made.entries}


def test_importers_read_the_published_forms() -> None:
    ofac = import_list(OFAC, "ofac", "sdn", "2026-03-01", "barred", ALT)
    assert names(ofac) == {
        "306": ("BANCO NACIONAL EXEMPLO", "EXEMPLO NATIONAL BANK"),
        "7001": ("ZHANG, Wei",),
    }
    assert [(e.person, e.remarks) for e in ofac.entries] == [(False, "XYZ"), (True, "XYZ DOB 1970.")]
    eu = import_list(EU, "eu", "eu", "1", "notice")
    assert names(eu) == {"EU.1.2": ("Beispiel Werke GmbH", "Beispiel Works"), "2": ("Ivan Ivanovich Primer",)}
    assert [(e.person, e.countries) for e in eu.entries] == [(False, ("DE",)), (True, ())]
    un = import_list(UN, "un", "un", "1", "notice")
    assert names(un) == {
        "KPi.1": ("RI WON HO", "리원호"),
        "2": ("SAMPLE TRADING BUREAU", "Bureau of Samples"),
    }
    assert un.entries[0].first == date(2016, 11, 30)
    assert own().entries[0].first == date(2026, 1, 1)
    for made in (ofac, eu, un, own()):
        assert read_list(made.document).digest == made.digest


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"1,2,3", "ofac"), (b"", "own"), (b"name\n\n", "own"), (b"\xff\xfe", "own"), (b"<a", "eu"), (b"<a/>", "un"),
        (b"id,name\n1,A\n1,B\n", "own"), (b"id,name,from\n1,A,soon\n", "own"), (b"x", "nobody's"),
        (HOSTILE, "eu"),
    ],
)  # fmt: skip
def test_half_a_list_is_no_list(data: bytes, form: str) -> None:
    with pytest.raises(SealtraceError):
        import_list(data, form, "x", "1", "barred")


@given(st.binary(max_size=300), st.sampled_from(["ofac", "eu", "un", "own"]))
@settings(max_examples=30)
def test_any_bytes_give_a_list_or_an_error_of_ours(data: bytes, form: str) -> None:
    try:
        made = import_list(data, form, "x", "1", "barred")
    except SealtraceError:
        return
    assert made.entries


@pytest.mark.parametrize(
    ("spelling", "entry"),
    [
        ("Plant C Magnets GmbH", "1"), ("MAGNETS PLANT C", "1"), ("Plant-C Magnet", "1"),
        ("Zhang Wei", "2"), ("Wei Zhang", "2"), ("張偉", "2"), ("Chang Wei", "2"), ("Cheung Wai", "2"),
        ("某某稀土新材料有限公司", "4"), ("Plant C Magnets Trading (Shanghai) Ltd", "1"),
        ("Old Trading House", None), ("Plant D Motors", None), ("Zhao Min", None), ("李敏", None), ("Nordwind", None),
    ],
)  # fmt: skip
def test_what_resembles_a_listed_name(spelling: str, entry: str | None) -> None:
    found = Directory(own()).ask("p", (spelling,), DAY)
    assert [r.entry.id for r in found[:1]] == ([] if entry is None else [entry]), [r.as_dict() for r in found]


@given(st.text(max_size=40))
@settings(max_examples=30)
def test_plain_names_stay_as_they_are(name: str) -> None:
    assert plain(plain(name)) == plain(name)


# -- in a case ------------------------------------------------------------------------------------


@pytest.fixture
def office(memory: Path) -> Any:
    with Custody.create(
        memory / "h", org="O", org_code="O", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        yield c.office


def test_a_barred_party_is_never_granted_and_a_look_alike_is(office: Office) -> None:
    screening.take_list(office, CLERK, own())
    case = ready(office)
    assert ("barred-hit" in case.flags, [h.party for h in case.hits.values()]) == (True, ["u"])
    assert {a.department for a in case.advice} == {"technical", "dual-use", "security"}
    [hit] = case.hits
    with pytest.raises(HitOpen, match="nobody judged"):
        deciding.propose(office, CLERK, case.id, grant())
    with pytest.raises(CaseUnknown):
        desk.clear(office, CLERK, case.id, "none", same=False, reason="no such")
    desk.clear(office, CLERK, case.id, hit, same=True, reason="the register number is the same")
    with pytest.raises(HitOpen, match="barred"):
        deciding.propose(office, CLERK, case.id, grant())
    desk.clear(office, SECOND, case.id, hit, same=False, reason="another register number")
    case = desk.screen(office, CLERK, case.id)
    assert case.hits[hit].by == SECOND.id, "a judgement stays while both names stay"
    deciding.propose(office, CLERK, case.id, grant())
    assert deciding.approve(office, SECOND, case.id).licence


def test_a_newer_list_must_be_screened_against(office: Office) -> None:
    case = ready(office)
    deciding.propose(office, CLERK, case.id, grant())
    kept = screening.take_list(office, CLERK, own())
    assert screening.take_list(office, CLERK, own()) == kept, "the same version again is the same"
    with pytest.raises(HitOpen, match="changed"):
        deciding.approve(office, SECOND, case.id)
    deciding.send_back(office, SECOND, case.id, "screen again")
    assert len(desk.screen(office, CLERK, case.id).hits) == 1
    screening.retire_list(office, CLERK, "own")
    assert screening.lists(office) == []
    with pytest.raises(CaseUnknown):
        screening.retire_list(office, CLERK, "own")
    with pytest.raises(HumanRequired):
        screening.take_list(office, PROGRAM, own())
    with pytest.raises(apsw.ConstraintError):
        office.ledger.append([], lambda db, _: db.execute("DELETE FROM screening_lists"))


def test_a_watched_party_gets_single_licences_only(office: Office) -> None:
    screening.take_list(office, CLERK, own("watch"))
    terms = {"kind": "registration", "from": "2026-03-01", "to": "2026-12-31"}
    for document, fits in ((application(), True), (application(terms=terms), False)):
        case = ready(office, document)
        assert "watch-hit" in case.flags
        desk.clear(office, CLERK, case.id, next(iter(case.hits)), same=True, reason="the same")
        if fits:
            deciding.propose(office, CLERK, case.id, grant(criteria=("end-user-watched",)))
        else:
            with pytest.raises(HitOpen, match="watched"):
                deciding.propose(office, CLERK, case.id, grant())
            deciding.propose(office, CLERK, case.id, refuse(criteria=("end-user-watched",)))


def test_hits_are_paged_by_their_key_the_unjudged_first_of_one_list_or_all(office: Office) -> None:
    screening.take_list(office, CLERK, own())
    screening.take_list(office, CLERK, import_list(OWN, "own", "other", "1", "notice"))
    names = [ready(office).id for _ in range(3)]
    judged = next(iter(desk.get_case(office, names[0]).hits))
    desk.clear(office, CLERK, names[0], judged, same=False, reason="another register number")
    every = lists.hits(office)
    assert every == sorted(every)
    assert (len(every), lists.count_hits(office), lists.hit_lists(office)) == (6, (5, 1), ["other", "own"])
    for wanted in cast(list[Any], [{}, {"judged": False}, {"judged": True}, {"of_list": "own"}]):
        walked: list[lists.HitRow] = []
        while page := lists.hits(office, after=walked[-1].key if walked else "", limit=2, **wanted):
            walked += page
        assert walked == [
            h for h in every
            if wanted.get("of_list") in (None, h.list) and wanted.get("judged") in (None, bool(h.judged))
        ]  # fmt: skip
    [last] = lists.hits(office, judged=True)
    assert (last.id, last.hit) == (names[0], judged)
    desk.withdraw(office, APPLICANT, names[1], "no longer needed")
    assert names[1] not in {h.id for h in lists.hits(office)}
    assert board.check(office) == []


def test_parties_are_asked_under_all_their_names(office: Office) -> None:
    screening.take_list(office, CLERK, own())
    party = Party("x", Role.INTERMEDIARY, "Quiet Name", "DE", "somewhere", ("Plant C Magnets",))
    assert [r.party for r in screening.screen(office, [party], DAY)] == ["x"]
    with pytest.raises(MalformedList):
        read_list({"schema": "other"})
