"""The words of actions, roles and of what is lacking."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "account:enrol": gettext_lazy("set up one's own passkeys"),
    "account:sign-in": gettext_lazy("sign in"),
    "account:see": gettext_lazy("see one's own account"),
    "appeal:decide": gettext_lazy("answer petitions and appeals"),
    "appeal:list": gettext_lazy("see petitions that wait"),
    "approval:list": gettext_lazy("see requests for approval"),
    "audit:export": gettext_lazy("take the audit trail out"),
    "audit:see": gettext_lazy("see the audit trail"),
    "candidate:decide": gettext_lazy("hear a person, open or reject a candidate"),
    "candidate:review": gettext_lazy("review a candidate of a roster"),
    "candidate:see": gettext_lazy("see a candidate of a roster"),
    "clearance:set": gettext_lazy("set an operator's clearance"),
    "copy:approve": gettext_lazy("approve an issue as the second person"),
    "copy:issue": gettext_lazy("issue copies"),
    "copy:list": gettext_lazy("see copies and their recipients"),
    "copy:release": gettext_lazy("release a copy"),
    "copy:revoke": gettext_lazy("revoke a copy"),
    "device:list": gettext_lazy("see devices"),
    "device:revoke": gettext_lazy("revoke a device"),
    "device:sign": gettext_lazy("send a request that the device signed"),
    "document:keep": gettext_lazy("keep travel documents"),
    "document:own": gettext_lazy("see one's own documents in custody"),
    "document:take": gettext_lazy("take a travel document into custody"),
    "document:verify": gettext_lazy("verify the title of custody"),
    "evidence:export": gettext_lazy("export evidence"),
    "exception:approve": gettext_lazy("approve an exception"),
    "exception:ask": gettext_lazy("ask for an exception"),
    "exception:use": gettext_lazy("read by an exception"),
    "family:see": gettext_lazy("see who travels along"),
    "file:list": gettext_lazy("see the register"),
    "file:open": gettext_lazy("open a file"),
    "file:rights": gettext_lazy("see under what a file may be read"),
    "file:restrict": gettext_lazy("say under what a file may be read"),
    "file:register": gettext_lazy("register files"),
    "home:see": gettext_lazy("see the start page"),
    "journey:calendar": gettext_lazy("see the calendar of journeys"),
    "journey:declare": gettext_lazy("declare a journey"),
    "journey:own": gettext_lazy("see one's own journeys"),
    "journey:weigh": gettext_lazy("give opinions on journeys and decide them"),
    "leaving:act": gettext_lazy("work through a leaving"),
    "leak:see": gettext_lazy("see traces"),
    "leak:trace": gettext_lazy("trace a leak"),
    "ledger:see": gettext_lazy("see the ledger"),
    "module:approve": gettext_lazy("approve an impact assessment"),
    "module:assess": gettext_lazy("put an impact assessment into force"),
    "module:see": gettext_lazy("see which parts are on"),
    "officer:appoint": gettext_lazy("name who hears appeals"),
    "need:list": gettext_lazy("see who needs to know a file"),
    "need:set": gettext_lazy("change who needs to know a file"),
    "operator:add": gettext_lazy("make an operator"),
    "operator:disable": gettext_lazy("switch an operator off"),
    "operator:invite": gettext_lazy("give a one-time sign-in link"),
    "operator:list": gettext_lazy("see operators"),
    "own:ask": gettext_lazy("object, appeal or ask for erasure"),
    "own:correct": gettext_lazy("have one's own record corrected"),
    "own:export": gettext_lazy("take one's own record along"),
    "own:see": gettext_lazy("see what is held about oneself"),
    "package:hand-over": gettext_lazy("make a package for an outsider and hand it over"),
    "package:list": gettext_lazy("see packages for outsiders"),
    "package:order": gettext_lazy("order a package for an outsider"),
    "package:receive": gettext_lazy("bring back the receipt of a package"),
    "page:view": gettext_lazy("view a page"),
    "person:access": gettext_lazy("see who may look at whom"),
    "person:grant": gettext_lazy("grant purposes and switch parts on"),
    "person:keep": gettext_lazy("enter people and propose changes"),
    "person:list": gettext_lazy("open the register of people"),
    "person:report": gettext_lazy("report to an authority"),
    "person:review": gettext_lazy("review a change"),
    "person:see": gettext_lazy("open a person's file"),
    "person:unmask": gettext_lazy("show who a person is"),
    "policy:see": gettext_lazy("see everybody's decisions"),
    "policy:why": gettext_lazy("see why a rule decides"),
    "post:decide": gettext_lazy("decide a designation"),
    "post:keep": gettext_lazy("enter a post"),
    "post:list": gettext_lazy("see sensitive posts"),
    "post:propose": gettext_lazy("propose a designation"),
    "restriction:act": gettext_lazy("serve, review or release a restriction"),
    "restriction:decide": gettext_lazy("decide a restriction"),
    "restriction:pay": gettext_lazy("record a compensation"),
    "restriction:propose": gettext_lazy("propose a restriction"),
    "restriction:see": gettext_lazy("see what is to be decided and due"),
    "role:approve": gettext_lazy("approve an administrator's role"),
    "role:end": gettext_lazy("end a role"),
    "role:grant": gettext_lazy("give a role"),
    "roster:list": gettext_lazy("see rosters and waiting candidates"),
    "roster:screen": gettext_lazy("screen a published roster"),
    "subject:erase": gettext_lazy("carry out an erasure"),
    "purpose:set": gettext_lazy("change the office’s purposes"),
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
