"""What the owner of the data declares: uncertainties, and what must stay true whatever is marked.

    columns:
      flow_l_h: {uncertainty: 0.5, unit: L/h}
      assay_tb: {uncertainty: 0.01, relative: true}
      set_point: {fixed: it is a set point}
    derived: {total_l_h: feed_l_h + scrub_l_h}
    sum_to: [{columns: [share_a, share_b, share_c], total: 100}]
    monotone: {counter_l: increasing}
    limits: {tank_mm: [200, 950]}
    row_order: free                 # the order of the rows says nothing: each copy may have its own
    decoy_rows: safe                # rows that were never measured may stand among the others
    notice: comment                 # where the notice of a marked copy goes: beside (the rule), comment, member

Every column not named here stays exactly as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sealtrace.marks.notice import BESIDE, PLACES

from . import formula

FREE, SAFE = "free", "safe"
DIRECTIONS = ("increasing", "decreasing")
FIELDS = {"uncertainty", "unit", "relative", "fixed", "note"}


class MalformedDeclaration(ValueError):
    """The declaration says something that can't be kept; the message says what."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One column's standard uncertainty, absolute or as a share of the reading; 0 when it is fixed."""

    uncertainty: float = 0.0
    relative: bool = False
    unit: str = ""
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that was declared of a file's tables, columns by their name in the header."""

    columns: Mapping[str, Declared]
    derived: Mapping[str, str] = field(default_factory=dict)
    sums: tuple[tuple[tuple[str, ...], float | str], ...] = ()
    monotone: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    order_free: bool = False
    decoys_safe: bool = False
    notice: str = BESIDE

    def to_dict(self) -> dict[str, Any]:
        """Give the declaration in the form it is written in."""
        columns = {
            name: {"fixed": c.fixed}
            if c.fixed
            else {"uncertainty": c.uncertainty, "relative": c.relative, "unit": c.unit}
            for name, c in self.columns.items()
        }
        return {
            "columns": columns,
            "derived": dict(self.derived),
            "sum_to": [{"columns": list(names), "total": total} for names, total in self.sums],
            "monotone": dict(self.monotone),
            "limits": {name: list(pair) for name, pair in self.limits.items()},
            **({"row_order": FREE} if self.order_free else {}),
            **({"decoy_rows": SAFE} if self.decoys_safe else {}),
            **({"notice": self.notice} if self.notice != BESIDE else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Declaration:
        """Read a declaration.

        Raises MalformedDeclaration.
        """
        columns = _map(data, "columns")
        if not columns:
            raise MalformedDeclaration("declares no columns")
        made = cls(
            {str(name): _column(str(name), said) for name, said in columns.items()},
            {str(name): str(text) for name, text in _map(data, "derived").items()},
            tuple(_sum(said) for said in data.get("sum_to") or ()),
            {str(name): str(way) for name, way in _map(data, "monotone").items()},
            {str(name): _pair(str(name), said) for name, said in _map(data, "limits").items()},
            _one_of(data, "row_order", ("kept", FREE)) == FREE,
            _one_of(data, "decoy_rows", ("none", SAFE)) == SAFE,
            _one_of(data, "notice", PLACES),
        )
        made._check()
        return made

    def _check(self) -> None:
        for name, text in self.derived.items():
            try:
                formula.names(text)
            except formula.NoFormula as e:
                raise MalformedDeclaration(
                    f"the derived column {name!r} has no formula that can be read: {e}"
                ) from e
        if self.monotone and self.order_free:
            raise MalformedDeclaration(
                "rows of a table with a counter have an order: row_order can't be free"
            )
        for name, way in self.monotone.items():
            if way not in DIRECTIONS:
                raise MalformedDeclaration(
                    f"column {name!r} is monotone {way!r}; say increasing or decreasing"
                )


def _map(data: Mapping[str, Any], name: str) -> Mapping[Any, Any]:
    found = data.get(name) or {}
    if not isinstance(found, Mapping):
        raise MalformedDeclaration(f"{name} is not a list of names")
    return found


def _one_of(data: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    said = str(data.get(name) or words[0])
    if said not in words:
        raise MalformedDeclaration(f"{name} is {said!r}; say {' or '.join(words)}")
    return said


def _column(name: str, said: object) -> Declared:
    if not isinstance(said, Mapping):
        raise MalformedDeclaration(f"column {name!r} needs {{uncertainty: NUMBER, unit: TEXT}}")
    unknown = set(said) - FIELDS
    if unknown:
        raise MalformedDeclaration(f"column {name!r} has unknown fields {sorted(map(str, unknown))}")
    if said.get("fixed"):
        return Declared(fixed=str(said["fixed"]))
    value = said.get("uncertainty")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise MalformedDeclaration(f"column {name!r} needs an uncertainty above 0, not {value!r}")
    relative = bool(said.get("relative", False))
    if relative and value >= 1:
        raise MalformedDeclaration(
            f"column {name!r}: a relative uncertainty is a share below 1, not {value!r}"
        )
    return Declared(float(value), relative, str(said.get("unit") or ""))


def _sum(said: object) -> tuple[tuple[str, ...], float | str]:
    if not isinstance(said, Mapping) or not isinstance(said.get("columns"), list) or len(said["columns"]) < 2:
        raise MalformedDeclaration("sum_to needs {columns: [A, B, ...], total: NUMBER or COLUMN}")
    total = said.get("total")
    return tuple(map(str, said["columns"])), float(total) if isinstance(total, int | float) else str(
        total or ""
    )


def _pair(name: str, said: object) -> tuple[float, float]:
    if (
        not isinstance(said, list | tuple)
        or len(said) != 2
        or not all(isinstance(v, int | float) for v in said)
    ):
        raise MalformedDeclaration(f"the limits of column {name!r} are two numbers, not {said!r}")
    low, high = float(said[0]), float(said[1])
    if low >= high:
        raise MalformedDeclaration(f"the limits of column {name!r} are the wrong way round")
    return low, high
