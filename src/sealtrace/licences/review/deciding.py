"""Deciding: a proposal with reasons, approval by a second person, notice, the licence, appeal to a third.

A grant is decided in one event; the licence is issued after it, by the same words however often, so that a run
that stopped in between is finished by `recover`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import StepRefused, UsageProblem
from sealtrace.licences import desk as licences
from sealtrace.licences import issuing, journal, library, token
from sealtrace.licences.account import Amount, LineKey
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.screening import desk as screening
from sealtrace.licences.screening.match import plain
from sealtrace.licences.states import FINAL, LicenceState, state_on
from sealtrace.licences.states import Step as LicenceStep
from sealtrace.licences.token import GoodsLine
from sealtrace.licences.workdays import shipped as calendar
from sealtrace.people.duties import Actor

from . import board, rules
from .application import Role
from .case import Case, fold
from .desk import get_case, step, today
from .steps import State, Step


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer proposes. `shares` cuts an element's quantity, in mg, below what was asked."""

    outcome: str
    reasons: str
    criteria: tuple[str, ...] = ()
    conditions: str = ""
    dissent: str = ""  # the answer to advice that went the other way
    departure: str = ""  # why comparable cases ended otherwise
    shares: dict[str, int] = field(default_factory=dict)


def propose(office: Office, actor: Actor, name: str, what: Proposal) -> Case:
    """Propose a decision. The text names end user and end use, the criteria, and what comparable cases became."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        body = {
            "outcome": what.outcome, "reasons": rules.text(what.reasons, "the reasons"),
            "criteria": list(what.criteria), "conditions": what.conditions.strip(), "dissent": what.dissent.strip(),
            "departure": what.departure.strip(),
            "compared": [{"case": c, "outcome": o} for c, o in board.comparable(office, case)],
            "departs_from": [c for c, o in board.comparable(office, case) if o != what.outcome],
            "advice_missing": [a.department for a in case.advice if a.open], "version": case.version,
            "list": library.controls(office).digest.hex(),
        }  # fmt: skip
        rules.may_step(case, Step.PROPOSED)
        lists = [k.as_dict() for k in screening.lists(office)]
        rules.may_propose(case, body, lists, library.case_rules(office), actor.id, today(office))
        if what.outcome == "grant":
            _may_replace(office, case)
            body["lines"] = [_line_dict(n) for n in _lines(case, what.shares)]
        return step(office, case, Step.PROPOSED, actor, body)


def _may_replace(office: Office, case: Case) -> None:
    """A licence is amended for its own holder, by the office that issued it. Raises NotOnLicence, UsageProblem."""
    number = case.application.replaces
    if number is None:
        return
    held = token.verify(issuing.signed_text(office, number), [issuing.signing_key(office).public_key()])
    applicant = case.application.with_role(Role.APPLICANT)[0]
    if plain(applicant.name) != plain(held.holder):
        raise UsageProblem(f"{number} is held by {held.holder}, who did not apply for its amendment")


def _lines(case: Case, shares: dict[str, int]) -> list[GoodsLine]:
    """What the licence grants: the charges of the goods that need it, cut where the proposal cuts."""
    assert case.assessment is not None
    total: dict[LineKey, Amount] = {}
    for goods in case.assessment["goods"]:
        decided = case.determined.get(goods["id"], goods)
        if decided["decision"] != "licence_required":
            continue
        if goods["unclear"] and goods["id"] not in case.determined:
            raise StepRefused(f"the quantity of {goods['id']} is open: {goods['unclear']}")
        for c in decided["charges"]:
            key = LineKey(c["entry"], c["element"])
            total[key] = total.get(key, Amount(0)) + Amount(c["element_mg"], c["gross_mg"], c["value_minor"])
    unknown = set(shares) - {k.element for k in total}
    if unknown:
        raise UsageProblem(f"no line is about {', '.join(sorted(unknown))}")
    return [GoodsLine(k, _cut(a, shares.get(k.element))) for k, a in total.items()]


def _cut(asked: Amount, share_mg: int | None) -> Amount:
    if share_mg is None:
        return asked
    if not 0 < share_mg <= asked.element_mg:
        raise UsageProblem(f"a licence grants 1 to {asked.element_mg} mg here, not {share_mg}")
    gross, value = (-(-part * share_mg // asked.element_mg) for part in (asked.gross_mg, asked.value_minor))
    return Amount(share_mg, gross, value)


def _line_dict(line: GoodsLine) -> dict[str, Any]:
    parts = dict(zip(("element_mg", "gross_mg", "value_minor"), line.amount.parts, strict=True))
    return {"entry": line.key.entry, "element": line.key.element, **parts}


def send_back(office: Office, actor: Actor, name: str, reason: str) -> Case:
    """Return a proposal to work, with the reason."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        rules.may_approve(case, actor.id)
        return step(office, case, Step.SENT_BACK, actor, {"reason": rules.text(reason, "the reason")})


