"""A view of a case as a STIX 2.1 bundle, for departments that exchange in that form.

Only what the view shows is written. What STIX has no object for (declarations, licences, physical evidence) is a note
with a property extension under one extension definition: whoever does not know the extension still reads the note,
and there are no bare custom properties or types (OASIS STIX 2.1, 7.3). Identifiers are
derived from the case and the item, so that the same item exported twice is the same object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from .disclosure import View
from .model import Department, Item, ItemKind
from .rules import CUSTODY

SPACE = UUID("6f6c3f2e-6a0f-5b7e-9c0b-7d0f5a3a9b61")
EXTENSION = "extension-definition--8d0c5a51-9f7e-5c0e-8a34-0f2b6c1d7e90"
SCO_SPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of STIX 2.1 for cyber-observables, 2.9."""
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
TLP_2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
SHOWN = (
    "kind", "ref", "text", "title", "typology", "statute", "confidence", "result", "basis", "alternatives", "element",
    "goods_mg", "value_minor", "penalty_minor", "currency", "where", "method", "authority", "acquired_at", "seal_no",
    "source", "happened_at", "due", "assignee",
)  # fmt: skip


def bundle(view: View, org: str, at: datetime) -> bytes:
    """Write the view as a bundle of objects marked TLP:AMBER. The same view and time give the same bytes."""
    made = list(_objects(view, org, at))
    whole = {"type": "bundle", "id": _id("bundle", view.number, at.isoformat()), "objects": made}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _id(kind: str, *names: str) -> str:
    return f"{kind}--{uuid5(SPACE, chr(0).join((kind, *names)))}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _objects(view: View, org: str, at: datetime) -> Iterator[dict[str, Any]]:
    office = _id("identity", org)
    yield _object("identity", office, at, None, name=org, identity_class="organization")
    for department in sorted({view.owner, *(i.department for i in view.items.values())}):
        yield _object("identity", _department(department), at, office, name=department.value,
                      identity_class="organization")  # fmt: skip
    yield _object(
        "extension-definition", EXTENSION, datetime(2026, 1, 1, tzinfo=UTC), office, name="Sealtrace case",
        schema="What a joint case says of an item: its kind, state, fields, and its chain of custody.",
        version="1.0", extension_types=["property-extension"],
    )  # fmt: skip
    yield {
        "type": "marking-definition", "spec_version": "2.1", "id": AMBER, "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:AMBER", "extensions": {TLP_2: {"extension_type": "property-extension", "tlp_2_0": "amber"}},
    }  # fmt: skip
    refs = []
    for item in view.items.values():
        for made in _item(view, item):
            refs.append(made["id"])
            yield made
    yield _object(
        "grouping", _id("grouping", view.number), _opened(view, at), office, context="suspicious-activity",
        name=f"{view.number}: {view.title}", object_refs=refs or [office], object_marking_refs=[AMBER],
        extensions=_extended(kind=view.kind.value, state=view.state, owner=view.owner.value),
    )  # fmt: skip


def _opened(view: View, at: datetime) -> datetime:
    return view.acts[0].at if view.acts else at


def _department(department: Department) -> str:
    return _id("identity", "department", department.value)


def _object(kind: str, id_: str, at: datetime, by: str | None, **more: Any) -> dict[str, Any]:
    made = {
        "type": kind,
        "spec_version": "2.1",
        "id": id_,
        "created": _time(at),
        "modified": _time(at),
        **more,
    }
    return made | ({"created_by_ref": by} if by else {})


def _extended(**said: Any) -> dict[str, Any]:
    return {EXTENSION: {"extension_type": "property-extension", **said}}


def _item(view: View, item: Item) -> Iterator[dict[str, Any]]:
    """Objects of one item. Evidence with a file is an observation of that file; what has no form of its own, a note."""
    first, by = item.acts[0], _department(item.department)
    fields = {name: item.fields[name] for name in SHOWN if item.fields.get(name) is not None}
    said: dict[str, Any] = {
        "item": item.id,
        "item_kind": item.kind.name.lower(),
        "state": item.state,
        "fields": fields,
    }
    if item.kind is ItemKind.EVIDENCE:
        custody: list[dict[str, Any]] = [
            {"what": a.what.value, "by": str(a.by), "at": _time(a.at), "entry": a.entry, "leaf": a.leaf.hex()}
            for a in item.acts if a.what in CUSTODY
        ]  # fmt: skip
        said["custody"] = custody
    common = {"object_marking_refs": [AMBER], "extensions": _extended(**said)}
    if item.kind is ItemKind.EVIDENCE and item.sha256 is not None:
        hashes = {"SHA-256": item.sha256.hex()}
        name = (
            f"file--{uuid5(SCO_SPACE, json.dumps({'hashes': hashes}, separators=(',', ':'), sort_keys=True))}"
        )
        yield {"type": "file", "spec_version": "2.1", "id": name, "hashes": hashes, "name": item.text("title"),
               "size": item.fields["size_bytes"]}  # fmt: skip
        yield _object(
            "observed-data", _id("observed-data", view.number, item.id), first.at, by, object_refs=[name],
            first_observed=_time(datetime.fromisoformat(item.text("acquired_at"))), number_observed=1,
            last_observed=_time(datetime.fromisoformat(item.text("acquired_at"))), **common,
        )  # fmt: skip
        return
    abstract = f"{item.kind.name.lower()} {item.id}, {item.state}"
    content = (
        item.text("text") or item.text("title") or item.text("subject") or item.text("grounds") or item.state
    )
    yield _object("note", _id("note", view.number, item.id), first.at, by, abstract=abstract, content=content,
                  object_refs=[_id("grouping", view.number)], **common)  # fmt: skip
