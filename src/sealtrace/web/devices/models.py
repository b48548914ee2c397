"""Rows of devices: which key speaks for which device of which operator."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from ..accounts.models import Operator


class Device(models.Model):
    """A registered device with its own key, as SubjectPublicKeyInfo in DER. Revoked, never deleted."""

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
    entry = models.BigIntegerField(null=True)

    class Meta:
        """A key is one device of an operator."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operator", "public_key"], name="a_key_is_one_device")
        ]

    def __str__(self) -> str:
        return self.code


class Nonce(models.Model):
    """A number that a device signed with, kept while the signature would still be fresh, so that none counts twice."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE)
    value = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """Once per device."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "value"], name="a_nonce_counts_once")
        ]
