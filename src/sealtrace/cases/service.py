"""What people do in cases: one function each. Screens and the command line call these and nothing else.

Every function takes the open office and the person. It sees the case as that person may (`disclosure.view`), is
refused by the rules or done, and is durable in the ledger when it returns. With a `key` the same request is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sealtrace.custody.model import written
from sealtrace.custody.office import Office
from sealtrace.errors import Denied, KeyReused, NotRegistered, StepRefused, UsageProblem

from . import disclosure, files, rules, store
from .disclosure import View
from .files import WAIT_S, Done
from .model import (
    MAX_TEXT,
    Act,
    Actor,
    Case,
    CaseKind,
    Department,
    Item,
    ItemKind,
    Result,
    SubjectKind,
    Value,
    What,
)

APPEAL_DAYS = 60
"""Administrative Reconsideration Law of the PRC, art. 20: within 60 days of knowing of the act."""
UNSHARED = frozenset({ItemKind.REFERRAL, ItemKind.DISCLOSURE})


def said(text: str, what: str) -> str:
    """Check a text a person gives. Raises UsageProblem when there is nothing in it, or too much."""
    cleaned = text.strip()
    if not cleaned:
        raise UsageProblem(f"{what} is empty", advice=f"Give {what}.")
    if len(cleaned) > MAX_TEXT:
        raise UsageProblem(
            f"{what} has more than {MAX_TEXT:,} characters", advice="Add it as evidence instead."
        )
    return cleaned


def _do(
    office: Office, by: Actor, number: str, what: What, fields: Mapping[str, Value], *, item: str = "",
    key: str | None = None, dry_run: bool = False,
) -> Done:  # fmt: skip
    """See the case as this person may, judge the step, enter it."""
    with office.writing(WAIT_S):
        case = files.load(office, number)
        seen = disclosure.view(case, by)
        if key is not None and (before := files.repeated(office, case, key, what, by, fields)):
            return Done(number, before, _shown(case, by, before.item), replayed=True)
        target = seen.item(item) if item else None
        if not seen.joined and what not in (What.REFERRAL_ACCEPTED, What.REFERRAL_DECLINED):
            raise Denied(
                f"{by.department} has not accepted a referral of case {number}", advice="Accept it first."
            )
        rules.must_allow(case, what, by, target, fields)
        step = rules.STEPS.get(what)
        name = item or (rules.next_id(case, step.kind) if step else "")
        if dry_run:
            act = Act(-1, b"", case.acts[-1].number + 1, what, name, by, office.clock.now(), dict(fields))
        else:
            act = files.add(office, number, case, what, name, by, fields, key)
        return Done(number, act, _shown(rules.after(case, act), by, name))


def _shown(case: Case, by: Actor, name: str) -> Item | None:
    """An item as this person may see it after the step; None when the step took it out of their sight."""
    try:
        return disclosure.view(case, by).items.get(name)
    except NotRegistered:
        return None


# -- the case ------------------------------------------------------------------------------------------


def open_case(
    office: Office, by: Actor, kind: CaseKind, title: str, *, basis: str, severity: str = "",
    key: str | None = None, dry_run: bool = False,
) -> Done:  # fmt: skip
    """Open a case, led by this person's department. `basis` is the legal ground on which it is opened."""
    fields: dict[str, Value] = {
        "kind": kind.value, "title": said(title, "the title"), "basis": said(basis, "the legal basis"),
        "severity": severity.strip() or None,
    }  # fmt: skip
    with office.writing(WAIT_S):
        if key is not None and (number := store.opened_by_key(office.db, key)):
            case = files.load(office, number)
            if (case.opened.by, case.title, case.kind) != (by, fields["title"], kind):
                raise KeyReused(f"the key {key!r} opened another case")
            return Done(number, case.opened, None, replayed=True)
        number = store.next_number(office.db, office.clock.now().year)
        if dry_run:
            return Done(number, Act(-1, b"", 1, What.OPENED, "", by, office.clock.now(), fields), None)
        return Done(number, files.add(office, number, None, What.OPENED, "", by, fields, key), None)


