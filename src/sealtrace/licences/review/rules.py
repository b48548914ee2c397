"""What must hold before a step is taken: pure rules over a case and what is about to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sealtrace.errors import ApplicationIncomplete, DutiesNotSeparated, HitOpen, StepRefused, UsageProblem
from sealtrace.licences.classify import Decision as Class

from .application import missing
from .case import Case
from .routing import CaseRules
from .steps import TRANSITIONS, Step, after

APPEAL_DAYS = 60  # from notice; Administrative Reconsideration Law of 2023, art. 20
HEARING_DAYS = 60  # from the appeal to its decision; the same law, art. 62, ordinary procedure
VIEWS = ("for", "conditions", "against")
OUTCOMES = ("grant", "refuse")


def text(value: str, what: str, least: int = 2) -> str:
    """A text that says something. Raises UsageProblem."""
    plain = value.strip()
    if not least <= len(plain) <= 4000:
        raise UsageProblem(f"{what} has {least} to 4,000 characters")
    return plain


def may_step(case: Case, step: Step) -> None:
    """Check the table of states alone. Raises WrongState."""
    after(case.state, step, next(iter(TRANSITIONS.get((case.state, step), ())), None))


def may_submit(case: Case) -> None:
    """An application goes in when it is complete. Raises ApplicationIncomplete, naming everything it lacks."""
    found = missing(case.application)
    if found:
        raise ApplicationIncomplete("; ".join(f"{m.en}{f' ({m.place})' if m.place else ''}" for m in found))


def must_be_applicant(case: Case, actor: str) -> None:
    """Only who opened a case changes, answers, appeals and withdraws it. Raises DutiesNotSeparated."""
    if actor != case.applicant:
        raise DutiesNotSeparated(f"only the applicant's own hand does this to {case.id}")


def must_be_officer(case: Case, actor: str) -> None:
    """Nobody decides on an application of their own. Raises DutiesNotSeparated."""
    if actor == case.applicant:
        raise DutiesNotSeparated(f"who applied does not work on {case.id} for the office")


def may_advise(case: Case, department: str, view: str, today: date) -> None:
    """Advice is given where it was asked, and amended until its day. Raises UsageProblem, StepRefused."""
    if view not in VIEWS:
        raise UsageProblem(f"a view is {', '.join(VIEWS)}, not {view!r}")
    asked = [a for a in case.advice if a.department == department]
    if not any(a.open or a.amendable(today) for a in asked):
        if any(a.view and not a.stale for a in asked):
            raise StepRefused(f"the last day to amend the advice of {department} was {asked[-1].due}")
        raise StepRefused(f"{department} is not asked", advice="Ask the department first.")


def may_propose(case: Case, body: Mapping[str, Any], lists: Sequence[Mapping[str, Any]], rules: CaseRules,
                actor: str, today: date) -> None:  # fmt: skip
    """Check that a decision is ripe and gives its reasons.

    Raises:
        UsageProblem: outcome, reasons or criteria are not stated.
        StepRefused: something is still to be done first; the message says what.
        HitOpen: a hit was judged by nobody, or a party is barred and the proposal grants.
        DutiesNotSeparated: the actor had a part in the decision that was annulled.
    """
    grants = body["outcome"] == "grant"
    if body["outcome"] not in OUTCOMES:
        raise UsageProblem(f"an outcome is {', '.join(OUTCOMES)}, not {body['outcome']!r}")
    unknown = [c for c in body["criteria"] if c not in rules.criteria]
    if unknown:
        raise UsageProblem(f"no criterion is called {', '.join(unknown)}")
    if not grants and not body["criteria"]:
        raise UsageProblem("a refusal names the criteria it rests on")
    _not_again(case, actor)
    if case.assessed_version != case.version or case.assessment is None:
        raise StepRefused("the newest version has not been assessed", advice="Assess it first.")
    if case.assessment["list"] != body["list"]:
        raise StepRefused("the control list changed since the assessment", advice="Assess it again.")
    _advice_is_in(case, body, today)
    screening_is_done(case, lists, grants=grants)
    if grants:
        _goods_can_be_licensed(case)
    if body["departs_from"] and not body["departure"]:
        raise StepRefused(
            f"comparable cases ended otherwise ({', '.join(body['departs_from'])}): say why this one differs",
            advice="Give the reason for the departure.",
        )


def _not_again(case: Case, actor: str) -> None:
    had_part = {who for d in case.decisions if d.annulled for who in (d.proposed_by, d.approved_by)}
    if actor in had_part:
        raise DutiesNotSeparated(f"{actor} had a part in the decision on {case.id} that was annulled")


def _advice_is_in(case: Case, body: Mapping[str, Any], today: date) -> None:
    waiting = [a.department for a in case.advice if a.open and not a.late(today)]
    if waiting:
        raise StepRefused(f"advice is due from {', '.join(waiting)}")
    given = {a.department for a in case.advice if not a.stale}
    stale = sorted({a.department for a in case.advice if a.stale} - given)
    if stale:
        raise StepRefused(f"what {', '.join(stale)} advised on was changed since", advice="Ask again.")
    if not given:
        raise StepRefused("no department was asked", advice="Ask for advice first.")
    dissent = [a.department for a in case.advice if not a.stale and a.view == "against"] if body["outcome"] == "grant" \
        else [a.department for a in case.advice if not a.stale and a.view in ("for", "conditions")]  # fmt: skip
    if dissent and not body["dissent"]:
        raise StepRefused(
            f"{', '.join(dissent)} advised otherwise",
            advice="Answer the dissent; it is kept with the decision.",
        )


def screening_is_done(case: Case, lists: Sequence[Mapping[str, Any]], *, grants: bool) -> None:
    """Every party is screened against the lists in use, and a person judged every hit. Raises HitOpen."""
    if case.screened is None or case.screened_version != case.version:
        raise HitOpen("the parties of the newest version were not screened", advice="Screen them first.")
    if list(case.screened["lists"]) != list(lists):
        raise HitOpen("a screening list changed since the parties were screened", advice="Screen them again.")
    waiting = [h.id for h in case.hits.values() if h.same is None]
    if waiting:
        raise HitOpen(f"nobody judged {len(waiting)} hits: {', '.join(waiting[:5])}")
    confirmed = {str(h.data["effect"]) for h in case.hits.values() if h.same}
    if grants and "barred" in confirmed:
        raise HitOpen("a party is barred", advice="Refuse, or correct the judgement if it was wrong.")
    if grants and "watch" in confirmed and case.application.kind != "single":
        raise HitOpen("a party is watched: it gets no general licence and no certificate by registration")


def _goods_can_be_licensed(case: Case) -> None:
    assert case.assessment is not None
    for goods in case.assessment["goods"]:
        decision = str(case.determined.get(goods["id"], goods)["decision"])
        if decision in (Class.REFER, Class.STATUS_UNKNOWN):
            raise StepRefused(f"the class of {goods['id']} is open", advice="A person determines it first.")
        if decision in (Class.PROHIBITED_END_USE, Class.PROHIBITED_TECHNOLOGY):
            raise StepRefused(f"{goods['id']} is prohibited: no licence can be granted for it")
    if not any(str(case.determined.get(g["id"], g)["decision"]) == Class.LICENCE_REQUIRED
               for g in case.assessment["goods"]):  # fmt: skip
        raise StepRefused("none of the goods needs a licence", advice="Tell the applicant, who may withdraw.")


def may_approve(case: Case, actor: str) -> None:
    """A second person decides. Raises DutiesNotSeparated; the database refuses it as well."""
    proposal = case.proposal
    if proposal is not None and actor == proposal.proposed_by:
        raise DutiesNotSeparated(f"{actor} proposed this decision: another person approves it")
    _not_again(case, actor)


def appeal_until(served_on: date) -> date:
    """The last day to appeal against what was served on a day."""
    return served_on + timedelta(days=APPEAL_DAYS)


def decide_by(appealed_on: date) -> date:
    """The last day to decide an appeal."""
    return appealed_on + timedelta(days=HEARING_DAYS)


def must_be_in_time(served_on: date, today: date) -> None:
    """An appeal comes within 60 days of the notice. Raises StepRefused."""
    last = appeal_until(served_on)
    if today > last:
        raise StepRefused(f"the last day to appeal was {last}")


def may_appeal(case: Case, today: date) -> None:
    """Check that the decision was served, not too long ago. Raises StepRefused."""
    if case.notified_on is None:
        raise StepRefused("the decision was not served yet; the days to appeal have not begun")
    must_be_in_time(case.notified_on, today)


def may_hear(case: Case, actor: str, outcome: str) -> None:
    """Somebody who had no part in the decision hears the appeal. Raises DutiesNotSeparated, UsageProblem."""
    if outcome not in ("uphold", "annul"):
        raise UsageProblem(f"an appeal ends with uphold or annul, not {outcome!r}")
    must_have_no_part(case, actor)


def must_have_no_part(case: Case, actor: str) -> None:
    """Who hears an appeal neither decided on the case nor advised on it. Raises DutiesNotSeparated."""
    if any(actor in (d.proposed_by, d.approved_by) for d in case.decisions):
        raise DutiesNotSeparated(f"{actor} had a part in the decision on {case.id}")
    if any(actor in a.by for a in case.advice):
        raise DutiesNotSeparated(f"{actor} advised on {case.id}")
