"""`sealtrace travel`: journeys declared and decided, and travel documents in custody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sealtrace.errors import UsageProblem

from .acting import MOMENT, Desk, acting, either

TITLES = ("official-passport", "registered-staff-rule", "case-seizure", "voluntary-safekeeping")


@click.group()
def travel() -> None:
    """Journeys, declared freely or by designated people; travel documents, held only with a legal title."""


@travel.command()
@click.argument("person")
@acting
def must(desk: Desk, person: str) -> Mapping[str, Any]:
    """Tell whether PERSON must declare a private journey: only while designated."""
    from sealtrace.people import access
    from sealtrace.people.acts import identity
    from sealtrace.travel import service

    me = identity(desk.office, desk.me)
    purpose = access.Purpose.OWN if me.id == person else access.Purpose.TRAVEL
    access.look(desk.office, me, person, purpose, {access.Section.POSTS}, "duty to declare", desk.now)
    found = service.must_declare(desk.office, person, desk.now)
    return {"required": not found.allowed, "clause": found.clause, "reason": found.reason}


@travel.command()
@click.argument("person")
@click.option("--stop", "stops", multiple=True, nargs=4, required=True, metavar="COUNTRY PLACE FROM UNTIL",
              help="A stay: country of two letters, place, first and last moment; repeat.")  # fmt: skip
@click.option("--purpose", required=True, help="What the journey is for.")
@click.option("--contact", "contacts", multiple=True, help="Whom you will meet abroad; repeat.")
@click.option("--companion", "companions", multiple=True, nargs=2, metavar="RELATIONSHIP COUNTRY",
              help="Family with you, if you wish to say: spouse, parent, child, sibling, other; repeat.")  # fmt: skip
@acting
def declare(
    desk: Desk, person: str, stops: tuple[tuple[str, str, str, str], ...], purpose: str, contacts: tuple[str, ...],
    companions: tuple[tuple[str, str], ...],
) -> Mapping[str, Any]:  # fmt: skip
    """Declare a journey of PERSON: your own, as a delegate, or for a designated person."""
    from sealtrace.travel import journeys, service
    from sealtrace.travel.rules import Companion

    def at(text: str) -> datetime:
        return MOMENT.convert(text, None, None)

    made = tuple(journeys.Stop(country, place, at(start), at(end)) for country, place, start, end in stops)
    plan = journeys.Plan(made, purpose, contacts)
    family = tuple(Companion(r, c, plan.leaves_at, plan.returns_at) for r, c in companions)
    plan = journeys.Plan(made, purpose, contacts, family)
    return {"journey": service.declare(desk.office, desk.me, person, plan, desk.now)}


@travel.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be declared and refused, write nothing.")
@acting
def import_(desk: Desk, file: Path, dry_run: bool) -> Mapping[str, Any]:
    """Declare the journeys of a CSV or XLSX FILE; a bad row is told and stops no other."""
    from sealtrace.travel import service

    done = service.declare_many(desk.office, desk.me, file, desk.now, dry_run=dry_run)
    declared = [{"row": row, "journey": name} for row, name in done.entered]
    return {"dry_run": dry_run, "declared": len(declared), "journeys": declared, "errors": done.errors}


@travel.command()
@click.argument("account")
@click.option("--until", type=MOMENT, required=True, help="Until when.")
@acting
def delegate(desk: Desk, account: str, until: datetime) -> Mapping[str, Any]:
    """Let ACCOUNT declare your journeys."""
    from sealtrace.travel import service

    return {"entry": service.delegate(desk.office, desk.me, account, until, desk.now)}


@travel.command("end-delegate")
@click.argument("account")
@acting
def end_delegate(desk: Desk, account: str) -> Mapping[str, Any]:
    """Let ACCOUNT declare your journeys no longer."""
    from sealtrace.travel import service

    return {"entry": service.end_delegation(desk.office, desk.me, account, desk.now)}


@travel.command()
@click.argument("journey")
@click.option("--reason", default="journey", show_default=True, help="Why you look; the traveller reads it.")
@acting
def show(desk: Desk, journey: str, reason: str) -> Mapping[str, Any]:
    """Show a journey: for the traveller, or for who decides it."""
    from sealtrace.travel import service

    return {"journey": service.show(desk.office, desk.me, journey, reason, desk.now)}


@travel.command()
@click.argument("journey")
@click.option(
    "--office", "from_office", type=click.Choice(["personnel", "secrecy"]), required=True, help="Whose."
)
@click.option("--in-favour", is_flag=True, help="In favour.")
@click.option("--against", is_flag=True, help="Against.")
@click.option("--reasons", required=True, help="Why.")
@acting
def opinion(
    desk: Desk, journey: str, from_office: str, in_favour: bool, against: bool, reasons: str
) -> Mapping[str, Any]:
    """Give one office's opinion on a designated person's journey."""
    from sealtrace.travel import service

    yes = either(in_favour, against, "--in-favour, --against")
    entry = service.give_opinion(desk.office, desk.me, journey, from_office, reasons, desk.now, in_favour=yes)
    return {"entry": entry}


@travel.command()
@click.argument("journey")
@click.option("--allow", is_flag=True, help="Allow it.")
@click.option("--refuse", is_flag=True, help="Refuse it, with --reasons.")
@click.option("--reasons", default="", help="Why; the traveller reads it with the remedy.")
@acting
def decide(desk: Desk, journey: str, allow: bool, refuse: bool, reasons: str) -> Mapping[str, Any]:
    """Decide a designated person's journey on two opinions. A voluntary declaration is not decided."""
    from sealtrace.travel import service

    yes = either(allow, refuse, "--allow, --refuse")
    return {"decision": service.decide(desk.office, desk.me, journey, reasons, desk.now, allow=yes)}


