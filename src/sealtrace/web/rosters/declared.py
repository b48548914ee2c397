"""What somebody who brings a roster declares about it: a form that keeps what was typed, and the engine's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from sealtrace.errors import UsageProblem
from sealtrace.watch.desk import Source
from sealtrace.watch.rosters import FIELDS

LONGEST = 300
COUNTRY_LETTERS = 2
DECLARED: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "publisher": (gettext_lazy("Who published it"), ""),
    "address": (gettext_lazy("Where it was published"), gettext_lazy("The address of the page or file")),
    "retrieved": (gettext_lazy("When it was retrieved"), gettext_lazy("Day and time, UTC: 2026-11-03 09:14")),
    "activity": (
        gettext_lazy("The roster’s field of work"),
        gettext_lazy(
            "In the words of the restrictions; only people whose restriction covers it are compared"
        ),
    ),
    "territory": (gettext_lazy("Country"), gettext_lazy("Two letters, such as MY")),
    "purpose": (
        gettext_lazy("What it is looked at for"),
        gettext_lazy("Everybody compared reads this on the own page"),
    ),
    "lawful_because": (
        gettext_lazy("Why it may be used for that"),
        gettext_lazy("Such as: published by the organisation itself for everybody"),
    ),
}
COLUMNS: Mapping[str, str | Promise] = {
    "name": pgettext_lazy("person", "Name"), "employer": gettext_lazy("Former employer"),
    "speciality": gettext_lazy("Speciality"), "school": gettext_lazy("School"), "birth": gettext_lazy("Year of birth"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form, with what was typed."""

    name: str
    word: str | Promise
    hint: str | Promise
    value: str


def typed(post: QueryDict | Mapping[str, str]) -> dict[str, str]:
    """What was typed, field by field, trimmed."""
    names = (*DECLARED, *(f"column_{field}" for field in FIELDS))
    return {name: str(post.get(name, "")).strip()[:LONGEST] for name in names}


def fields(said: Mapping[str, str]) -> list[Field]:
    """The fields that declare the roster."""
    return [Field(name, word, hint, said.get(name, "")) for name, (word, hint) in DECLARED.items()]


def headings(said: Mapping[str, str]) -> list[Field]:
    """The fields that say which heading is what, where the roster's own are not known by themselves."""
    return [Field(f"column_{f}", COLUMNS[f], "", said.get(f"column_{f}", "")) for f in FIELDS]


def columns(said: Mapping[str, str]) -> dict[str, str]:
    """Which heading is which field, where it was said."""
    return {f: said[f"column_{f}"] for f in FIELDS if said.get(f"column_{f}")}


def source(said: Mapping[str, str]) -> Source:
    """The declaration as the engine takes it.

    Raises:
        UsageProblem: a field is blank, or the time can't be read or is to come.
    """
    blank = [str(word) for name, (word, _hint) in DECLARED.items() if not said[name]]
    if blank:
        raise UsageProblem(
            _("Not filled in: %(fields)s.") % {"fields": ", ".join(blank)},
            advice=_("A roster is read only once its source and its purpose are declared."),
        )
    territory = said["territory"].upper()
    if len(territory) != COUNTRY_LETTERS or not territory.isascii() or not territory.isalpha():
        raise UsageProblem(_("A country is two letters, such as MY."))
    return Source(
        said["address"], said["publisher"], said["purpose"], said["lawful_because"], said["activity"], territory,
        _moment(said["retrieved"]),
    )  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError as e:
        raise UsageProblem(
            _("%(text)s is no time.") % {"text": text}, advice=_("Write it as 2026-11-03 09:14.")
        ) from e
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if found > timezone.now():
        raise UsageProblem(_("The roster can’t have been retrieved in the future."))
    return found
