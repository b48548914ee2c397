"""The screening desk: one roster, people under a restriction that covers it, candidates, and what people make of them.

The first reviewer does not learn why somebody is looked for; the second does. The person is asked before any
allegation. A program writes candidates and nothing more.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import PurposeMissing, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access
from sealtrace.people import store as people
from sealtrace.people.access import Look, Purpose, Section, look_at_many, require_purpose
from sealtrace.people.acts import (
    Act,
    enter,
    enter_many,
    identity,
    new_id,
    read,
    read_one,
    readable,
    refused_as,
    seal,
)
from sealtrace.people.duties import Actor
from sealtrace.people.gates import Module, require_module
from sealtrace.people.model import Person
from sealtrace.people.moments import second
from sealtrace.people.notices import tell
from sealtrace.posts import service as posts
from sealtrace.posts import store
from sealtrace.posts.rules import Status, may_screen

from . import rules
from .candidates import Card, card_of, file_of, ready, row_of
from .persons import Agreement, Band
from .rarity import expected_others
from .rosters import read_roster
from .rules import CandidateFile, State
from .screening import PAIRWISE, Match, Screener, Tally, Watched

SCREENED, ENTERED = "watch:roster-screened", "watch:candidate-entered"
EVENTS = {
    "first": "watch:first-review", "second": "watch:second-review", "heard": "watch:person-heard",
    "case": "watch:case-opened", "rejected": "watch:candidate-rejected",
}  # fmt: skip
PER = 1_000_000
"""Expected others are counted among this many people with Chinese names."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a roster was published and what it is looked at for; all of it is declared by who brings it."""

    address: str
    publisher: str
    purpose: str
    lawful_because: str
    activity: str
    territory: str
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screening did: rows and people compared, what fits by name alone, which candidates it wrote."""

    roster: str
    sha256: bytes
    columns: Mapping[str, str]
    rows: int
    watched: int
    name_only: int
    again: int
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate in the queue: no name, no reason."""

    id: str
    roster: str
    band: Band
    state: State
    heard: bool
    at: datetime


def screen(
    office: Office,
    actor: Actor,
    path: Path,
    source: Source,
    now: datetime,
    *,
    columns: Mapping[str, str] | None = None,
) -> Screened:
    """Compare one published roster with the people under a restriction that covers its activity and territory.

    Without such a person the file is not even read. Everybody compared sees on the own page that it happened.

    Raises:
        PurposeMissing: no effective restriction covers the roster, or its source is not declared.
        InputDamaged, FamilyDataRefused: the file is no roster, or tells of relatives.
    """
    ready(office)
    require_module(office, Module.SCREENING, now)
    actor = require_purpose(office, actor, Purpose.SCREENING, now)
    binding = _binding(office, source, now)
    if not binding:
        raise PurposeMissing("no effective restriction covers this roster: there is no lawful purpose")
    roster = read_roster(path, columns)
    name = new_id("ros")
    sections, why = frozenset({Section.PROFILE}), f"roster {name} of {source.publisher}: {source.purpose}"
    look_at_many(office, actor, [Look(p, Purpose.SCREENING, sections, why) for p in binding], now)
    watched = [
        _watched(people.profile(office, person), restriction) for person, restriction in binding.items()
    ]
    tally = Tally()
    thorough = len(roster.rows) * sum(len(w.names) for w in watched) <= PAIRWISE
    matches = list(Screener(watched).screen(roster.rows, tally, thorough=thorough))
    fresh = [m for m in matches if not _known(office, _pair(office, m))]
    fields: dict[str, Value] = {
        "roster": name, "sha256": roster.sha256, "source": source.address, "publisher": source.publisher,
        "purpose": source.purpose, "lawful_because": source.lawful_because, "activity": source.activity,
        "territory": source.territory, "rows": tally.rows, "watched": len(watched), "by": actor.id,
    }  # fmt: skip

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            f"INSERT INTO rosters VALUES ({', '.join('?' * 16)})",  # noqa: S608 (only marks)
            (name, roster.sha256, str(roster.kind), source.address, source.publisher, source.purpose,
             source.lawful_because, source.activity, source.territory, second(source.retrieved_at), actor.id,
             str(actor.kind), second(now), tally.rows, len(watched), tally.name_only),
        )  # fmt: skip

    with refused_as(PurposeMissing), office.writing():
        office.record_act(SCREENED, "home", fields, rows)
        entered = [_entering(office, actor, name, match, now) for match in fresh]
        if entered:
            enter_many(office, [act for _, act in entered], now, PurposeMissing)
    made = tuple(candidate for candidate, _ in entered)
    again = len(matches) - len(fresh)
    return Screened(
        name, roster.sha256, roster.columns, tally.rows, len(watched), tally.name_only, again, made
    )


