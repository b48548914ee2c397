"""Every step of a case as a form: the one service function it calls, and the fields it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sealtrace.cases import rules, service
from sealtrace.cases.files import Done
from sealtrace.cases.model import Department, ItemKind, Result, SubjectKind, What

from .fields import Field, Kind

ELEMENTS = ("La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Sc", "Y")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a person can do. `what` is the act by which it is judged whether it is offered on an item."""

    call: Callable[..., Done]
    what: What
    words: str | Promise
    fields: tuple[Field, ...] = ()
    takes: str = "item"
    on: ItemKind | None = None
    grave: bool = False

    @property
    def kind(self) -> ItemKind | None:
        """The kind of item it moves; None for a step that makes one, or is about the whole case."""
        if self.on is not None:
            return self.on
        step = rules.STEPS.get(self.what)
        return step.kind if step and step.before else None


def _line(name: str, label: str | Promise, *, required: bool = True) -> Field:
    return Field(name, label, required=required)


def _long(name: str, label: str | Promise) -> Field:
    return Field(name, label, Kind.LONG)


def _answer(name: str, yes: str | Promise, no: str | Promise) -> Field:
    return Field(name, _("Answer"), Kind.ANSWER, yes=yes, no=no)


REASON = _long("reason", _("Reason"))
PURPOSE = _line("purpose", _("Purpose"))
BASIS = _line("basis", _("Legal basis"))
TO = Field("to", _("Department"), Kind.CHOICE, choices=tuple(Department), of=Department)
DUE = Field("due", _("Due (UTC)"), Kind.MOMENT)

