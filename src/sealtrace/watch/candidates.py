"""Candidates as they are read: where each stands, and the card a reviewer sees. Steps are taken in `desk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered
from sealtrace.people import store as people
from sealtrace.people.acts import prepare, read, read_one, unseal
from sealtrace.people.model import Person
from sealtrace.people.moments import moment, second
from sealtrace.people.petitions import Petition, open_about
from sealtrace.posts import bases
from sealtrace.posts import service as posts

from .persons import Agreement, Band
from .rosters import RosterRow
from .rules import CandidateFile, Evidence, State
from .schema import SCHEMA

HISTORY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Card:
    """A candidate as a reviewer sees it. `restrictions` is empty for the first one, who is blind to the reason.

    `expected_others` of a million people with Chinese names may write their name so; `band_counts` are how many of the
    decided candidates of this band in the last year were the person, and how many there were.
    """

    id: str
    state: State
    band: Band
    row: RosterRow
    reading: str
    agreement: Mapping[str, Agreement]
    expected_others: float
    band_counts: tuple[int, int]
    person: Person
    restrictions: tuple[posts.Shown, ...] = ()
    appeals: tuple[Petition, ...] = ()
    said: tuple[tuple[str, str, bool, str], ...] = ()
    """Earlier steps: kind, actor, same, reasons; none for the first reviewer."""


def ready(office: Office) -> None:
    """Make the tables where they are missing."""
    bases.ready(office)
    prepare(office, SCHEMA, "rosters")


COLUMNS = ("id", "roster", "person", "restriction", "band", "other_evidence", "pair", "sealed", "at")


def row_of(office: Office, candidate: str) -> dict[str, Any]:
    """A candidate's row. Raises NotRegistered."""
    row = read_one(office, f"SELECT {', '.join(COLUMNS)} FROM candidates WHERE id = ?", (candidate,))  # noqa: S608
    if row is None:
        raise NotRegistered(
            f"there is no candidate {candidate!r}", advice="`sealtrace watch list` shows what waits."
        )
    made = dict(zip(COLUMNS, row, strict=True))
    made["at"] = moment(made["at"])
    return made


def _events(office: Office, candidate: str) -> list[Any]:
    query = "SELECT kind, same, actor, person, sealed FROM candidate_events WHERE candidate = ? ORDER BY id"
    return read(office, query, (candidate,))


def file_of(office: Office, candidate: str) -> CandidateFile:
    """Where a candidate stands, as the rules see it."""
    row = row_of(office, candidate)
    record = unseal(office, row["person"], row["sealed"], f"candidate {candidate}") or {"agreement": {}}
    evidence = {
        Evidence.NAME,
        *(Evidence(f) for f, a in record["agreement"].items() if a == Agreement.AGREES),
    }
    happened = {kind: (bool(same), actor) for kind, same, actor, _, _ in _events(office, candidate)}
    return CandidateFile(
        row["person"], candidate, Band(row["band"]), frozenset(evidence), _state(happened),
        happened.get("first", (False, None))[1], happened.get("second", (False, None))[1], "heard" in happened,
    )  # fmt: skip


def _state(happened: Mapping[str, tuple[bool, str]]) -> State:
    if "rejected" in happened or not all(same for same, _ in happened.values()):
        return State.REJECTED
    if "case" in happened:
        return State.CASE
    if "second" in happened:
        return State.CONFIRMED
    return State.UNDER_REVIEW if "first" in happened else State.CANDIDATE


def card_of(office: Office, candidate: str, now: datetime, *, whole: bool = False) -> Card:
    """A candidate as a reviewer sees it; `whole` with the restriction and what was said."""
    row, file = row_of(office, candidate), file_of(office, candidate)
    person = row["person"]
    record = unseal(office, person, row["sealed"], f"candidate {candidate}")
    assert record is not None, "its rows go with the person's key"
    said = tuple(
        (
            kind,
            actor,
            bool(same),
            str((unseal(office, person, box, f"candidate {candidate} {kind}") or {})["said"]),
        )
        for kind, same, actor, _, box in _events(office, candidate)
    )
    return Card(
        candidate, file.state, file.band, RosterRow(*record["row"]), record["reading"],
        {f: Agreement(a) for f, a in record["agreement"].items()}, record["expected_others"],
        band_counts(office, file.band, now), people.profile(office, person),
        tuple(posts.shown(office, person, now)) if whole else (),
        tuple(open_about(office, person, f"candidate:{candidate}")), said if whole else (),
    )  # fmt: skip


def band_counts(office: Office, band: Band, now: datetime) -> tuple[int, int]:
    """Of the candidates of a band decided in the last year: how many were the person, and how many there were."""
    query = (
        "SELECT min(e.same) FROM candidates c JOIN candidate_events e ON e.candidate = c.id"
        " WHERE c.band = :band AND e.at > :since AND e.kind IN ('first', 'second', 'rejected') GROUP BY c.id"
        " HAVING min(e.same) = 0 OR sum(e.kind = 'second') > 0"
    )
    decided = [row[0] for row in read(office, query, {"band": str(band), "since": second(now - HISTORY)})]
    return sum(decided), len(decided)


def agreement(office: Office) -> tuple[int, int]:
    """How often the second reviewer said what the first had said, and how often there was a second."""
    ready(office)
    row = read_one(
        office, "SELECT coalesce(sum(same), 0), count(*) FROM candidate_events WHERE kind = 'second'"
    )
    return int(row[0]), int(row[1])


def of_person(office: Office, person: str, now: datetime) -> list[Card]:
    """A person's candidates, whole; for the own page and for services that entered their look."""
    ready(office)
    rows = read(office, "SELECT id FROM candidates WHERE person = ? ORDER BY at, id", (person,))
    return [card_of(office, name, now, whole=True) for (name,) in rows]


def rosters(office: Office) -> Sequence[dict[str, Any]]:
    """The rosters screened, newest first, with their digests and declared purposes; no person is in them."""
    ready(office)
    names = ("id", "sha256", "kind", "source", "publisher", "purpose", "lawful_because", "activity", "territory",
             "retrieved_at", "imported_by", "at", "row_count", "watched", "name_only")  # fmt: skip
    rows = read(office, f"SELECT {', '.join(names)} FROM rosters ORDER BY at DESC, id")  # noqa: S608 (constants)
    return [dict(zip(names, row, strict=True)) for row in rows]