@dataclass(frozen=True, slots=True)
class Card:
    """A case on the board, as one person sees it: what it is, how it stands, what waits for their department."""

    view: View
    waiting: tuple[Item, ...]

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "case": self.view.number, "kind": self.view.kind.value, "title": self.view.title, "state": self.view.state,
            "owner": self.view.owner.value, "joined": self.view.joined, "waiting": [i.id for i in self.waiting],
        }  # fmt: skip


def board(office: Office, by: Actor, *, limit: int = 200, start: int = 0) -> list[Card]:
    """The cases this person may see, newest first, each with what waits for an answer of theirs."""
    found = []
    for number in store.numbers(office.db, by.department)[start : start + limit]:
        try:
            seen = disclosure.view(files.load(office, number), by)
        except NotRegistered:  # a referral that was declined or withdrawn, or a wall
            continue
        found.append(Card(seen, tuple(_waiting(seen))))
    return found


def _waiting(seen: View) -> list[Item]:
    mine = seen.viewer.department.value
    return [
        i for i in seen.items.values()
        if (i.kind is ItemKind.REFERRAL and i.state == "offered" and i.text("to") == mine)
        or (i.kind is ItemKind.REFERRAL and i.state == "proposed" and i.department.value == mine)
        or (i.kind is ItemKind.TASK and i.state == "open" and i.text("assignee") == mine)
        or (i.kind is ItemKind.EVIDENCE and i.state == "offered" and i.text("offered_to").endswith(mine))
        or (i.kind is ItemKind.OUTCOME and i.state == "proposed")
        or (i.kind is ItemKind.APPEAL and i.state == "open")
    ]  # fmt: skip


def read_case(office: Office, by: Actor, number: str, *, purpose: str) -> View:
    """Show a case to a person. The opening is in the ledger before anything is shown.

    Raises:
        NotRegistered: there is no such case, or none this person may see.
    """
    with office.writing(WAIT_S):
        case = files.load(office, number)
        disclosure.view(case, by)
        files.add(
            office, number, case, What.READ, "", by, {"purpose": said(purpose, "the purpose of reading")}
        )
        return disclosure.view(files.load(office, number), by)


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a time limit that concerns a person's department."""

    case: str
    item: Item
    until: datetime
    overdue: bool


def due(office: Office, by: Actor, now: datetime) -> list[Due]:
    """Tasks, deadlines, unanswered referrals and open times for appeal, the most urgent first."""
    states = {
        (ItemKind.TASK, "open"), (ItemKind.DEADLINE, "running"), (ItemKind.REFERRAL, "offered"),
        (ItemKind.OUTCOME, "signed"), (ItemKind.APPEAL, "open"),
    }  # fmt: skip
    found = []
    for card in board(office, by, limit=1_000_000):
        for item in card.view.items.values():
            until = item.text("due") or item.text("appeal_until")
            if until and (item.kind, item.state) in states:
                at = datetime.fromisoformat(until)
                if item.kind is not ItemKind.OUTCOME or at >= now:
                    found.append(Due(card.view.number, item, at, at < now))
    return sorted(found, key=lambda d: (d.until, d.case, d.item.id))


def close_case(office: Office, by: Actor, number: str, *, reason: str, key: str | None = None,
               dry_run: bool = False) -> Done:  # fmt: skip
    """Close a case that has a signed outcome and nothing open."""
    return _do(
        office, by, number, What.CLOSED, {"reason": said(reason, "the reason")}, key=key, dry_run=dry_run
    )


def reopen_case(office: Office, by: Actor, number: str, *, reason: str, key: str | None = None,
                dry_run: bool = False) -> Done:  # fmt: skip
    """Open a closed case again."""
    return _do(
        office, by, number, What.REOPENED, {"reason": said(reason, "the reason")}, key=key, dry_run=dry_run
    )