def _binding(office: Office, source: Source, now: datetime) -> dict[str, str]:
    """The people under an effective restriction that covers the roster, each with one such restriction."""
    declared = (source.address, source.publisher, source.purpose, source.lawful_because, source.activity)
    if not all(text.strip() for text in (*declared, source.territory)):
        raise PurposeMissing(
            "a roster names address, publisher, purpose, why that is lawful, activity and territory"
        )
    found: dict[str, str] = {}
    for record in store.records(office):
        r = record.restriction
        if (
            readable(office, r.person)
            and may_screen([record], r.person, source.activity, source.territory, now).allowed
        ):
            found.setdefault(r.person, r.id)
    return found


def _watched(profile: Person, restriction: str) -> Watched:
    return Watched(
        profile.id, restriction, tuple(n.text for n in profile.names), profile.own_spellings,
        "|".join(e.employer for e in profile.employments), "|".join(profile.specialities),
        "|".join(profile.education), str(profile.birth_year or ""),
    )  # fmt: skip


def _pair(office: Office, match: Match) -> bytes:
    key = office.home.keyring.secret("watch/pairs")
    return hmac.digest(key, f"{match.watched.person}\0{match.row.text}".encode(), "sha256")


def _known(office: Office, pair: bytes) -> bool:
    query = "SELECT 1 FROM candidates WHERE pair = :pair UNION SELECT 1 FROM dismissed WHERE pair = :pair"
    return read_one(office, query, {"pair": pair}) is not None


def _entering(office: Office, actor: Actor, roster: str, match: Match, now: datetime) -> tuple[str, Act]:
    name, score, row = new_id("c"), match.score, match.row
    agreeing = [field for field, says in score.agreement.items() if says is Agreement.AGREES]
    record = {
        "row": [row.place, row.name, row.employer, row.speciality, row.school, row.birth],
        "reading": score.reading, "agreement": {f: str(a) for f, a in score.agreement.items()},
        "expected_others": expected_others(row.name, PER),
    }  # fmt: skip

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, match.watched.person, record, f"candidate {name}")
        db.execute(
            "INSERT INTO candidates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (name, roster, match.watched.person, match.watched.restriction, str(score.band), len(agreeing),
             _pair(office, match), box, second(now)),
        )  # fmt: skip

    fields: dict[str, Value] = {"candidate": name, "roster": roster, "restriction": match.watched.restriction,
                                "band": str(score.band), "evidence": ",".join(agreeing)}  # fmt: skip
    return name, Act(match.watched.person, ENTERED, actor, fields, rows)


# -- reviewing ----------------------------------------------------------------------------------------


def waiting(office: Office, actor: Actor, now: datetime) -> list[Waiting]:
    """Candidates that wait for a step, without names."""
    ready(office)
    actor = identity(office, actor)
    try:
        require_purpose(office, actor, Purpose.SCREENING, now)
    except PurposeMissing:
        require_purpose(office, actor, Purpose.CASE, now)
    found = []
    for (name,) in read(office, "SELECT id FROM candidates ORDER BY at, id"):
        row, file = row_of(office, name), file_of(office, name)
        if file.state not in (State.REJECTED, State.CASE):
            found.append(Waiting(name, row["roster"], file.band, file.state, file.person_heard, row["at"]))
    return found


def first_view(office: Office, actor: Actor, candidate: str, now: datetime) -> Card:
    """A candidate for the first reviewer: the row, the person's names and work, and not the reason."""
    ready(office)
    person = row_of(office, candidate)["person"]
    sections = {Section.PROFILE, Section.CANDIDATES}
    access.look(
        office, actor, person, Purpose.SCREENING, sections, f"first review of candidate {candidate}", now
    )
    return card_of(office, candidate, now)


def second_view(office: Office, actor: Actor, candidate: str, now: datetime) -> Card:
    """A candidate for the second reviewer and for a case: with the restriction, open appeals, and what was said."""
    ready(office)
    person = row_of(office, candidate)["person"]
    sections = {Section.PROFILE, Section.CANDIDATES, Section.RESTRICTIONS}
    access.look(office, actor, person, Purpose.CASE, sections, f"review of candidate {candidate}", now)
    return card_of(office, candidate, now, whole=True)


