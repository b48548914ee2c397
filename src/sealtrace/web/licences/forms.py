"""An application's and a declaration's form: posted fields to a document, a document to fields. Pure.

What the form does not ask, an earlier version keeps: further parties, composition, enclosures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

ROLES = ("applicant", "end_user", "consignee")
GOODS_FIELDS = ("name_zh", "form", "formula", "gross_kg")
SPARE_ROWS = 1
Document = Mapping[str, Any]


def document(said: QueryDict, before: Document) -> dict[str, Any]:
    """What was typed, as the next version of an application."""
    parties = {p["role"]: p for p in reversed(before.get("parties", []))}
    mine = [_party(said, role, parties.get(role, {})) for role in ROLES]
    held = {id(parties[role]) for role in ROLES if role in parties}
    others = [p for p in before.get("parties", []) if id(p) not in held]
    terms = {**before.get("terms", {}), "kind": said.get("kind", "single"), "from": said.get("from", ""),
             "to": said.get("to", "")}  # fmt: skip
    return {
        "parties": [*(p for p in mine if p["name"]), *others], "goods": goods(said, before.get("goods", [])),
        "end_use": {**before.get("end_use", {}), "text": said.get("end_use", "").strip()}, "terms": terms,
        "documents": list(before.get("documents", [])),
    }  # fmt: skip


def _party(said: QueryDict, role: str, before: Document) -> dict[str, Any]:
    typed = {k: said.get(f"{role}_{k}", "").strip() for k in ("name", "country", "address")}
    return {"id": role, **before, **typed, "role": role, "country": typed["country"].upper()}


def goods(said: QueryDict, before: list[Document]) -> list[dict[str, Any]]:
    """The rows of goods that say anything. An amount that is no number stays as typed, for the reader to refuse."""
    known, made = {g["id"]: g for g in before}, []
    names = said.getlist("goods_id")
    for n, name in enumerate(names):
        typed = {k: _at(said.getlist(f"goods_{k}"), n) for k in GOODS_FIELDS}
        if not any(typed[k] for k in ("name_zh", "formula", "gross_kg")):
            continue
        row = {k: v for k, v in {**known.get(name, {}), **typed}.items() if v != ""}
        value = _at(said.getlist("goods_value"), n)
        row["value_minor"] = minor(value)
        made.append({**row, "id": name or f"g{n + 1}"})
    return made


def _at(values: list[str], n: int) -> str:
    return values[n].strip() if n < len(values) else ""


def minor(value: str) -> int | str:
    """A value in yuan as whole fen; what can't be read is given back as it is."""
    whole, _, part = (value or "0").replace(",", "").partition(".")
    if not whole.isascii() or not whole.isdigit() or not (part == "" or (part.isascii() and part.isdigit())):
        return value
    return int(whole) * 100 + int((part + "00")[:2]) if len(part) <= 2 else value


def fields(held: Document) -> dict[str, Any]:
    """What the form shows of a document, with spare rows for more goods."""
    parties = {p["role"]: p for p in reversed(held.get("parties", []))}
    rows = [{**g, "value": _yuan(g.get("value_minor", 0))} for g in held.get("goods", [])]
    taken = {g["id"] for g in rows}
    spare = (f"g{n}" for n in range(1, 999) if f"g{n}" not in taken)
    rows += [{"id": next(spare)} for _ in range(SPARE_ROWS)]
    return {
        "parties": [(role, parties.get(role, {})) for role in ROLES], "goods": rows,
        "end_use": held.get("end_use", {}).get("text", ""), "terms": held.get("terms", {}),
        "documents": held.get("documents", []),
    }  # fmt: skip


def _yuan(value: object) -> str:
    return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else str(value)


def declaration(said: QueryDict) -> dict[str, Any]:
    """What an exporter declares, as typed at the gate."""
    named = {k: said.get(k, "").strip() for k in ("number", "exporter", "end_user", "destination")}
    return {**named, "destination": named["destination"].upper(), "goods": goods(said, [])}
