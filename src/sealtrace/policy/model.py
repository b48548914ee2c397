"""Values of the policy: who acts from where, on what, and what was decided by which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Attribute = str | bool | int | tuple[str, ...]


class Role(StrEnum):
    """What a person is here for. Roles give actions; attributes and context narrow them."""

    READER = "reader"
    REGISTRAR = "registrar"
    ISSUER = "issuer"
    APPROVER = "approver"
    TRACER = "tracer"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system-admin"
    SECURITY_ADMIN = "security-admin"
    AUDIT_ADMIN = "audit-admin"
    PERSONNEL = "personnel"
    LICENSING = "licensing"
    CUSTOMS = "customs"
    APPEALS = "appeals"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""At most one of these per person. Source: GB/T 22239-2019, level 3, separation of three administrators."""


class DeviceState(StrEnum):
    """What is known of the device a request comes from."""

    ENROLLED = "enrolled"
    UNKNOWN = "unknown"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, on which device, from which address: the facts that each copy carries too.

    stepped_up: the person confirmed themselves again within the last minutes. purpose: what they say it is for.
    exemptions: approved exceptions in force, each "ACTION SUBJECT-ID". bound: the office has named its own networks.
    within_hours: it is inside the office's hours, or there are none. advises: the department for which the person's
    organisation advises on licences; none when empty.
    """

    operator: str
    device: str
    ip: str
    organisation: str = ""
    roles: frozenset[Role] = frozenset()
    clearance: str = "general"
    device_state: DeviceState = DeviceState.UNKNOWN
    internal: bool = False
    stepped_up: bool = False
    purpose: str = ""
    exemptions: tuple[str, ...] = ()
    bound: bool = False
    within_hours: bool = True
    advises: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on: its Cedar type and id, with the attributes the rules look at. A tuple is a set of texts."""

    kind: str
    id: str
    attributes: dict[str, Attribute] = field(default_factory=dict)


ANYTHING = Subject("Office", "this")


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that decided: its id and what it says, in English and Chinese."""

    rule: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action is allowed, and the rules that say so.

    missing: when it is denied, the rules that would allow it, had the actor met them; needs: what is lacking for
    that, such as "role:tracer", "clearance", "step-up". Both are filled in by `engine.explain` alone.
    step_up: it would be allowed to somebody who confirmed themselves a moment ago.
    """

    allowed: bool
    action: str
    reasons: tuple[Reason, ...]
    missing: tuple[Reason, ...] = ()
    needs: tuple[str, ...] = ()
    step_up: bool = False
