"""A technical file for an outsider is an export, inside the country too: it is judged before a copy is made.

An outsider is a foreign person or body, declared by country when a copy is issued. Whoever asks says so; no one is
an outsider by silence, and no one by a guess at a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from sealtrace.custody.model import Version
from sealtrace.custody.office import Office
from sealtrace.errors import LicenceNeeded, LicenceNotInForce, UsageProblem

from . import desk
from .carriers import judge
from .classify import Classification, Decision
from .states import USABLE

EVENT = "licence:outsider-cleared"
PROHIBITED = (Decision.PROHIBITED_TECHNOLOGY, Decision.PROHIBITED_END_USE)


@dataclass(frozen=True, slots=True)
class Clearance:
    """Why a file may go to an outsider: its class, the licence it goes under if any, what to look at."""

    country: str
    classification: Classification
    licence: str | None
    warning: bool  # nothing forbids it, and nothing certain clears it
    entry: int

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "country": self.country, "decision": self.classification.decision.value,
            "entries": list(self.classification.entries), "licence": self.licence, "warning": self.warning,
            "entry": self.entry, "reasons": [r.as_dict() for r in self.classification.reasons],
        }  # fmt: skip


def may_issue(office: Office, version: Version, country: str, licence: str | None = None) -> Clearance:
    """Clear a file for an outsider in a country and enter the clearance, before any copy is made.

    What the catalogue prohibits goes to nobody abroad. What an entry takes, or may take, goes only under a licence
    that is named; one whose account is kept here must be in force. What no entry points at goes with a warning:
    that no word was found clears nothing.

    Raises:
        LicenceNeeded: it is prohibited, or no licence is named.
        LicenceNotInForce: the named licence may not be used.
        UsageProblem: this is no country code.
    """
    place = country.strip().upper()
    if not (len(place) == 2 and place.isascii() and place.isalpha()) or place == "CN":
        raise UsageProblem(f"{country!r} is no country code of two letters abroad, such as DE")
    found = judge(office, version, None, place)
    if found.decision in PROHIBITED:
        raise LicenceNeeded(
            f"{version.ref} is prohibited technology ({', '.join(found.entries)})",
            advice="It does not leave, under any licence.",
        )
    pointed = (*found.entries, *found.candidates)
    if found.decision is not Decision.NOT_CONTROLLED and pointed and not licence:
        raise LicenceNeeded(f"{version.ref} for {place}: {found.decision.value} ({', '.join(pointed)})")
    if licence:
        _must_be_usable(office, licence)
    fields: dict[str, str | int | bytes | None] = {
        "code": str(version.ref), "country": place, "decision": found.decision.value,
        "entries": ", ".join(found.entries), "licence": licence or "", "lists": found.lists[1][2],
    }  # fmt: skip
    subject = office.subjects.token("outsider", str(version.ref)).hex()
    entry = office.record_act(EVENT, subject, fields, lambda _db, _entry: None)
    return Clearance(place, found, licence, found.decision is not Decision.NOT_CONTROLLED, entry.index)


def _must_be_usable(office: Office, number: str) -> None:
    """A licence that is accounted for here must be in force; one granted elsewhere is named and not looked into."""
    from . import store

    if store.licence(office.db, number) is None:
        return
    state = desk.account(office, number).state
    if state not in USABLE:
        raise LicenceNotInForce(f"{number} is {state}")
