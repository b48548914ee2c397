"""`sealtrace licence decide|notify|notice|appeal`: decisions by two people, notice, appeal to a third."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from . import words
from .licence_case import as_option, show_case
from .licence_measure import review_option, show_measure
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option

if TYPE_CHECKING:
    from datetime import datetime

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
    """Record that a decision, or a measure such as L-2026-0001/2, was served; the days to appeal begin."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        if "/" in case:
            made = service.notify_measure(custody.office, actor, case, how)
            return show_measure(output, made, service.notice_of(custody.office, case))
        found = service.notify(custody.office, actor, case, how)
    return show_case(output, found)


@click.command()
@click.argument("case")
@json_option
@click.pass_obj
def notice(settings: Settings, case: str, output: Output) -> None:
    """Give the notice of a decision, or of a measure such as L-2026-0001/2: reasons, law, how to appeal by when."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        if "/" in case:
            made = service.get_measure(custody.office, case)
            return show_measure(output, made, service.notice_of(custody.office, case))
        found = service.notice(custody.office, case)
    language = words.language()
    pairs = [
        ("case", case), ("result", str(found["outcome"])), ("reasons", str(found["reasons"])),
        *(("criterion", str(c[language])) for c in found["criteria"]), ("conditions", str(found["conditions"] or "-")),
        *(("rule", str(r[language])) for r in found["rules"]), ("licence", str(found["licence"] or "-")),
        ("appeal until", str(found["appeal"]["until"] or "-")),
    ]  # fmt: skip
    return output.answer({"ok": True, **found}, lambda: fields(pairs))


@click.command()
@click.argument("case")
@as_option
@click.option("--grounds", help="Appeal, giving the grounds.")
@click.option(
    "--outcome", type=click.Choice(["uphold", "annul", "vary"]), help="Decide the appeal; needs --reasons."
)
@click.option("--stay", is_flag=True, help="Let a measure rest until the appeal is decided; needs --reasons.")
@click.option("--reasons", default="", help="Reasons of the stay or of the decision on the appeal.")
@review_option
@json_option
@click.pass_obj
def appeal(
    settings: Settings, case: str, actor: Actor, grounds: str | None, outcome: str | None, stay: bool, reasons: str,
    review_by: datetime | None, output: Output,
) -> None:  # fmt: skip
    """Appeal against a decision or a measure with --grounds; an officer without a part in it decides with --outcome.

    A measure is named by the licence and its number, such as L-2026-0001/2. It may be varied into a suspension that is
    reviewed by --review-by.
    """
    from sealtrace.licences import service

    if [grounds is not None, outcome is not None, stay].count(True) != 1:
        raise UsageProblem("give one of --grounds, --outcome and --stay")
    if "/" not in case and (stay or outcome == "vary"):
        raise UsageProblem("only a measure is stayed or varied; name it as LICENCE/NUMBER")
    with custody_of(settings) as custody:
        office = custody.office
        if "/" in case:
            if grounds is not None:
                made = service.appeal_measure(office, actor, case, grounds)
            elif stay:
                made = service.stay_measure(office, actor, case, reasons)
            else:
                day = review_by.date() if review_by else None
                made = service.decide_measure_appeal(office, actor, case, outcome or "", reasons, day)
            return show_measure(output, made, service.notice_of(office, case))
        if grounds is not None:
            found = service.appeal(office, actor, case, grounds)
        else:
            found = service.decide_appeal(office, actor, case, outcome or "", reasons)
    return show_case(output, found)