@travel.command()
@click.argument("journey")
@click.argument("kind", type=click.Choice(["briefed", "changed", "reported", "withdrawn"]))
@click.argument("text")
@acting
def note(desk: Desk, journey: str, kind: str, text: str) -> Mapping[str, Any]:
    """Note the briefing before, a change, the report after, or that the journey was given up."""
    from sealtrace.travel import service

    return {"entry": service.note(desk.office, desk.me, journey, kind, text, desk.now)}


@travel.command("list")
@click.option("--from", "start", type=MOMENT, help="Show the calendar of designated people from here …")
@click.option("--until", type=MOMENT, help="… until here.")
@click.option("--ics", type=click.Path(path_type=Path), help="Write it as an iCalendar file.")
@acting
def list_journeys(
    desk: Desk, start: datetime | None, until: datetime | None, ics: Path | None
) -> Mapping[str, Any]:
    """List your journeys; with --from and --until, those of designated people."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.people import access
    from sealtrace.people.acts import identity
    from sealtrace.travel import journeys, service

    if (start is None) != (until is None):
        raise UsageProblem("--from and --until go together")
    if start is not None and until is not None:
        found = service.calendar(desk.office, desk.me, start, until, desk.now)
    else:
        me = identity(desk.office, desk.me)
        access.look(
            desk.office, me, me.id, access.Purpose.OWN, {access.Section.TRAVEL}, "own journeys", desk.now
        )
        found = journeys.journeys(desk.office, me.id)
    if ics is not None:
        with storage_guard(f"writing {ics}"):
            ics.write_text(journeys.as_calendar(found, desk.now), "utf-8", newline="")
    return {"journeys": found}


@travel.command()
@acting
def reminders(desk: Desk) -> Mapping[str, Any]:
    """List what is to be done about designated people's journeys within 14 days."""
    from sealtrace.people import access
    from sealtrace.travel import journeys

    access.require_purpose(desk.office, desk.me, access.Purpose.TRAVEL, desk.now)
    return {"reminders": journeys.reminders(desk.office, desk.now)}


@travel.command()
@click.argument("owner")
@click.option("--kind", required=True, help="Kind of document.")
@click.option("--issuer", required=True, help="Who issued it.")
@click.option("--number", required=True, help="Its number; only the last four characters are kept in clear.")
@click.option("--title", type=click.Choice(TITLES), required=True, help="The legal title. There is no other.")
@click.option("--title-document", required=True, help="The document of the title.")
@click.option("--until", type=MOMENT, required=True, help="End of the title.")
@click.option(
    "--verifier", required=True, help="Who verified the title; the one who acts takes the document."
)
@acting
def take(
    desk: Desk, owner: str, kind: str, issuer: str, number: str, title: str, title_document: str, until: datetime,
    verifier: str,
) -> Mapping[str, Any]:  # fmt: skip
    """Take a travel document of OWNER into custody against a receipt, with a verified legal title."""
    from sealtrace.people.duties import human
    from sealtrace.travel import documents as custody
    from sealtrace.travel.rules import Title

    held = custody.take(
        desk.office, desk.me, human(verifier), owner, kind=kind, issuer=issuer, number=number, title=Title(title),
        title_document=title_document, title_ends_at=until, now=desk.now,
    )  # fmt: skip
    return {"receipt": held.receipt, "held": held}


@travel.command("ask-back")
@click.argument("receipt")
@acting
def ask_back(desk: Desk, receipt: str) -> Mapping[str, Any]:
    """Ask for your own document; a clock starts."""
    from sealtrace.travel import documents as custody

    return {"due_at": custody.ask_back(desk.office, desk.me, receipt, desk.now)}


@travel.command("give-back")
@click.argument("receipt")
@acting
def give_back(desk: Desk, receipt: str) -> Mapping[str, Any]:
    """Return a document to its owner; always possible."""
    from sealtrace.travel import documents as custody

    return {"entry": custody.give_back(desk.office, desk.me, receipt, desk.now)}


@travel.command("refuse-return")
@click.argument("receipt")
@click.option("--reasons", required=True, help="Why; the owner reads it.")
@click.option("--remedy", required=True, help="Where the owner can complain.")
@acting
def refuse_return(desk: Desk, receipt: str, reasons: str, remedy: str) -> Mapping[str, Any]:
    """Refuse to return a document while its title lasts; voluntary safekeeping can't be refused."""
    from sealtrace.travel import documents as custody

    return {"entry": custody.refuse_return(desk.office, desk.me, receipt, reasons, remedy, desk.now)}


@travel.command()
@click.option("--mine", is_flag=True, help="Only your own.")
@acting
def documents(desk: Desk, mine: bool) -> Mapping[str, Any]:
    """List documents in custody: how long, when they must be back, what is overdue."""
    from sealtrace.people.acts import identity
    from sealtrace.travel import documents as custody

    owner = identity(desk.office, desk.me).id if mine else None
    return {"documents": custody.documents(desk.office, desk.me, desk.now, owner=owner)}
