"""Rows of the main job that are the application's own: leaks taken in, orders of copies."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils import timezone


def fresh_key() -> str:
    """A key for an order that was given none."""
    return f"web:{secrets.token_hex(16)}"


class Leak(models.Model):
    """One leak taken in: its pieces (kept encrypted), who brought it, and the trace made of it.

    pieces: [{"name", "sha256", "size"}]. via: how it came in. trace: the trace's id, empty until there is one.
    """

    job = models.BigIntegerField(null=True)
    via = models.CharField(max_length=20, default="upload")
    pieces = models.JSONField(default=list)
    chance = models.FloatField(default=1e-9)
    ground = models.CharField(max_length=200, default="", blank=True)
    operator = models.CharField(max_length=200)
    batch = models.CharField(max_length=32, default="", db_index=True)
    trace = models.CharField(max_length=32, default="", db_index=True)
    result = models.CharField(max_length=12, default="")
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """How leaks are found."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["operator", "-id"])]

    def __str__(self) -> str:
        return self.trace or f"leak {self.pk}"


class Order(models.Model):
    """Copies asked for: of which version, for whom, why, until when; and what came of it.

    recipients: [{"operator", "device", "ip"}], and "printed" once a print was made; of a package also "organisation",
    and its undertaking is the outsider's. key: what custody knows it by.
    request: the key of the request for its second approval, where it needs one.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked"
        AGREED = "agreed"
        DECLINED = "declined"
        ISSUED = "issued"

    class Form(models.TextChoices):
        """What its people get: a marked file, paper, leave to read here only, or a package for an outsider."""

        COPY = "copy"
        PRINT = "print"
        READING = "reading"
        PACKAGE = "package"

    key = models.CharField(max_length=80, unique=True, default=fresh_key)
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.COPY)
    undertaking = models.TextField(default="", blank=True)
    request = models.CharField(max_length=22, default="", blank=True)
    ref = models.CharField(max_length=40, db_index=True)
    title = models.CharField(max_length=400, default="")
    level = models.CharField(max_length=10)
    recipients = models.JSONField(default=list)
    purpose = models.CharField(max_length=200)
    until = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    operator = models.CharField(max_length=200, db_index=True)
    device = models.CharField(max_length=200)
    ip = models.GenericIPAddressField()
    job = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """How orders are found."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["state", "until"], name="orders_that_end_soon"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} x {len(self.recipients)}"


class OrderedCopy(models.Model):
    """Which order a copy came of."""

    copy = models.CharField(max_length=24, primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="issued")

    def __str__(self) -> str:
        return self.copy


class Review(models.Model):
    """A second look at a trace: who was asked, and what they find. agrees is None until they have said."""

    trace = models.CharField(max_length=32, db_index=True)
    operator = models.CharField(max_length=200, db_index=True)
    asked_by = models.CharField(max_length=200)
    agrees = models.BooleanField(null=True)
    words = models.CharField(max_length=500, default="")
    entry = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.trace}, {self.operator}"