def review_first(
    office: Office, actor: Actor, candidate: str, reasons: str, now: datetime, *, same: bool
) -> CandidateFile:
    """Say whether the row is the person, not knowing why the person is looked for.

    Raises:
        StepRefused: the reviewer has seen the reason, or it was reviewed.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.SCREENING, now)
    saw = _saw_reason(office, row_of(office, candidate)["person"], actor.id)
    after = rules.review_first(file_of(office, candidate), actor, saw_reason=saw, same=same)
    _enter(office, actor, candidate, "first", reasons, now, same=same)
    return after


def saw_reason(office: Office, actor: Actor, candidate: str) -> bool:
    """Whether somebody has seen why a candidate's person is restricted, or took part in it, and so can't be first."""
    ready(office)
    return _saw_reason(office, row_of(office, candidate)["person"], identity(office, actor).id)


def _saw_reason(office: Office, person: str, actor: str) -> bool:
    query = (
        "SELECT 1 FROM accesses WHERE person = :p AND actor = :a AND sections LIKE '%restrictions%' UNION"
        " SELECT 1 FROM restrictions WHERE person = :p AND :a IN (proposer, decider, appeal_officer)"
    )
    return read_one(office, query, {"p": person, "a": actor}) is not None


def review_second(
    office: Office, actor: Actor, candidate: str, reasons: str, now: datetime, *, same: bool
) -> CandidateFile:
    """Say it again, by somebody else who knows the reason."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.CASE, now)
    after = rules.review_second(file_of(office, candidate), actor, same=same)
    _enter(office, actor, candidate, "second", reasons, now, same=same)
    return after


def hear(office: Office, actor: Actor, candidate: str, answer: str, now: datetime) -> CandidateFile:
    """Record that the person was asked before any allegation, and what was answered."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.CASE, now)
    after = rules.hear_person(file_of(office, candidate), actor)
    _enter(office, actor, candidate, "heard", answer, now, same=True)
    return after


def open_case(office: Office, actor: Actor, candidate: str, reasons: str, now: datetime) -> CandidateFile:
    """Open a case; the person is told with the reasons. The restriction must bind still.

    Raises:
        StepRefused: a name alone, one reviewer, a person not heard, or a restriction that no longer binds.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.CASE, now)
    row = row_of(office, candidate)
    after = rules.open_case(file_of(office, candidate), actor)
    binding = [
        s for s in posts.shown(office, row["person"], now) if s.record.restriction.id == row["restriction"]
    ]
    if not binding or binding[0].status is not Status.EFFECTIVE:
        raise StepRefused("the restriction no longer binds: there is no lawful purpose")
    says = {"candidate": candidate, "reasons": reasons, "restriction": row["restriction"]}
    _enter(office, actor, candidate, "case", reasons, now, same=True, notice=("case-opened", says))
    return after


def reject(office: Office, actor: Actor, candidate: str, reasons: str, now: datetime) -> Entry:
    """Reject a candidate at any time before a case: another person, or lawfully there. The pair is not shown again."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.CASE, now)
    return _enter(office, actor, candidate, "rejected", reasons, now, same=False)


def _enter(
    office: Office, actor: Actor, candidate: str, kind: str, said: str, now: datetime, *, same: bool,
    notice: tuple[str, dict[str, Any]] | None = None,
) -> Entry:  # fmt: skip
    row = row_of(office, candidate)
    person = row["person"]
    if not said.strip():
        raise StepRefused("a step says its reasons")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"said": said}, f"candidate {candidate} {kind}")
        db.execute(
            "INSERT INTO candidate_events(candidate, person, kind, same, actor, actor_kind, at, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (candidate, person, kind, int(same), actor.id, str(actor.kind), second(now), box),
        )
        if not same:
            db.execute("INSERT OR IGNORE INTO dismissed VALUES (?, ?)", (row["pair"], second(now)))
        if notice is not None:
            tell(office, db, person, notice[0], f"candidate:{candidate}", notice[1], now)

    fields: dict[str, Value] = {"candidate": candidate, "same": int(same), "said": said}
    return enter(office, Act(person, EVENTS[kind], actor, fields, rows), now, StepRefused)
