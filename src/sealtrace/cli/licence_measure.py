"""`sealtrace licence step|appeals`: measures against licences, and what is due about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .licence_account import account_text
from .licence_case import as_option
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.office import Office
    from sealtrace.licences.measures.measure import Measure
    from sealtrace.people.duties import Actor

DAY = click.DateTime(["%Y-%m-%d"])
review_option = click.option(
    "--review-by", type=DAY, metavar="YYYY-MM-DD", help="Day by which somebody else reviews the suspension."
)


@click.command()
@click.argument("licence")
@click.argument("what", type=click.Choice(["suspend", "reinstate", "revoke", "surrender", "cancel"]))
@as_option
@click.option("--reason", default="", help="Why; it is kept with the step.")
@click.option("--basis", default="", help="The law that a suspension, revocation or cancellation rests on.")
@review_option
@click.option("--approve", is_flag=True, help="Decide what another person proposed.")
@click.option("--drop", is_flag=True, help="Give up what was proposed; needs --reason.")
@click.option("--object", "objects", is_flag=True, help="Object as the holder; --reason says why.")
@click.option(
    "--keep", is_flag=True, help="Review a suspension and keep it until --review-by; needs --reason."
)
@json_option
@click.pass_obj
def step(
    settings: Settings, licence: str, what: str, actor: Actor, reason: str, basis: str, review_by: datetime | None,
    approve: bool, drop: bool, objects: bool, keep: bool, output: Output,
) -> None:  # fmt: skip
    """Take a step: suspend at once, surrender as holder; reinstate, revoke and cancel are proposed, then approved."""
    from sealtrace.licences import desk, service
    from sealtrace.licences.states import Step

    if [approve, drop, objects, keep].count(True) > 1:
        raise UsageProblem("give one of --approve, --drop, --object and --keep")
    ground = service.Ground(reason, basis)
    with custody_of(settings) as custody:
        office = custody.office
        if approve or drop or objects:
            name = _measure(office, licence, what, proposed=True)
            act = service.approve_measure if approve else service.drop_measure if drop else service.object_to
            made = act(office, actor, name, reason)
        elif keep:
            name = _measure(office, licence, what, proposed=False)
            made = service.review_measure(office, actor, name, reason, day(review_by))
        elif what == Step.SUSPEND:
            made = service.suspend(office, actor, licence, ground, day(review_by))
        elif what == Step.SURRENDER:
            made = service.surrender(office, actor, licence, reason)
        else:
            made = service.propose_measure(office, actor, licence, Step(what), ground)
        stands = desk.account(office, licence)
    obj = {"ok": True, **stands.as_dict(), "measure": made.name, "measure_state": made.standing}
    output.answer(obj, lambda: account_text(stands))


def day(given: datetime | None) -> date:
    """The day that --review-by gives. Raises UsageProblem when it is missing."""
    if given is None:
        raise UsageProblem("say with --review-by by which day somebody else reviews the suspension")
    return given.date()


def _measure(office: Office, licence: str, what: str, *, proposed: bool) -> str:
    from sealtrace.licences import service

    found = reversed(service.measures(office, licence))
    name = next((m.name for m in found if (m.open if proposed else m.effect) and m.step == what), None)
    if name is None:
        raise UsageProblem(f"nobody proposed to {what} {licence}" if proposed else f"{licence} has no {what}")
    return name


@click.command()
@json_option
@click.pass_obj
def appeals(settings: Settings, output: Output) -> int:
    """List open appeals and suspensions to review. Exit code 1 when one is overdue.

    Appeals against decisions stand under their case, those against measures under the licence and the measure's number.
    """
    from sealtrace.licences import service
    from sealtrace.licences.review.desk import today

    with custody_of(settings) as custody:
        now = today(custody.office)
        waiting = service.open_appeals(custody.office)
        reviews = list(service.due_reviews(custody.office, now))
    obj = {
        "ok": True, "on": now.isoformat(),
        "appeals": [{"about": w.subject, "lodged_on": w.lodged_on.isoformat(), "due": w.due.isoformat(),
                     "overdue": w.overdue(now)} for w in waiting],
        "reviews": [{"about": m.name, "due": m.review_by.isoformat() if m.review_by else None} for m in reviews],
    }  # fmt: skip
    rows = [
        (words.say("appeal"), w.subject, str(w.lodged_on), str(w.due), _late(w.overdue(now))) for w in waiting
    ]
    rows += [(words.say("review"), m.name, "-", str(m.review_by or "-"), _late(True)) for m in reviews]
    head = [words.say(w) for w in ("what", "about", "from", "due", "state")]
    output.answer(obj, lambda: table(head, rows) if rows else words.say("not found"))
    return 1 if reviews or any(w.overdue(now) for w in waiting) else 0


def _late(late: bool) -> str:
    return words.say("overdue" if late else "open")


def show_measure(output: Output, found: Measure, notice: dict[str, Any]) -> None:
    """Give a measure as the answer, by its notice."""
    appeal = notice["appeal"] or {}
    pairs = [
        ("measure", f"{found.name} {words.say(f'measure.{found.step}')}"),
        ("state", words.say(f"measure.{found.standing}")), ("authority", str(notice["authority"])),
        ("basis", found.basis or "-"), ("reasons", found.reason), ("review by", str(notice["review_by"] or "-")),
        ("appeal until", str(appeal.get("until") or "-")), ("appeal due", str(appeal.get("due") or "-")),
        ("appeal reasons", str(appeal.get("reasons") or appeal.get("stayed") or "-")),
    ]  # fmt: skip
    output.answer({"ok": True, **notice}, lambda: fields(pairs))
