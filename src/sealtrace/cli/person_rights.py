"""`sealtrace person`: the own page, who looked, petitions, erasure and what is over its time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import words
from .acting import Desk, acting, either
from .show import confirmed


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder for own-page.json and own-page.pdf.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the PDF; by default yours.")
@acting
def own(desk: Desk, out: Path | None, lang: str | None) -> Mapping[str, Any]:
    """Show everything held about you, who looked at it and when it goes; with --out, take it along."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.rights import export, page

    seen = page.own_page(desk.office, desk.me, desk.now)
    if out is None:
        return {"page": seen}
    language: Any = lang or words.language()
    with storage_guard(f"writing to {out}"):
        out.mkdir(parents=True, exist_ok=True)
        (out / "own-page.json").write_bytes(export.as_json(seen))
        (out / "own-page.pdf").write_bytes(export.as_pdf(seen, language))
    return {"person": seen.person.id, "path": str(out), "looks": len(seen.looks)}


@click.command()
@click.argument("person")
@click.option("--reason", required=True, help="Why; the person reads it.")
@acting
def looks(desk: Desk, person: str, reason: str) -> Mapping[str, Any]:
    """Show who looked at a person's file and why: for the person, and for oversight."""
    from sealtrace.people import service

    return {"looks": service.who_looked(desk.office, desk.me, person, reason, desk.now)}


@click.command()
@click.argument("kind", type=click.Choice(["correction", "objection", "appeal"]))
@click.argument("about")
@click.argument("text")
@acting
def ask(desk: Desk, kind: str, about: str, text: str) -> Mapping[str, Any]:
    """Ask for a correction, object or appeal ABOUT something named, such as profile:names, access:55, journey:t-1."""
    from sealtrace.people.petitions import Kind
    from sealtrace.rights import contested

    return {"petition": contested.ask(desk.office, desk.me, Kind(kind), about, text, desk.now)}


@click.command("add-to")
@click.argument("petition")
@click.argument("text")
@acting
def add_to(desk: Desk, petition: str, text: str) -> Mapping[str, Any]:
    """Add words to an open petition of your own."""
    from sealtrace.people import petitions

    return {"entry": petitions.add_to(desk.office, desk.me, petition, text, desk.now)}


@click.command()
@click.argument("petition")
@acting
def withdraw(desk: Desk, petition: str) -> Mapping[str, Any]:
    """Take an open petition of your own back."""
    from sealtrace.rights import contested

    contested.withdraw(desk.office, desk.me, petition, desk.now)
    return {"petition": petition, "withdrawn": True}


@click.command()
@acting
def petitions(desk: Desk) -> Mapping[str, Any]:
    """List open petitions, the most urgent first, for those who answer them."""
    from sealtrace.people import petitions as asked

    return {"petitions": asked.waiting(desk.office, desk.me, desk.now)}


@click.command()
@click.argument("petition")
@click.option("--grant", "granted", is_flag=True, help="Grant what was asked.")
@click.option("--refuse", is_flag=True, help="Refuse it.")
@click.option("--reasons", required=True, help="What the person is told.")
@acting
def answer(desk: Desk, petition: str, granted: bool, refuse: bool, reasons: str) -> Mapping[str, Any]:
    """Answer a petition with reasons; never by who took what is contested."""
    from sealtrace.rights import contested

    yes = either(granted, refuse, "--grant, --refuse")
    contested.answer(desk.office, desk.me, petition, reasons, desk.now, granted=yes)
    return {"petition": petition, "granted": yes}


@click.command()
@click.argument("person")
@click.option("--approver", required=True, help="The second person.")
@click.option("--authority", required=True, help="Who orders the erasure.")
@click.option("--basis", required=True, help="The rule it rests on, such as 'PIPL art. 47'.")
@click.option(
    "--with-copies", is_flag=True, help="Erase the person from issued copies too; export evidence first."
)
@click.option("--yes", is_flag=True, help="Do not ask again; this can't be undone.")
@click.option("--dry-run", is_flag=True, help="Tell what stands against it, write nothing.")
@acting
def erase(
    desk: Desk,
    person: str,
    approver: str,
    authority: str,
    basis: str,
    with_copies: bool,
    yes: bool,
    dry_run: bool,
) -> Mapping[str, Any]:
    """Erase everything held about PERSON: rows and key go, earlier backups follow with the next one."""
    from sealtrace.people.duties import human
    from sealtrace.rights import erasing

    if dry_run:
        return {"dry_run": True, "hindrances": erasing.hindrances(desk.office, person, desk.now)}
    confirmed(f"{words.say('destroy for good')}: {person}", yes=yes)
    done = erasing.erase(
        desk.office, desk.me, human(approver), person, authority=authority, basis=basis, now=desk.now,
        with_copies=with_copies,
    )  # fmt: skip
    return {
        "erased": person,
        "rows": done.rows,
        "copies": done.copies,
        "settled": done.settled,
        "entry": done.entry,
    }


@click.command()
@click.option("--apply", "run", is_flag=True, help="Let everything go that is over its time.")
@acting
def retention(desk: Desk, run: bool) -> Mapping[str, Any]:
    """Show what is over its time by the retention schedule; with --apply, let it go."""
    from sealtrace.rights import retention as schedule

    if run:
        return {"gone": schedule.apply(desk.office, desk.me, desk.now)}
    return {"over": schedule.over(desk.office, desk.now)}


@click.command()
@acting
def check(desk: Desk) -> Mapping[str, Any]:
    """Compare every step about every person with its ledger entry. Exit code 1 when something differs."""
    from sealtrace.people import access, acts

    access.require_purpose(desk.office, desk.me, access.Purpose.OVERSIGHT, desk.now)
    return {"problems": acts.check(desk.office)}


COMMANDS = (own, looks, ask, add_to, withdraw, petitions, answer, erase, retention, check)
