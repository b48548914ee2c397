"""A view of a case as CASE/UCO JSON-LD: the investigation, evidence with digests, every custody act, who and when.

Classes and properties are those of CASE 1.5 on UCO 1.5 (caseontology.org); ours would only be read by us.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sealtrace.clock import stamp

from .disclosure import View
from .model import Act, Actor, Department, Item, ItemKind
from .rules import CUSTODY

SPACE = UUID("6f6c3f2e-6a0f-5b7e-9c0b-7d0f5a3a9b61")
BASE = "urn:sealtrace:case:"
CONTEXT = {
    "kb": BASE,
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def graph(view: View, org: str, at: datetime) -> bytes:
    """Write the view as one JSON-LD graph. The same view and time give the same bytes."""
    made = {"@context": CONTEXT, "@graph": list(_nodes(view, org, at))}
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _id(view: View, kind: str, *names: str) -> str:
    return f"kb:{kind}-{uuid5(SPACE, chr(0).join((view.number, kind, *names)))}"


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _time(at: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": stamp(at)}


def _nodes(view: View, org: str, at: datetime) -> Iterator[dict[str, Any]]:
    people = sorted({act.by for act in view.acts})
    departments = sorted({view.owner, *(p.department for p in people)})
    evidence = view.of(ItemKind.EVIDENCE)
    acts = [(item, act) for item in evidence for act in item.acts if act.what in CUSTODY]
    objects = [_id(view, "evidence", item.id) for item in evidence]
    actions = [_id(view, "action", str(act.entry), item.id) for item, act in acts]
    records = [_id(view, "record", item.id) for item in evidence]
    yield {
        "@id": _id(view, "investigation"), "@type": "case-investigation:Investigation",
        "uco-core:name": f"{view.number}: {view.title}",
        "uco-core:description": f"{org}; {view.kind}, {view.state}, led by {view.owner}; written {stamp(at)}",
        "case-investigation:focus": view.kind.value,
        "uco-core:object": [_ref(name) for name in (*objects, *actions, *records)] or [_ref(_place(view, view.owner))],
    }  # fmt: skip
    for department in departments:
        yield {"@id": _place(view, department), "@type": "uco-identity:Organization",
               "uco-core:name": department.value}  # fmt: skip
    for person in people:
        yield {"@id": _person(view, person), "@type": "uco-identity:Person", "uco-core:name": str(person)}
    for item in evidence:
        yield from _evidence(view, item)
    for item, act in acts:
        yield _action(view, item, act)


def _place(view: View, department: Department) -> str:
    return _id(view, "department", department.value)


def _person(view: View, person: Actor) -> str:
    return _id(view, "person", str(person))


def _evidence(view: View, item: Item) -> Iterator[dict[str, Any]]:
    name = _id(view, "evidence", item.id)
    made: dict[str, Any] = {
        "@id": name, "@type": "uco-observable:File" if item.sha256 else "uco-core:UcoObject",
        "uco-core:name": f"{item.id}: {item.text('title')}",
        "uco-core:description": f"{item.text('kind')}, {item.state}, held by {item.text('holder')}",
    }  # fmt: skip
    if item.sha256 is not None:
        made["uco-core:hasFacet"] = [
            {
                "@id": _id(view, "content", item.id), "@type": "uco-observable:ContentDataFacet",
                "uco-observable:sizeInBytes": {"@type": "xsd:integer", "@value": str(item.fields["size_bytes"])},
                "uco-observable:hash": [{
                    "@id": _id(view, "hash", item.id), "@type": "uco-types:Hash",
                    "uco-types:hashMethod": "SHA256",
                    "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": item.sha256.hex()},
                }],
            }
        ]  # fmt: skip
    yield made
    yield {
        "@id": _id(view, "record", item.id), "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": item.id, "uco-core:object": [_ref(name)],
        "uco-core:description": f"Ledger entries {', '.join(str(a.entry) for a in item.acts)}",
    }  # fmt: skip


def _action(view: View, item: Item, act: Act) -> dict[str, Any]:
    said = "; ".join(
        f"{name}: {value!s}" for name, value in act.fields.items()
        if name in ("purpose", "condition", "method", "seal_no", "offered_to", "part") and value
    )  # fmt: skip
    return {
        "@id": _id(view, "action", str(act.entry), item.id), "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": act.what.value, "uco-core:description": f"Ledger entry {act.entry}, {act.leaf.hex()}. {said}",
        "uco-action:startTime": _time(act.at), "uco-action:endTime": _time(act.at),
        "uco-action:performer": _ref(_person(view, act.by)),
        "uco-action:object": [_ref(_id(view, "evidence", item.id))],
        "uco-action:result": [_ref(_id(view, "record", item.id))],
    }  # fmt: skip
