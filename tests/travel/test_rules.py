"""Travel: voluntary unless designated, three people decide, and no document is held without its title."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apsw
import pytest

from sealtrace.errors import DutiesNotSeparated, HumanRequired, RestrictionUnlawful, StepRefused, TitleMissing
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.schema import GATES
from sealtrace.posts.model import AppealPath
from sealtrace.travel import store
from sealtrace.travel.rules import (
    Companion,
    Designation,
    Held,
    Opinion,
    Title,
    ask_back,
    decide_journey,
    declaration_required,
    give_back,
    overdue,
    return_due,
)
from sealtrace.travel.schema import HELD

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POST = Designation("p-1", "Test Works", "doc 7", AT, AT + timedelta(days=100))
PATH = AppealPath("o-1", 10, "申诉", 60)


def human(name: str) -> Actor:
    return Actor(name, ActorKind.HUMAN)


ROBOT = Actor("bot", ActorKind.PROGRAM)
OPINIONS = (
    Opinion("personnel", human("x-1"), True, ""),
    Opinion("secrecy", human("x-2"), False, "soon after"),
)


def decide(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "designation": POST, "opinions": OPINIONS, "decider": human("d-1"), "allow": True, "reasons": "",
        "appeal": PATH,
        "now": AT,
    }  # fmt: skip
    return decide_journey(**values | changes)


def test_a_declaration_is_required_only_while_designated() -> None:
    assert declaration_required("p-1", (), AT).allowed
    assert declaration_required("p-2", (POST,), AT).allowed
    assert not declaration_required("p-1", (POST,), AT).allowed
    assert not declaration_required("p-1", (POST,), POST.ends_at - SECOND).allowed
    assert declaration_required("p-1", (POST,), POST.ends_at).allowed
    assert declaration_required("p-1", (POST,), AT - SECOND).allowed


def test_a_designation_has_authority_and_document() -> None:
    for broken in ({"authority": " "}, {"document": ""}, {"ends_at": AT}):
        with pytest.raises(RestrictionUnlawful):
            replace(POST, **broken)


def test_two_opinions_and_a_decision_by_three_people() -> None:
    assert decide().allowed
    refusal = decide(allow=False, reasons="carrier not returned")
    assert not refusal.allowed
    assert refusal.appeal == PATH
    assert refusal.clause
    with pytest.raises(RestrictionUnlawful):
        decide(allow=False)
    with pytest.raises(StepRefused):
        decide(opinions=OPINIONS[:1])
    with pytest.raises(StepRefused):
        decide(opinions=(OPINIONS[0], replace(OPINIONS[1], office="personnel")))
    with pytest.raises(DutiesNotSeparated):
        decide(decider=human("x-1"))
    with pytest.raises(DutiesNotSeparated):
        decide(appeal=replace(PATH, officer="d-1"))
    with pytest.raises(HumanRequired):
        decide(decider=ROBOT)
    with pytest.raises(HumanRequired):
        decide(opinions=(OPINIONS[0], replace(OPINIONS[1], by=ROBOT)))
    with pytest.raises(StepRefused):
        decide(now=POST.ends_at)


def test_a_companion_has_no_name_and_no_number() -> None:
    assert {f.name for f in fields(Companion)} == {"relationship", "country", "starts_at", "ends_at"}


def held(**changes: Any) -> Held:
    values: dict[str, Any] = {
        "owner": "p-1", "kind": "passport", "issuer": "CN", "last_four": "1234", "title": Title.OFFICIAL_PASSPORT,
        "title_document": "doc 9", "verified_by": human("v-1"), "taken_by": human("k-1"), "taken_at": AT,
        "title_ends_at": AT + timedelta(days=50), "receipt": "q-1",
    }  # fmt: skip
    return Held(**values | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "because"}, {"title_document": " "}, {"receipt": ""}, {"title_ends_at": AT},
        {"last_four": "G12345678"},
    ],
)  # fmt: skip
def test_nothing_is_held_without_a_title(changes: dict[str, Any]) -> None:
    with pytest.raises(TitleMissing):
        held(**changes)


def test_keeping_is_for_people_and_not_for_the_owner() -> None:
    for role in ("verified_by", "taken_by"):
        with pytest.raises(HumanRequired):
            held(**{role: ROBOT})
        with pytest.raises(DutiesNotSeparated):
            held(**{role: human("p-1")})


def test_the_clock_of_the_return() -> None:
    document = held()
    assert return_due(document) == document.title_ends_at
    leaving = AT + timedelta(days=20)
    assert return_due(document, leaving) == leaving
    asked = ask_back(document, human("p-1"), AT + SECOND)
    assert return_due(asked) == AT + SECOND + timedelta(days=1)
    assert ask_back(asked, human("p-1"), AT + timedelta(days=9)).return_asked_at == AT + SECOND
    kept = held(title=Title.VOLUNTARY_SAFEKEEPING)
    assert overdue(ask_back(kept, human("p-1"), AT), None, AT), "voluntary safekeeping ends at once"
    assert not overdue(asked, None, AT + timedelta(days=1))
    assert overdue(asked, None, AT + timedelta(days=1, seconds=1))
    assert not overdue(give_back(asked, human("k-1"), AT), None, AT + timedelta(days=9))
    seized = held(title=Title.CASE_SEIZURE)
    assert return_due(ask_back(seized, human("p-1"), AT), leaving) == seized.title_ends_at
    with pytest.raises(StepRefused):
        ask_back(document, human("k-1"), AT)
    with pytest.raises(HumanRequired):
        give_back(document, ROBOT, AT)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("title", "because"), ("title", None), ("title_document", " "), ("receipt", ""), ("last_four", "G12345678"),
        ("verified_by_kind", "program"), ("taken_by_kind", "program"), ("owner", "v-1"), ("verified_by", "k-1"),
        ("title_ends_at", "2026-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_the_table_refuses_a_row_without_title(column: str, value: str | None) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(GATES + "CREATE TABLE erasing(person TEXT PRIMARY KEY);" + HELD)
    store.add(connection, held())
    with pytest.raises(TitleMissing):
        store.add(connection, held())
    kept = dict(zip(
        [c[1] for c in connection.execute("PRAGMA table_info(held_documents)")],
        connection.execute("SELECT * FROM held_documents").fetchone(), strict=True,
    ))  # fmt: skip
    row = kept | {"receipt": "q-2", column: value}
    with pytest.raises(apsw.ConstraintError):
        connection.execute(
            f"INSERT INTO held_documents VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
    with pytest.raises(apsw.ConstraintError):
        connection.execute(f"UPDATE held_documents SET {column} = ?", (value,))
