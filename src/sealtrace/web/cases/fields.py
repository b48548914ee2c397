"""The fields of the forms of cases: what each is called, and how what a person typed becomes a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

from sealtrace.cases.words import TEXT, say
from sealtrace.errors import UsageProblem

MILLIGRAMS, MINOR = 1_000_000, 100
MOST = 10**15
"""Of the smallest unit: a million tonnes in milligrams."""


class Kind(StrEnum):
    """How a field is asked for and read."""

    LINE = "line"
    LONG = "long"
    MOMENT = "moment"
    CHOICE = "choice"
    ANSWER = "answer"
    ITEMS = "items"
    KILOGRAMS = "kilograms"
    MONEY = "money"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices` are values, with the prefix under which `cases.words` names them."""

    name: str
    label: str | Promise
    kind: Kind = Kind.LINE
    required: bool = True
    choices: tuple[str, ...] = ()
    prefix: str = ""
    yes: str | Promise = ""
    no: str | Promise = ""
    of: type[StrEnum] | None = None
    """What a choice becomes; text when it is None."""

    def options(self, language: str) -> list[tuple[str, str]]:
        """The choices with their words."""
        words = {value: f"{self.prefix}{value}" for value in self.choices}
        return [(v, say(w, language) if w in TEXT else v) for v, w in words.items()]


def read(fields: tuple[Field, ...], request: HttpRequest) -> dict[str, object]:
    """Read a posted form. Raises UsageProblem naming the field that does not fit."""
    return {f.name: value for f in fields if (value := _value(f, request)) is not None}


def _value(field: Field, request: HttpRequest) -> object | None:
    if field.kind is Kind.ITEMS:
        return request.POST.getlist(field.name)
    if field.kind is Kind.FILE:
        return _file(request.FILES.get(field.name))
    text = request.POST.get(field.name, "").strip()
    if not text:
        if field.required:
            raise UsageProblem(f"{field.label}: nothing was given", advice="Fill the field in.")
        return None
    return _parsed(field, text)


def _file(sent: UploadedFile[Any] | list[UploadedFile[Any]] | None) -> object | None:
    from pathlib import Path

    if isinstance(sent, TemporaryUploadedFile):
        return Path(sent.temporary_file_path())
    return sent.read() if isinstance(sent, UploadedFile) else None


def _parsed(field: Field, text: str) -> object:
    if field.kind is Kind.MOMENT:
        return _moment(field, text)
    if field.kind in (Kind.CHOICE, Kind.ANSWER):
        known: Mapping[str, object] = (
            {"yes": True, "no": False} if field.kind is Kind.ANSWER else {c: c for c in field.choices}
        )
        if text not in known:
            raise UsageProblem(f"{field.label}: {text!r} is not among the choices")
        return field.of(text) if field.of else known[text]
    if field.kind is Kind.KILOGRAMS:
        return _scaled(field, text, MILLIGRAMS)
    if field.kind is Kind.MONEY:
        return _scaled(field, text, MINOR)
    return text


def _moment(field: Field, text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise UsageProblem(f"{field.label}: {text!r} is no date and time", advice="Write 2026-11-03 09:14.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _scaled(field: Field, text: str, scale: int) -> int:
    """A decimal as a whole number of its smallest unit, exactly."""
    try:
        amount = Decimal(text.replace(",", "")) * scale
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != amount.to_integral_value():
        raise UsageProblem(f"{field.label}: {text!r} is no amount this can hold")
    return int(amount)
