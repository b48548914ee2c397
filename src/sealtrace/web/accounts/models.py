"""Rows of people who sign in. No names: the directory of specialists holds those; here a code is enough."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from sealtrace.policy.model import ADMINISTRATORS, Role

from .. import asked

_HELD = (
    "SELECT role FROM accounts_grant WHERE operator_id = %s AND since <= %s"
    " AND (until IS NULL OR until > %s) AND (expires_at IS NULL OR expires_at > %s)"
)


class Organisation(models.Model):
    """A producer, a regulator, a customs house, a partner."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.code


class Operators(BaseUserManager["Operator"]):
    """Makes operators."""

    def get_by_natural_key(self, username: str | None) -> Operator:
        """Django's lookup at sign-in."""
        return self.get(code=username)


class Operator(AbstractBaseUser):
    """Somebody who signs in, under a code such as op-031."""

    class Clearance(models.TextChoices):
        """Up to which level the operator may read."""

        GENERAL = "general"
        IMPORTANT = "important"
        CORE = "core"

    code = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="operators")
    clearance = models.CharField(max_length=10, choices=Clearance.choices, default=Clearance.GENERAL)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    totp = models.BinaryField(null=True)  # the secret, sealed under a key of the home
    totp_step = models.BigIntegerField(default=0)  # the last time step used, so that a code is good once

    objects: ClassVar[Operators] = Operators()
    USERNAME_FIELD = "code"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.code

    def roles(self, at: datetime | None = None) -> frozenset[Role]:
        """The roles held at a moment."""
        at = at or timezone.now()
        moment = asked.moment(at)
        return frozenset(Role(role) for (role,) in asked.ask(_HELD, self.pk, moment, moment, moment))


class Grant(models.Model):
    """A role given to an operator by another, for a time. Ended, never deleted.

    expires_at is when it ends by itself; until is when it was ended.
    """

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    by = models.CharField(max_length=40)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        """The laws of a grant, in the database."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["operator"],
                condition=Q(until=None, role__in=sorted(r.value for r in ADMINISTRATORS)),
                name="one_administrator_role_per_operator",
            ),
            models.UniqueConstraint(
                fields=["operator", "role"], condition=Q(until=None), name="a_role_is_held_once"
            ),
        ]

    def clean(self) -> None:
        """Hold the three administrators apart."""
        held = self.operator.roles()
        if Role(self.role) in ADMINISTRATORS and held & ADMINISTRATORS:
            raise ValidationError("one person holds one administrator role at most")


class Enrolment(models.Model):
    """A one-time link by which an operator signs in first and sets up a passkey. Only its digest is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE)
    by = models.CharField(max_length=40)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class Passkey(models.Model):
    """A public-key credential of an operator. Source: W3C Web Authentication, level 3, section 4."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="passkeys")
    credential = models.BinaryField(max_length=1023, unique=True)
    data = models.BinaryField()  # attested credential data: authenticator model, id, public key
    counter = models.BigIntegerField(default=0)
    name = models.CharField(max_length=80, default="")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField()


class Sitting(models.Model):
    """One signed-in session on one device. Ended, never deleted; the browser's cookie is worthless from then on."""

    class How(models.TextChoices):
        """By what the person showed who they are."""

        LINK = "link"
        PASSKEY = "passkey"
        TOTP = "totp"
        OIDC = "oidc"

    key = models.CharField(max_length=40, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="sittings")
    device = models.ForeignKey("devices.Device", on_delete=models.PROTECT, null=True, related_name="sittings")
    how = models.CharField(max_length=10, choices=How.choices)
    ip = models.GenericIPAddressField()
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True)  # when the device last signed
    confirmed_at = models.DateTimeField(null=True)  # when the person last confirmed themselves
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """How sittings are found."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["operator", "ended_at"])]


class Failure(models.Model):
    """A failed sign-in, counted against a name or an address; both as a keyed digest. Cleared after a day."""

    against = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        """How failures are counted."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["against", "at"])]


class Federated(models.Model):
    """An identity at an OpenID provider that an operator linked to their account."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        """One identity is one operator's."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="an_identity_is_one_operators")
        ]
