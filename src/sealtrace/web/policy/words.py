"""The words of actions, roles and of what is lacking."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "account:enrol": gettext_lazy("set up one's own passkeys"),
    "account:sign-in": gettext_lazy("sign in"),
    "account:see": gettext_lazy("see one's own account"),
    "approval:list": gettext_lazy("see requests for approval"),
    "audit:export": gettext_lazy("take the audit trail out"),
    "audit:see": gettext_lazy("see the audit trail"),
    "clearance:set": gettext_lazy("set an operator's clearance"),
    "copy:approve": gettext_lazy("approve an issue as the second person"),
    "copy:issue": gettext_lazy("issue copies"),
    "copy:list": gettext_lazy("see copies and their recipients"),
    "copy:release": gettext_lazy("release a copy"),
    "copy:revoke": gettext_lazy("revoke a copy"),
    "device:list": gettext_lazy("see devices"),
    "device:revoke": gettext_lazy("revoke a device"),
    "device:sign": gettext_lazy("send a request that the device signed"),
    "evidence:export": gettext_lazy("export evidence"),
    "exception:approve": gettext_lazy("approve an exception"),
    "exception:ask": gettext_lazy("ask for an exception"),
    "exception:use": gettext_lazy("read by an exception"),
    "file:list": gettext_lazy("see the register"),
    "file:open": gettext_lazy("open a file"),
    "file:rights": gettext_lazy("see under what a file may be read"),
    "file:restrict": gettext_lazy("say under what a file may be read"),
    "file:register": gettext_lazy("register files"),
    "home:see": gettext_lazy("see the start page"),
    "leak:see": gettext_lazy("see traces"),
    "leak:trace": gettext_lazy("trace a leak"),
    "ledger:see": gettext_lazy("see the ledger"),
    "need:list": gettext_lazy("see who needs to know a file"),
    "need:set": gettext_lazy("change who needs to know a file"),
    "operator:add": gettext_lazy("make an operator"),
    "operator:disable": gettext_lazy("switch an operator off"),
    "operator:invite": gettext_lazy("give a one-time sign-in link"),
    "operator:list": gettext_lazy("see operators"),
    "own:see": gettext_lazy("see what is held about oneself"),
    "page:view": gettext_lazy("view a page"),
    "person:unmask": gettext_lazy("show who a person is"),
    "policy:see": gettext_lazy("see everybody's decisions"),
    "policy:why": gettext_lazy("see why a rule decides"),
    "purpose:set": gettext_lazy("change the office’s purposes"),
    "role:approve": gettext_lazy("approve an administrator's role"),
    "role:end": gettext_lazy("end a role"),
    "role:grant": gettext_lazy("give a role"),
    "token:own": gettext_lazy("make tokens for one’s own programs"),
}

ROLES: dict[str, str | Promise] = {
    "reader": gettext_lazy("Reader"),
    "registrar": gettext_lazy("Registrar"),
    "issuer": gettext_lazy("Issuer"),
    "approver": gettext_lazy("Approver"),
    "tracer": gettext_lazy("Tracer"),
    "auditor": gettext_lazy("Auditor"),
    "system-admin": gettext_lazy("System administrator"),
    "security-admin": gettext_lazy("Security administrator"),
    "audit-admin": gettext_lazy("Audit administrator"),
    "personnel": gettext_lazy("Personnel officer"),
    "licensing": gettext_lazy("Licensing officer"),
    "customs": gettext_lazy("Customs officer"),
    "appeals": gettext_lazy("Appeals officer"),
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
        return gettext("the role %(role)s") % {"role": role(name.removeprefix("role:"))}
    return {
        "clearance": gettext("a higher clearance"),
        "device": gettext("an enrolled device"),
        "network": gettext("one of the office's own networks"),
        "step-up": gettext("a confirmation within the last five minutes"),
        "purpose": gettext("a stated purpose"),
        "hours": gettext("the office's hours"),
    }[name]
