"""What every format module works with.

    plan(source, kind) -> FilePlan          what the file can carry; decided once, at registration
    write(job) -> tuple[AppliedMark, ...]   one marked copy; everything not marked stays byte for byte
    stamps(path) -> list[bytes]             raw tokens found, valid or not; the caller checks them
All three run in the sandbox. A job holds one copy's secrets and no key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.kinds import Kind
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.geometry import ChipGrid, Layout, MarkPlan
from sealtrace.marks.stamp import TOKEN_BITS, to_text
from sealtrace.marks.table.plan import TablePlan

NO_PAGES = MarkPlan(0, ())
DIGEST_BITS = 256


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What a registered version can carry, the same for every copy."""

    mark_plan: MarkPlan = NO_PAGES
    stamp: bool = False
    notes: tuple[str, ...] = ()
    table: TablePlan | None = None
    halves: bool = False
    """Whether the codeword has two halves, each under another party's key."""

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON types."""
        found = {"marks": self.mark_plan.to_dict(), "stamp": self.stamp, "notes": list(self.notes)}
        found |= {"table": self.table.to_dict()} if self.table else {}
        return found | ({"halves": True} if self.halves else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FilePlan:
        """Read what `to_dict` gave."""
        table = TablePlan.from_dict(data["table"]) if "table" in data else None
        return cls(
            MarkPlan.from_dict(data["marks"]),
            data["stamp"],
            tuple(data["notes"]),
            table,
            data.get("halves", False),
        )

    @property
    def carries_page(self) -> bool:
        """Whether any page carries the tint."""
        return self.mark_plan.symbols > 0 and any(page is not None for page in self.mark_plan.pages)

    @property
    def carries_codeword(self) -> bool:
        """Whether copies carry a codeword, on pages or in cells."""
        return self.carries_page or self.table is not None

    def promised(self) -> tuple[AppliedMark, ...]:
        """The marks a copy will carry once its bytes are made."""
        marks = []
        if self.stamp or self.carries_codeword:
            marks.append(AppliedMark(ChannelName.EXACT, DIGEST_BITS))
        if self.stamp:
            marks.append(AppliedMark(ChannelName.STAMP, TOKEN_BITS))
        if self.carries_page:
            marks.append(AppliedMark(ChannelName.PAGE, self.mark_plan.symbols))
        if self.table is not None:
            marks.append(AppliedMark(ChannelName.TABLE, self.table.symbols))
            marks += [
                AppliedMark(ChannelName(name), extra.symbols) for name, extra in self.table.extras.items()
            ]
        return tuple(marks)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One copy to be made: where from, where to, its token and its codeword."""

    source: Path
    target: Path
    kind: Kind
    plan: FilePlan
    token: bytes
    layout_key: bytes | None = None
    bits: NDArray[np.uint8] | None = field(default=None, repr=False)
    extra_keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The layout keys of a table's channels beside its cells, by name."""

    @property
    def text(self) -> str:
        """The token in text form."""
        return to_text(self.token)

    def chips(self, page: int) -> tuple[ChipGrid, NDArray[np.int8]] | None:
        """The grid and the chip pattern of one page of this copy; None when the page carries none."""
        plan = self.plan.mark_plan.pages[page] if page < len(self.plan.mark_plan.pages) else None
        if plan is None or self.layout_key is None or self.bits is None:
            return None
        return plan.grid, _layout(self.layout_key, plan.grid, len(self.bits)).chips(self.bits)


@lru_cache(maxsize=32)
def _layout(key: bytes, grid: ChipGrid, symbols: int) -> Layout:
    """Layouts are the same for every copy of a version: kept while its copies are made."""
    return Layout(key, grid, symbols)
