"""Small parts of the screens about people: words of codes, states with their shape, days between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from django import template
from django.template import Context
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext

from sealtrace.errors import FieldWrong, SealtraceError
from sealtrace.people.imports import RowError
from sealtrace.policy import engine
from sealtrace.policy.model import Actor
from sealtrace.posts.basis import add_months
from sealtrace.posts.places import Designated
from sealtrace.posts.rules import ENDED, Record

from ...frame import problems
from ...frame.templatetags.parts import icon
from ...frame.views import words_of
from .. import words

register = template.Library()


@register.filter
def named(code: object, kind: str) -> str:
    """The words of a code of a kind: `{{ grade|named:"grade" }}`."""
    return words.word(kind, code)


@register.filter
def listing(codes: Iterable[object], kind: str) -> str:
    """Several codes in words, divided as the language does it."""
    return pgettext("between the items of a list", ", ").join(words.word(kind, code) for code in codes)


@register.simple_tag
def restriction_state(status: object) -> SafeString:
    """The tag of a restriction's state: icon, border and word; red is for failures only."""
    code = str(status)
    tone = format_html(' data-tone="{}"', words.TONE[code]) if code in words.TONE else ""
    return format_html(
        '<span class="tag"{}>{}{}</span>',
        tone,
        icon(words.ICON.get(code, "note")),
        words.word("status", code),
    )


@register.filter
def spoken(texts: Mapping[str, str]) -> str:
    """The text in the language of the page."""
    return texts["en" if (get_language() or "").startswith("en") else "zh"]


@register.filter
def day(at: datetime | date | None) -> str:
    """A day, as 2026-11-03."""
    return "–" if at is None else f"{at:%Y-%m-%d}"


@register.filter
def last_day(at: datetime) -> str:
    """The last day on which something holds whose end is the first moment without it."""
    return f"{at - timedelta(seconds=1):%Y-%m-%d}"


@register.filter
def days_until(at: datetime, now: datetime) -> str:
    """How far off a moment is, in whole days."""
    left = (at - now) // timedelta(days=1)
    if left == 0:
        return pgettext("a day", "today")
    if left > 0:
        return ngettext("in %(n)d day", "in %(n)d days", left) % {"n": left}
    return ngettext("%(n)d day ago", "%(n)d days ago", -left) % {"n": -left}


@register.filter
def after_days(at: datetime, days: int) -> datetime:
    """A moment some days later."""
    return at + timedelta(days=days)


@register.filter
def months_paid(record: Record, now: datetime) -> tuple[int, int]:
    """Months of compensation paid, and months that have fallen due so far."""
    r, due = record.restriction, 0
    while add_months(r.starts_at, due + 1) <= min(now, r.ends_at):
        due += 1
    return len(record.paid_months), due


@register.filter
def has_ended(status: object) -> bool:
    """Whether a restriction is over, for whatever reason."""
    return status in ENDED


@register.filter
def field_lines(value: object) -> list[str]:
    """What a field of a profile says, one item a line: names with their source, employments with their days."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        return [str(value)]
    return [_line(one) for one in value]


def _line(one: object) -> str:
    if not isinstance(one, (list, tuple)):
        return str(one)
    parts = [str(part) for part in one if part]
    if len(one) == 2:  # a name with its source
        return f"{parts[0]} ({words.word('source', parts[1])})"
    return " · ".join(parts)


@register.simple_tag
def place(name: str, actor: Actor) -> str:
    """The address of a page of another part; blank where there is none, or the policy does not let them open it."""
    try:
        address = reverse(name)
    except NoReverseMatch:
        return ""
    action = getattr(resolve(address).func, "action", None)
    return address if action is not None and allowed_here(action, actor) else ""


@register.filter
def as_moment(at: datetime) -> str:
    """A moment as a field of a form takes it: a day."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


@register.inclusion_tag("people/_wrong.html")
def refusal(wrong: SealtraceError | None) -> dict[str, object]:
    """Why something could not be done, on top of the page: what is wrong, what to do; nothing was changed."""
    if not wrong:
        return {"text": ""}
    text, advice, detail = words_of(wrong)
    if isinstance(wrong, FieldWrong):
        text, advice, detail = wrong.message, wrong.hint, ""
    return {"text": text, "advice": advice, "detail": detail}


@register.simple_tag
def row_error(error: RowError) -> tuple[str, str]:
    """Why a row was refused, and the detail in English on a Chinese page."""
    return problems.row_words(error, get_language() or "")


@register.inclusion_tag("people/_field.html", takes_context=True)
def field(
    context: Context, name: str, label: str, kind: str = "line", hint: str = "", form: str = "", value: object = "",
    choices: Iterable[object] = (), of: str = "", optional: bool = False,
) -> dict[str, object]:  # fmt: skip
    """A field of a form: label, hint, what was typed, and the error beside it.

    kind: line, code, area, day, choice. `form` names the form where a page has several, so that only the one that was
    sent keeps what was typed. `of` is the kind of words its choices have.
    """
    sent = not form or context.get("form") == form
    said, wrong = context.get("said") or {}, context.get("wrong")
    bad = wrong if sent and isinstance(wrong, FieldWrong) and wrong.field == name else None
    options = [(str(c), words.word(of, c) if of else str(c)) for c in choices]
    return {
        "name": name, "label": label, "kind": kind, "hint": hint, "id": f"{form}-{name}" if form else name,
        "value": (said.get(name) if sent and said.get(name) is not None else value), "options": options,
        "bad": bad, "optional": optional,
    }  # fmt: skip


@register.filter
def allowed_here(action: str, actor: Actor) -> bool:
    """Whether the policy lets somebody do this, or would after a confirmation."""
    decision = engine.decide(actor, action)
    return decision.allowed or decision.step_up


@register.filter
def holds_at(designated: Designated, now: datetime) -> bool:
    """Whether a designation holds."""
    return designated.holds(now)


@register.filter
def cooled_off(designated: Designated) -> datetime:
    """The first moment at which another post may follow."""
    return add_months(designated.ends_at, designated.post.cooling_off_months)


@register.filter
def given(table: Mapping[object, object], key: object) -> object:
    """What a table holds under a key, or nothing."""
    return table.get(key)


@register.filter
def is_new(line: str, before: object) -> bool:
    """Whether a line was not among those before."""
    return line not in field_lines(before)


@register.filter
def next_unpaid(record: Record) -> int:
    """The first month without a payment, the first month being 1."""
    return next(n for n in range(1, 1000) if n - 1 not in record.paid_months)
