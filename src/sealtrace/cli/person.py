"""`sealtrace person`: the directory of specialists, who may look at it for what, and what leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from . import person_rights
from .acting import MOMENT, Desk, acting, either

PURPOSES = (
    "directory", "designation", "leaving", "restriction", "compensation", "travel", "documents", "screening", "case",
    "appeal", "report", "oversight",
)  # fmt: skip
MODULES = ("directory", "posts", "travel", "documents", "screening")


@click.group()
def person() -> None:
    """Specialists: their directory, who looks at it for which purpose, and each person's own page."""


@person.command()
@click.argument("module", type=click.Choice(MODULES))
@click.option("--document", required=True, help="Number of the impact assessment.")
@click.option("--assessor", required=True, help="Who made it; the one who acts approves it.")
@click.option("--until", type=MOMENT, required=True, help="Until when it holds, three years at most.")
@acting
def gate(desk: Desk, module: str, document: str, assessor: str, until: datetime) -> Mapping[str, Any]:
    """Record the impact assessment that a part needs before it can be used."""
    from sealtrace.people import gates
    from sealtrace.people.duties import human

    entry = gates.assess(
        desk.office, gates.Module(module), document, human(assessor), desk.me, until, desk.now
    )
    return {"module": module, "until": until, "entry": entry}


@person.command()
@click.argument("account")
@click.option("--until", type=MOMENT, required=True, help="Until when.")
@acting
def officer(desk: Desk, account: str, until: datetime) -> Mapping[str, Any]:
    """Name ACCOUNT as an appeal officer."""
    from sealtrace.people import gates

    return {"officer": account, "entry": gates.appoint(desk.office, account, desk.me, until, desk.now)}


@person.command()
@acting
def gates(desk: Desk) -> Mapping[str, Any]:
    """Show which parts are on, until when, and who hears appeals."""
    from sealtrace.people import gates as doors

    return {"modules": doors.state(desk.office, desk.now), "officers": doors.officers(desk.office, desk.now)}


@person.command()
@click.argument("account")
@click.argument("purpose", type=click.Choice(PURPOSES))
@click.option("--until", type=MOMENT, required=True, help="Until when, twelve months at most.")
@acting
def grant(desk: Desk, account: str, purpose: str, until: datetime) -> Mapping[str, Any]:
    """Let ACCOUNT act for a purpose. Nobody grants to oneself."""
    from sealtrace.people import access

    entry = access.grant(desk.office, desk.me, account, access.Purpose(purpose), until, desk.now)
    return {"operator": account, "purpose": purpose, "until": until, "entry": entry}


@person.command()
@click.argument("account")
@acting
def revoke(desk: Desk, account: str) -> Mapping[str, Any]:
    """End every purpose of ACCOUNT."""
    from sealtrace.people import access

    return {"operator": account, "entry": access.end_grants(desk.office, desk.me, account, desk.now)}


@person.command()
@click.option("--name", "names", multiple=True, required=True, help="A written form of the name; repeat.")
@click.option("--spelling", "spellings", multiple=True, help="The spelling in the passport; repeat.")
@click.option("--birth-year", type=int, help="Year of birth.")
@click.option("--speciality", "specialities", multiple=True, help="A speciality; repeat.")
@click.option("--education", multiple=True, help="A school or degree; repeat.")
@click.option("--project", "projects", multiple=True, help="A project; repeat.")
@click.option(
    "--employment", "employments", multiple=True, nargs=3, metavar="EMPLOYER ROLE DAY",
    help="An employment with its first day; repeat.",
)  # fmt: skip
@click.option(
    "--account", "accounts", multiple=True, help="An account of the house that is this person's; repeat."
)
@acting
def add(
    desk: Desk, names: tuple[str, ...], spellings: tuple[str, ...], birth_year: int | None,
    specialities: tuple[str, ...], education: tuple[str, ...], projects: tuple[str, ...],
    employments: tuple[tuple[str, str, str], ...], accounts: tuple[str, ...],
) -> Mapping[str, Any]:  # fmt: skip
    """Enter a person. Own spellings and the ORCID iD are for the person to add."""
    from sealtrace.people import service
    from sealtrace.people.model import Employment, Person, PersonName, Source

    written = [PersonName(n, Source.EMPLOYER) for n in names] + [
        PersonName(n, Source.PASSPORT) for n in spellings
    ]
    work = tuple(Employment(e, role, MOMENT.convert(day, None, None).date()) for e, role, day in employments)
    profile = Person("new", tuple(written), specialities, education, projects, (), work, birth_year)
    return {"person": service.add(desk.office, desk.me, profile, desk.now, accounts=accounts).id}


@person.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be entered and refused, write nothing.")
@acting
def import_(desk: Desk, file: Path, dry_run: bool) -> Mapping[str, Any]:
    """Enter the people of a CSV or XLSX FILE; a bad row is told and stops no other."""
    from sealtrace.people.imports import import_people

    done = import_people(desk.office, desk.me, file, desk.now, dry_run=dry_run)
    people = [{"row": row, "person": name} for row, name in done.entered]
    return {"dry_run": dry_run, "entered": len(people), "people": people, "errors": done.errors}


@person.command()
@click.argument("text")
@click.option("--reason", required=True, help="Why; everyone found reads it.")
@acting
def find(desk: Desk, text: str, reason: str) -> Mapping[str, Any]:
    """Find people by a part of a name. Each one found sees that it was."""
    from sealtrace.people import service

    found = service.find(desk.office, desk.me, text, reason, desk.now)
    return {"people": [{"person": p.id, "names": [n.text for n in p.names]} for p in found]}


