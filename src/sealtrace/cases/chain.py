"""A chain of custody as a file that anyone can check without us: statements, openings, receipts, and the keys.

Each act is proven by itself (RFC 9943 statement, RFC 9942 receipt, salted opening), and the acts together must be
a chain: collected once, handed over by who held it, taken by whom it was offered to.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import InputDamaged, ProofInvalid, SealtraceError
from sealtrace.ledger import cose
from sealtrace.ledger.commitment import verify_opening
from sealtrace.ledger.merkle import leaf_hash
from sealtrace.ledger.verify import verify_receipt, verify_statement

from . import files
from .disclosure import View
from .model import Act, Actor, Item, ItemKind, What
from .rules import BY_HOLDER, CUSTODY, STEPS

FORM = "sealtrace custody chain 1"


@dataclass(frozen=True, slots=True)
class Chain:
    """What a file proves: the item, its acts in order, and what is wrong with them; nothing when it holds."""

    case: str
    item: str
    acts: tuple[Act, ...]
    problems: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        rows = [
            {"what": a.what.value, "by": str(a.by), "at": a.at.isoformat(), "entry": a.entry}
            for a in self.acts
        ]
        return {"ok": True, "holds": not self.problems, "case": self.case, "item": self.item, "acts": rows,
                "problems": list(self.problems)}  # fmt: skip


def write(office: Office, view: View, item: str) -> bytes:
    """Write the chain of one piece of evidence as the view shows it; what the view hides is there as a hash."""
    piece = view.item(item, ItemKind.EVIDENCE)
    openings = files.openings(office, view.number)
    keys = office.ledger.keys()
    acts = [_proven(office, act, openings[act.entry]) for act in piece.acts if act.what in CUSTODY]
    body = {
        "form": FORM, "case": view.number, "item": item, "acts": acts, "issuer": office.home.config.issuer,
        "statement_keys": list(office.ledger.trusted_statement_keys()), "receipt_keys": list(keys.receipt_keys),
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"


def _proven(office: Office, act: Act, opening: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    from sealtrace.ledger.commitment import field_commitment

    hidden = {name for name in opening if name not in act.fields and name not in (*files.FRAME, "key")}
    return {
        "statement": office.ledger.entry(act.entry).statement.hex(), "receipt": office.ledger.receipt(act.entry).hex(),
        "opening": {n: [s.hex(), _plain(v)] for n, (s, v) in opening.items() if n not in hidden},
        "hidden": sorted(field_commitment(n, *opening[n]).hex() for n in hidden),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _value(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def verify(data: bytes, keys: Sequence[str] = ()) -> Chain:
    """Check a chain file; with `keys` (PEM) only statements and receipts of those keys count, not those inside it.

    Raises:
        InputDamaged: these bytes are no such file.
    """
    try:
        body = json.loads(data)
        if body["form"] != FORM:
            raise ValueError("another form")
        case, item = str(body["case"]), str(body["item"])
        given = [str(k) for k in body["statement_keys"]], [str(k) for k in body["receipt_keys"]]
        raw = list(body["acts"])
        if not raw:
            raise ValueError("no acts")
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise InputDamaged(f"this is no custody chain: {e}", advice="Ask for the file again.") from e
    statements, receipts = (list(keys), list(keys)) if keys else given
    acts: list[Act] = []
    problems: list[str] = []
    for place, one in enumerate(raw, 1):
        try:
            acts.append(_act(one, case, statements, receipts))
        except (SealtraceError, ValueError, KeyError, TypeError, AttributeError) as e:
            problems.append(f"act {place}: {e}")
    if not problems:
        problems = _follow(acts, item)
    return Chain(case, item, tuple(acts), tuple(problems))


def _act(
    one: Mapping[str, Any], case: str, statement_keys: Sequence[str], receipt_keys: Sequence[str]
) -> Act:
    statement = bytes.fromhex(one["statement"])
    opening = {name: [bytes.fromhex(salt), _value(value)] for name, (salt, value) in one["opening"].items()}
    hidden = [bytes.fromhex(h) for h in one["hidden"]]
    if any(len(h) != hashlib.sha256().digest_size for h in hidden):
        raise ProofInvalid("a hidden field's hash is malformed")
    verify_statement(statement, statement_keys)
    payload = cose.parse(statement)[3]
    if payload is None or not verify_opening(payload, opening, hidden):
        raise ProofInvalid("what is shown does not open the statement's commitment")
    proven = verify_receipt(bytes.fromhex(one["receipt"]), statement, receipt_keys)
    fields = {name: value for name, (_, value) in opening.items()}
    frame = {name: fields.pop(name) for name in files.FRAME}
    if frame["case"] != case:
        raise ProofInvalid(f"it is of case {frame['case']}")
    what = What(str(frame["event"]).removeprefix("case:"))
    return Act(proven.index, leaf_hash(statement), frame["number"], what, frame["item"], Actor.parse(frame["by"]),
               datetime.fromisoformat(frame["at"]), fields)  # fmt: skip


def _follow(acts: Sequence[Act], name: str) -> list[str]:
    """What keeps these acts from being one chain of this item."""
    problems: list[str] = []
    first = acts[0]
    made = first.what is What.COLLECTED and first.item == name
    part = first.what is What.SPLIT and first.fields.get("part") == name
    if not (made or part):
        return ["it does not begin with the collection of this item"]
    holder = Actor.parse(str(first.fields["holder"])) if made else first.by
    item = Item(
        name,
        ItemKind.EVIDENCE,
        first.by.department,
        "held",
        {**first.fields, "holder": str(holder)},
        (first,),
    )
    for before, act in itertools.pairwise(acts):
        step = STEPS.get(act.what)
        if (act.entry, act.number, act.at) <= (
            before.entry,
            before.number,
            before.at,
        ) or act.number <= before.number:
            problems.append(f"entry {act.entry} does not come after entry {before.entry}")
        if step is None or act.item != name or act.what not in CUSTODY or item.state not in step.before:
            problems.append(f"{act.what} (entry {act.entry}) does not follow from {item.state}")
            break
        if act.what in BY_HOLDER and item.holder != act.by:
            problems.append(f"{act.what} (entry {act.entry}) is by {act.by}; {item.holder} held it")
        if act.what in (What.ACCEPTED, What.DECLINED) and (
            item.text("offered_to") not in (act.by.department.value, str(act.by)) or item.holder == act.by
        ):
            problems.append(f"entry {act.entry}: {act.by} is not whom it was offered to")
        if act.what is What.ACCEPTED and item.sha256 is not None and act.fields.get("rehash") != item.sha256:
            problems.append(f"entry {act.entry}: the original's digest is not the one that was collected")
        item = item.moved(act, step.after) if act.what is not What.SPLIT else item
    return problems
