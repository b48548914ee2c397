"""Rows of devices: which key speaks for which device of which operator."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ..accounts.models import Operator


class Device(models.Model):
    """A registered device with its own key. Revoked, never deleted."""

    class Kind(models.TextChoices):
        """Where the key lives."""

        BROWSER = "browser"
        AGENT = "agent"

    code = models.CharField(max_length=20, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    public_key = models.BinaryField()
    enrolled_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code
