"""Reading the golden vectors, and what each verifier finds in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sealtrace.verifier import sealtrace_verify as standalone

DATA = Path(__file__).parents[1] / "golden" / "data"
VECTORS: list[dict[str, Any]] = json.loads((DATA / "vectors.json").read_text("utf-8"))
PROOFS: dict[str, Any] = json.loads((DATA / "proofs.json").read_text("utf-8"))

Found = dict[str, bool | None]
"""What each claim came to, by its words."""


def of(kind: str) -> list[dict[str, Any]]:
    return [vector for vector in VECTORS if vector["kind"] == kind]


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def path(vector: Mapping[str, Any], ending: str = "") -> Path | None:
    """The vector's one file with this ending."""
    return next((DATA / p for p in vector["files"] if p.endswith(ending)), None)


def files(vector: Mapping[str, Any]) -> bytes:
    found = path(vector)
    assert found is not None, vector["name"]
    return found.read_bytes()


def must_be(vector: Mapping[str, Any], found: Found) -> None:
    """Compare what a verifier found with what the vector says."""
    if vector.get("refused"):
        assert list(found.values()) in ([], [False]), found
        return
    fails, unchecked = vector.get("fails", []), vector.get("unchecked", [])
    assert {claim for claim, holds in found.items() if holds is False} == set(fails)
    assert {claim for claim, holds in found.items() if holds is None} == set(unchecked)
    assert any(found.values()) or vector["kind"] in ("checkpoint", "pair")


def folder(vector: Mapping[str, Any], to: Path) -> Path:
    """The published log of a vector: in place, or a copy that was altered as the vector says."""
    if not (vector.get("alter") or vector.get("remove")):
        return DATA / "log"
    copy = to / "log"
    shutil.copytree(DATA / "log", copy)
    for where, at in vector.get("alter", {}).items():
        data = bytearray((copy / where).read_bytes())
        data[at] ^= 1
        (copy / where).write_bytes(data)
    for where in vector.get("remove", []):
        (copy / where).unlink()
    return copy


def as_found(claims: Sequence[Any]) -> Found:
    return {claim.claim: claim.holds for claim in claims}


def by_python(vector: Mapping[str, Any], tmp: Path) -> Found:
    """What the standalone Python verifier finds."""
    key, cosigners = vector.get("key"), vector.get("cosigners", [])
    keys = vector.get("keys", {})
    if vector["kind"] == "evidence":
        claims = standalone.check_evidence(files(vector), key=key, cosigners=cosigners)
    elif vector["kind"] == "checkpoint":
        claims = standalone.check_note(files(vector).decode(), [key] if key else [], cosigners)
    elif vector["kind"] == "pair":
        note = path(vector, ".checkpoint")
        receipt = path(vector, ".receipt")
        statement = path(vector, ".statement")
        assert statement is not None
        assert receipt is not None
        claims = standalone.check_pair(
            statement.read_bytes(), receipt.read_bytes(), keys, note.read_text("utf-8") if note else None
        )
    else:
        since = path(vector, "log-at-100.txt")
        claims = standalone.check_folder(
            folder(vector, tmp), [key] if key else [], cosigners, keys.get("statement_keys", []),
            since.read_text("utf-8") if since else None,
        )  # fmt: skip
    return as_found(claims)
