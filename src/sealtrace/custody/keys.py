"""Rotation of the log's signing keys: an entry that the old key signs and the new one countersigns.

From the rotation on both keys sign every head, until the old one is retired, which is an entry too. What
a key signed is judged by tree size, never by a clock.
"""

from __future__ import annotations

import apsw

from sealtrace.errors import UsageProblem
from sealtrace.ledger.heads import FIRST
from sealtrace.ledger.keys import Signers
from sealtrace.ledger.model import Entry, Generation
from sealtrace.ledger.rotation import possession_message

from .office import Office

ROTATED, RETIRED = "ledger:key-rotated", "ledger:key-retired"


def rotate(office: Office) -> Entry:
    """Begin a new generation of keys; the old ones go on signing heads beside it."""
    with office.writing():
        heads = office.ledger.heads
        new = heads.next_signers(office.ledger.size())
        fields = {
            "old_verifier_key": heads.signers.checkpoint.public.text,
            "new_verifier_key": new.checkpoint.public.text,
            "new_statement_key": new.statement_key,
            "new_receipt_key": new.receipt_key,
        }
        fields["possession"] = new.checkpoint.key.sign(possession_message(fields)).hex()

        def begin(db: apsw.Connection, entry: Entry) -> None:
            if new.generation.number == FIRST.number + 1:
                db.execute("INSERT OR IGNORE INTO generations VALUES (?, ?, NULL)", (FIRST.number, 0))
            db.execute(
                "INSERT INTO generations VALUES (?, ?, NULL)", (new.generation.number, entry.index + 1)
            )

        return office.record_act(ROTATED, "ledger", fields, begin)


def retire(office: Office) -> Entry:
    """End the overlap: generations before the current one sign no more.

    Raises:
        UsageProblem: there is none.
    """
    with office.writing():
        old = retiring(office)
        current: Signers = office.ledger.heads.signers

        def end(db: apsw.Connection, entry: Entry) -> None:
            db.execute(
                "UPDATE generations SET retired_at = ? WHERE retired_at IS NULL AND number < ?",
                (entry.index + 1, current.generation.number),
            )

        fields = {"retired": ",".join(str(g.number) for g in old), "current": str(current.generation.number)}
        return office.record_act(RETIRED, "ledger", fields, end)


def retiring(office: Office) -> list[Generation]:
    """The generations that `retire` would end. Raises UsageProblem: there is none."""
    newest = max(g.number for g in active(office))
    old = [generation for generation in active(office) if generation.number != newest]
    if not old:
        raise UsageProblem(
            "no older key is in use", advice="Begin a new one first: `sealtrace ledger key rotate`."
        )
    return old


def active(office: Office) -> list[Generation]:
    """The generations whose line stands on heads now."""
    from sealtrace.ledger.heads import generations

    return [g for g in generations(office.db) if g.retired_at is None]
