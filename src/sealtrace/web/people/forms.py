"""Posted fields of the screens about people as values; a field that does not fit is an error that names it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sealtrace.errors import FieldWrong, ProfileUnlawful
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.people.store import as_record
from sealtrace.posts.designating import Offer
from sealtrace.posts.model import Scope
from sealtrace.posts.proposals import Terms

DAY = timedelta(days=1)
EARLIEST, LATEST = 1900, 2100
LISTS = ("specialities", "education", "projects", "publications")


def wrong_field(field: str, message: str) -> FieldWrong:
    """The error that names a field."""
    made = FieldWrong(message, advice=_("Correct the field; what you typed is kept."))
    made.field = field
    return made


def text(said: QueryDict, field: str, label: str | Promise) -> str:
    """A line or text that must be there. Raises FieldWrong."""
    found = said.get(field, "").strip()
    if not found:
        raise wrong_field(field, _("%(label)s: nothing was given") % {"label": label})
    return found


def lines(said: QueryDict, field: str) -> tuple[str, ...]:
    """A text area with one item a line."""
    return tuple(line.strip() for line in said.get(field, "").splitlines() if line.strip())


def day(said: QueryDict, field: str, label: str | Promise) -> date:
    """A day as 2026-11-03. Raises FieldWrong."""
    given = text(said, field, label)
    try:
        return date.fromisoformat(given)
    except ValueError as e:
        problem = _("%(label)s: %(given)s is no day; write it as 2026-11-03")
        raise wrong_field(field, problem % {"label": label, "given": given}) from e


def begins(said: QueryDict, field: str, label: str | Promise) -> datetime:
    """The first second of a day, in UTC."""
    return datetime.combine(day(said, field, label), time(), UTC)


def until(said: QueryDict, field: str, label: str | Promise) -> datetime:
    """The first second after a last day, in UTC: an end is outside."""
    return begins(said, field, label) + DAY


def year(said: QueryDict, field: str) -> int | None:
    """A year of birth, or none. Raises FieldWrong."""
    given = said.get(field, "").strip()
    if not given:
        return None
    if not given.isdecimal() or not EARLIEST <= int(given) <= LATEST:
        raise wrong_field(field, _("%(given)s is no year of birth") % {"given": given})
    return int(given)


def employments(said: QueryDict, field: str = "employments") -> tuple[Employment, ...]:
    """Employments, one a line: employer | role | first day | last day. Raises FieldWrong."""
    made = []
    for line in lines(said, field):
        employer, role, start, end = ([part.strip() for part in line.split("|")] + ["", "", "", ""])[:4]
        try:
            last = date.fromisoformat(end) + DAY if end else None
            made.append(Employment(employer, role, date.fromisoformat(start), last))
        except (ValueError, ProfileUnlawful) as e:
            problem = _("“%(line)s” is no employment: employer | role | first day | last day")
            raise wrong_field(field, problem % {"line": line}) from e
    return tuple(made)


def employment_line(one: Employment) -> str:
    """An employment as `employments` reads it."""
    last = f"{one.ends_on - DAY:%Y-%m-%d}" if one.ends_on else ""
    return f"{one.employer} | {one.role} | {one.starts_on:%Y-%m-%d} | {last}"


def person(said: QueryDict) -> tuple[Person, tuple[str, ...]]:
    """A person to enter, with the accounts of the house that are theirs."""
    names = [PersonName(n, Source.EMPLOYER) for n in lines(said, "names")]
    if not names:
        raise wrong_field("names", _("%(label)s: nothing was given") % {"label": _("Names")})
    names += [PersonName(n, Source.PASSPORT) for n in lines(said, "spellings")]
    made = Person(
        "new", tuple(names), lines(said, "specialities"), lines(said, "education"), lines(said, "projects"),
        lines(said, "publications"), employments(said), year(said, "birth_year"),
    )  # fmt: skip
    return made, tuple(said.get("accounts", "").split())


def new_value(before: Person, field: str, said: QueryDict) -> Any:
    """The value of one field as it was typed; names typed here are added, as the employer's word."""
    if field == "names":
        return (*before.names, *(PersonName(n, Source.EMPLOYER) for n in lines(said, "value")))
    if field == "employments":
        return employments(said, "value")
    if field == "birth_year":
        return year(said, "value")
    if field not in LISTS:
        raise wrong_field("field", _("This field is given by the person alone."))
    return lines(said, "value")


def editable(before: Person) -> dict[str, str]:
    """What stands in each field that the office may propose to change, as its text area shows it."""
    record = as_record(before)
    shown = {field: "\n".join(record[field]) for field in LISTS}
    return {
        "names": "", **shown, "employments": "\n".join(employment_line(e) for e in before.employments),
        "birth_year": str(before.birth_year or ""),
    }  # fmt: skip


def terms(said: QueryDict) -> Terms:
    """A proposed restriction."""
    starts, ends = begins(said, "starts", _("First day")), until(said, "ends", _("Last day"))
    return Terms(
        text(said, "authority", _("Deciding authority")), text(said, "basis", _("Legal basis")),
        text(said, "grade", _("Grade")),
        Scope(
            text(said, "activity", _("Activity")), text(said, "territory", _("Territory")),
            lines(said, "employers"),
        ),
        text(said, "reasons", _("Reasons")), starts, ends,
        compensation_agreed=said.get("compensation") == "yes", files=tuple(said.get("files", "").split()),
    )  # fmt: skip


def offer(said: QueryDict) -> Offer:
    """A proposed designation."""
    return Offer(
        text(said, "post", _("Post")), text(said, "authority", _("Deciding authority")),
        text(said, "document", _("Document")), begins(said, "starts", _("First day")),
        until(said, "ends", _("Last day")),
    )  # fmt: skip
