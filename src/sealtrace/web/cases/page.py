"""One case as its page shows it: items with the steps this person may take on them, chains, seats, a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from sealtrace.cases import rules
from sealtrace.cases.disclosure import View
from sealtrace.cases.model import Act, Case, Item, ItemKind, SubjectKind, What
from sealtrace.cases.words import TEXT, say
from sealtrace.errors import Denied, DutiesNotSeparated, SealtraceError
from sealtrace.trade.reasons import named

from .steps import STEPS, Step

LABEL_FIELDS = ("title", "text", "subject", "ref", "grounds", "form")


@dataclass(frozen=True, slots=True)
class Offered:
    """A step this person may take now, as a form."""

    name: str
    step: Step
    item: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its words, and what may be done with it."""

    item: Item
    label: str
    state: str
    steps: tuple[Offered, ...]
    acts: tuple[dict[str, Any], ...]
    second: str = ""
    """Why this person can't take the second seat; empty when they can."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the timeline: an act in the ledger, something reported, something due."""

    at: datetime
    kind: str
    text: str
    by: str = ""
    entry: int | None = None


def word(name: str, language: str) -> str:
    """The word of a state, step, department or check of the customs desk; itself when it has none."""
    return say(name, language) if name in TEXT else named(name, language)


def label(item: Item) -> str:
    """What an item is called in a list."""
    return next((item.text(n) for n in LABEL_FIELDS if item.text(n)), item.id)


def _case(view: View) -> Case:
    """The case as far as it is seen, for asking the rules. Nothing hidden is in it."""
    return Case(
        view.number, view.kind, view.owner, view.title, view.state, view.acts[0], view.items, view.acts
    )


def _refusal(view: View, step: Step, item: Item | None) -> SealtraceError | None:  # noqa: PLR0911 (one line for each ground)
    """Why the rules refuse this person a step, before anything is filled in; None when they do not."""
    if not view.joined and step.what is not What.REFERRAL_ACCEPTED:
        return Denied("not joined")
    if view.state == rules.CLOSED and step.what not in rules.AFTER_CLOSING:
        return Denied("closed")
    if step.what is What.REOPENED and view.state != rules.CLOSED:
        return Denied("open")
    if step.what is What.APPEALED:
        return None if item is not None and item.state == "signed" else Denied("not signed")
    if item is not None and item.state not in rules.STEPS[step.what].before:
        return Denied("not in this state")
    try:
        rules.must_allow(_case(view), step.what, view.viewer, item, {})
    except SealtraceError as refused:
        return refused
    return None


def offered(view: View, item: Item | None = None) -> tuple[Offered, ...]:
    """The steps this person may take on an item, or on the case."""
    kind = item.kind if item else None
    return tuple(
        Offered(name, step, item.id if item else "")
        for name, step in STEPS.items()
        if step.kind is kind and _refusal(view, step, item) is None
    )


def rows(view: View, kind: ItemKind, language: str) -> list[Row]:
    """The items of a kind, oldest first."""
    return [row(view, item, language) for item in view.of(kind)]


def row(view: View, item: Item, language: str) -> Row:
    """One item."""
    acts = tuple(
        {"what": word(act.what.value, language), "by": act.by, "at": act.at, "entry": act.entry,
         "said": _said(act)} for act in item.acts
    )  # fmt: skip
    second = ""
    if item.kind is ItemKind.OUTCOME and item.state == "proposed":
        refusal = _refusal(view, STEPS["sign-outcome"], item)
        second = "same" if isinstance(refusal, DutiesNotSeparated) else "owner" if refusal else ""
    return Row(item, label(item), word(f"state.{item.state}", language), offered(view, item), acts, second)


def _said(act: Act) -> str:
    """What was said with an act, for its line in a chain."""
    names = (
        "purpose",
        "condition",
        "reason",
        "answer",
        "decision",
        "method",
        "result",
        "where",
        "offered_to",
        "holder",
    )
    return " · ".join(str(act.fields[n]) for n in names if act.fields.get(n))


def timeline(view: View, language: str) -> list[Moment]:
    """Everything with a time that this person may see, in order; readings stand in their own list."""
    made = [
        Moment(a.at, "ledger", f"{word(a.what.value, language)} {a.item}".strip(), str(a.by), a.entry)
        for a in view.acts
        if a.what is not What.READ
    ]
    for item in view.items.values():
        if item.kind is ItemKind.EVENT:
            at = datetime.fromisoformat(item.text("happened_at"))
            made.append(Moment(at, "reported", item.text("text"), item.text("source")))
        if item.due and item.state in ("open", "running", "offered", "proposed"):
            made.append(Moment(item.due, "due", f"{item.id} {label(item)}"))
        if item.kind is ItemKind.OUTCOME and item.state == "signed":
            until = datetime.fromisoformat(item.text("appeal_until"))
            made.append(Moment(until, "due", f"{item.id} {word('appeal until', language)}"))
    return sorted(made, key=lambda m: m.at)


def next_due(view: View) -> datetime | None:
    """The earliest time limit that still runs."""
    running = {(ItemKind.TASK, "open"), (ItemKind.DEADLINE, "running"), (ItemKind.REFERRAL, "offered")}
    return min((i.due for i in view.items.values() if i.due and (i.kind, i.state) in running), default=None)


def severity(view: View) -> str:
    """How grave the lead said it is; others do not see the opening act."""
    first = view.acts[0] if view.acts else None
    given = first.fields.get("severity") if first and first.what is What.OPENED else None
    return str(given or "")


def context(view: View, language: str) -> dict[str, Any]:
    """Everything the page shows."""
    readings = [a for a in view.acts if a.what is What.READ]
    return {
        "view": view, "severity": severity(view), "kind": word(f"kind.{view.kind}", language),
        "state": word(f"state.{view.state}", language), "owner": word(view.owner, language),
        "mine": word(view.viewer.department, language), "whole": offered(view),
        "timeline": timeline(view, language), "readings": readings[-10:], "readings_all": len(readings),
        "referable": [
            (i.id, label(i)) for i in view.items.values()
            if i.department is view.viewer.department and i.kind not in (ItemKind.REFERRAL, ItemKind.DISCLOSURE)
        ],
        **{f"{kind.name.lower()}s": rows(view, kind, language) for kind in ItemKind},
    }  # fmt: skip


def together_address(view: View) -> str:
    """Where the traces that this case names are weighed together; nothing with fewer than two, or no such page here."""
    traces = [
        i.text("ref") for i in view.items.values()
        if i.kind is ItemKind.SUBJECT and i.text("kind") == SubjectKind.TRACE
    ]  # fmt: skip
    try:
        address = reverse("trace-together")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode([('trace', name) for name in traces])}" if len(traces) > 1 else ""
