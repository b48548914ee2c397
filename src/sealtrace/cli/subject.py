"""`sealtrace subject`: what the register holds about a person, and erasing it."""

from __future__ import annotations

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, confirmed, dry_run_option, entry_fields, fields, json_option, yes_option


@click.group()
def subject() -> None:
    """People in the register: operators who received copies."""


@subject.command()
@click.argument("operator")
@click.option("--authority", required=True, help="Who orders the erasure.")
@click.option("--basis", required=True, help="The rule it rests on, such as 'PIPL art. 47'.")
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def erase(
    settings: Settings, operator: str, authority: str, basis: str, yes: bool, dry_run: bool, output: Output
) -> None:
    """Erase all personal data of OPERATOR: its key and salts are destroyed. Every receipt still verifies.

    Copies that were issued to this person can't be named after them any more. Export evidence that is
    still needed first.
    """
    from sealtrace.custody.erasure import concerned
    from sealtrace.custody.erasure import erase as run

    with custody_of(settings) as custody:
        count = concerned(custody.office, operator)
        if dry_run:
            output.answer({"ok": True, "dry_run": True, "copies": count}, fields([("copies", str(count))]))
            return
        confirmed(f"{words.say('destroy for good')}: {operator} ({count})", yes=yes)
        done = run(custody.office, operator, authority=authority, basis=basis)
    if not done.settled:
        output.note(words.say("not settled"))
    obj = {"ok": True, "copies": done.copies, "settled": done.settled, "entry": entry_fields(done.entry)}
    pairs = [("erased", operator), ("copies", str(done.copies)), ("entry", str(done.entry.index))]
    output.answer(obj, fields(pairs))
