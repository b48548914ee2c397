"""Many people at once from a CSV or XLSX file: each row is entered or told why not; a bad row stops no other.

Columns: `name` (required), `spelling` (as in the passport), `birth_year`, `speciality`, `education`, `project`,
`employer`, `role`, `from`, `until`, `account`; several values in a cell are divided by `|`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from sealtrace.content.kinds import Kind, detect
from sealtrace.content.tables import files
from sealtrace.custody.office import Office
from sealtrace.errors import InputDamaged, ProfileUnlawful, SealtraceError

from .acts import identity
from .columns import refuse_relatives
from .duties import Actor, human
from .model import Employment, Person, PersonName, Source
from .service import add_many

COLUMNS = (
    "name", "spelling", "birth_year", "speciality", "education", "project", "employer", "role", "from", "until",
    "account",
)  # fmt: skip
MOST_ROWS = 200_000


class Why(StrEnum):
    """What is wrong with a cell, for a screen in any language; OTHER where the error's code says it."""

    NAME = "name"
    YEAR = "year"
    DAY = "day"
    START = "start"
    ORDER = "order"
    ACCOUNT = "account"
    PERSON = "person"
    DELEGATE = "delegate"
    COUNTRY = "country"
    PURPOSE = "purpose"
    OTHER = "other"


class CellProblem(ValueError):
    """A cell that can't be taken: why, and what stands in it. It never leaves an import: a RowError tells it."""

    def __init__(self, why: Why, cell: str, message: str) -> None:
        super().__init__(message)
        self.why, self.cell = why, cell


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was not entered: its number in the file, the first row of data being 1, and why."""

    row: int
    code: str
    message: str
    why: Why = Why.OTHER
    cell: str = ""

    @classmethod
    def of(cls, row: int, error: SealtraceError | ValueError, code: str) -> RowError:
        """Tell an error of a row; `code` is that of a value that can't be read."""
        if isinstance(error, SealtraceError):
            return cls(row, error.code, error.message)
        if isinstance(error, CellProblem):
            return cls(row, code, str(error), error.why, error.cell)
        return cls(row, code, str(error))


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: the people entered, by row, and the rows refused."""

    entered: tuple[tuple[int, str], ...]
    errors: tuple[RowError, ...]


def rows_of(path: Path, needed: tuple[str, ...], known: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of the first table of a file, by column.

    Raises:
        InputDamaged: it is no table, or lacks or has a column that it should not.
        FamilyDataRefused: a column is about relatives.
    """
    kind = detect(path)
    if kind not in (Kind.CSV, Kind.TSV, Kind.XLSX):
        raise InputDamaged(f"{path.name} is {kind}, not CSV or XLSX", advice="Save it as CSV or XLSX.")
    tables = files.read(path, kind)
    if not tables:
        raise InputDamaged(f"{path.name} holds no table", advice=f"Give the columns {','.join(known)}.")
    header = [name.strip().casefold() for name in tables[0].header]
    refuse_relatives(header)
    missing, unknown = [c for c in needed if c not in header], [c for c in header if c and c not in known]
    if missing or unknown:
        raise InputDamaged(
            f"{path.name}: missing columns {missing}, unknown columns {unknown}",
            advice=f"The columns are {','.join(known)}.",
        )
    if tables[0].rows > MOST_ROWS:
        raise InputDamaged(f"{path.name} has more than {MOST_ROWS} rows")
    cells = zip(*tables[0].columns, strict=True)
    return [{c: v.strip() for c, v in zip(header, row, strict=True) if c} for row in cells]


def import_people(
    office: Office, actor: Actor, path: Path, now: datetime, *, dry_run: bool = False
) -> Imported:
    """Enter the people of a file. With `dry_run` nothing is written and the errors are told all the same."""
    good: list[tuple[int, Person, tuple[str, ...]]] = []
    errors = []
    for number, row in enumerate(rows_of(path, ("name",), COLUMNS), 1):
        try:
            good.append((number, _person(row), _parts(row, "account")))
        except (SealtraceError, ValueError) as e:
            errors.append(RowError.of(number, e, ProfileUnlawful.code))
    taken: dict[str, int] = {}
    for number, _, accounts in good:
        for account in accounts:
            known = _bound(office, account) or account in taken
            if known:
                taken_by_other = CellProblem(Why.ACCOUNT, account, f"account {account} belongs to somebody")
                errors.append(RowError.of(number, taken_by_other, ProfileUnlawful.code))
            taken.setdefault(account, number)
    bad = {e.row for e in errors}
    keep = [(n, p, a) for n, p, a in good if n not in bad]
    if dry_run:
        return Imported(tuple((n, "") for n, _, _ in keep), tuple(sorted(errors, key=lambda e: e.row)))
    made = add_many(office, actor, [(p, a) for _, p, a in keep], now)
    entered = tuple((n, p.id) for (n, _, _), p in zip(keep, made, strict=True))
    return Imported(entered, tuple(sorted(errors, key=lambda e: e.row)))


def _bound(office: Office, account: str) -> bool:
    return identity(office, human(account)).id != account


def _person(row: Mapping[str, str]) -> Person:
    names = [PersonName(text, Source.EMPLOYER) for text in _parts(row, "name")]
    if not names:
        raise CellProblem(Why.NAME, "", "the row has no name")
    names += [PersonName(text, Source.PASSPORT) for text in _parts(row, "spelling")]
    year = row.get("birth_year", "")
    if year and not (year.isdecimal() and 1900 <= int(year) <= 2100):
        raise CellProblem(Why.YEAR, year, f"{year!r} is no year of birth")
    return Person(
        "new", tuple(names), _parts(row, "speciality"), _parts(row, "education"), _parts(row, "project"), (),
        _employments(row), int(year) if year else None,
    )  # fmt: skip


def _employments(row: Mapping[str, str]) -> tuple[Employment, ...]:
    employers, roles = _parts(row, "employer"), _parts(row, "role")
    starts, ends = _parts(row, "from"), _parts(row, "until")
    if len(starts) != len(employers) or len(ends) > len(employers):
        message = "every employer needs its day of beginning, as 2026-01-31"
        raise CellProblem(Why.START, "", message)
    made = []
    for i, employer in enumerate(employers):
        start, end = day(starts[i]), day(ends[i]) if i < len(ends) else None
        if end is not None and end <= start:
            raise CellProblem(Why.ORDER, ends[i], "an employment ends after it starts")
        made.append(Employment(employer, roles[i] if i < len(roles) else "", start, end))
    return tuple(made)


def day(cell: str) -> date:
    """The day that a cell states; a time of day, as spreadsheets add it, is left out.

    Raises:
        CellProblem: it states none.
    """
    try:
        return datetime.fromisoformat(cell).date()
    except ValueError as e:
        raise CellProblem(Why.DAY, cell, f"{cell!r} is no day, as 2026-01-31") from e


def _parts(row: Mapping[str, str], column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in row.get(column, "").split("|") if part.strip())
