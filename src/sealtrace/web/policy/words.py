"""The words of actions, roles and of what is lacking."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

ACTIONS: dict[str, str | Promise] = {
    "account:enrol": lazy("set up one's own passkeys"),
    "account:see": lazy("see one's own account"),
    "approval:list": lazy("see requests for approval"),
    "audit:export": lazy("take the audit trail out"),
    "audit:see": lazy("see the audit trail"),
    "clearance:set": lazy("set an operator's clearance"),
    "copy:approve": lazy("approve an issue as the second person"),
    "copy:issue": lazy("issue copies"),
    "copy:list": lazy("see copies and their recipients"),
    "copy:release": lazy("release a copy"),
    "copy:revoke": lazy("revoke a copy"),
    "device:list": lazy("see devices"),
    "device:revoke": lazy("revoke a device"),
    "evidence:export": lazy("export evidence"),
    "exception:approve": lazy("approve an exception"),
    "exception:ask": lazy("ask for an exception"),
    "file:list": lazy("see the register"),
    "file:open": lazy("open a file"),
    "file:register": lazy("register files"),
    "home:see": lazy("see the start page"),
    "leak:see": lazy("see traces"),
    "leak:trace": lazy("trace a leak"),
    "ledger:see": lazy("see the ledger"),
    "operator:add": lazy("make an operator"),
    "operator:disable": lazy("switch an operator off"),
    "operator:invite": lazy("give a one-time sign-in link"),
    "operator:list": lazy("see operators"),
    "own:see": lazy("see what is held about oneself"),
    "page:view": lazy("view a page"),
    "person:unmask": lazy("show who a person is"),
    "policy:see": lazy("see everybody's decisions"),
    "policy:why": lazy("see why a rule decides"),
    "role:approve": lazy("approve an administrator's role"),
    "role:end": lazy("end a role"),
    "role:grant": lazy("give a role"),
}

ROLES: dict[str, str | Promise] = {
    "reader": lazy("Reader"),
    "registrar": lazy("Registrar"),
    "issuer": lazy("Issuer"),
    "approver": lazy("Approver"),
    "tracer": lazy("Tracer"),
    "auditor": lazy("Auditor"),
    "system-admin": lazy("System administrator"),
    "security-admin": lazy("Security administrator"),
    "audit-admin": lazy("Audit administrator"),
    "personnel": lazy("Personnel officer"),
    "licensing": lazy("Licensing officer"),
    "customs": lazy("Customs officer"),
    "appeals": lazy("Appeals officer"),
}


def action(name: str) -> str:
    """What an action is, in words; its name when it has none yet."""
    return str(ACTIONS.get(name, name))


def role(name: str) -> str:
    """A role in words."""
    return str(ROLES.get(name, name))


def need(name: str) -> str:
    """What is lacking, in words."""
    if name.startswith("role:"):
        return _("the role %(role)s") % {"role": role(name.removeprefix("role:"))}
    return {
        "clearance": _("a higher clearance"),
        "device": _("an enrolled device"),
        "network": _("one of the office's own networks"),
        "step-up": _("a confirmation within the last five minutes"),
        "purpose": _("a stated purpose"),
        "hours": _("the office's hours"),
    }[name]
