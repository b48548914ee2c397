"""`sealtrace licence screen|clear|screening`: screening of parties, judging of hits, the lists in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import words
from .licence_case import FILE, as_option, show_case
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.people.duties import Actor


@click.command()
@click.argument("case")
@as_option
@json_option
@click.pass_obj
def screen(settings: Settings, case: str, actor: Actor, output: Output) -> int:
    """Screen every party of a case against every list in use. Exit code 1 while a person has to judge a hit."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.screen(custody.office, actor, case)
    show_case(output, found)
    return 1 if any(h.same is None for h in found.hits.values()) else 0


@click.command()
@click.argument("case")
@click.argument("hit")
@as_option
@click.option("--same/--other", "same", required=True, help="The party is the listed one, or another.")
@click.option("--reason", required=True, help="Why; kept.")
@json_option
@click.pass_obj
def clear(
    settings: Settings, case: str, hit: str, actor: Actor, same: bool, reason: str, output: Output
) -> None:
    """Judge a hit: the same party as the listed one, or another."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.clear(custody.office, actor, case, hit, same=same, reason=reason)
    show_case(output, found)


@click.group()
def screening() -> None:
    """Screening lists: take in, retire, list."""


@screening.command("import")
@click.argument("source", type=FILE)
@as_option
@click.option(
    "--form", type=click.Choice(["ofac", "eu", "un", "own"]), required=True, help="Form of the file."
)
@click.option("--alt", type=FILE, help="OFAC's file of further names, ALT.CSV.")
@click.option("--id", "list_id", required=True, help="Name of the list.")
@click.option("--version", "version", required=True, help="Its version, such as its day.")
@click.option("--effect", type=click.Choice(["barred", "watch", "notice"]), required=True,
              help="barred: no licence; watch: no general licence; notice: a person looks.")  # fmt: skip
@json_option
@click.pass_obj
def take(
    settings: Settings, source: Path, actor: Actor, form: str, alt: Path | None, list_id: str, version: str,
    effect: str, output: Output,
) -> None:  # fmt: skip
    """Bring a version of a list into use; all of the file or nothing. Nothing is fetched from a network."""
    from sealtrace.licences import service

    data, more = source.read_bytes(), alt.read_bytes() if alt else b""
    made = service.import_list(data, form, list_id, version, effect, more)
    with custody_of(settings) as custody:
        kept = service.take_list(custody.office, actor, made)
    obj = {"ok": True, **kept.as_dict(), "entries": len(made.entries), "entry": {"index": kept.entry}}
    output.answer(obj, fields([("name", kept.id), ("version", version), ("entries", str(len(made.entries)))]))


@screening.command()
@click.argument("list_id")
@as_option
@json_option
@click.pass_obj
def retire(settings: Settings, list_id: str, actor: Actor, output: Output) -> None:
    """Take a list out of use; what was screened against it stays on record."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        service.retire_list(custody.office, actor, list_id)
    output.answer({"ok": True, "id": list_id}, list_id)


@screening.command("list")
@json_option
@click.pass_obj
def list_lists(settings: Settings, output: Output) -> None:
    """List the screening lists in use."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.screening_lists(custody.office)
    head = [words.say(w) for w in ("name", "version", "identity")]
    output.answer(
        {"ok": True, "lists": [k.as_dict() for k in found]},
        lambda: table(head, [(k.id, k.version, k.digest.hex()[:16]) for k in found]),
    )
