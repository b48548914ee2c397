"""From one roster to a case: only with a purpose, never on a name, two reviewers, the first blind, the person heard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    FamilyDataRefused,
    HumanRequired,
    InputDamaged,
    ModuleDisabled,
    PurposeMissing,
    StepRefused,
)
from sealtrace.people import access, service
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.notices import notices
from sealtrace.posts import bases
from sealtrace.posts import service as posts
from sealtrace.posts.basis import add_months
from sealtrace.watch import candidates, desk
from sealtrace.watch.desk import Source
from sealtrace.watch.persons import Band
from sealtrace.watch.rosters import RosterRow, known_heading, read_roster
from sealtrace.watch.rules import State
from sealtrace.watch.screening import Screener, Tally, Watched
from tests.people.scene import (
    AT,
    CHIEF,
    CLERK,
    COUNSEL,
    DECIDER,
    FIRST,
    OTHER,
    PROPOSER,
    enrol,
    open_house,
)
from tests.posts.test_service import SECRETS, imposed

SOURCE = Source(
    "https://plant.example/people", "Plant Sdn Bhd", "check of restriction r", "published by the plant itself",
    "solvent extraction", "MY", AT,
)  # fmt: skip
HEAD = ("Name", "Former employer", "Field", "Year of birth")
RIGHT = ("Tan Kok Tong", "Hetao Separation Works", "solvent extraction", "1974")
NAMESAKE = ("Tan Kok Tong", "Perak Hospital", "solvent extraction", "1991")
STRANGERS = (
    ("Chen Guodong", "", "", ""),
    ("Ahmad bin Ali", "Hetao Separation Works", "solvent extraction", "1974"),
)


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        bases.adopt(made.office, CHIEF, COUNSEL, SECRETS, source="gazette")
        yield made.office


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, name: str = "roster.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(",".join(row) for row in (head, *rows)) + "\n", "utf-8")
        return path

    return written


def restricted(office: Office) -> tuple[str, Actor]:
    person, me = enrol(office)
    posts.serve(office, CLERK, imposed(office, person), "in person", AT)
    return person, me


def test_without_a_restriction_in_force_nothing_is_read_or_kept(office: Office, tmp_path: Path) -> None:
    person, _ = enrol(office)
    imposed(office, person)  # decided, never served
    size = office.ledger.size()
    with pytest.raises(PurposeMissing, match="no lawful purpose"):
        desk.screen(office, FIRST, tmp_path / "not even there.csv", SOURCE, AT)
    assert office.ledger.size() == size
    assert access.looks(office, person) == []


def test_the_way_to_a_case(office: Office, write: Callable[..., Path]) -> None:
    person, me = restricted(office)
    path = write(RIGHT, NAMESAKE, *STRANGERS)
    done = desk.screen(office, FIRST, path, SOURCE, AT)
    assert done.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert (done.rows, done.watched, len(done.candidates)) == (4, 1, 1)
    assert done.name_only >= 1
    [candidate] = done.candidates
    assert [s.purpose for s in access.looks(office, person)] == ["screening"], (
        "the person sees the comparison"
    )
    card = desk.first_view(office, FIRST, candidate, AT)
    assert (card.row.name, card.band, card.restrictions) == ("Tan Kok Tong", Band.STRONG, ())
    assert card.expected_others > 0
    assert card.band_counts == (0, 0)
    desk.review_first(office, FIRST, candidate, "employer and year agree", AT, same=True)
    with pytest.raises(PurposeMissing):
        desk.review_second(office, FIRST, candidate, "again", AT, same=True)
    seen = desk.second_view(office, OTHER, candidate, AT)
    assert seen.restrictions[0].record.restriction.reasons == "knew the cascade"
    assert seen.said[0][:3] == ("first", FIRST.id, True)
    for early in (lambda: desk.hear(office, DECIDER, candidate, "he said", AT),
                  lambda: desk.open_case(office, DECIDER, candidate, "because", AT)):  # fmt: skip
        with pytest.raises(StepRefused):
            early()
    desk.review_second(office, OTHER, candidate, "agreed", AT, same=True)
    with pytest.raises(StepRefused, match="asked before"):
        desk.open_case(office, DECIDER, candidate, "because", AT)
    desk.hear(office, DECIDER, candidate, "works there since May", AT)
    with pytest.raises(HumanRequired):
        desk.open_case(office, Actor(DECIDER.id, ActorKind.PROGRAM), candidate, "because", AT)
    assert desk.open_case(office, DECIDER, candidate, "works there since May", AT).state is State.CASE
    assert notices(office, person)[0].kind == "case-opened"
    assert candidates.of_person(office, person, AT)[0].state is State.CASE
    assert desk.waiting(office, FIRST, AT) == []
    assert candidates.band_counts(office, Band.STRONG, AT + timedelta(days=1)) == (1, 1)
    assert candidates.agreement(office) == (1, 1)
    assert service.who_looked(office, me, person, "own page", AT)


def test_the_first_reviewer_must_be_blind(office: Office, write: Callable[..., Path]) -> None:
    person, _ = restricted(office)
    [candidate] = desk.screen(office, FIRST, write(RIGHT, *STRANGERS), SOURCE, AT).candidates
    access.grant(office, CHIEF, PROPOSER.id, access.Purpose.SCREENING, AT + timedelta(days=9), AT)
    with pytest.raises(StepRefused, match="not have seen"):
        desk.review_first(office, PROPOSER, candidate, "knows why", AT, same=True)
    desk.second_view(office, OTHER, candidate, AT)
    with pytest.raises(StepRefused, match="not have seen"):
        desk.review_first(office, OTHER, candidate, "looked it up", AT, same=True)
    with pytest.raises(apsw.ConstraintError, match="has seen the reason"):
        office.ledger.append([], lambda db, _: db.execute(
            "INSERT INTO candidate_events(candidate, person, kind, same, actor, actor_kind, at, sealed) VALUES"
            " (?, ?, 'first', 1, ?, 'human', '2026-03-02T08:30:00Z', zeroblob(40))",
            (candidate, person, OTHER.id),
        ) and None)  # fmt: skip


def test_a_rejected_pair_is_not_shown_again(office: Office, write: Callable[..., Path]) -> None:
    restricted(office)
    path = write(RIGHT, *STRANGERS)
    [candidate] = desk.screen(office, FIRST, path, SOURCE, AT).candidates
    with pytest.raises(StepRefused):
        desk.review_first(office, FIRST, candidate, " ", AT, same=False)
    assert desk.review_first(office, FIRST, candidate, "another man", AT, same=False).state is State.REJECTED
    again = desk.screen(office, FIRST, path, SOURCE, AT)
    assert (again.candidates, again.again) == ((), 1)
    with pytest.raises(StepRefused):
        desk.review_second(office, OTHER, candidate, "no", AT, same=True)


def test_a_case_needs_the_restriction_still(office: Office, write: Callable[..., Path]) -> None:
    restricted(office)
    [candidate] = desk.screen(office, FIRST, write(RIGHT, *STRANGERS), SOURCE, AT).candidates
    desk.review_first(office, FIRST, candidate, "same", AT, same=True)
    desk.review_second(office, OTHER, candidate, "same", AT, same=True)
    desk.hear(office, DECIDER, candidate, "yes", AT)
    lapsed = add_months(AT, 12)
    access.grant(
        office, CHIEF, DECIDER.id, access.Purpose.CASE, add_months(lapsed, 1), lapsed - timedelta(days=1)
    )
    with pytest.raises(StepRefused, match="no longer binds"):
        desk.open_case(office, DECIDER, candidate, "late", lapsed)
    desk.reject(office, DECIDER, candidate, "the restriction lapsed", lapsed)


@pytest.mark.parametrize(
    "changes",
    [
        {"activity": "magnets"},
        {"territory": "JP"},
        {"publisher": " "},
        {"purpose": ""},
        {"lawful_because": ""},
    ],
)
def test_the_roster_must_be_covered_and_declared(
    office: Office, write: Callable[..., Path], changes: dict[str, str]
) -> None:
    restricted(office)
    with pytest.raises(PurposeMissing):
        desk.screen(office, FIRST, write(RIGHT, *STRANGERS), replace(SOURCE, **changes), AT)  # type: ignore[arg-type]


def test_rosters_about_relatives_and_broken_gates_stop_it(office: Office, write: Callable[..., Path]) -> None:
    restricted(office)
    with pytest.raises(FamilyDataRefused):
        desk.screen(office, FIRST, write((*RIGHT, "x"), (*NAMESAKE, "y"), head=(*HEAD, "Spouse")), SOURCE, AT)
    with pytest.raises(PurposeMissing):
        desk.screen(office, CLERK, write(RIGHT, *STRANGERS), SOURCE, AT)
    with pytest.raises(ModuleDisabled):
        desk.screen(office, FIRST, write(RIGHT, *STRANGERS), SOURCE, add_months(AT, 36))


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("restriction", "r-none", "no restriction binds"), ("other_evidence", 0, "CHECK"),
        ("band", "insufficient", "CHECK"), ("at", "2029-01-01T00:00:00Z", "no restriction binds"),
    ],
)  # fmt: skip
def test_the_table_refuses_candidates_without_ground(
    office: Office, write: Callable[..., Path], column: str, value: object, says: str
) -> None:
    restricted(office)
    [candidate] = desk.screen(office, FIRST, write(RIGHT, *STRANGERS), SOURCE, AT).candidates
    kept = dict(zip(candidates.COLUMNS, office.db.execute(
        f"SELECT {', '.join(candidates.COLUMNS)} FROM candidates WHERE id = ?", (candidate,)).fetchone(), strict=True,
    ))  # fmt: skip
    row = kept | {"id": "c-2", "pair": b"other", column: value}
    with pytest.raises(apsw.ConstraintError, match=says):
        office.ledger.append([], lambda db, _: db.execute(
            f"INSERT INTO candidates VALUES ({', '.join('?' * 9)})", tuple(row.values())) and None)  # fmt: skip


def test_slips_are_met_in_small_rosters_and_own_spellings_in_large_ones() -> None:
    one = Watched(
        "per-1", "r-1", ("陈国栋", "Tan Kok Tong"), ("Tan Kok Tong",), "Hetao Works", "extraction", "", "1974"
    )
    rows = read_rows(
        [("Chen Guodogn", "Hetao Works", "extraction", "1974"), ("TONG Kok Tan", "Hetao Works", "", "1974")]
    )
    assert [m.row.name for m in Screener([one]).screen(rows, Tally(), thorough=True)] == [
        "Chen Guodogn",
        "TONG Kok Tan",
    ]
    fast = list(Screener([one]).screen(rows, Tally()))
    assert [m.row.name for m in fast] == ["TONG Kok Tan"]
    assert fast[0].score.reading == "own spelling"


def read_rows(rows: list[tuple[str, str, str, str]]) -> list[RosterRow]:
    return [
        RosterRow(f"row {n}", name, employer, field, "", born)
        for n, (name, employer, field, born) in enumerate(rows)
    ]


def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, write: Callable[..., Path]) -> None:
    from openpyxl import Workbook
    from reportlab.pdfgen.canvas import Canvas

    rows = [RIGHT, NAMESAKE, ("Lim Siew Eng", "Ipoh Works", "magnets", "1980")]
    paths = [write(*rows)]
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    cells = "".join(f"<tr>{''.join(f'<td> {c} </td>' for c in row)}</tr>" for row in rows)
    head = "".join(f"<th>{h}</th>" for h in HEAD)
    (tmp_path / "roster.html").write_text(
        f"<html><body><table><tr><td>Home</td></tr></table><table><tr>{head}</tr>{cells}</table></body></html>",
        "utf-8",
    )
    sheet = Canvas(str(tmp_path / "roster.pdf"), invariant=1)
    sheet.drawString(60, 800, "Our consultants")
    for line, row in enumerate((HEAD, *rows)):
        for column, cell in enumerate(row):
            sheet.drawString(30 + 145 * column, 760 - 20 * line, cell)
    sheet.save()
    paths += [tmp_path / f"roster.{kind}" for kind in ("xlsx", "html", "pdf")]
    read = [[(r.name, r.employer, r.speciality, r.birth) for r in read_roster(p).rows] for p in paths]
    assert read == [rows] * 4
    assert read_roster(paths[3]).rows[0].place == "page 1, line 3"


def test_headings_and_what_is_no_roster(write: Callable[..., Path], tmp_path: Path) -> None:
    known = {
        "姓名": "name",
        "First Name": "name",
        "原单位": "employer",
        "Year_of_birth": "birth",
        "Remarks": None,
    }
    assert {text: known_heading(text) for text in known} == known
    odd = write(("a", "b"), ("c", "d"), head=("Who", "Where"))
    with pytest.raises(InputDamaged) as refused:
        read_roster(odd)
    assert "Who" in refused.value.hint
    assert read_roster(odd, {"name": "Who", "employer": "Where"}).rows[0].employer == "b"
    with pytest.raises(InputDamaged):
        read_roster(odd, {"name": "Nobody"})
    (tmp_path / "a.txt").write_text("words\n")
    with pytest.raises(InputDamaged):
        read_roster(tmp_path / "a.txt")
