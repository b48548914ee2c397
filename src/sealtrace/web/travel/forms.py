"""The declaration's form: what was typed to a plan, or to an error beside each field. What was typed stays. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from sealtrace.travel.family import RELATIONSHIPS
from sealtrace.travel.journeys import Plan, Stop
from sealtrace.travel.rules import Companion

from .countries import code_of

DAY = timedelta(days=1)
MOST_ROWS = 20
MOST_TEXT, MOST_CELL = 2000, 200
STOP, COMPANION = ("country", "place", "from", "until"), ("relationship", "country", "from", "until")


@dataclass(slots=True)
class Row:
    """One row of fields: what was typed, and what is wrong with each."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not any(self.typed.values())


@dataclass(slots=True)
class Form:
    """A declaration as it was typed."""

    stops: list[Row]
    companions: list[Row]
    purpose: str = ""
    contacts: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, in the order of the page."""
        found = []
        for prefix, rows in (("stop", self.stops), ("companion", self.companions)):
            for n, row in enumerate(rows, 1):
                found += [(f"{prefix}-{n}-{name}", text) for name, text in row.wrong.items()]
            if prefix == "stop":
                found += list(self.wrong.items())
        return found


def empty() -> Form:
    """A form with one stay."""
    return Form([Row(dict.fromkeys(STOP, ""))], [])


def typed(said: QueryDict) -> Form:
    """What was posted, as it was typed; `add` asks for one more row of a kind."""
    form = Form(
        _rows(said, "stop", STOP), _rows(said, "companion", COMPANION), said.get("purpose", "").strip()[:MOST_TEXT],
        said.get("contacts", "").strip()[:MOST_TEXT],
    )  # fmt: skip
    if said.get("add") == "stop" or not form.stops:
        form.stops.append(Row(dict.fromkeys(STOP, "")))
    if said.get("add") == "companion":
        form.companions.append(Row(dict.fromkeys(COMPANION, "")))
    return form


def _rows(said: QueryDict, prefix: str, names: tuple[str, ...]) -> list[Row]:
    columns = [said.getlist(f"{prefix}_{name}") for name in names]
    count = min(MOST_ROWS, max((len(column) for column in columns), default=0))
    rows = [
        Row({name: _cell(column, n) for name, column in zip(names, columns, strict=True)})
        for n in range(count)
    ]
    kept = [row for row in rows if not row.blank]
    return kept or rows[:1]


def _cell(column: list[str], n: int) -> str:
    return column[n].strip()[:MOST_CELL] if n < len(column) else ""


def plan(form: Form) -> Plan | None:
    """The plan that was typed; None with the errors put beside their fields."""
    stops = [made for row in form.stops if (made := _stop(row)) is not None]
    if not form.purpose:
        form.wrong["purpose"] = _("Say what the journey is for.")
    companions = [one for row in form.companions if not row.blank and (one := _companion(row)) is not None]
    if form.errors:
        return None
    contacts = tuple(line.strip() for line in form.contacts.splitlines() if line.strip())
    return Plan(tuple(stops), form.purpose, contacts, tuple(companions))


def _stop(row: Row) -> Stop | None:
    country, days = _country(row), _days(row)
    return Stop(country, row.typed["place"], *days) if country and days else None


def _companion(row: Row) -> Companion | None:
    if row.typed["relationship"] not in RELATIONSHIPS:
        row.wrong["relationship"] = _("Choose a relationship, or leave the whole row blank.")
    country, days = _country(row), _days(row)
    return (
        Companion(row.typed["relationship"], country, *days) if country and days and not row.wrong else None
    )


def _country(row: Row) -> str | None:
    code = code_of(row.typed["country"])
    if code is None:
        row.wrong["country"] = _("Choose a country from the list, or give its code of two letters.")
    return code


def _days(row: Row) -> tuple[datetime, datetime] | None:
    made = {}
    for name in ("from", "until"):
        try:
            made[name] = date.fromisoformat(row.typed[name])
        except ValueError:
            row.wrong[name] = _("Give a day, as 2026-11-03.")
    if len(made) < len(("from", "until")):
        return None
    if made["until"] < made["from"]:
        row.wrong["until"] = _("The last day comes before the first.")
        return None
    return _midnight(made["from"]), _midnight(made["until"]) + DAY


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
