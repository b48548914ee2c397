"""`sealtrace ledger shard`: closed stretches of the log whose statements are kept in files of their own."""

from __future__ import annotations

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, confirmed, dry_run_option, entry_fields, fields, json_option, table, yes_option


@click.group()
def shard() -> None:
    """Closed stretches of the log whose statements are kept in files of their own."""


@shard.command("close")
@click.argument("name")
@click.option(
    "--past", type=click.IntRange(min=1), help="Entry after the last one to move; a multiple of 256."
)
@dry_run_option
@json_option
@click.pass_obj
def close_shard(settings: Settings, name: str, past: int | None, dry_run: bool, output: Output) -> None:
    """Move older statements to a sealed file NAME. Hashes and proofs stay in the log.

    A NAME of four digits is a year: its shard takes the entries up to that year's end. Any other name
    takes all that make whole tiles of 256 entries, or those before --past.
    """
    from sealtrace.custody import retention

    with custody_of(settings) as custody:
        if dry_run:
            first, end = retention.stretch(custody.office, name, past)
            obj = {"ok": True, "dry_run": True, "shard": name, "first": first, "past": end}
            output.answer(obj, fields([("shard", name), ("entries", f"{first}-{end - 1}")]))
            return
        made, entry = retention.close_shard(custody.office, name, past)
        path = custody.office.ledger.shards.path(made)
    obj = {
        "ok": True,
        "shard": name,
        "first": made.first,
        "past": made.past,
        "path": str(path),
        "entry": entry_fields(entry),
    }
    output.answer(
        obj, fields([("shard", name), ("entries", f"{made.first}-{made.past - 1}"), ("path", str(path))])
    )


@shard.command("purge")
@click.argument("name")
@click.option("--authority", required=True, help="Who orders it.")
@click.option("--basis", required=True, help="The rule it rests on.")
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def purge_shard(
    settings: Settings, name: str, authority: str, basis: str, yes: bool, dry_run: bool, output: Output
) -> None:
    """Destroy the statements of a closed shard for good; hashes, receipts and proofs stay."""
    from sealtrace.custody import retention

    with custody_of(settings) as custody:
        shard = retention.purgeable(custody.office, name, authority=authority, basis=basis)
        count = shard.past - shard.first
        if dry_run:
            obj = {"ok": True, "dry_run": True, "shard": name, "statements": count}
            output.answer(obj, fields([("shard", name), ("entries", str(count))]))
            return
        confirmed(f"{words.say('destroy for good')}: {name} ({count})", yes=yes)
        entry = retention.purge_shard(custody.office, name, authority=authority, basis=basis)
    obj = {"ok": True, "shard": name, "statements": count, "entry": entry_fields(entry)}
    output.answer(obj, fields([("erased", name), ("entry", str(entry.index))]))


@shard.command("list")
@json_option
@click.pass_obj
def list_shards(settings: Settings, output: Output) -> None:
    """Show the closed shards."""
    with custody_of(settings) as custody:
        rows = custody.office.ledger.shards.all()
    obj = {
        "ok": True,
        "shards": [
            {"name": s.name, "first": s.first, "past": s.past, "sha256": s.sha256.hex(), "purged": s.purged}
            for s in rows
        ],
    }
    head = [words.say("shard"), words.say("entries"), words.say("erased")]
    cells = [(s.name, f"{s.first}-{s.past - 1}", "" if s.purged is None else str(s.purged)) for s in rows]
    output.answer(obj, table(head, cells) if rows else words.say("not found"))
