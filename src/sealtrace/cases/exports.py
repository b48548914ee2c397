"""What leaves a case as a file: each is in the disclosure log, with its SHA-256, before anybody has it."""

from __future__ import annotations

from enum import StrEnum

from sealtrace.custody.office import Office
from sealtrace.errors import UsageProblem

from . import chain, disclosure, files, report, service, stix, uco
from .files import WAIT_S, Done
from .model import Actor, ItemKind
from .words import Language


class Form(StrEnum):
    """In what form."""

    REPORT = "report"
    STIX = "stix"
    CASE = "case"
    CHAIN = "chain"


def export(
    office: Office, by: Actor, number: str, form: Form, *, to: str, purpose: str, item: str = "",
    language: Language = "en",
) -> tuple[bytes, Done]:  # fmt: skip
    """Write what this person may see of a case in a form, and enter the disclosure; gives the bytes and its act.

    `item` names the piece of evidence whose chain is written. Referrals and other disclosures are not passed on.

    Raises:
        NotRegistered: this person sees no such case or item.
    """
    with office.writing(WAIT_S):
        seen, org, now = (
            disclosure.view(files.load(office, number), by),
            office.home.config.org,
            office.clock.now(),
        )
        if form is Form.CHAIN:
            if not item:
                raise UsageProblem("a chain is of one piece of evidence", advice="Name it.")
            data, scope = chain.write(office, seen, item), [item]
        else:
            kept = [
                i.id for i in seen.items.values() if i.kind not in (ItemKind.REFERRAL, ItemKind.DISCLOSURE)
            ]
            scope = kept
            if form is Form.REPORT:
                data = report.report(seen, org, now, language)
            else:
                data = (stix.bundle if form is Form.STIX else uco.graph)(seen, org, now)
        done = service.disclosed(
            office, by, number, to=to, purpose=purpose, what=form.value, data=data, scope=scope
        )
        return data, done
