"""`sealtrace post`: propose, decide, serve, review, pay, contest and end a restriction; tell one thing about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from .acting import MOMENT, Desk, acting, either


@click.command()
@click.argument("person")
@click.option("--authority", required=True, help="The authority and its decision's number.")
@click.option("--basis", required=True, help="Adopted legal basis, such as state-secrets-46@1.")
@click.option("--grade", required=True, help="Grade of the post, which sets the cap.")
@click.option("--activity", required=True, help="What it limits.")
@click.option("--territory", required=True, help="Where: a country of two letters, or any.")
@click.option("--employer", "employers", multiple=True, help="Only with these employers; repeat.")
@click.option("--reasons", required=True, help="Why; the person reads it.")
@click.option("--from", "start", type=MOMENT, required=True, help="From when.")
@click.option("--until", type=MOMENT, required=True, help="Until when.")
@click.option("--paid", is_flag=True, help="Monthly compensation is agreed.")
@click.option("--file", "files", multiple=True, help="Code of a file that the person knew; repeat.")
@acting
def propose(
    desk: Desk, person: str, authority: str, basis: str, grade: str, activity: str, territory: str,
    employers: tuple[str, ...], reasons: str, start: datetime, until: datetime, paid: bool, files: tuple[str, ...],
) -> Mapping[str, Any]:  # fmt: skip
    """Propose a restriction on PERSON; somebody else decides, and nothing binds before it is served."""
    from sealtrace.posts import proposals
    from sealtrace.posts.model import Scope

    scope = Scope(activity, territory, employers)
    terms = proposals.Terms(authority, basis, grade, scope, reasons, start, until, paid, files)
    return {"proposal": proposals.propose(desk.office, desk.me, person, terms, desk.now)}


@click.command()
@click.argument("proposal")
@click.option("--impose", is_flag=True, help="Impose it, under --notice.")
@click.option("--refuse", is_flag=True, help="Refuse it; needs --reasons.")
@click.option("--reasons", default="", help="Why it is refused; the person reads it.")
@click.option("--notice", default="", help="Number of the notice.")
@click.option("--review-due", type=MOMENT, help="First review; by default after twelve months.")
@acting
def decide(
    desk: Desk,
    proposal: str,
    impose: bool,
    refuse: bool,
    reasons: str,
    notice: str,
    review_due: datetime | None,
) -> Mapping[str, Any]:
    """Impose or refuse a proposed restriction; by somebody else than who proposed it."""
    from sealtrace.posts import proposals

    yes = either(impose, refuse, "--impose, --refuse")
    made = proposals.decide(
        desk.office, desk.me, proposal, desk.now, impose=yes, notice=notice, review_due=review_due,
        reasons=reasons,
    )  # fmt: skip
    return {"imposed": yes, "restriction": made}


@click.command()
@click.argument("restriction")
@click.option("--how", required=True, help="How the notice was handed over.")
@acting
def serve(desk: Desk, restriction: str, how: str) -> Mapping[str, Any]:
    """Record that the notice was served; from now on it can bind."""
    from sealtrace.posts import service

    return {"entry": service.serve(desk.office, desk.me, restriction, how, desk.now)}


@click.command()
@click.argument("restriction")
@click.option(
    "--next", "next_due", type=MOMENT, required=True, help="When it is reviewed again, within 12 months."
)
@click.option("--reasons", required=True, help="Why it is kept; the person reads it.")
@acting
def review(desk: Desk, restriction: str, next_due: datetime, reasons: str) -> Mapping[str, Any]:
    """Keep a restriction after a review in time. Too late, it has lapsed."""
    from sealtrace.posts import service

    return {"entry": service.review(desk.office, desk.me, restriction, next_due, reasons, desk.now)}


@click.command()
@click.argument("restriction")
@click.option("--month", type=int, required=True, help="Which month, counted from 0.")
@click.option("--voucher", required=True, help="Number of the payment.")
@acting
def pay(desk: Desk, restriction: str, month: int, voucher: str) -> Mapping[str, Any]:
    """Record a month's compensation. Three months unpaid let the person go."""
    from sealtrace.posts import service

    return {"entry": service.pay(desk.office, desk.me, restriction, month, voucher, desk.now)}


