"""One formula, two ways to compute it: whole columns with polars, or one row with plain numbers.

A check is written once against `Algebra`. For millions of rows its values are polars expressions; for one
declaration at the gate they are `Scalar`, because a query engine's fixed cost for each of seventeen checks would be
far above the milliseconds a gate has. Both treat the unknown alike: null in, null out; a condition that is unknown is
not met.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

Value = Any
"""A polars expression or a `Scalar`; both know + - * / comparisons & | ~ and the methods used in formulas."""


class Algebra(Protocol):
    """What a formula may use beside the operators and methods of its values."""

    def col(self, name: str) -> Value:
        """Give a column."""

    def when(self, condition: Value, then: Value, otherwise: Value = None) -> Value:
        """Choose by a condition; null without an `otherwise`."""

    def coalesce(self, *names: str) -> Value:
        """Give the first of the columns that is known."""

    def most(self, *values: Value) -> Value:
        """Give the largest of the values that are known."""

    def least(self, *values: Value) -> Value:
        """Give the smallest of the values that are known."""


class Columns:
    """The algebra of whole columns."""

    def __init__(self) -> None:
        import polars

        self._pl = polars

    def col(self, name: str) -> Value:
        """Give a column."""
        return self._pl.col(name)

    def when(self, condition: Value, then: Value, otherwise: Value = None) -> Value:
        """Choose row by row."""
        return self._pl.when(condition).then(self._value(then)).otherwise(self._value(otherwise))

    def _value(self, value: Value) -> Value:
        return value if isinstance(value, self._pl.Expr) else self._pl.lit(value)

    def coalesce(self, *names: str) -> Value:
        """Give the first known value of each row."""
        return self._pl.coalesce(*names)

    def most(self, *values: Value) -> Value:
        """Give the largest known value of each row."""
        return self._pl.max_horizontal(*map(self._value, values))

    def least(self, *values: Value) -> Value:
        """Give the smallest known value of each row."""
        return self._pl.min_horizontal(*map(self._value, values))


def _plain(value: Value) -> Any:
    return value.value if isinstance(value, Scalar) else value


class Scalar:
    """One value, or None for unknown."""

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]  # == builds a value, as it does for expressions

    def __init__(self, value: Any) -> None:
        self.value = value

    def _with(self, other: Value, what: Any) -> Scalar:
        right = _plain(other)
        return Scalar(None if self.value is None or right is None else what(self.value, right))

    def __add__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Value) -> Scalar:
        return self._with(other, _divided)

    def __radd__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: b + a)

    def __rsub__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: b - a)

    def __rmul__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: b * a)

    def __rtruediv__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: _divided(b, a))

    def __neg__(self) -> Scalar:
        return Scalar(None if self.value is None else -self.value)

    def __gt__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a > b)

    def __ge__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a >= b)

    def __lt__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a < b)

    def __le__(self, other: Value) -> Scalar:
        return self._with(other, lambda a, b: a <= b)

    def __eq__(self, other: object) -> Scalar:  # type: ignore[override]
        return self._with(other, lambda a, b: a == b)

    def __ne__(self, other: object) -> Scalar:  # type: ignore[override]
        return self._with(other, lambda a, b: a != b)

    def __and__(self, other: Value) -> Scalar:
        both = (self.value, _plain(other))
        return Scalar(False if False in both else None if None in both else True)

    def __or__(self, other: Value) -> Scalar:
        both = (self.value, _plain(other))
        return Scalar(True if True in both else None if None in both else False)

    def __invert__(self) -> Scalar:
        return Scalar(None if self.value is None else not self.value)

    def fill_null(self, value: Any) -> Scalar:
        """Stand in for the unknown."""
        return Scalar(value if self.value is None else self.value)

    def clip(self, low: float | None = None, high: float | None = None) -> Scalar:
        """Keep within bounds."""
        value = self.value
        if value is not None and value == value:  # noqa: PLR0124 (a NaN stays one, as in polars)
            value = value if low is None else max(value, low)
            value = value if high is None else min(value, high)
        return Scalar(value)

    def _map(self, what: Any) -> Scalar:
        return Scalar(None if self.value is None else what(self.value))

    def log(self) -> Scalar:
        """Natural logarithm; minus infinity at 0, not a number below."""
        return self._map(lambda v: math.log(v) if v > 0 else -math.inf if v == 0 else math.nan)

    def exp(self) -> Scalar:
        """Exponential."""
        return self._map(math.exp)

    def sqrt(self) -> Scalar:
        """Square root."""
        return self._map(lambda v: math.sqrt(v) if v >= 0 else math.nan)

    def abs(self) -> Scalar:
        """Magnitude."""
        return self._map(abs)


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a else math.copysign(math.inf, a)


class Row:
    """The algebra of one row, given as its columns."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def col(self, name: str) -> Value:
        """Give a column's value."""
        return Scalar(self.values[name])

    def when(self, condition: Value, then: Value, otherwise: Value = None) -> Value:
        """Choose."""
        return Scalar(_plain(then) if _plain(condition) else _plain(otherwise))

    def coalesce(self, *names: str) -> Value:
        """Give the first known value."""
        return Scalar(next((v for n in names if (v := self.values[n]) is not None), None))

    def most(self, *values: Value) -> Value:
        """Give the largest known value."""
        return Scalar(max((v for v in map(_plain, values) if v is not None), default=None))

    def least(self, *values: Value) -> Value:
        """Give the smallest known value."""
        return Scalar(min((v for v in map(_plain, values) if v is not None), default=None))
