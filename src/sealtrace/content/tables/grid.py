"""Finding the table in a sheet of cells: titles above it, a heading, rows of data, notes below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from .numbers import number

Place = tuple[int, int]  # row, column, as the sheet numbers them


def locate(cells: Mapping[Place, str]) -> tuple[list[str], list[int], list[int]] | None:
    """Return heading texts, data rows and columns; None when the sheet holds no table of two rows and more.

    The table is as wide as most rows are. Its heading is the first row so wide, when most of it is text.
    """
    filled = [(place, text) for place, text in cells.items() if text.strip()]
    width = Counter(row for (row, _), _ in filled)
    if len(width) < 3:
        return None
    usual = Counter(width.values()).most_common(1)[0][0]
    rows = sorted(row for row, count in width.items() if count >= max(2, 0.6 * usual))
    if len(rows) < 3 or usual < 2:
        return None
    columns = sorted({column for (row, column), _ in filled if row in set(rows)})
    heading = [cells.get((rows[0], column), "").strip() for column in columns]
    text = sum(bool(name) and not np.isfinite(number(name)) for name in heading)
    if text > len([name for name in heading if name]) / 2:
        return heading, rows[1:], columns
    return [""] * len(columns), rows, columns
