"""What may happen in a case: a table of steps, and who may take them. Pure; the fold and every write use it.

A case is the fold of its acts. Each act makes an item or moves one from one state to the next, and is refused
when it does not follow, by whoever it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sealtrace.errors import Corrupted, Denied, DutiesNotSeparated, NotRegistered, StepRefused

from .model import Act, Actor, Case, CaseKind, Department, Item, ItemKind, Value, What

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """From which states an item goes to which; from none: the act makes the item."""

    kind: ItemKind
    before: tuple[str, ...]
    after: str


_K = ItemKind
STEPS: Mapping[What, Step] = {
    What.SUBJECT_NAMED: Step(_K.SUBJECT, (), "named"),
    What.ALLEGED: Step(_K.ALLEGATION, (), "alleged"),
    What.SUBSTANTIATED: Step(_K.ALLEGATION, ("alleged", "refuted"), "substantiated"),
    What.REFUTED: Step(_K.ALLEGATION, ("alleged", "substantiated"), "refuted"),
    What.COLLECTED: Step(_K.EVIDENCE, (), "held"),
    What.SEALED: Step(_K.EVIDENCE, ("held",), "held"),
    What.OFFERED: Step(_K.EVIDENCE, ("held",), "offered"),
    What.ACCEPTED: Step(_K.EVIDENCE, ("offered",), "held"),
    What.DECLINED: Step(_K.EVIDENCE, ("offered",), "held"),
    What.EXAMINED: Step(_K.EVIDENCE, ("held",), "held"),
    What.SPLIT: Step(_K.EVIDENCE, ("held",), "held"),
    What.RETURNED: Step(_K.EVIDENCE, ("held",), "returned"),
    What.DESTROYED: Step(_K.EVIDENCE, ("held",), "destroyed"),
    What.TASK_SET: Step(_K.TASK, (), "open"),
    What.TASK_DONE: Step(_K.TASK, ("open",), "done"),
    What.TASK_DROPPED: Step(_K.TASK, ("open",), "dropped"),
    What.NOTED: Step(_K.NOTE, (), "noted"),
    What.NOTE_REVISED: Step(_K.NOTE, ("noted",), "noted"),
    What.EVENT_REPORTED: Step(_K.EVENT, (), "reported"),
    What.DEADLINE_SET: Step(_K.DEADLINE, (), "running"),
    What.DEADLINE_MET: Step(_K.DEADLINE, ("running",), "met"),
    What.DEADLINE_MOVED: Step(_K.DEADLINE, ("running",), "running"),
    What.REFERRAL_PROPOSED: Step(_K.REFERRAL, (), "proposed"),
    What.REFERRAL_APPROVED: Step(_K.REFERRAL, ("proposed",), "offered"),
    What.REFERRED: Step(_K.REFERRAL, (), "offered"),
    What.REFERRAL_ACCEPTED: Step(_K.REFERRAL, ("offered",), "accepted"),
    What.REFERRAL_DECLINED: Step(_K.REFERRAL, ("offered",), "declined"),
    What.REFERRAL_WITHDRAWN: Step(_K.REFERRAL, ("proposed", "offered", "accepted"), "withdrawn"),
    What.OUTCOME_PROPOSED: Step(_K.OUTCOME, (), "proposed"),
    What.OUTCOME_SIGNED: Step(_K.OUTCOME, ("proposed",), "signed"),
    What.OUTCOME_REFUSED: Step(_K.OUTCOME, ("proposed",), "refused"),
    What.APPEALED: Step(_K.APPEAL, (), "open"),
    What.APPEAL_UPHELD: Step(_K.APPEAL, ("open",), "upheld"),
    What.APPEAL_GRANTED: Step(_K.APPEAL, ("open",), "granted"),
    What.DISCLOSED: Step(_K.DISCLOSURE, (), "given"),
}
CUSTODY = frozenset({
    What.COLLECTED, What.SEALED, What.OFFERED, What.ACCEPTED, What.DECLINED, What.EXAMINED, What.SPLIT,
    What.RETURNED, What.DESTROYED,
})  # fmt: skip
"""The acts of a chain of custody."""
BY_HOLDER = CUSTODY - {What.COLLECTED, What.ACCEPTED, What.DECLINED}
BY_OWNER = frozenset({
    What.CLOSED, What.REOPENED, What.WALLED, What.SUBSTANTIATED, What.REFUTED, What.OUTCOME_PROPOSED,
    What.OUTCOME_SIGNED, What.OUTCOME_REFUSED,
})  # fmt: skip
BY_CONTRIBUTOR = frozenset({
    What.NOTE_REVISED, What.DEADLINE_MET, What.DEADLINE_MOVED, What.TASK_DROPPED, What.REFERRAL_APPROVED,
    What.REFERRAL_WITHDRAWN,
})  # fmt: skip
AFTER_CLOSING = frozenset({
    What.REOPENED, What.APPEALED, What.APPEAL_UPHELD, What.APPEAL_GRANTED, What.READ, What.DISCLOSED, What.OFFERED,
    What.ACCEPTED, What.DECLINED, What.RETURNED, What.DESTROYED, What.WALLED,
})  # fmt: skip
"""A closed case still answers appeals, gives its evidence back, and can be read."""


# -- the fold -----------------------------------------------------------------------------------------


def fold(number: str, acts: Iterable[Act]) -> Case:
    """Make a case of its acts, in order.

    Raises:
        Corrupted: they are not the acts of a case: one is missing, doubled or does not follow.
    """
    case: Case | None = None
    for act in acts:
        if act.number != (1 if case is None else case.acts[-1].number + 1):
            raise Corrupted(f"case {number}: act {act.number} (entry {act.entry}) is not the next one")
        try:
            case = _begin(number, act) if case is None else after(case, act)
        except (StepRefused, KeyError, ValueError) as e:
            raise Corrupted(
                f"case {number}: entry {act.entry} does not follow from those before it: {e}"
            ) from e
    if case is None:
        raise NotRegistered(
            f"no case has the number {number!r}", advice="`sealtrace case list` shows your cases."
        )
    return case


def _begin(number: str, act: Act) -> Case:
    if act.what is not What.OPENED:
        raise StepRefused(f"a case begins with its opening, not with {act.what}")
    kind, title = CaseKind(str(act.fields["kind"])), str(act.fields["title"])
    return Case(number, kind, act.by.department, title, OPEN, act, {}, (act,))


def after(case: Case, act: Act) -> Case:
    """The case after a further act. Raises StepRefused when the act does not follow."""
    if case.state == CLOSED and act.what not in AFTER_CLOSING:
        raise StepRefused(f"case {case.number} is closed", advice="Reopen it first, with the reason.")
    case = replace(case, acts=(*case.acts, act))
    step = STEPS.get(act.what)
    if step is None:
        return _whole(case, act)
    items = dict(case.items)
    items[act.item] = _made(items, act, step) if not step.before else _moved(items, act, step)
    if act.what is What.SPLIT:
        part = str(act.fields["part"])
        if part in items:
            raise StepRefused(f"{part} is there already")
        fields = {"title": act.fields["part_title"], "kind": items[act.item].fields.get("kind"),
                  "holder": str(act.by), "parent": act.item}  # fmt: skip
        items[part] = Item(part, ItemKind.EVIDENCE, act.by.department, "held", fields, (act,))
    if act.what is What.APPEAL_GRANTED:
        outcome = items[str(items[act.item].fields["outcome"])]
        items[outcome.id] = replace(outcome, state="annulled", acts=(*outcome.acts, act))
    return replace(case, items=items)


def _whole(case: Case, act: Act) -> Case:
    if act.what is What.CLOSED:
        return replace(case, state=CLOSED)
    if act.what is What.REOPENED:
        if case.state != CLOSED:
            raise StepRefused(f"case {case.number} is open")
        return replace(case, state=OPEN)
    if act.what is What.WALLED:
        return replace(case, walled=case.walled | {str(act.fields["person"])})
    if act.what is not What.READ:
        raise StepRefused(f"{act.what} is no step of a case that is under way")
    return case


def _made(items: Mapping[str, Item], act: Act, step: Step) -> Item:
    if act.item in items or act.item.partition("-")[0] != step.kind.value:
        raise StepRefused(f"{act.item} can't be made by {act.what}")
    return Item(act.item, step.kind, act.by.department, step.after, act.fields, (act,))


def _moved(items: Mapping[str, Item], act: Act, step: Step) -> Item:
    item = items.get(act.item)
    if item is None or item.kind is not step.kind:
        raise StepRefused(f"{act.what} is no step of {act.item}")
    if item.state not in step.before:
        raise StepRefused(
            f"{act.item} is {item.state}; this step leads from {' or '.join(step.before)}",
            advice="Look at the item as it is now.",
        )
    if act.what is What.SPLIT:  # tells of the part, and changes nothing of what the item is
        return replace(item, acts=(*item.acts, act))
    return item.moved(act, step.after)


def next_id(case: Case, kind: ItemKind) -> str:
    """The name of the next item of a kind.

    KNOWN LIMIT: names count up over the whole case, so that a gap tells a department that other items exist,
    never what they are.
    """
    taken = (int(i.id.rpartition("-")[2]) for i in case.items.values() if i.kind is kind and "." not in i.id)
    return f"{kind.value}-{max(taken, default=0) + 1}"


def next_part(case: Case, parent: str) -> str:
    """The name of the next part of a piece of evidence: e-1 gives e-1.1."""
    parts = [i for i in case.items.values() if i.fields.get("parent") == parent]
    return f"{parent}.{len(parts) + 1}"


@dataclass(frozen=True, slots=True)
class Ask:
    """A step somebody asks for: the case, the person, the item if there is one, and what is said."""

    case: Case
    by: Actor
    given: Item | None
    fields: Mapping[str, Value]

    @property
    def item(self) -> Item:
        """The item that the step moves."""
        assert self.given is not None, "this step moves an item"
        return self.given


# -- who may ------------------------------------------------------------------------------------------


def must_allow(case: Case, what: What, by: Actor, item: Item | None, fields: Mapping[str, Value]) -> None:
    """Check that this person may take this step on what they see.

    Raises:
        Denied: the step is another's. DutiesNotSeparated: it needs a second person. StepRefused: not in this order.
    """
    if what in BY_OWNER and by.department is not case.owner:
        raise Denied(f"only {case.owner}, which leads case {case.number}, may do this")
    if item is not None:
        if what in BY_CONTRIBUTOR and by.department is not item.department:
            raise Denied(f"only {item.department}, which contributed {item.id}, may do this")
        if what in BY_HOLDER and item.holder != by:
            raise Denied(f"{item.id} is held by {item.holder}", advice="Only who has it in hand may do this.")
    check = _CHECKS.get(what)
    if check is not None:
        check(Ask(case, by, item, fields))


def _answer_offer(ask: Ask) -> None:
    to = ask.item.text("offered_to")
    if ask.item.state == "offered" and to not in (ask.by.department.value, str(ask.by)):
        raise Denied(f"{ask.item.id} was offered to {to}")
    if ask.item.holder == ask.by:
        raise DutiesNotSeparated(
            f"a transfer has two sides: {ask.by.name} offered {ask.item.id} and can't answer for it"
        )


def _answer_referral(ask: Ask) -> None:
    if ask.by.department.value != ask.item.text("to"):
        raise Denied(f"{ask.item.id} was referred to {ask.item.text('to')}")


def _second_pair(ask: Ask) -> None:
    """Somebody else than who proposed it."""
    if ask.item.acts[0].by.name == ask.by.name:
        raise DutiesNotSeparated(f"{ask.by.name} proposed {ask.item.id}; another person must sign it")


def _within_time(ask: Ask) -> None:
    outcome = ask.case.items[str(ask.fields["outcome"])]
    if outcome.state != "signed":
        raise StepRefused(f"{outcome.id} is {outcome.state}; only a signed outcome can be appealed")
    if str(ask.fields["lodged_at"]) > outcome.text("appeal_until"):
        raise StepRefused(
            f"the time for an appeal against {outcome.id} ended at {outcome.text('appeal_until')}"
        )


def _third_person(ask: Ask) -> None:
    outcome = ask.case.items[ask.item.text("outcome")]
    if ask.by.name in {act.by.name for act in (*outcome.acts, *ask.item.acts)}:
        raise DutiesNotSeparated(
            f"{ask.by.name} took part in {outcome.id} or lodged {ask.item.id}; another person decides"
        )


def _nothing_open(ask: Ask) -> None:
    if not any(o.state in ("signed", "annulled") for o in ask.case.of(ItemKind.OUTCOME)):
        raise StepRefused(
            f"case {ask.case.number} has no signed outcome", advice="Two people sign an outcome first."
        )
    waiting = [i.id for i in ask.case.items.values() if (i.kind, i.state) in _WAITING]
    if waiting:
        raise StepRefused(f"still open: {', '.join(waiting)}", advice="Finish or drop these first.")


def _task(ask: Ask) -> None:
    if ask.by.department.value not in (ask.item.text("assignee"), ask.item.department.value):
        raise Denied(f"{ask.item.id} is for {ask.item.text('assignee')}")


_WAITING = {
    (ItemKind.TASK, "open"), (ItemKind.EVIDENCE, "offered"), (ItemKind.APPEAL, "open"), (ItemKind.OUTCOME, "proposed"),
    (ItemKind.REFERRAL, "proposed"), (ItemKind.REFERRAL, "offered"),
}  # fmt: skip
_CHECKS = {
    What.ACCEPTED: _answer_offer, What.DECLINED: _answer_offer,
    What.REFERRAL_ACCEPTED: _answer_referral, What.REFERRAL_DECLINED: _answer_referral,
    What.REFERRAL_APPROVED: _second_pair, What.OUTCOME_SIGNED: _second_pair, What.OUTCOME_REFUSED: _second_pair,
    What.APPEALED: _within_time, What.APPEAL_UPHELD: _third_person, What.APPEAL_GRANTED: _third_person,
    What.CLOSED: _nothing_open, What.TASK_DONE: _task,
}  # fmt: skip
NEEDS_APPROVAL = frozenset({Department.POLICE})
"""A referral to these needs a second person of the department that refers."""
