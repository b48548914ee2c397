"""Values: a table as its file writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .numbers import numbers_of

Floats = NDArray[np.float64]
Cells = tuple[str, ...]
ORDER, ADD = "order", "add"
Row = tuple[int, Mapping[int, str]]
"""A row of a rearranged table: which row of the source it is, and texts by column in which it differs."""
Changes = Mapping[int, Sequence[str | None]]
"""New texts by column number, one for each row; None leaves a cell as it is."""


@dataclass(frozen=True, eq=False)
class Table:
    """One table: a sheet, a list of records, a file. Cells are text, "" where there is none.

    `fixed` are columns that hold formulas or anything else that must not be rewritten. `movable` tells what the
    module of its format can do with rows: nothing, put them in another ORDER, or ADD to them too.
    """

    name: str
    header: Cells
    columns: tuple[Cells, ...]
    fixed: frozenset[int] = frozenset()
    movable: str = ""

    def __post_init__(self) -> None:
        if len({len(column) for column in self.columns}) > 1 or len(self.header) != len(self.columns):
            raise ValueError("columns have unequal lengths, or the header has another number of them")

    @property
    def rows(self) -> int:
        """How many rows of data."""
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def numbers(self) -> Floats:
        """Return (rows, columns), NaN where a cell holds no number."""
        if not self.columns:
            return np.zeros((0, 0))
        return np.stack([numbers_of(column) for column in self.columns], axis=1)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the numbers out: they are made again where they are needed."""
        return {k: v for k, v in self.__dict__.items() if k != "numbers"}