STEPS: dict[str, Step] = {
    "name-subject": Step(service.name_subject, What.SUBJECT_NAMED, _("Name a record"), (
        Field("kind", _("Kind"), Kind.CHOICE, choices=tuple(SubjectKind), of=SubjectKind), _line("ref", _("Reference")),
        _line("text", _("What it says"), required=False),
        Field("arm", _("How a declaration was picked"), Kind.CHOICE, False, ("random", "targeted", "tip")),
        _line("valid_from", _("Day of the declaration"), required=False),
    )),
    "allege": Step(service.allege, What.ALLEGED, _("State an allegation"), (
        _line("typology", _("Kind of breach")), _long("text", _("What is alleged")), _line("statute", _("Statute")),
        _line("confidence", _("How sure"), required=False),
    )),
    "settle-allegation": Step(service.settle_allegation, What.SUBSTANTIATED, _("Settle"), (
        _answer("substantiated", _("Borne out"), _("Refuted")), REASON,
    )),
    "collect": Step(service.collect, What.COLLECTED, _("Take evidence"), (
        _line("title", _("Name of the item")),
        Field("kind", _("Kind"), Kind.CHOICE, choices=("document", "sample", "image", "reading", "seal", "device")),
        _line("where", _("Where")), _line("method", _("How it was taken")), _line("authority", _("Authority")),
        Field("acquired_at", _("Taken at (UTC)"), Kind.MOMENT), _line("seal_no", _("Seal number"), required=False),
        _line("parent", _("Made from"), required=False), Field("original", _("File"), Kind.FILE, required=False),
    )),
    "seal-evidence": Step(service.seal_evidence, What.SEALED, _("Seal"), (_line("seal_no", _("Seal number")), PURPOSE)),
    "offer-evidence": Step(service.offer_evidence, What.OFFERED, _("Hand over"), (TO, PURPOSE)),
    "answer-offer": Step(service.answer_offer, What.ACCEPTED, _("Take over or decline"), (
        _answer("accept", _("I take it over"), _("I decline it")), _line("condition", _("Its condition, or why not")),
    )),
    "examine": Step(service.examine, What.EXAMINED, _("Examine"), (
        _line("method", _("Method")), PURPOSE, _line("result", _("Item with the findings"), required=False),
    )),
    "split-sample": Step(service.split_sample, What.SPLIT, _("Divide the sample"), (
        _line("title", _("What the part is")), PURPOSE,
    )),
    "return-evidence": Step(service.return_evidence, What.RETURNED, _("Give back"), (_line("to", _("To whom")),
        REASON)),
    "destroy-evidence": Step(service.destroy_evidence, What.DESTROYED, _("Record destruction"), (
        _line("authority", _("By whose order")), _line("witness", _("Witness")),
    ), grave=True),
    "set-task": Step(service.set_task, What.TASK_SET, _("Set a task"), (
        _line("title", _("Task")),
        Field("assignee", _("Department"), Kind.CHOICE, choices=tuple(Department), of=Department),
        DUE,
    )),
    "finish-task": Step(service.finish_task, What.TASK_DONE, _("Done"), (_long("result", _("Result")),)),
    "drop-task": Step(service.drop_task, What.TASK_DROPPED, _("Take back"), (REASON,)),
    "note": Step(service.note, What.NOTED, _("Write a note"), (_long("text", _("Note")),)),
    "revise-note": Step(service.revise_note, What.NOTE_REVISED, _("Write anew"), (_long("text", _("Note")),)),
    "report-event": Step(service.report_event, What.EVENT_REPORTED, _("Put on the timeline"), (
        Field("happened_at", _("When (UTC)"), Kind.MOMENT), _long("text", _("What happened")),
        _line("source", _("Who says so")),
    )),
    "set-deadline": Step(service.set_deadline, What.DEADLINE_SET, _("Set a time limit"), (
        DUE, _line("text", _("What is due")), _line("basis", _("Legal basis"), required=False),
    )),
    "meet-deadline": Step(service.meet_deadline, What.DEADLINE_MET, _("Met"), (_long("result", _("How it was met")),)),
    "move-deadline": Step(service.move_deadline, What.DEADLINE_MOVED, _("Move"), (DUE, REASON)),
    "refer": Step(service.refer, What.REFERRED, _("Refer"), (
        TO, Field("items", _("These items and no others"), Kind.ITEMS), _line("subject", _("Subject")), PURPOSE, BASIS,
        Field("due", _("Answer due (UTC)"), Kind.MOMENT, required=False),
    )),
    "approve-referral": Step(service.approve_referral, What.REFERRAL_APPROVED, _("Approve")),
    "answer-referral": Step(service.answer_referral, What.REFERRAL_ACCEPTED, _("Answer"), (
        _answer("accept", _("We accept"), _("We decline")), REASON,
    )),
    "withdraw-referral": Step(service.withdraw_referral, What.REFERRAL_WITHDRAWN, _("Withdraw"), (REASON,), grave=True),
    "propose-outcome": Step(service.propose_outcome, What.OUTCOME_PROPOSED, _("Propose an outcome"), (
        Field("result", _("Result"), Kind.CHOICE, choices=tuple(Result), prefix="result.", of=Result),
        _long("text", _("What was found")), _long("alternatives", _("What else was possible, and why it is ruled out")),
        BASIS, Field("goods_mg", _("Goods, kg"), Kind.KILOGRAMS, required=False),
        Field("element", _("Element"), Kind.CHOICE, False, ELEMENTS),
        Field("value_minor", _("Value, CNY"), Kind.MONEY, required=False),
        Field("penalty_minor", _("Penalty, CNY"), Kind.MONEY, required=False),
    )),
    "sign-outcome": Step(service.sign_outcome, What.OUTCOME_SIGNED, _("Take the second seat"), (
        _answer("accept", _("I sign"), _("I refuse")), _line("reason", _("Reason, if you refuse"), required=False),
    )),
    "lodge-appeal": Step(service.lodge_appeal, What.APPEALED, _("Record an appeal"), (
        _line("appellant", _("Who appeals")), _long("grounds", _("Grounds")),
    ), takes="outcome", on=ItemKind.OUTCOME),
    "decide-appeal": Step(service.decide_appeal, What.APPEAL_GRANTED, _("Decide"), (
        _answer("granted", _("Granted: the outcome is annulled"), _("Dismissed")), REASON,
    )),
    "close": Step(service.close_case, What.CLOSED, _("Close the case"), (REASON,)),
    "reopen": Step(service.reopen_case, What.REOPENED, _("Reopen the case"), (REASON,)),
    "wall": Step(service.wall, What.WALLED, _("Keep a person out"), (_line("person", _("Person")), REASON), grave=True),
}  # fmt: skip
"""By the word in its address."""
