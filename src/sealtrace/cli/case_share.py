"""`sealtrace case referral|outcome|appeal …`: what more than one person or department has a hand in."""

from __future__ import annotations

import click

from sealtrace.errors import UsageProblem

from .case_options import DEPARTMENTS, Step, step_options, text_option, when


@click.group()
def referral() -> None:
    """Referrals: the other department sees the items referred, and no more."""


@referral.command()
@click.argument("number")
@click.argument("items", nargs=-1, required=True)
@click.option("--to", type=DEPARTMENTS, required=True, help="To which department.")
@text_option("--subject", "What it is about, in words that the other department may read before it accepts.")
@text_option("--purpose", "What it is asked to do.")
@text_option("--basis", "Legal ground of the referral.")
@click.option("--due", help="Until when an answer is expected.")
@step_options
def make(step: Step, number: str, items: tuple[str, ...], to: str, subject: str, purpose: str, basis: str,
         due: str | None) -> None:  # fmt: skip
    """Refer items. To the police a second person of your department approves first."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Department

    with step.home() as custody:
        step.tell(service.refer(custody.office, step.by, number, Department(to), items, subject=subject,
                                purpose=purpose, basis=basis, due=when(due) if due else None, **step.more))  # fmt: skip


@referral.command()
@click.argument("number")
@click.argument("item")
@step_options
def approve(step: Step, number: str, item: str) -> None:
    """Approve a referral that another person of your department proposed."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.approve_referral(custody.office, step.by, number, item, **step.more))


@referral.command("answer")
@click.argument("number")
@click.argument("item")
@click.option("--accept/--decline", required=True, help="Whether your department takes it.")
@text_option("--reason", "Why; it is kept.")
@step_options
def answer_referral(step: Step, number: str, item: str, accept: bool, reason: str) -> None:
    """Accept a referral, which opens its items to your department, or decline it."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.answer_referral(custody.office, step.by, number, item, accept=accept, reason=reason,
                                          **step.more))  # fmt: skip


@referral.command()
@click.argument("number")
@click.argument("item")
@text_option("--reason", "Why; it is kept.")
@step_options
def withdraw(step: Step, number: str, item: str, reason: str) -> None:
    """Withdraw a referral; the other department keeps what it contributed itself."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(
            service.withdraw_referral(custody.office, step.by, number, item, reason=reason, **step.more)
        )


@click.group()
def outcome() -> None:
    """Outcomes: one person proposes, another signs."""


@outcome.command()
@click.argument("number")
@click.argument("result", type=click.Choice(["seized", "penalty", "prosecution", "corrected", "no-fault", "refuted",
                                             "acquitted"]))  # fmt: skip
@text_option("--text", "What was found.")
@text_option("--alternatives", "What else was possible, and why it was ruled out.")
@text_option("--basis", "Legal ground.")
@click.option("--kg", help="Kilograms of goods seized.")
@text_option("--element", "Element in them.", required=False)
@click.option("--value", type=click.IntRange(min=1), help="Their value in minor units (fen, cents).")
@click.option("--penalty", type=click.IntRange(min=1), help="Penalty in minor units.")
@click.option("--currency", default="CNY", show_default=True, help="Currency of both.")
@step_options
def propose(step: Step, number: str, result: str, text: str, alternatives: str, basis: str, kg: str | None,
            element: str, value: int | None, penalty: int | None, currency: str) -> None:  # fmt: skip
    """Propose how the case ends."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Result
    from sealtrace.catalogue.units import kilograms_mg

    with step.home() as custody:
        step.tell(service.propose_outcome(
            custody.office, step.by, number, Result(result), text=text, alternatives=alternatives, basis=basis,
            goods_mg=kilograms_mg(kg) if kg else None, element=element, value_minor=value,
            penalty_minor=penalty, currency=currency, **step.more))  # fmt: skip


@outcome.command()
@click.argument("number")
@click.argument("item")
@click.option("--accept/--refuse", default=True, help="Whether you sign it.")
@text_option("--reason", "Why you refuse.", required=False)
@click.option("--appeal-days", type=click.IntRange(1, 3650), default=60, show_default=True,
              help="Days in which it can be appealed.")  # fmt: skip
@step_options
def sign(step: Step, number: str, item: str, accept: bool, reason: str, appeal_days: int) -> None:
    """Sign an outcome as the second person, or refuse it."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.sign_outcome(custody.office, step.by, number, item, accept=accept, reason=reason,
                                       appeal_days=appeal_days, **step.more))  # fmt: skip


@click.group()
def appeal() -> None:
    """Appeals: lodged in time, decided by somebody who had no part in the outcome."""


@appeal.command()
@click.argument("number")
@click.argument("outcome")
@text_option("--appellant", "Who appeals.")
@text_option("--grounds", "On what grounds.")
@step_options
def lodge(step: Step, number: str, outcome: str, appellant: str, grounds: str) -> None:
    """Record an appeal against a signed outcome."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.lodge_appeal(custody.office, step.by, number, outcome, appellant=appellant, grounds=grounds,
                                       **step.more))  # fmt: skip


@appeal.command()
@click.argument("number")
@click.argument("item")
@click.option("--grant/--dismiss", "granted", default=None, help="Whether the outcome is annulled.")
@text_option("--reason", "Why; it is kept.")
@step_options
def decide(step: Step, number: str, item: str, granted: bool | None, reason: str) -> None:
    """Decide an appeal; granting it annuls the outcome."""
    from sealtrace.cases import service

    if granted is None:
        raise UsageProblem("give --grant or --dismiss")
    with step.home() as custody:
        step.tell(service.decide_appeal(custody.office, step.by, number, item, granted=granted, reason=reason,
                                        **step.more))  # fmt: skip
