"""What every request asks the site's database: SQL written once, from the models.

The ORM takes longer to write such a query, for each request anew, than the database to answer it. Nothing is
remembered between two requests, so that whoever is signed out or revoked is so at the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class Rows:
    """Reads objects of a model, named `alias` in a query, from a part of a row."""

    def __init__(self, model: type[Model], alias: str) -> None:
        self._model, self._alias = model, alias
        self._fields = model._meta.concrete_fields
        self._names = [field.attname for field in self._fields]

    def __len__(self) -> int:
        return len(self._fields)

    @cached_property
    def columns(self) -> str:
        """The columns to select."""
        quote = connection.ops.quote_name
        return ", ".join(f"{self._alias}.{quote(str(field.column))}" for field in self._fields)

    @cached_property
    def _convert(self) -> list[tuple[int, Any, list[Callable[..., Any]]]]:
        """Which columns need converting, as the ORM does it for this database."""
        found = []
        for number, field in enumerate(self._fields):
            column = field.get_col(self._alias)
            how = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
            if how:
                found.append((number, column, how))
        return found

    def read(self, row: Sequence[Any]) -> Any:
        """Make the object; None when the row joined nothing."""
        values = list(row)
        if values[0] is None:  # the primary key
            return None
        for number, column, how in self._convert:
            for one in how:
                values[number] = one(values[number], column, connection)
        return self._model.from_db(connection.alias, self._names, values)


def moment(at: datetime) -> Any:
    """A time as a parameter of such a query."""
    return connection.ops.adapt_datetimefield_value(at)


def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a query; gives its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
