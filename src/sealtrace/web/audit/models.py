"""Rows of the audit trail. Each holds the digest over itself and the one before; the ledger holds some of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Line(models.Model):
    """One decision or read: who, from where, what, on what, with which outcome."""

    class Kind(models.TextChoices):
        """Why it is kept."""

        DENIED = "denied"
        READ = "read"
        EXPORT = "export"

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    operator = models.CharField(max_length=40)
    device = models.CharField(max_length=40)
    ip = models.GenericIPAddressField()
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    rules = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)

    class Meta:
        """How lines are found: each filter with the number, since pages go by number."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["operator", "-number"]),
            models.Index(fields=["action", "-number"]),
            models.Index(fields=["subject", "-number"]),
            models.Index(fields=["at"]),
        ]


class Head(models.Model):
    """The one newest line, locked while the next is written; and the last that stands in the ledger."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)
    anchored = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(null=True)


class Effect(models.Model):
    """That the rows of a deed stand: its entry's number, written with them. Let go once the ledger's side knows."""

    entry = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"entry {self.entry}"
