"""`sealtrace backup`: create, verify, restore, list, prune."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, confirmed, dry_run_option, fields, json_option, yes_option

PLACE = click.Path(path_type=Path, file_okay=False)


@click.group()
def backup() -> None:
    """Incremental backups of a home while it is in use. The key file is never in them: keep it apart."""


@backup.command()
@click.argument("place", type=PLACE)
@json_option
@click.pass_obj
def create(settings: Settings, place: Path, output: Output) -> None:
    """Add a backup of the home to PLACE; only what is new is written."""
    from sealtrace.custody.backup import create as run

    with custody_of(settings) as custody:
        made = run(custody.office, place)
    obj = {
        "ok": True,
        "name": made.name,
        "entries": made.entries,
        "new_bytes": made.new_bytes,
        "bytes": made.all_bytes,
    }
    pairs = [("backup", made.name), ("entries", str(made.entries)), ("new bytes", f"{made.new_bytes:,}")]
    output.answer(obj, fields(pairs))


@backup.command()
@click.argument("place", type=PLACE)
@click.option("--name", help="Which backup; the newest when left out.")
@json_option
def verify(place: Path, name: str | None, output: Output) -> None:
    """Read every byte of a backup and check it."""
    from sealtrace.custody.backup import verify as run

    content = run(place, name)
    obj = {"ok": True, "at": content["at"], "entries": content["entries"]}
    output.answer(obj, fields([("backup holds", content["at"]), ("entries", str(content["entries"]))]))


@backup.command()
@click.argument("place", type=PLACE)
@click.option("--name", help="Which backup; the newest when left out.")
@dry_run_option
@json_option
@click.pass_obj
def restore(settings: Settings, place: Path, name: str | None, dry_run: bool, output: Output) -> None:
    """Make a new home, at --home, of a backup; then put its key file back into its keys folder.

    People who were erased since the backup stay erased.
    """
    from sealtrace.custody import backup as backups

    if dry_run and not settings.home.exists():
        content = backups.verify(place, name)
        obj = {"ok": True, "dry_run": True, "at": content["at"], "entries": content["entries"]}
        output.answer(obj, fields([("backup holds", content["at"]), ("entries", str(content["entries"]))]))
        return
    content = backups.restore(place, settings.home, name)
    obj = {"ok": True, "home": str(settings.home), "at": content["at"], "entries": content["entries"]}
    output.answer(obj, fields([("restored", str(settings.home)), ("entries", str(content["entries"]))]))


@backup.command("list")
@click.argument("place", type=PLACE)
@json_option
def list_backups(place: Path, output: Output) -> None:
    """Show the backups in PLACE, oldest first."""
    from sealtrace.custody.backup import names

    found = names(place)
    output.answer({"ok": True, "backups": found}, "\n".join(found) or words.say("not found"))


@backup.command()
@click.argument("place", type=PLACE)
@click.option("--keep", required=True, type=click.IntRange(min=1), help="How many of the newest stay.")
@yes_option
@dry_run_option
@json_option
def prune(place: Path, keep: int, yes: bool, dry_run: bool, output: Output) -> None:
    """Let older backups go, and what only they needed."""
    from sealtrace.custody.backup import prune as run

    removed, freed = run(place, keep, dry_run=True)
    if not dry_run:
        confirmed(f"{words.say('destroy for good')}: {removed}", yes=yes)
        removed, freed = run(place, keep)
    obj = {"ok": True, **({"dry_run": True} if dry_run else {}), "removed": removed, "freed_bytes": freed}
    output.answer(obj, fields([("backup", f"-{removed}"), ("freed", f"{freed:,}")]))
