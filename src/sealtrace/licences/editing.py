"""Edits of a control list or of case rules, field by field: a document and fields in, the next document out. Pure.

Nothing is deleted: an entry ends on a day, a rule that changes is ended and written anew, an instrument gets a further
event. So a past day is still judged as it was. Whether the result is whole, `library.draft` checks.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sealtrace.errors import UsageProblem

from .review.routing import SETS

Document = Mapping[str, Any]
ENTRY_TEXTS = (
    "code",
    "instrument",
    "part",
    "form",
    "family",
    "zh",
    "en",
    "from",
    "to",
    "known",
    "source",
    "confidence",
)
ENTRY_LISTS = ("elements", "hs", "words", "classes")
EVENT_TEXTS = ("event", "date", "known", "until", "by", "source", "confidence")
CONFIDENCE = ("high", "medium", "low")


def begin(document: Document, version: str) -> dict[str, Any]:
    """The document as the next version of itself, to be edited."""
    return {**copy.deepcopy(dict(document)), "version": version}


def row(document: Document, part: str, name: str) -> dict[str, Any]:
    """A row of a part by its code or id: the newest of that name. Raises UsageProblem."""
    rows: list[dict[str, Any]] = list(document.get(part, ()))
    found = [r for r in rows if name in (r.get("code"), r.get("id"))]
    if not found:
        raise UsageProblem(f"{part} have no {name!r}")
    newest: dict[str, Any] = max(found, key=lambda r: str(r.get("from", "")))
    return dict(newest)


def with_entry(document: Document, code: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Put an entry in, in place of the one with this code; with an empty code as a new one, behind the last.

    `typed` has texts and lists of texts by the names of ENTRY_TEXTS and ENTRY_LISTS, `open`, and `named`: lines of
    a closed list, each `Chinese | English | elements`. What is empty is left out; what is not typed stays.
    """
    new = copy.deepcopy(dict(document))
    rows = new["entries"] = list(new["entries"])
    before = row(document, "entries", code) if code else {}
    made = _typed(before, typed, ENTRY_TEXTS, ENTRY_LISTS)
    made |= {"open": True} if typed.get("open") else {}
    if not typed.get("open"):
        made.pop("open", None)
    if "named" in typed:
        made["named"] = [_named(line, before) for line in typed["named"]]
        if not made["named"]:
            del made["named"]
    at = next((i for i, r in enumerate(rows) if code and r["code"] == code), None)
    if at is None:
        rows.append(made)
    else:
        rows[at] = made
    return new


def _typed(
    before: Mapping[str, Any], typed: Mapping[str, Any], texts: tuple[str, ...], lists: tuple[str, ...]
) -> dict[str, Any]:
    made = dict(before)
    for name in (*texts, *lists):
        if name in typed:
            made[name] = typed[name]
            if not made[name]:
                del made[name]
    return made


def _named(line: str, before: Mapping[str, Any]) -> dict[str, Any]:
    parts = [p.strip() for p in line.split("|")]
    if len(parts) != 3 or not parts[0] or not parts[2]:
        raise UsageProblem(f"a line of a closed list is written Chinese | English | elements, not {line!r}")
    known: dict[str, Any] = next((dict(n) for n in before.get("named", ()) if n["zh"] == parts[0]), {})
    return {**known, "zh": parts[0], "en": parts[1], "of": parts[2].replace(",", " ").split()}


def with_event(document: Document, instrument: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Add an event to an instrument: suspended until a day, resumed, amended, repealed and so on."""
    new = copy.deepcopy(dict(document))
    found = next((i for i in new["instruments"] if i["id"] == instrument), None)
    if found is None:
        raise UsageProblem(f"the list has no instrument {instrument!r}")
    found["events"] = [*found["events"], _typed({}, typed, EVENT_TEXTS, ("parts",))]
    return new


def with_instrument(document: Document, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Add an instrument that was published on a day."""
    new = copy.deepcopy(dict(document))
    if any(i["id"] == typed["id"] for i in new["instruments"]):
        raise UsageProblem(f"the instrument {typed['id']!r} is on the list already")
    published = {
        "event": "published",
        "date": typed["date"],
        "source": typed.get("source", ""),
        "confidence": "high",
    }
    title = {"zh": typed["zh"], "en": typed["en"]}
    new["instruments"] = [*new["instruments"], {"id": typed["id"], "title": title, "events": [published]}]
    return new


def with_rule(
    document: Document, part: str, name: str, typed: Mapping[str, Any], first: date
) -> dict[str, Any]:
    """Write a flag or route anew from a day on; the one of this name before it ends on the day before.

    `typed` has `id`, `zh`, `en`, `when` and for a route `department`, `parts`, `working_days`. With `ends` the rule
    only ends, on the day before `first`.
    """
    new = copy.deepcopy(dict(document))
    rows = new[part] = list(new[part])
    last = (first - timedelta(days=1)).isoformat()
    for old in rows:
        if (
            name
            and old["id"] == name
            and str(old.get("to", "9999")) > last
            and str(old.get("from", "")) <= last
        ):
            old["to"] = last
    new[part] = rows = [r for r in rows if not (name and r["id"] == name and str(r.get("from", "")) > last)]
    if not typed.get("ends"):
        keys = ("id", "zh", "en", "when", "department", "parts", "working_days")
        rows.append({k: typed[k] for k in keys if typed.get(k)} | {"from": first.isoformat()})
    return new


def with_criterion(document: Document, name: str, zh: str, en: str) -> dict[str, Any]:
    """Put a criterion in, or word one anew. Decisions name criteria by id, so none is taken away."""
    new = copy.deepcopy(dict(document))
    made, rows = {"id": name, "zh": zh, "en": en}, list(new["criteria"])
    at = next((i for i, c in enumerate(rows) if c["id"] == name), None)
    new["criteria"] = [*rows, made] if at is None else [*rows[:at], made, *rows[at + 1 :]]
    return new


def condition(typed: Mapping[str, str]) -> dict[str, Any]:
    """A rule's condition from texts: sets as words between commas, an amount, yes or no."""
    made: dict[str, Any] = {}
    for term in SETS:
        words = [w.strip() for w in typed.get(term, "").replace("，", ",").split(",") if w.strip()]
        if words:
            made[term] = words
    if typed.get("element_kg_from", "").strip():
        made["element_kg_from"] = typed["element_kg_from"].strip()
    if typed.get("consignee_abroad") in ("yes", "no"):
        made["consignee_abroad"] = typed["consignee_abroad"] == "yes"
    return made
