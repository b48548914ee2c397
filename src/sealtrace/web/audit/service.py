"""Keep decisions and reads in a chain of digests, anchor it in the ledger, look through it, take it out."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sealtrace.errors import Corrupted
from sealtrace.policy.model import Actor, Decision, Subject

from .. import deeds
from .models import Head, Line

ANCHOR_EVERY = 1000
PAGE = 50
CHUNK = 2000
COLUMNS = ("number", "at", "kind", "operator", "device", "ip", "action", "subject", "rules", "digest")


def digest(before: str, line: Line) -> str:
    """The digest of a line: SHA-256, in hex, over the one before and the line's facts as canonical JSON."""
    facts = [
        line.number, line.at.isoformat(), line.kind, line.operator, line.device, line.ip, line.action, line.subject,
        line.rules,
    ]  # fmt: skip
    text = json.dumps([before, *facts], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def keep(kind: Line.Kind, actor: Actor, action: str, subject: Subject, rules: str, *, now: datetime) -> Line:
    """Add a line; durable when it returns. Each thousandth also anchors the chain in the ledger."""
    with transaction.atomic():
        Head.objects.get_or_create(id=1)
        head = Head.objects.select_for_update().get(id=1)
        line = Line(
            number=head.number + 1, at=now, kind=kind, operator=actor.operator, device=actor.device, ip=actor.ip,
            action=action, subject=f"{subject.kind} {subject.id}"[:200], rules=rules[:200],
        )  # fmt: skip
        line.digest = digest(head.digest, line)
        line.save(force_insert=True)
        Head.objects.filter(id=1).update(number=line.number, digest=line.digest)
    if line.number % ANCHOR_EVERY == 0:
        anchor()
    return line


def keep_denial(actor: Actor, decision: Decision, subject: Subject, *, now: datetime) -> Line:
    """Keep that the policy denied something, and by which rules."""
    rules = " ".join(reason.rule for reason in decision.reasons) or "no rule allows it"
    return keep(Line.Kind.DENIED, actor, decision.action, subject, rules, now=now)


def anchor() -> Head:
    """Enter the newest line's digest in the ledger, unless it stands there already."""
    with deeds.together() as enter:
        Head.objects.get_or_create(id=1)
        head = Head.objects.select_for_update().get(id=1)
        if head.number > head.anchored:
            head.entry = enter("audit:anchored", "audit", {"number": head.number, "digest": head.digest})
            head.anchored = head.number
            head.save(update_fields=["entry", "anchored"])
    return head


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for; empty fields match everything. `before` is the number that the page begins below."""

    kind: str = ""
    operator: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def lines(asked: Asked) -> QuerySet[Line]:
    """The matching lines, newest first."""
    rows = Line.objects.order_by("-number")
    exact = {"kind": asked.kind, "operator": asked.operator, "action": asked.action}
    rows = rows.filter(**{key: value for key, value in exact.items() if value})
    if asked.subject:
        rows = rows.filter(
            subject__in=[f"{kind} {asked.subject}" for kind in ("File", "Copy", "Operator", "Device")]
        )
    if asked.since:
        rows = rows.filter(at__gte=asked.since)
    if asked.until:
        rows = rows.filter(at__lt=asked.until)
    return rows.filter(number__lt=asked.before) if asked.before else rows


def export(asked: Asked) -> Iterator[str]:
    """The matching lines as CSV, oldest first, after a head line that names the ledger entry the chain is anchored in.

    The chain is anchored first, so that whoever has the file can check every digest against the ledger.
    """
    head = anchor()
    yield _row(["# chain", head.number, head.digest, "ledger entry", head.entry])
    yield _row(COLUMNS)
    after = 0
    while True:
        some = list(lines(asked).order_by("number").filter(number__gt=after)[:CHUNK])
        if not some:
            return
        for line in some:
            yield _row([getattr(line, name) if name != "at" else line.at.isoformat() for name in COLUMNS])
        after = some[-1].number


def _row(values: object) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) for value in values])  # type: ignore[attr-defined]
    return out.getvalue()


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, marked as text. Source: OWASP, CSV injection."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def check() -> int:
    """Go through the whole chain; returns how many lines hold. Raises Corrupted at the first that does not."""
    before, count = "0" * 64, 0
    for line in Line.objects.order_by("number").iterator(CHUNK):
        count += 1
        if line.number != count or line.digest != digest(before, line):
            raise Corrupted(f"line {line.number} of the audit trail is not what was written")
        before = line.digest
    head = Head.objects.filter(id=1).first()
    if head is not None and (head.number, head.digest) != (count, before):
        raise Corrupted("the newest line of the audit trail is missing")
    return count