def wall(office: Office, by: Actor, number: str, person: str, *, reason: str, key: str | None = None,
         dry_run: bool = False) -> Done:  # fmt: skip
    """Keep a person with a conflict of interest out of a case; to them it does not exist from now on."""
    fields: dict[str, Value] = {"person": said(person, "the person"), "reason": said(reason, "the reason")}
    if fields["person"] == by.name:
        raise UsageProblem(
            "nobody walls themselves out", advice="Let another person of the department do it."
        )
    return _do(office, by, number, What.WALLED, fields, key=key, dry_run=dry_run)


# -- what it is about ----------------------------------------------------------------------------------


def name_subject(
    office: Office,
    by: Actor,
    number: str,
    kind: SubjectKind,
    ref: str,
    *,
    text: str = "",
    arm: str = "",
    valid_from: str = "",
    key: str | None = None,
    dry_run: bool = False,
) -> Done:
    """Say which record elsewhere the case is about: a declaration, licence, trace, restriction or party.

    `arm` tells how a declaration was picked for inspection (random, targeted or tip); `valid_from` its day.
    """
    fields: dict[str, Value] = {
        "kind": kind.value, "ref": said(ref, "the reference"), "text": text.strip() or None,
        "arm": arm or None, "valid_from": valid_from or None,
    }  # fmt: skip
    return _do(office, by, number, What.SUBJECT_NAMED, fields, key=key, dry_run=dry_run)