def approve(office: Office, actor: Actor, name: str) -> Case:
    """Decide as proposed, by a second person; a grant's licence is issued at once.

    Raises:
        DutiesNotSeparated: the actor proposed it, or had a part in a decision that was annulled.
        HitOpen: a screening list changed since the proposal.
    """
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        rules.may_step(case, Step.DECIDED)
        rules.may_approve(case, actor.id)
        assert case.proposal is not None
        outcome = case.proposal.outcome
        if case.proposal.body["list"] != library.controls(office).digest.hex():
            raise StepRefused(
                "the control list changed since the proposal", advice="Send it back and assess again."
            )
        if outcome == "grant":
            lists = [k.as_dict() for k in screening.lists(office)]
            rules.screening_is_done(case, lists, grants=True)
            issuing.check_page(_particulars(case), office.home.config.org)
        due = case.deadline(calendar())
        body = {"outcome": outcome, "due": due.day.isoformat() if due else None,
                "late": bool(due and today(office) > due.day)}  # fmt: skip
        case = step(office, case, Step.DECIDED, actor, body)
        return issue_licence(office, actor, name) if outcome == "grant" else case


def _number(case: Case) -> str:
    """The licence's number: the case's, and for a further decision of the same case a count behind it."""
    granted = [d for d in case.decisions if d.approved_by and d.outcome == "grant"]
    return case.id if len(granted) < 2 else f"{case.id}-{len(granted)}"


def _particulars(case: Case) -> issuing.Particulars:
    made, decision = case.application, case.decisions[-1]
    assert made.valid_from is not None
    assert made.valid_to is not None
    holder = made.with_role(Role.APPLICANT)[0].name
    users = "; ".join(p.name for p in made.with_role(Role.END_USER))
    lines = tuple(
        GoodsLine(LineKey(n["entry"], n["element"]), Amount(n["element_mg"], n["gross_mg"], n["value_minor"]))
        for n in decision.body["lines"]
    )
    terms = licences.Terms(_number(case), made.kind, made.valid_from, made.valid_to)
    return issuing.Particulars(
        terms,
        holder,
        users[: issuing.MAX_NAME],
        made.destination,
        " ".join(made.end_use.split())[: issuing.MAX_NAME],
        lines,
    )


