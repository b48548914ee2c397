"""`sealtrace subject`: what the register holds about a person, and erasing it."""

from __future__ import annotations

import click

from .log_acts import entry_fields
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option


@click.group()
def subject() -> None:
    """People in the register: operators who received copies."""


@subject.command()
@click.argument("operator")
@click.option("--authority", required=True, help="Who orders the erasure.")
@click.option("--basis", required=True, help="The rule it rests on, such as 'PIPL art. 47'.")
@click.option("--yes", is_flag=True, help="Do not ask again; this can't be undone.")
@json_option
@click.pass_obj
def erase(settings: Settings, operator: str, authority: str, basis: str, yes: bool, output: Output) -> None:
    """Erase all personal data of OPERATOR: its key and salts are destroyed. Every receipt still verifies.

    Copies that were issued to this person can't be named after them any more. Export evidence that is
    still needed first.
    """
    from sealtrace.custody.erasure import erase as run

    if not yes:
        click.confirm(f"Erase all data of {operator}? 删除后无法恢复", abort=True, err=True)
    with custody_of(settings) as custody:
        entry, copies = run(custody.office, operator, authority=authority, basis=basis)
    obj = {"ok": True, "copies": copies, "entry": entry_fields(entry)}
    output.answer(obj, fields([("erased", operator), ("copies", str(copies)), ("entry", str(entry.index))]))