def allege(office: Office, by: Actor, number: str, *, typology: str, text: str, statute: str,
           confidence: str = "", key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """State an allegation: what kind of breach, of which rule, how sure."""
    fields: dict[str, Value] = {
        "typology": said(typology, "the kind of breach"), "text": said(text, "the allegation"),
        "statute": said(statute, "the statute"), "confidence": confidence.strip() or None,
    }  # fmt: skip
    return _do(office, by, number, What.ALLEGED, fields, key=key, dry_run=dry_run)


def settle_allegation(office: Office, by: Actor, number: str, item: str, *, substantiated: bool, reason: str,
                      key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Say of an allegation that it was borne out or refuted, and why."""
    what = What.SUBSTANTIATED if substantiated else What.REFUTED
    return _do(
        office, by, number, what, {"reason": said(reason, "the reason")}, item=item, key=key, dry_run=dry_run
    )


# -- work ----------------------------------------------------------------------------------------------


def set_task(office: Office, by: Actor, number: str, *, title: str, assignee: Department, due: datetime,
             key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Give a task to a department that takes part; it sees the task, and nothing more by it."""
    with office.writing(WAIT_S):
        _must_take_part(office, by, number, assignee)
        fields: dict[str, Value] = {
            "title": said(title, "the task"), "assignee": assignee.value, "due": written(due),
        }  # fmt: skip
        return _do(office, by, number, What.TASK_SET, fields, key=key, dry_run=dry_run)


def _must_take_part(office: Office, by: Actor, number: str, department: Department) -> None:
    case = files.load(office, number)
    disclosure.view(case, by)
    accepted = {r.text("to") for r in case.of(ItemKind.REFERRAL) if r.state == "accepted"}
    if department is not case.owner and department.value not in accepted:
        raise Denied(
            f"{department} does not take part in case {number}", advice="Refer something to it first."
        )


def finish_task(office: Office, by: Actor, number: str, item: str, *, result: str, key: str | None = None,
                dry_run: bool = False) -> Done:  # fmt: skip
    """Say what came of a task."""
    return _do(office, by, number, What.TASK_DONE, {"result": said(result, "the result")}, item=item, key=key,
               dry_run=dry_run)  # fmt: skip


def drop_task(office: Office, by: Actor, number: str, item: str, *, reason: str, key: str | None = None,
              dry_run: bool = False) -> Done:  # fmt: skip
    """Take a task back."""
    return _do(office, by, number, What.TASK_DROPPED, {"reason": said(reason, "the reason")}, item=item, key=key,
               dry_run=dry_run)  # fmt: skip


def note(
    office: Office, by: Actor, number: str, text: str, *, key: str | None = None, dry_run: bool = False
) -> Done:
    """Write a note."""
    return _do(office, by, number, What.NOTED, {"text": said(text, "the note")}, key=key, dry_run=dry_run)


def revise_note(office: Office, by: Actor, number: str, item: str, text: str, *, key: str | None = None,
                dry_run: bool = False) -> Done:  # fmt: skip
    """Write a note anew; the earlier wording stays in its acts."""
    return _do(office, by, number, What.NOTE_REVISED, {"text": said(text, "the note")}, item=item, key=key,
               dry_run=dry_run)  # fmt: skip


def report_event(office: Office, by: Actor, number: str, *, happened_at: datetime, text: str, source: str,
                 key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Put something that happened on the timeline, with who says so."""
    fields: dict[str, Value] = {
        "happened_at": written(happened_at), "text": said(text, "what happened"), "source": said(source, "the source"),
    }  # fmt: skip
    return _do(office, by, number, What.EVENT_REPORTED, fields, key=key, dry_run=dry_run)


def set_deadline(office: Office, by: Actor, number: str, *, due: datetime, text: str, basis: str = "",
                 key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Set a time limit, with the rule it comes from."""
    fields: dict[str, Value] = {
        "due": written(due), "text": said(text, "what is due"), "basis": basis.strip() or None,
    }  # fmt: skip
    return _do(office, by, number, What.DEADLINE_SET, fields, key=key, dry_run=dry_run)


def meet_deadline(office: Office, by: Actor, number: str, item: str, *, result: str, key: str | None = None,
                  dry_run: bool = False) -> Done:  # fmt: skip
    """Say that a time limit was met, and how."""
    return _do(office, by, number, What.DEADLINE_MET, {"result": said(result, "the result")}, item=item, key=key,
               dry_run=dry_run)  # fmt: skip


def move_deadline(office: Office, by: Actor, number: str, item: str, *, due: datetime, reason: str,
                  key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Move a time limit, with the reason."""
    fields: dict[str, Value] = {"due": written(due), "reason": said(reason, "the reason")}
    return _do(office, by, number, What.DEADLINE_MOVED, fields, item=item, key=key, dry_run=dry_run)


# -- referrals -----------------------------------------------------------------------------------------


def refer(
    office: Office, by: Actor, number: str, to: Department, items: Sequence[str], *, subject: str, purpose: str,
    basis: str, due: datetime | None = None, key: str | None = None, dry_run: bool = False,
) -> Done:  # fmt: skip
    """Refer items to another department: these and no others. To the police only with a second person's approval.

    A department refers what it contributed; what it was shown itself stays with who showed it.
    """
    with office.writing(WAIT_S):
        seen = disclosure.view(files.load(office, number), by)
        if to is by.department:
            raise UsageProblem("a department does not refer to itself")
        for name in items:
            item = seen.item(name)
            if item.kind in UNSHARED:
                raise UsageProblem(f"{name} is a {item.kind.name.lower()} and can't be referred")
            if item.department is not by.department:
                raise Denied(
                    f"{name} was contributed by {item.department}", advice=f"Let {item.department} refer it."
                )
        if not items:
            raise UsageProblem("nothing is referred", advice="Name the items.")
        fields: dict[str, Value] = {
            "to": to.value, "scope": " ".join(dict.fromkeys(items)), "subject": said(subject, "the subject"),
            "purpose": said(purpose, "the purpose"), "basis": said(basis, "the legal basis"),
            "due": written(due) if due else None,
        }  # fmt: skip
        what = What.REFERRAL_PROPOSED if to in rules.NEEDS_APPROVAL else What.REFERRED
        return _do(office, by, number, what, fields, key=key, dry_run=dry_run)


def approve_referral(office: Office, by: Actor, number: str, item: str, *, key: str | None = None,
                     dry_run: bool = False) -> Done:  # fmt: skip
    """Approve a referral that another person of the same department proposed."""
    return _do(office, by, number, What.REFERRAL_APPROVED, {"approved_by": str(by)}, item=item, key=key,
               dry_run=dry_run)  # fmt: skip


def answer_referral(office: Office, by: Actor, number: str, item: str, *, accept: bool, reason: str,
                    key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Accept a referral, which opens its items to the department, or decline it."""
    what = What.REFERRAL_ACCEPTED if accept else What.REFERRAL_DECLINED
    return _do(
        office, by, number, what, {"answer": said(reason, "the reason")}, item=item, key=key, dry_run=dry_run
    )


def withdraw_referral(office: Office, by: Actor, number: str, item: str, *, reason: str, key: str | None = None,
                      dry_run: bool = False) -> Done:  # fmt: skip
    """Withdraw a referral: from now on the other department sees what it contributed itself, and no more."""
    return _do(office, by, number, What.REFERRAL_WITHDRAWN, {"withdrawn_for": said(reason, "the reason")}, item=item,
               key=key, dry_run=dry_run)  # fmt: skip


# -- outcomes and appeals ------------------------------------------------------------------------------


def propose_outcome(
    office: Office, by: Actor, number: str, result: Result, *, text: str, alternatives: str, basis: str,
    goods_mg: int | None = None, element: str = "", value_minor: int | None = None, penalty_minor: int | None = None,
    currency: str = "CNY", key: str | None = None, dry_run: bool = False,
) -> Done:  # fmt: skip
    """Propose how the case ends: what was found, and what else was possible and why that was ruled out.

    `goods_mg` are milligrams of goods seized; money is in minor units (fen, cents).
    """
    fields: dict[str, Value] = {
        "result": result.value, "text": said(text, "what was found"), "basis": said(basis, "the legal basis"),
        "alternatives": said(alternatives, "what else was possible, and why it was ruled out"),
        "goods_mg": goods_mg, "element": element or None, "value_minor": value_minor, "penalty_minor": penalty_minor,
        "currency": currency if value_minor or penalty_minor else None,
    }  # fmt: skip
    return _do(office, by, number, What.OUTCOME_PROPOSED, fields, key=key, dry_run=dry_run)


def sign_outcome(office: Office, by: Actor, number: str, item: str, *, accept: bool = True, reason: str = "",
                 appeal_days: int = APPEAL_DAYS, key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Sign an outcome as the second person, which starts the time for an appeal; or refuse it with a reason."""
    if not accept:
        return _do(office, by, number, What.OUTCOME_REFUSED, {"refused_for": said(reason, "the reason")}, item=item,
                   key=key, dry_run=dry_run)  # fmt: skip
    until = office.clock.now() + timedelta(days=appeal_days)
    return _do(office, by, number, What.OUTCOME_SIGNED, {"signed_by": str(by), "appeal_until": written(until)},
               item=item, key=key, dry_run=dry_run)  # fmt: skip


def lodge_appeal(office: Office, by: Actor, number: str, outcome: str, *, appellant: str, grounds: str,
                 key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Record an appeal against a signed outcome, within its time."""
    with office.writing(WAIT_S):
        _seen_outcome(office, by, number, outcome)
        fields: dict[str, Value] = {
            "outcome": outcome, "appellant": said(appellant, "who appeals"), "grounds": said(grounds, "the grounds"),
            "lodged_at": written(office.clock.now()),
        }  # fmt: skip
        return _do(office, by, number, What.APPEALED, fields, key=key, dry_run=dry_run)


def _seen_outcome(office: Office, by: Actor, number: str, outcome: str) -> None:
    disclosure.view(files.load(office, number), by).item(outcome, ItemKind.OUTCOME)


def decide_appeal(office: Office, by: Actor, number: str, item: str, *, granted: bool, reason: str,
                  key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Decide an appeal as a person who had no part in the outcome; granting it annuls the outcome."""
    what = What.APPEAL_GRANTED if granted else What.APPEAL_UPHELD
    return _do(
        office,
        by,
        number,
        what,
        {"decision": said(reason, "the reason")},
        item=item,
        key=key,
        dry_run=dry_run,
    )


# -- evidence and its custody --------------------------------------------------------------------------


def collect(
    office: Office, by: Actor, number: str, *, title: str, kind: str, where: str, method: str, authority: str,
    acquired_at: datetime, original: Path | bytes | None = None, seal_no: str = "", parent: str = "",
    key: str | None = None, dry_run: bool = False,
) -> Done:  # fmt: skip
    """Take a piece of evidence into custody; a file or bytes go to the vault before the entry is made.

    `kind` is document, sample, image, reading, seal or device; `parent` names the piece it was made from.
    """
    if parent:
        disclosure.view(files.load(office, number), by).item(parent, ItemKind.EVIDENCE)
    fields: dict[str, Value] = {
        "title": said(title, "what it is"), "kind": said(kind, "the kind of evidence"), "where": said(where, "where"),
        "method": said(method, "how it was taken"), "authority": said(authority, "the authority"),
        "acquired_at": written(acquired_at), "holder": str(by), "seal_no": seal_no.strip() or None,
        "parent": parent or None,
    }  # fmt: skip
    if original is not None and not dry_run:
        stored = (
            office.vault.put_bytes(original) if isinstance(original, bytes) else office.vault.put(original)
        )
        fields |= {"sha256": stored.sha256, "size_bytes": stored.size_bytes}
    return _do(office, by, number, What.COLLECTED, fields, key=key, dry_run=dry_run)


def seal_evidence(office: Office, by: Actor, number: str, item: str, *, seal_no: str, purpose: str,
                  key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Put a new seal on a piece of evidence in hand."""
    fields: dict[str, Value] = {
        "seal_no": said(seal_no, "the seal's number"),
        "purpose": said(purpose, "the purpose"),
    }
    return _do(office, by, number, What.SEALED, fields, item=item, key=key, dry_run=dry_run)


def offer_evidence(office: Office, by: Actor, number: str, item: str, *, to: Actor | Department, purpose: str,
                   key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Hand a piece of evidence over: one half of a transfer, open until the receiver takes it."""
    with office.writing(WAIT_S):
        department = to.department if isinstance(to, Actor) else to
        if department is not by.department:
            case = files.load(office, number)
            piece = disclosure.view(case, by).item(item, ItemKind.EVIDENCE)
            if piece.department is not department and item not in disclosure.referred(case, department):
                raise Denied(
                    f"{item} was not referred to {department}", advice="Refer it first, then hand it over."
                )
        fields: dict[str, Value] = {"offered_to": str(to), "purpose": said(purpose, "the purpose")}
        return _do(office, by, number, What.OFFERED, fields, item=item, key=key, dry_run=dry_run)


def answer_offer(office: Office, by: Actor, number: str, item: str, *, accept: bool, condition: str,
                 key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Take a piece of evidence that is offered, or decline it. An original in the vault is hashed anew first.

    Raises:
        Corrupted: its bytes are not those that were collected; nothing was taken over.
    """
    with office.writing(WAIT_S):
        if not accept:
            return _do(office, by, number, What.DECLINED, {"condition": said(condition, "the reason")}, item=item,
                       key=key, dry_run=dry_run)  # fmt: skip
        fields: dict[str, Value] = {"holder": str(by), "condition": said(condition, "its condition")}
        fields |= _hashed_again(office, by, number, item)
        return _do(office, by, number, What.ACCEPTED, fields, item=item, key=key, dry_run=dry_run)


def _hashed_again(office: Office, by: Actor, number: str, item: str) -> dict[str, Value]:
    digest = disclosure.view(files.load(office, number), by).item(item, ItemKind.EVIDENCE).sha256
    if digest is None:
        return {}
    office.vault.verify(digest)
    return {"rehash": digest}


def examine(office: Office, by: Actor, number: str, item: str, *, method: str, purpose: str, result: str = "",
            key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Examine a piece of evidence in hand. `result` names the item with the findings, which is referred by itself."""
    with office.writing(WAIT_S):
        if result:
            disclosure.view(files.load(office, number), by).item(result)
        fields: dict[str, Value] = {
            "method": said(method, "the method"), "purpose": said(purpose, "the purpose"), "findings": result or None,
        }  # fmt: skip
        fields |= _hashed_again(office, by, number, item)
        return _do(office, by, number, What.EXAMINED, fields, item=item, key=key, dry_run=dry_run)


def split_sample(office: Office, by: Actor, number: str, item: str, *, title: str, purpose: str,
                 key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Divide a sample: the part is a piece of evidence of its own, e-1.1, in the same hands."""
    with office.writing(WAIT_S):
        case = files.load(office, number)
        if disclosure.view(case, by).item(item, ItemKind.EVIDENCE).sha256 is not None:
            raise StepRefused(f"{item} is a file; what is made from it is collected with it as parent")
        fields: dict[str, Value] = {
            "part": rules.next_part(case, item), "part_title": said(title, "what the part is"),
            "purpose": said(purpose, "the purpose"),
        }  # fmt: skip
        return _do(office, by, number, What.SPLIT, fields, item=item, key=key, dry_run=dry_run)


def return_evidence(office: Office, by: Actor, number: str, item: str, *, to: str, reason: str,
                    key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Give a piece of evidence back to whom it belongs."""
    fields: dict[str, Value] = {"returned_to": said(to, "to whom"), "reason": said(reason, "the reason")}
    return _do(office, by, number, What.RETURNED, fields, item=item, key=key, dry_run=dry_run)


def destroy_evidence(office: Office, by: Actor, number: str, item: str, *, authority: str, witness: str,
                     key: str | None = None, dry_run: bool = False) -> Done:  # fmt: skip
    """Record the destruction of a piece of evidence in hand, by whose order and before which witness."""
    fields: dict[str, Value] = {
        "ordered_by": said(authority, "the order"),
        "witness": said(witness, "the witness"),
    }
    if fields["witness"] == by.name:
        raise UsageProblem("the witness is another person")
    return _do(office, by, number, What.DESTROYED, fields, item=item, key=key, dry_run=dry_run)


def original(office: Office, by: Actor, number: str, item: str, out: Path, *, purpose: str) -> bytes:
    """Write a piece of evidence's original to `out`; the reading is in the ledger first. Gives its SHA-256.

    Raises:
        NotRegistered: this person sees no such evidence, or it has no file.
    """
    with office.writing(WAIT_S):
        case = files.load(office, number)
        digest = disclosure.view(case, by).item(item, ItemKind.EVIDENCE).sha256
        if digest is None:
            raise NotRegistered(f"{item} has no file in the vault")
        fields: dict[str, Value] = {"purpose": said(purpose, "the purpose of reading"), "read_item": item}
        files.add(office, number, case, What.READ, "", by, fields)
    office.vault.export(digest, out)
    return digest


def disclosed(office: Office, by: Actor, number: str, *, to: str, purpose: str, what: str, data: bytes,
              scope: Sequence[str]) -> Done:  # fmt: skip
    """Enter in the disclosure log what is about to leave: to whom, for what, which items, the file's SHA-256."""
    import hashlib

    fields: dict[str, Value] = {
        "given_to": said(to, "to whom"), "purpose": said(purpose, "the purpose"), "form": what,
        "scope": " ".join(scope), "file_sha256": hashlib.sha256(data).digest(),
    }  # fmt: skip
    return _do(office, by, number, What.DISCLOSED, fields)


def check(office: Office) -> list[str]:
    """Compare every case with the ledger and the vault, byte for byte; an empty list means all is well."""
    return list(files.check(office))
