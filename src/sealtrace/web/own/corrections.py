"""One field of the own profile as a form: what is held, to be changed; and what was typed, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sealtrace.errors import UsageProblem
from sealtrace.people.model import Employment, Person, PersonName, Source

from . import words

EMPTY_ROWS = 2


@dataclass(frozen=True, slots=True)
class Form:
    """A field to correct: its name, its word, its text, or its rows of employments."""

    name: str
    word: str | Promise
    text: str = ""
    rows: tuple[tuple[str, str, str, str], ...] = ()


def form(person: Person, name: str) -> Form:
    """The field as it is held."""
    word, value = words.FIELD[name], getattr(person, name)
    if name == "employments":
        held = [(e.employer, e.role, str(e.starts_on), str(e.ends_on or "")) for e in value]
        return Form(name, word, rows=(*held, *[("", "", "", "")] * EMPTY_ROWS))
    if name == "names":
        return Form(name, word, "\n".join(n.text for n in value))
    return Form(name, word, "\n".join(value) if isinstance(value, tuple) else str(value or ""))


def typed(post: QueryDict, name: str) -> Form:
    """The field as it was typed, to show it again."""
    word = words.FIELD[name]
    if name != "employments":
        return Form(name, word, post.get("text", ""))
    columns = [post.getlist(column) for column in ("employer", "role", "from", "until")]
    return Form(name, word, rows=tuple(zip(*columns, strict=False)))


def value(asked: Form, before: Person) -> Any:
    """What the typed form says, as the profile holds it. A name new to the profile is the person's own word.

    Raises:
        UsageProblem: a year or a day can't be read.
        ProfileUnlawful: it does not fit, such as an employment without its employer.
    """
    lines = tuple(dict.fromkeys(line.strip() for line in asked.text.splitlines() if line.strip()))
    if asked.name == "employments":
        rows = [tuple(cell.strip() for cell in row) for row in asked.rows]
        return tuple(
            Employment(e, r, _day(s), _day(u) if u else None) for e, r, s, u in rows if e or r or s or u
        )
    if asked.name == "names":
        known = {n.text: n for n in before.names}
        return tuple(known.get(line) or PersonName(line, Source.SELF) for line in lines)
    if asked.name == "birth_year":
        return _year(asked.text.strip())
    if asked.name == "orcid":
        return asked.text.strip() or None
    return lines


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise UsageProblem(
            _("%(text)s is no day.") % {"text": text or "–"}, advice=_("Write it as 2026-11-30.")
        ) from e


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise UsageProblem(_("%(text)s is no year.") % {"text": text}, advice=_("Write four digits."))
    return int(text)