def issue_licence(office: Office, actor: Actor, name: str) -> Case:
    """Issue what was granted; safe to do again. What it replaces ends first, so that nothing is granted twice."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        if case.state is not State.GRANTED:
            raise StepRefused(f"{name} is {case.state}, not granted")
        number = _number(case)
        if case.licence == number:
            return case
        for old in filter(None, (case.application.replaces, case.licence)):
            _end(office, old, f"replaced by {number}")
        under = library.classifier_of(office, case.decisions[-1].body["list"]).controls
        made = issuing.issue(office, _particulars(case), under)
        body = {"licence": number, "text": made.text, "conditions": case.decisions[-1].body["conditions"]}
        return step(office, case, Step.LICENSED, actor, body)


def _end(office: Office, number: str, reason: str) -> None:
    row = licences.licence(office, number)
    state = state_on(row.state, row.valid_to, today(office))
    if state in FINAL:
        return
    what = LicenceStep.REVOKE if state is LicenceState.EXHAUSTED else LicenceStep.SURRENDER
    licences.step(office, number, what, reason)


def recover(office: Office, actor: Actor) -> list[str]:
    """Issue every licence that was granted and is not out yet, after a run that stopped; gives the cases."""
    waiting = [r.id for r in board.rows(office) if r.state == State.GRANTED]
    left = [name for name in waiting if (case := get_case(office, name)).licence != _number(case)]
    for name in left:
        issue_licence(office, actor, name)
    return left


def case_of(office: Office, number: str) -> Case | None:
    """The case that a licence was issued in; None for one that no case here led to."""
    for name in (number, number.rpartition("-")[0]):
        case = fold(name, journal.read(office, "case", name)) if name else None
        if case is not None and any(_licensed(e) == number for e in case.timeline):
            return case
    return None


def _licensed(event: journal.Event) -> str | None:
    return str(event.body["licence"]) if event.kind == Step.LICENSED else None


def replaced_by(office: Office, number: str) -> str | None:
    """The licence that was issued in another's place; None when there is none."""
    for row in board.rows(office):
        replaces: str | None = None
        before: str | None = None
        for event in journal.read(office, "case", row.id) if row.licence else ():
            if "document" in event.body:
                replaces = event.body["document"]["terms"].get("replaces")
            if (made := _licensed(event)) is not None:
                if number in (replaces, before):
                    return made
                before = made
    return None


def notify(office: Office, actor: Actor, name: str, how: str) -> Case:
    """Record that the decision was served; the days to appeal begin."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        last = rules.appeal_until(today(office))
        return step(office, case, Step.NOTIFIED, actor, {"how": rules.text(how, "how it was served"),
                                                         "appeal_until": last.isoformat()})  # fmt: skip


def notice(office: Office, name: str) -> dict[str, Any]:
    """The notice of a decision: outcome, reasons, criteria, evidence, conditions, how to appeal."""
    case = get_case(office, name)
    decision = case.decision
    if decision is None:
        raise StepRefused(f"{name} is not decided")
    assert case.assessment is not None
    criteria = library.case_rules(office).criteria
    return {
        "case": name, "outcome": decision.outcome, "decided_on": case.decided_on and case.decided_on.isoformat(),
        "reasons": decision.body["reasons"], "conditions": decision.body["conditions"],
        "criteria": [dict(zip(("zh", "en"), criteria[c], strict=True)) | {"id": c} for c in decision.body["criteria"]],
        "rules": [r for g in case.assessment["goods"] for r in g["reasons"]],
        "list": decision.body["list"], "licence": case.licence,
        "appeal": {
            "days": rules.APPEAL_DAYS, "by": "an officer who had no part in the decision",
            "until": case.notified_on and rules.appeal_until(case.notified_on).isoformat(),
        },
    }  # fmt: skip


def appeal(office: Office, actor: Actor, name: str, grounds: str) -> Case:
    """Appeal against a decision that was served, within 60 days."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        rules.may_step(case, Step.APPEALED)
        rules.may_appeal(case, today(office))
        return step(office, case, Step.APPEALED, actor, {"grounds": rules.text(grounds, "the grounds")})


def decide_appeal(office: Office, actor: Actor, name: str, outcome: str, reasons: str) -> Case:
    """Uphold the decision, or annul it: the case goes back to review, to people who had no part in it."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        rules.may_step(case, Step.APPEAL_DECIDED)
        rules.may_hear(case, actor.id, outcome)
        body = {"outcome": outcome, "reasons": rules.text(reasons, "the reasons")}
        return step(office, case, Step.APPEAL_DECIDED, actor, body)


def dissents(office: Office, cases: Sequence[str]) -> dict[str, list[str]]:
    """For each case the departments whose standing advice is against."""
    return {name: [a.department for a in get_case(office, name).advice if not a.stale and a.view == "against"]
            for name in cases}  # fmt: skip
