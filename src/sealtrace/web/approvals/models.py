"""Rows of approvals. A request is bound to the digest of exactly what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Request(models.Model):
    """One act that waits for other people: what, on what, why, until when. Decided or lapsed, never deleted."""

    class State(models.TextChoices):
        """Where it stands; a lapsed one is still OPEN or APPROVED, with its time over."""

        OPEN = "open"
        APPROVED = "approved"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    key = models.CharField(max_length=22, unique=True)
    action = models.CharField(max_length=60)
    approving = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    attributes = models.JSONField(default=dict)
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.TextField()
    by = models.CharField(max_length=40, db_index=True)
    seats = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField()

    class Meta:
        """How requests are found."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return self.key

    def lapsed(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now >= self.expires_at


class Verdict(models.Model):
    """What one other person said. The database refuses the asker's own verdict, and a second one by the same person."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="verdicts")
    requester = models.CharField(max_length=40)
    by = models.CharField(max_length=40)
    approved = models.BooleanField()
    note = models.TextField(default="")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        """The laws of a verdict, in the database."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(by=F("requester")), name="nobody_approves_their_own_request"),
            models.UniqueConstraint(fields=["request", "by"], name="one_verdict_per_person"),
        ]