@click.command()
@click.argument("restriction")
@click.option("--reasons", required=True, help="Why.")
@acting
def release(desk: Desk, restriction: str, reasons: str) -> Mapping[str, Any]:
    """End a restriction early: the authority at any time, the person once compensation stayed unpaid."""
    from sealtrace.posts import service

    return {"entry": service.release(desk.office, desk.me, restriction, reasons, desk.now)}


@click.command()
@click.argument("restriction")
@click.argument("grounds")
@acting
def appeal(desk: Desk, restriction: str, grounds: str) -> Mapping[str, Any]:
    """Appeal against a restriction on yourself; it is shown wherever the restriction is."""
    from sealtrace.posts import service

    return {"petition": service.appeal(desk.office, desk.me, restriction, grounds, desk.now)}


@click.command("withdraw-appeal")
@click.argument("restriction")
@acting
def withdraw_appeal(desk: Desk, restriction: str) -> Mapping[str, Any]:
    """Take your open appeal back."""
    from sealtrace.posts import service

    return {"entry": service.withdraw_appeal(desk.office, desk.me, restriction, desk.now)}


@click.command("decide-appeal")
@click.argument("restriction")
@click.option("--annul", is_flag=True, help="Annul the restriction.")
@click.option("--uphold", is_flag=True, help="Uphold it.")
@click.option("--reasons", required=True, help="What the person is told.")
@acting
def decide_appeal(desk: Desk, restriction: str, annul: bool, uphold: bool, reasons: str) -> Mapping[str, Any]:
    """Decide an open appeal; only the officer named on the notice."""
    from sealtrace.posts import service

    yes = either(annul, uphold, "--annul, --uphold")
    return {"entry": service.decide_appeal(desk.office, desk.me, restriction, reasons, desk.now, annul=yes)}


@click.command()
@click.argument("person")
@click.option("--reason", required=True, help="Why you look; the person reads it.")
@acting
def restrictions(desk: Desk, person: str, reason: str) -> Mapping[str, Any]:
    """Show a person's restrictions as they stand at this second, with open appeals."""
    from sealtrace.posts import service

    return {"restrictions": service.restrictions(desk.office, desk.me, person, reason, desk.now)}


@click.command()
@click.argument("person")
@click.option("--activity", required=True, help="What the occupation is.")
@click.option("--territory", required=True, help="Where.")
@click.option("--employer", required=True, help="With whom.")
@click.option("--reason", required=True, help="Why you ask; the person reads it.")
@acting
def may(
    desk: Desk, person: str, activity: str, territory: str, employer: str, reason: str
) -> Mapping[str, Any]:
    """Tell whether PERSON may take up an occupation: with the clause, the end and the appeal path."""
    from sealtrace.posts import service

    found = service.may_take_up(desk.office, desk.me, person, activity, territory, employer, reason, desk.now)
    return {"decision": found}


@click.command()
@acting
def due(desk: Desk) -> Mapping[str, Any]:
    """List what is to be done about restrictions within 60 days: serve, review, pay, release, and which end."""
    from sealtrace.posts import service

    return {"due": service.due(desk.office, desk.me, desk.now)}


@click.command("tell")
@click.argument("person")
@click.argument("restriction")
@click.option("--receiver", required=True, help="Who asked.")
@click.option("--purpose", required=True, help="What for.")
@click.option("--clause", required=True, help="The legal clause.")
@click.option("--keep-until", type=MOMENT, required=True, help="Until when the receiver may keep it.")
@click.option("--approver", required=True, help="Who approves it; another person.")
@click.option("--abroad", is_flag=True, help="The receiver is abroad: needs --consent.")
@click.option("--consent", default="", help="Document of the person's own consent.")
@acting
def tell_status(
    desk: Desk, person: str, restriction: str, receiver: str, purpose: str, clause: str, keep_until: datetime,
    approver: str, abroad: bool, consent: str,
) -> Mapping[str, Any]:  # fmt: skip
    """Tell another organisation one thing: whether a restriction binds, what it limits, when it ends."""
    from sealtrace.people.duties import human
    from sealtrace.rights import transfer

    told = transfer.tell_status(
        desk.office, desk.me, human(approver), person, restriction, receiver=receiver, purpose=purpose,
        clause=clause, keep_until=keep_until, now=desk.now, abroad=abroad, consent=consent,
    )  # fmt: skip
    return {"told": told}


COMMANDS = (
    propose, decide, serve, review, pay, release, appeal, withdraw_appeal, decide_appeal, restrictions, may, due,
    tell_status,
)  # fmt: skip
