"""The words of travel: what is to be done, what was done, titles of custody, relationships."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sealtrace.travel.rules import Title

Words = dict[str, str | Promise]

TO_DO: Words = {
    "opinion": _("Opinions are missing"),
    "decide": _("Waits for the decision"),
    "brief": _("Briefing before departure"),
    "report": _("Report after the return"),
}
STEPS: Words = {
    "declared": pgettext_lazy("journey", "Declared"),
    "personnel-for": _("Personnel office: in favour"),
    "personnel-against": _("Personnel office: against"),
    "secrecy-for": _("Secrecy office: in favour"),
    "secrecy-against": _("Secrecy office: against"),
    "allowed": pgettext_lazy("journey", "Allowed"),
    "refused": pgettext_lazy("journey", "Refused"),
    "briefed": _("Briefed"),
    "changed": _("Changed"),
    "reported": _("Reported"),
    "withdrawn": pgettext_lazy("journey", "Given up"),
}
OFFICES: Words = {"personnel": _("Personnel office"), "secrecy": _("Secrecy office")}
RELATIONSHIPS: Words = {
    "spouse": _("spouse"), "parent": _("parent"), "child": _("child"), "sibling": _("sibling"),
    "other": pgettext_lazy("relative", "other"),
}  # fmt: skip
TITLES: dict[Title, tuple[str | Promise, str | Promise]] = {
    Title.VOLUNTARY_SAFEKEEPING: (
        _("Voluntary safekeeping"),
        _("The owner asked for it. It goes back the moment the owner wants it; that can't be refused."),
    ),
    Title.OFFICIAL_PASSPORT: (
        _("Official passport"),
        _("Issued for official journeys, kept by the office between them. Back within a day of asking."),
    ),
    Title.REGISTERED_STAFF_RULE: (
        _("Rule for registered staff"),
        _("A written rule that lists the person by name. Back within a day of asking."),
    ),
    Title.CASE_SEIZURE: (
        _("Seizure in a case"),
        _("Only for an organ named in article 15 of the Passport Law, in a case of its own."),
    ),
}
KINDS: tuple[str | Promise, ...] = (
    _("Passport"), _("Official passport"), _("Travel permit"), _("Seafarer's passport"),
)  # fmt: skip


def title(name: str) -> str:
    """A title of custody in words."""
    return str(TITLES[Title(name)][0])
