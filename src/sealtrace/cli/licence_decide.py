"""`sealtrace licence decide|notify|notice|appeal`: decisions by two people, notice, appeal to a third."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from . import words
from .licence_case import as_option, show_case
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option

if TYPE_CHECKING:
    from sealtrace.people.duties import Actor


@click.command()
@click.argument("case")
@as_option
@click.option("--outcome", type=click.Choice(["grant", "refuse"]), help="Propose this; needs --reasons.")
@click.option("--reasons", default="", help="Reasons of the decision; they stand in the notice.")
@click.option(
    "--criterion", "criteria", multiple=True, help="Criterion of the case rules it rests on; repeat."
)
@click.option("--conditions", default="", help="Conditions of a grant.")
@click.option("--dissent", default="", help="Answer to advice that went the other way.")
@click.option("--departure", default="", help="Why comparable cases ended otherwise.")
@click.option(
    "--share", "shares", multiple=True, metavar="ELEMENT=KG", help="Grant less of an element; repeat."
)
@click.option(
    "--approve", is_flag=True, help="Decide as proposed, by a second person; a grant issues the licence."
)
@click.option("--send-back", metavar="REASON", help="Return the proposal to work.")
@json_option
@click.pass_obj
def decide(
    settings: Settings, case: str, actor: Actor, outcome: str | None, reasons: str, criteria: tuple[str, ...],
    conditions: str, dissent: str, departure: str, shares: tuple[str, ...], approve: bool, send_back: str | None,
    output: Output,
) -> None:  # fmt: skip
    """Propose a decision with --outcome; another person approves it with --approve, or sends it back."""
    from sealtrace.catalogue.units import kilograms_mg
    from sealtrace.licences import service

    if [outcome is not None, approve, send_back is not None].count(True) != 1:
        raise UsageProblem("give one of --outcome, --approve and --send-back")
    cut = {e: kilograms_mg(kg) for e, _, kg in (s.partition("=") for s in shares)}
    with custody_of(settings) as custody:
        office = custody.office
        if outcome is not None:
            what = service.Proposal(outcome, reasons, criteria, conditions, dissent, departure, cut)
            found = service.propose(office, actor, case, what)
        elif approve:
            found = service.approve(office, actor, case)
        else:
            found = service.send_back(office, actor, case, send_back or "")
    show_case(output, found)


@click.command()
@click.argument("case")
@as_option
@click.option("--how", required=True, help="How the decision was served, such as a registered letter.")
@json_option
@click.pass_obj
def notify(settings: Settings, case: str, actor: Actor, how: str, output: Output) -> None:
    """Record that a decision was served; the days to appeal begin."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.notify(custody.office, actor, case, how)
    show_case(output, found)


@click.command()
@click.argument("case")
@json_option
@click.pass_obj
def notice(settings: Settings, case: str, output: Output) -> None:
    """Give the notice of a decision: outcome, reasons, criteria, rules applied, conditions, how to appeal."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.notice(custody.office, case)
    language = words.language()
    pairs = [
        ("case", case), ("result", str(found["outcome"])), ("reasons", str(found["reasons"])),
        *(("criterion", str(c[language])) for c in found["criteria"]), ("conditions", str(found["conditions"] or "-")),
        *(("rule", str(r[language])) for r in found["rules"]), ("licence", str(found["licence"] or "-")),
        ("appeal until", str(found["appeal"]["until"] or "-")),
    ]  # fmt: skip
    output.answer({"ok": True, **found}, lambda: fields(pairs))


@click.command()
@click.argument("case")
@as_option
@click.option("--grounds", help="Appeal, giving the grounds.")
@click.option("--outcome", type=click.Choice(["uphold", "annul"]), help="Decide the appeal; needs --reasons.")
@click.option("--reasons", default="", help="Reasons of the decision on the appeal.")
@json_option
@click.pass_obj
def appeal(
    settings: Settings,
    case: str,
    actor: Actor,
    grounds: str | None,
    outcome: str | None,
    reasons: str,
    output: Output,
) -> None:
    """Appeal against a decision with --grounds; an officer who had no part in it decides with --outcome."""
    from sealtrace.licences import service

    if (grounds is None) == (outcome is None):
        raise UsageProblem("give either --grounds or --outcome")
    with custody_of(settings) as custody:
        if grounds is not None:
            found = service.appeal(custody.office, actor, case, grounds)
        else:
            found = service.decide_appeal(custody.office, actor, case, outcome or "", reasons)
    show_case(output, found)
