"""`sealtrace post`: sensitive posts, leaving them, legal bases, and restrictions after them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from . import post_restriction
from .acting import MOMENT, Desk, acting


@click.group()
def post() -> None:
    """Sensitive posts and the restrictions after them: lawful, notified, expiring, contestable."""


@post.command()
@click.option("--on", type=MOMENT, help="The day; by default today.")
@acting
def bases(desk: Desk, on: datetime | None) -> Mapping[str, Any]:
    """List the versions of legal bases with their status on a day, and which this house adopted."""
    from sealtrace.posts import bases as register

    found = register.listed(desk.office, (on or desk.now).date())
    return {"bases": [
        {"basis": b.basis.ref, "status": b.status, "adopted": b.adopted, "clause": b.basis.clause,
         "title": b.basis.title, "cap_months": b.basis.cap_months} for b in found
    ]}  # fmt: skip


@post.command()
@click.argument("basis")
@click.option("--counsel", required=True, help="Who compared it with the published text; another person.")
@click.option("--source", required=True, help="Where the text was read.")
@click.option(
    "--from-file", type=click.Path(path_type=Path, exists=True), help="YAML with an entry of your own."
)
@acting
def adopt(desk: Desk, basis: str, counsel: str, source: str, from_file: Path | None) -> Mapping[str, Any]:
    """Adopt a version of a legal BASIS, such as state-secrets-46@1; nothing rests on it before."""
    import yaml

    from sealtrace.errors import InputDamaged
    from sealtrace.people.duties import human
    from sealtrace.posts import bases as register

    chosen: Any = basis
    if from_file is not None:
        entries = yaml.safe_load(from_file.read_text("utf-8"))
        named = [e for e in entries if f"{e.get('id')}@{e.get('version')}" == basis]
        if not named:
            raise InputDamaged(f"{from_file} has no entry {basis}")
        chosen = named[0]
    return {
        "basis": basis,
        "entry": register.adopt(desk.office, desk.me, human(counsel), chosen, source=source),
    }


@post.command()
@click.argument("basis")
@click.option("--from", "start", type=MOMENT, required=True, help="First day, today or later.")
@click.option("--until", type=MOMENT, help="First day after; none: until further notice.")
@click.option("--by", "ordered_by", required=True, help="The order that suspends it.")
@acting
def suspend(
    desk: Desk, basis: str, start: datetime, until: datetime | None, ordered_by: str
) -> Mapping[str, Any]:
    """Enter that a legal BASIS does not apply for a time; restrictions on it are suspended by that alone."""
    from sealtrace.posts import bases as register

    end = until.date() if until else None
    entry = register.suspend(desk.office, desk.me, basis, start.date(), end, ordered_by, desk.now)
    return {"basis": basis, "entry": entry}


@post.command()
@click.option("--title", required=True, help="Title of the post.")
@click.option("--organisation", required=True, help="Where it is.")
@click.option(
    "--grade", type=click.Choice(["core", "important", "general", "leading"]), required=True, help="Grade."
)
@click.option("--activity", required=True, help="The field of work.")
@click.option(
    "--cooling-off", type=int, default=0, show_default=True, help="Months before another post may follow."
)
@acting
def add(
    desk: Desk, title: str, organisation: str, grade: str, activity: str, cooling_off: int
) -> Mapping[str, Any]:
    """Enter a sensitive post."""
    from sealtrace.posts import places

    made = places.enter_post(
        desk.office, desk.me, title=title, organisation=organisation, grade=grade, activity=activity, now=desk.now,
        cooling_off_months=cooling_off,
    )  # fmt: skip
    return {"post": made}


@post.command("list")
@acting
def list_posts(desk: Desk) -> Mapping[str, Any]:
    """List the posts; nobody is named."""
    from sealtrace.posts import places

    return {"posts": places.posts(desk.office)}


@post.command()
@click.argument("person")
@click.argument("post")
@click.option("--proposer", required=True, help="Who proposed it; the one who acts decides.")
@click.option("--authority", required=True, help="Who orders it.")
@click.option("--document", required=True, help="In which document.")
@click.option("--from", "start", type=MOMENT, required=True, help="From when.")
@click.option("--until", type=MOMENT, required=True, help="Until when.")
@acting
def designate(
    desk: Desk,
    person: str,
    post: str,
    proposer: str,
    authority: str,
    document: str,
    start: datetime,
    until: datetime,
) -> Mapping[str, Any]:
    """Designate PERSON to POST."""
    from sealtrace.people.duties import human
    from sealtrace.posts import places

    made = places.designate(
        desk.office, human(proposer), desk.me, person, post, authority=authority, document=document,
        starts_at=start, ends_at=until, now=desk.now,
    )  # fmt: skip
    return {"designation": made}


@post.command()
@click.argument("designation")
@click.option("--at", type=MOMENT, required=True, help="When it ends.")
@acting
def end(desk: Desk, designation: str, at: datetime) -> Mapping[str, Any]:
    """End a designation before its set end."""
    from sealtrace.posts import places

    return {"entry": places.end_designation(desk.office, desk.me, designation, at, desk.now)}


@post.command()
@click.argument("person")
@click.option("--reason", required=True, help="Why; the person reads it.")
@acting
def show(desk: Desk, person: str, reason: str) -> Mapping[str, Any]:
    """Show a person's designations and leavings."""
    from sealtrace.people import access
    from sealtrace.posts import checklist, places

    purpose, sections = access.Purpose.LEAVING, {access.Section.POSTS, access.Section.HOLDINGS}
    access.look(desk.office, desk.me, person, purpose, sections, reason, desk.now)
    return {
        "designations": places.designations(desk.office, person),
        "leavings": checklist.leavings(desk.office, person),
        "holding": checklist.still_holds(desk.office, person),
    }


@post.command()
@click.argument("designation")
@click.option("--at", type=MOMENT, required=True, help="The day of leaving.")
@acting
def leave(desk: Desk, designation: str, at: datetime) -> Mapping[str, Any]:
    """Open the leaving of a designation: what is to be done, and what is still held."""
    from sealtrace.posts import checklist

    name = checklist.open_leaving(desk.office, desk.me, designation, at, desk.now)
    return {"leaving": checklist.leaving(desk.office, desk.me, name, desk.now)}


@post.command()
@click.argument("leaving")
@click.argument("item", type=click.Choice(["talk", "undertaking", "carriers-returned", "access-revoked"]))
@click.option("--document", required=True, help="Minutes, undertaking, receipt or order.")
@acting
def done(desk: Desk, leaving: str, item: str, document: str) -> Mapping[str, Any]:
    """Tick off one ITEM of a LEAVING. Carriers are returned only when nothing is held any more."""
    from sealtrace.posts import checklist

    return {
        "entry": checklist.do_item(desk.office, desk.me, leaving, checklist.Item(item), document, desk.now)
    }


@post.command("take-back")
@click.argument("person")
@click.option("--copy", "copies", multiple=True, help="A copy's id; repeat.")
@click.option("--device", "devices", multiple=True, help="A device; repeat.")
@click.option("--receipt", required=True, help="Number of the receipt.")
@acting
def take_back(
    desk: Desk, person: str, copies: tuple[str, ...], devices: tuple[str, ...], receipt: str
) -> Mapping[str, Any]:
    """Take copies and devices back from PERSON against a receipt."""
    from sealtrace.posts import checklist

    entries = checklist.take_back(
        desk.office, desk.me, person, copies=copies, devices=devices, receipt=receipt, now=desk.now
    )
    return {"entries": entries, "holding": checklist.still_holds(desk.office, person)}


for command in post_restriction.COMMANDS:
    post.add_command(command)
