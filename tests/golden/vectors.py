"""What a golden vector is, and what can't be made twice: random signatures, the last digits of floats."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sealtrace.ledger.notekey import NoteSigner

from .log import AT

HERE = Path(__file__).parent
DATA = HERE / "data"


@dataclass
class Vector:
    """Files, what a verifier is given beside them, and what it must find.

    `fails` and `unchecked` name the claims that do not hold and those that can't be checked from the
    file; every other claim holds. `refused`: the file is not read at all.
    """

    kind: str
    name: str
    files: dict[str, bytes]
    key: str | None = None
    cosigners: list[str] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    fails: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    refused: bool = False
    stricter_than: list[str] = field(default_factory=list)
    """Foreign implementations that take what is refused here; README.md says why."""
    alter: dict[str, int] = field(default_factory=dict)
    """Of a copy of the files: flip the lowest bit of the byte at this offset, by path."""
    remove: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The vector's row in vectors.json; what is empty is left out."""
        row: dict[str, Any] = {"kind": self.kind, "name": self.name, "files": sorted(self.files)}
        for name in (
            "key",
            "cosigners",
            "keys",
            "fails",
            "unchecked",
            "refused",
            "stricter_than",
            "alter",
            "remove",
        ):
            if value := getattr(self, name):
                row[name] = value
        return row


class Lines:
    """Signature lines whose signing is randomised (ML-DSA-44, SM2): made once, then kept in lines.json."""

    def __init__(self, place: Path = DATA / "lines.json") -> None:
        self.place = place
        self.kept: dict[str, str] = json.loads(place.read_text("utf-8")) if place.exists() else {}

    def line(self, signer: NoteSigner, text: str) -> str:
        """The signer's line under a text, from memory when it is there."""
        name = hashlib.sha256(f"{signer.public.text}\n{text}".encode()).hexdigest()
        if name not in self.kept:
            self.kept[name] = signer.line(text, AT)
        return self.kept[name]


class Scores:
    """Logs of e-values: worked out once, then kept in scores.json.

    Their last digits depend on the order of sums, and so on the machine and on the marker's version.
    """

    def __init__(self, place: Path = DATA / "scores.json") -> None:
        self.place = place
        self.all: dict[str, list[float]] = json.loads(place.read_text("utf-8")) if place.exists() else {}

    def kept(self, leak: str, found: Sequence[float]) -> list[float]:
        """What was kept for a leak, which what is found now must agree with; else what is found now."""
        kept = self.all.setdefault(leak, list(found))
        near = [math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9) for a, b in zip(kept, found, strict=True)]
        assert all(near), (leak, kept, found)
        return kept
