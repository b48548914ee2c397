"""The words of the ledger's events, as people read them. docs/events.md lists the same names; a test compares."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "home:created": _("Office set up"),
    "file:registered": _("Version registered"),
    "file:batch-sealed": _("Batch of live data sealed"),
    "copy:issued": _("Copy issued"),
    "copy:viewed": _("Page viewed"),
    "copy:delivered": _("Copy delivered"),
    "leak:traced": _("Leak traced"),
    "leak:reviewed": _("Trace reviewed"),
    "subject:erased": _("Personal data erased"),
    "ledger:policy-set": _("Witnesses set"),
    "ledger:issuer-trusted": _("Outside issuer trusted"),
    "ledger:key-rotated": _("Signing keys renewed"),
    "ledger:key-retired": _("Old keys retired"),
    "ledger:shard-closed": _("Stretch of the log closed"),
    "ledger:shard-purged": _("Closed stretch purged"),
    "licence:opened": _("Licence made known"),
    "licence:issued": _("Licence issued"),
    "licence:granted": _("Quantity granted"),
    "licence:reserved": _("Quantity reserved"),
    "licence:drawn": _("Quantity drawn"),
    "licence:released": _("Reservation released"),
    "licence:corrected": _("Draw corrected"),
    "licence:lapsed": _("Rest of a licence lapsed"),
    "licence:suspended": _("Licence suspended"),
    "licence:reinstated": _("Licence reinstated"),
    "licence:revoked": _("Licence revoked"),
    "licence:surrendered": _("Licence surrendered"),
    "licence:cancelled": _("Licence cancelled"),
    "purged": _("Statement purged; its hash stays"),
}


def words(event: str) -> str | Promise:
    """An event in words; one that has none yet is shown by its name."""
    return WORDS.get(event, event)
