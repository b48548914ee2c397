"""An application's and a declaration's form: posted fields to a document, a document to fields. Pure.

What the form does not ask, an earlier version keeps: compositions from other sources, enclosures, further fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

ROLES = (
    "applicant",
    "end_user",
    "consignee",
)  # each has one row of its own; more of them are further parties
FURTHER = ("intermediary", "end_user", "consignee")
PARTY_FIELDS = ("name", "country", "address")
GOODS_FIELDS = ("name_zh", "form", "formula", "gross_kg", "hs")
SOURCES = ("declared_composition", "certificate_composition", "lab_composition", "composition_wt_pct")
UNDERTAKINGS = ("not_military", "not_passed_on", "may_be_verified")
SPARE_ROWS = 1
Document = Mapping[str, Any]


def document(said: QueryDict, before: Document) -> dict[str, Any]:
    """What was typed, as the next version of an application."""
    parties = {p["role"]: p for p in reversed(before.get("parties", []))}
    mine = [_party(said, role, parties.get(role, {})) for role in ROLES]
    terms = {**before.get("terms", {}), "kind": said.get("kind", "single"), "from": said.get("from", ""),
             "to": said.get("to", "")}  # fmt: skip
    return {
        "parties": [*(p for p in mine if p["name"]), *_further(said, before)],
        "goods": goods(said, before.get("goods", [])), "end_use": _end_use(said, before), "terms": terms,
        "documents": list(before.get("documents", [])),
    }  # fmt: skip


def _party(said: QueryDict, role: str, before: Document) -> dict[str, Any]:
    typed = {k: said.get(f"{role}_{k}", "").strip() for k in PARTY_FIELDS}
    return {"id": role, **before, **typed, "role": role, "country": typed["country"].upper()}


def others(held: Document) -> list[Document]:
    """The parties beyond the first of each role that has a row of its own."""
    first = {p["role"]: id(p) for p in reversed(held.get("parties", [])) if p["role"] in ROLES}
    return [p for p in held.get("parties", []) if id(p) not in first.values()]


def _further(said: QueryDict, before: Document) -> list[dict[str, Any]]:
    """The further parties that say anything; all of the earlier version where the form has no rows for them."""
    if "party_id" not in said:
        return [dict(p) for p in others(before)]
    known, made = {p["id"]: p for p in others(before)}, []
    for n, name in enumerate(said.getlist("party_id")):
        typed = {k: _at(said.getlist(f"party_{k}"), n) for k in (*PARTY_FIELDS, "role", "names")}
        if not any(typed[k] for k in PARTY_FIELDS):
            continue
        names = [w.strip() for w in typed.pop("names").replace("；", ";").split(";") if w.strip()]
        row = {
            "id": name,
            **known.get(name, {}),
            **typed,
            "country": typed["country"].upper(),
            "names": names,
        }
        made.append(row if names else {k: v for k, v in row.items() if k != "names"})
    return made


def _end_use(said: QueryDict, before: Document) -> dict[str, Any]:
    held = dict(before.get("end_use", {}))
    held["text"] = said.get("end_use", "").strip()
    if "end_use_site" in said:  # the statement's fields are on the form
        typed = {k: said.get(f"end_use_{k}", "").strip() for k in ("site", "signed_by", "signed_on")}
        held = {k: v for k, v in {**held, **typed}.items() if v or k == "text"}
        held["undertakes"] = [u for u in UNDERTAKINGS if u in said.getlist("undertakes")]
    return held


def goods(said: QueryDict, before: list[Document]) -> list[dict[str, Any]]:
    """The rows of goods that say anything. An amount that is no number stays as typed, for the reader to refuse."""
    known, made = {g["id"]: g for g in before}, []
    names = said.getlist("goods_id")
    for n, name in enumerate(names):
        typed = {k: _at(said.getlist(f"goods_{k}"), n) for k in GOODS_FIELDS if f"goods_{k}" in said}
        parts = _components(said, name)
        if not any(typed.get(k) for k in ("name_zh", "formula", "gross_kg")) and not parts:
            continue
        row = {k: v for k, v in {**known.get(name, {}), **typed}.items() if v != ""}
        if "component_goods" in said:
            source = _at(said.getlist("goods_source"), n) or SOURCES[0]
            row.pop(_source(known.get(name, {})), None)
            row |= {source: parts} if parts and source in SOURCES else {}
        value = _at(said.getlist("goods_value"), n)
        row["value_minor"] = minor(value)
        made.append({**row, "id": name or f"g{n + 1}"})
    return made


def _components(said: QueryDict, goods_id: str) -> dict[str, str]:
    """The constituents typed for one of the goods: element or substance, and its share as it was written."""
    made: dict[str, str] = {}
    rows = zip(
        said.getlist("component_goods"),
        said.getlist("component_name"),
        said.getlist("component_share"),
        strict=False,
    )
    for of, name, share in rows:
        key = name.strip()
        if (
            of == goods_id and key
        ):  # typed twice, it is no content that the reader takes: nothing is dropped in silence
            made[key] = f"{made[key]} + {share.strip()}" if key in made else share.strip()
    return made


def _source(held: Document) -> str:
    """The composition of the goods that the form shows: of the sources that give one, the first."""
    return next((s for s in SOURCES if held.get(s)), SOURCES[0])


def _at(values: list[str], n: int) -> str:
    return values[n].strip() if n < len(values) else ""


def minor(value: str) -> int | str:
    """A value in yuan as whole fen; what can't be read is given back as it is."""
    whole, _, part = (value or "0").replace(",", "").partition(".")
    if not whole.isascii() or not whole.isdigit() or not (part == "" or (part.isascii() and part.isdigit())):
        return value
    return int(whole) * 100 + int((part + "00")[:2]) if len(part) <= 2 else value


