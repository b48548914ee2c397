"""Rows of the API: tokens, requests seen, answers kept for repetition, uploads, webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from ..accounts.models import Operator
from ..devices.models import Device


class Token(models.Model):
    """What lets a program act for an operator from one device. Only its digest is kept; revoked, never deleted.

    scopes: actions of the policy, or "subject:*". A scope that names an action in full also stands for the
    confirmation that the action asks for: it was given when the token was made.
    """

    key = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32, unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, default="", blank=True)
    scopes = models.JSONField()
    by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    entry = models.BigIntegerField()

    def __str__(self) -> str:
        return self.key

    def in_force(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and now < self.expires_at


class Seen(models.Model):
    """A signed request of a device, by its nonce: none counts twice, and so many are answered in a minute."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Once per device; counted by time."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "nonce"], name="a_request_counts_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "at"]),
            models.Index(fields=["at"]),
        ]


class Kept(models.Model):
    """The answer to a request with an idempotency key; status 0 while the first one is being worked on."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=60, default="")
    body = models.BinaryField(default=b"")
    worker = models.CharField(max_length=60, default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        """A key is one request of an operator."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operator", "key"], name="a_key_is_one_request")
        ]


class Upload(models.Model):
    """Bytes kept, encrypted, for a request of the same operator that names them; gone after a day."""

    key = models.CharField(max_length=24, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    sha256 = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        """The same bytes under the same name are one upload."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operator", "name", "sha256"], name="an_upload_is_kept_once")
        ]


class Webhook(models.Model):
    """An address that is told of events. It follows the ledger: `cursor` is the first entry not yet looked at.

    secret: sealed under a key of the home; it signs what is sent. events: names such as leak:traced, or "*".
    """

    key = models.CharField(max_length=12, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    events = models.JSONField()
    secret = models.BinaryField()
    cursor = models.BigIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One event on its way to one webhook, and how it went. status: the receiver's last answer, 0 for none."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        DONE = "done"
        GIVEN_UP = "given-up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    entry = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, default="", blank=True)
    next_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """An entry is told once to a webhook; the next ones due are found by time."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "entry"], name="an_event_is_told_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "next_at"])]
