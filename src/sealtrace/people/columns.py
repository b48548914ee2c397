"""Columns that are never read: whatever speaks of a person's relatives."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sealtrace.errors import FamilyDataRefused

RELATIVES = re.compile(
    r"family(?!_?name)|relative|spouse|husband|child|daughter|parent|father|mother|sibling|brother|sister|"
    r"(?<![a-z])(?:kin|wife|wives|partner|sons?)(?![a-z])|家属|家庭|亲属|配偶|子女|父亲|母亲|父母|兄弟|姐妹|丈夫|妻",
    re.IGNORECASE,
)


def refuse_relatives(columns: Iterable[str]) -> None:
    """Stop when a column is about relatives.

    Raises:
        FamilyDataRefused: a column's name speaks of family members.
    """
    for column in columns:
        if RELATIVES.search(column):
            raise FamilyDataRefused(f"column {column!r} is about relatives; such data is never read")
