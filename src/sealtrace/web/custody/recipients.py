"""Recipients as people paste them: lines of a CSV file or of a spreadsheet."""

from __future__ import annotations

import csv

from django.utils.translation import gettext as _

from sealtrace.custody.model import Recipient
from sealtrace.errors import UsageProblem

MOST_RECIPIENTS = 2_000
COLUMNS = ("operator", "device", "ip")


def read_recipients(text: str) -> list[Recipient]:
    """Recipients from pasted lines: operator, device, IP; a heading, tabs and semicolons are taken too.

    Raises:
        UsageProblem: a line is wrong, or there are none or too many; the message names the line.
    """
    lines = [line.strip() for line in text.splitlines()]
    found: list[Recipient] = []
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        separator = next((s for s in ("\t", ";", "，", ",") if s in line), ",")
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        if tuple(cell.casefold() for cell in cells) == COLUMNS:
            continue
        if len(cells) != len(COLUMNS):
            raise UsageProblem(
                _("Line %(n)d has not the three parts operator, device, IP. Nothing was issued.")
                % {"n": number}
            )
        try:
            found.append(Recipient(*cells))
        except UsageProblem as e:
            problem = _("Line %(n)d: %(problem)s. Nothing was issued.") % {"n": number, "problem": e.message}
            raise UsageProblem(problem, advice=e.hint) from None
    if not found:
        raise UsageProblem(
            _("There are no recipients. Nothing was issued."), advice=_("Give a line for each copy.")
        )
    if len(found) > MOST_RECIPIENTS:
        raise UsageProblem(_("At most %(n)d copies at once. Nothing was issued.") % {"n": MOST_RECIPIENTS})
    return found
