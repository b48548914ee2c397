"""Field edits of lists and rules: what is typed arrives, the rest stays, the past stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.catalogue.instruments import Standing
from sealtrace.catalogue.lists import diff, read_list, shipped
from sealtrace.errors import MalformedList, UsageProblem
from sealtrace.licences import editing
from sealtrace.licences.review import routing

LIST, RULES = shipped().document, routing.shipped().document
DAY = date(2026, 12, 1)


def test_an_edited_entry_differs_in_what_was_typed_alone() -> None:
    new = editing.with_entry(
        LIST, "1C905.b", {"en": "Dysprosium oxide, reworded", "elements": ["Dy", "Tb"], "open": ""}
    )
    assert {c.place for c in diff(LIST, new)} == {"entries[1C905.b].en", "entries[1C905.b].elements"}
    assert read_list(new).by_code["1C905.b"].elements == ("Dy", "Tb")


def test_a_new_entry_stands_behind_the_last_and_must_be_whole() -> None:
    typed = {"code": "9X001.a", "instrument": "MOFCOM-GACC-2025-18", "form": "oxide", "zh": "钕的氧化物",
             "en": "Nd oxide",
             "elements": ["Nd"], "from": "2026-12-01", "to": ""}  # fmt: skip
    made = read_list(editing.with_entry(LIST, "", typed))
    assert made.entries[-1].code == "9X001.a"
    assert made.entries[-1].state(date(2026, 11, 30)) is None
    with pytest.raises(MalformedList):
        read_list(editing.with_entry(LIST, "", typed | {"elements": ["Xx"]}))


def test_a_closed_list_is_typed_line_by_line() -> None:
    code = next(e.code for e in shipped().entries if e.named)
    before = read_list(LIST).by_code[code].named
    lines = [f"{n.zh} | {n.en} | {' '.join(sorted(n.of))}" for n in before]
    same = read_list(editing.with_entry(LIST, code, {"named": lines, "open": shipped().by_code[code].open}))
    assert same.by_code[code].named == before
    more = editing.with_entry(LIST, code, {"named": [*lines, "镝铁合金二 | | Dy Fe"]})
    assert len(read_list(more).by_code[code].named) == len(before) + 1
    with pytest.raises(UsageProblem, match="closed list"):
        editing.with_entry(LIST, code, {"named": ["only a name"]})


def test_an_event_changes_the_state_from_its_day_on() -> None:
    number, code = "MOFCOM-GACC-2025-57", next(
        e.code for e in shipped().entries if e.instrument.id == "MOFCOM-GACC-2025-57"
    )  # fmt: skip
    new = read_list(editing.with_event(LIST, number, {"event": "resumed", "date": "2026-12-01", "until": ""}))
    then = [new.by_code[code].state(day) for day in (DAY - timedelta(days=1), DAY)]
    assert [s.standing for s in then if s] == [Standing.STATUS_UNKNOWN, Standing.IN_FORCE]
    with pytest.raises(MalformedList):
        read_list(editing.with_event(LIST, number, {"event": "suspended", "date": "2026-12-01"}))
    with pytest.raises(UsageProblem):
        editing.with_event(LIST, "nowhere", {"event": "resumed", "date": "2026-12-01"})


def test_an_instrument_is_added_once() -> None:
    typed = {"id": "X-1", "zh": "新公告", "en": "New notice", "date": "2026-12-01"}
    new = editing.with_instrument(LIST, typed)
    assert "X-1" in read_list(new).instruments
    with pytest.raises(UsageProblem):
        editing.with_instrument(new, typed)


@given(st.dates(date(2025, 4, 5), date(2027, 12, 31)), st.dates(date(2025, 4, 4), date(2027, 12, 31)))
@settings(max_examples=30)
def test_a_rule_written_anew_holds_from_its_day_and_the_old_one_before(first: date, asked: date) -> None:
    typed = {"id": "large", "zh": "数量较大", "en": "large", "when": {"element_kg_from": "10"}}
    new = routing.read_rules(editing.with_rule(RULES, "flags", "large", typed, first))
    holding = [r for r in new.flags if r.id == "large" and r.first <= asked <= r.last]
    assert [r.when["element_kg_from"] for r in holding] == ["10" if asked >= first else "1000"]


def test_a_rule_may_only_end_and_a_criterion_is_worded_anew() -> None:
    ended = routing.read_rules(editing.with_rule(RULES, "routes", "regional", {"ends": True}, DAY))
    assert [r.last for r in ended.routes if r.id == "regional"] == [DAY - timedelta(days=1)]
    worded = editing.with_criterion(RULES, "end-use-military", "军事用途", "military")
    assert routing.read_rules(worded).criteria["end-use-military"] == ("军事用途", "military")
    assert (
        len(editing.with_criterion(RULES, "new-one", "新", "new")["criteria"]) == len(RULES["criteria"]) + 1
    )


def test_a_condition_is_read_from_texts() -> None:
    typed = {"flag": "military， watch-hit", "element_kg_from": " 5 ", "consignee_abroad": "yes", "kind": " "}
    assert editing.condition(typed) == {
        "flag": ["military", "watch-hit"], "element_kg_from": "5", "consignee_abroad": True,
    }  # fmt: skip