def fields(held: Document, *, spare_rows: int = SPARE_ROWS) -> dict[str, Any]:
    """What the form shows of a document, with spare rows for more goods, constituents and parties."""
    parties = {p["role"]: p for p in reversed(held.get("parties", []))}
    rows = [_goods_row(g) for g in held.get("goods", [])]
    taken = {g["id"] for g in rows}
    spare = (f"g{n}" for n in range(1, 999) if f"g{n}" not in taken)
    rows += [_goods_row({"id": next(spare)}) for _ in range(spare_rows)]
    further = [dict(p) | {"names": "; ".join(p.get("names", ()))} for p in others(held)]
    used = {p["id"] for p in held.get("parties", [])}
    if spare_rows:
        further.append(
            {"id": next(f"p{n}" for n in range(1, 999) if f"p{n}" not in used), "role": FURTHER[0]}
        )
    use = held.get("end_use", {})
    return {
        "parties": [(role, parties.get(role, {})) for role in ROLES], "further": further, "goods": rows,
        "end_use": use.get("text", ""), "use": use, "terms": held.get("terms", {}),
        "documents": held.get("documents", []), "further_roles": FURTHER, "sources": SOURCES,
        "undertakings": UNDERTAKINGS,
    }  # fmt: skip


def _goods_row(held: Document) -> dict[str, Any]:
    source = _source(held)
    parts: Mapping[str, Any] = held.get(source) or {}
    return {
        **held, "value": _yuan(held.get("value_minor", 0)) if "value_minor" in held else "", "source": source,
        "components": [*((k, "" if v is None else v) for k, v in parts.items()), ("", "")],
    }  # fmt: skip


def _yuan(value: object) -> str:
    return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else str(value)


def declaration(said: QueryDict) -> dict[str, Any]:
    """What an exporter declares, as typed at the gate."""
    named = {k: said.get(k, "").strip() for k in ("number", "exporter", "end_user", "destination")}
    return {**named, "destination": named["destination"].upper(), "goods": goods(said, [])}