@person.command()
@click.argument("person")
@click.option("--purpose", type=click.Choice([*PURPOSES, "break-glass"]), default="directory", show_default=True,
              help="What it is for.")  # fmt: skip
@click.option("--reason", required=True, help="Why; the person reads it.")
@acting
def show(desk: Desk, person: str, purpose: str, reason: str) -> Mapping[str, Any]:
    """Show a profile, for a purpose and a reason that the person sees."""
    from sealtrace.people import access, service

    found = service.show(desk.office, desk.me, person, access.Purpose(purpose), reason, desk.now)
    return {"person": found}


@person.command()
@click.argument("person")
@click.argument("field", type=click.Choice(
    ["names", "specialities", "education", "projects", "publications", "birth_year", "orcid"]))  # fmt: skip
@click.argument("values", nargs=-1)
@acting
def change(desk: Desk, person: str, field: str, values: tuple[str, ...]) -> Mapping[str, Any]:
    """Propose VALUES as the new content of one field; somebody else reviews it. `names` adds own spellings."""
    from sealtrace.people import service, store
    from sealtrace.people.acts import identity
    from sealtrace.people.model import PersonName, Source

    value: Any = values
    if field == "names":
        own = identity(desk.office, desk.me).id == person
        source = Source.SELF if own else Source.EMPLOYER
        known = store.profile(desk.office, person).names
        value = (*known, *(PersonName(text, source) for text in values))
    elif field == "birth_year":
        value = int(values[0]) if values and values[0].isdecimal() else None
    elif field == "orcid":
        value = values[0] if values else None
    return {"change": service.propose_change(desk.office, desk.me, person, field, value, desk.now)}


@person.command()
@acting
def changes(desk: Desk) -> Mapping[str, Any]:
    """List the changes that wait for a review."""
    from sealtrace.people import service

    return {"changes": service.changes_waiting(desk.office, desk.me, desk.now)}


@person.command()
@click.argument("change")
@click.option("--accept", is_flag=True, help="Accept it.")
@click.option("--refuse", is_flag=True, help="Refuse it; say why with --reasons.")
@click.option("--reasons", default="", help="What the person is told.")
@acting
def review(desk: Desk, change: str, accept: bool, refuse: bool, reasons: str) -> Mapping[str, Any]:
    """Accept or refuse a CHANGE that somebody else proposed."""
    from sealtrace.people import service

    yes = either(accept, refuse, "--accept, --refuse")
    entry = service.review_change(desk.office, desk.me, change, desk.now, accept=yes, reasons=reasons)
    return {"change": change, "accepted": yes, "entry": entry}


@person.command()
@click.argument("people", nargs=-1, required=True)
@click.option("--field", "fields", multiple=True, required=True, help="A field that is told; repeat.")
@click.option("--receiver", required=True, help="The authority.")
@click.option("--purpose", required=True, help="What it is told for.")
@click.option("--clause", required=True, help="The legal clause.")
@click.option("--keep-until", type=MOMENT, required=True, help="Until when the receiver may keep it.")
@click.option("--approver", required=True, help="Who approves it; another person.")
@click.option("--abroad", is_flag=True, help="The receiver is abroad: one person, with --consent.")
@click.option("--consent", default="", help="Document of the person's own consent.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the submission to this file.")
@acting
def report(
    desk: Desk, people: tuple[str, ...], fields: tuple[str, ...], receiver: str, purpose: str, clause: str,
    keep_until: datetime, approver: str, abroad: bool, consent: str, out: Path | None,
) -> Mapping[str, Any]:  # fmt: skip
    """Tell an authority named fields of named PEOPLE for one purpose; entered before it is written."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.people import reports
    from sealtrace.people.duties import human

    made = reports.submit(
        desk.office, desk.me, human(approver), people, fields, receiver=receiver, purpose=purpose, clause=clause,
        keep_until=keep_until, now=desk.now, abroad=abroad, consent=consent,
    )  # fmt: skip
    if out is not None:
        with storage_guard(f"writing {out}"):
            out.write_text(made.as_json(), "utf-8")
    return {"submission": made, "path": str(out or "")}


@person.command()
@click.argument("people", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; each person is told at once.")
@click.option("--first", required=True, help="The first approver.")
@click.option("--second", required=True, help="The second approver.")
@click.option("--hours", type=click.FloatRange(0.1, 4), default=1.0, show_default=True, help="For how long.")
@acting
def glass(
    desk: Desk, people: tuple[str, ...], reason: str, first: str, second: str, hours: float
) -> Mapping[str, Any]:
    """Break the glass: open the files of named PEOPLE for four hours at most, with two approvers."""
    from sealtrace.people import access
    from sealtrace.people.duties import human

    until = desk.now + timedelta(seconds=round(hours * 3600))
    name = access.break_glass(
        desk.office, desk.me, people, reason, human(first), human(second), until, desk.now
    )
    return {"glass": name, "until": until}


@person.command("glass-review")
@click.argument("glass")
@click.argument("person")
@click.option("--finding", required=True, help="What came of it.")
@acting
def glass_review(desk: Desk, glass: str, person: str, finding: str) -> Mapping[str, Any]:
    """Review a broken GLASS within seven days; by somebody who took no part."""
    from sealtrace.people import access

    return {"entry": access.review_glass(desk.office, desk.me, glass, person, finding, desk.now)}


for command in person_rights.COMMANDS:
    person.add_command(command)
