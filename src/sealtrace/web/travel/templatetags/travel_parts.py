"""The small parts of the travel screens: words of steps and titles, countries, days, how long a clock still runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from sealtrace.errors import SealtraceError
from sealtrace.people.imports import RowError
from sealtrace.people.model import Person
from sealtrace.policy import engine
from sealtrace.travel import rules
from sealtrace.travel.journeys import Journey
from sealtrace.travel.rules import Title

from ...frame import problems
from ...frame.views import words_of
from .. import countries, words

register = template.Library()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@register.filter
def country(code: str) -> str:
    """The name of a country in the language in use."""
    return countries.name_of(code)


@register.filter
def where(journey: Journey) -> str:
    """The countries of a journey, each once, in order."""
    names = dict.fromkeys(countries.name_of(stop.country) for stop in journey.plan.stops)
    return " · ".join(names)


@register.filter
def todo(what: str) -> str:
    """What is to be done, in words."""
    return str(words.TO_DO.get(what, what))


@register.filter
def step(kind: str) -> str:
    """What was done, in words."""
    return str(words.STEPS.get(kind, kind))


@register.filter
def title_of(name: str) -> str:
    """A title of custody in words."""
    return words.title(str(name))


@register.filter
def title_hint(name: str) -> str:
    """What a title carries."""
    return str(words.TITLES[Title(str(name))][1])


@register.filter
def reason(text: str) -> str:
    """Reasons as they were written; the rules' own words for none in the language in use."""
    return pgettext("decision", "no objection") if text == rules.NO_OBJECTION else text


@register.filter
def relation(name: str) -> str:
    """A relationship in words."""
    return str(words.RELATIONSHIPS.get(name, name))


@register.filter
def last_day(end: datetime) -> str:
    """The last day before a moment at which something is over."""
    return f"{end - timedelta(seconds=1):%Y-%m-%d}"


@register.filter
def minute(at: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


@register.filter
def left(due: datetime, now: datetime) -> str:
    """How long it is until a moment, or how long it is past."""
    if due <= now:
        return _("overdue by %(time)s") % {"time": _long(now - due)}
    return _("%(time)s left") % {"time": _long(due - now)}


def _long(time: timedelta) -> str:
    if time >= 2 * DAY:
        return ngettext("%(n)d day", "%(n)d days", time.days) % {"n": time.days}
    hours, rest = divmod(int(time.total_seconds()), 3600)
    if hours:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    minutes = rest // 60
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


@register.filter
def called(person: Person) -> str:
    """A person's names, each once."""
    return " · ".join(dict.fromkeys(name.text for name in person.names))


@register.filter
def phase(journey: Journey) -> str:
    """Where a journey stands, as one word for its tag."""
    if "withdrawn" in journey.happened:
        return "withdrawn"
    if journey.decision is not None:
        return "allowed" if journey.decision.allowed else "refused"
    return "waiting" if journey.required else "declared"


@register.simple_tag
def explain(error: SealtraceError) -> tuple[str, str, str]:
    """What is wrong, what to do, and the detail, in the language in use."""
    return words_of(error)


@register.simple_tag
def row_error(error: RowError) -> tuple[str, str]:
    """Why a row was refused, and the detail in English on a Chinese page."""
    return problems.row_words(error, get_language() or "")


@register.simple_tag
def stay_ids(prefix: str, number: int) -> dict[str, str]:
    """The ids of one row's fields, as the list of errors links to them."""
    return {
        name: f"{prefix}-{number}-{name}" for name in ("country", "place", "from", "until", "relationship")
    }


NEEDS = {"weigh": "journey:weigh", "keep": "document:keep", "assess": "module:assess", "approve": "module:approve",
         "appoint": "officer:appoint"}  # fmt: skip


@register.simple_tag(takes_context=True)
def may_go(context: dict[str, object]) -> dict[str, bool]:
    """Which sides of travel this person may use, a confirmation apart."""
    actor = context["actor"]
    made = {}
    for name, action in NEEDS.items():
        decision = engine.decide(actor, action)  # type: ignore[arg-type]  # the frame put it there
        made[name] = decision.allowed or decision.step_up
    return made
