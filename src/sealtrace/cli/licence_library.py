"""`sealtrace licence control draft|drafts|changes|effects|drop|release|raise`: editing lists and case rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import words
from .licence_case import FILE, as_option
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.licences.library import Draft
    from sealtrace.people.duties import Actor


def _answer(output: Output, found: Draft) -> None:
    obj: dict[str, Any] = {
        "ok": True, "draft": found.name, "kind": found.kind, "state": found.state, "sha256": found.digest.hex(),
        "editors": sorted(set(found.editors)), "released_by": found.released_by,
    }  # fmt: skip
    pairs = [
        ("name", found.name),
        ("kind", found.kind),
        ("state", found.state),
        ("identity", found.digest.hex()),
    ]
    output.answer(obj, lambda: fields(pairs))


@click.command()
@click.argument("name")
@click.argument("source", type=FILE)
@as_option
@json_option
@click.pass_obj
def draft(settings: Settings, name: str, source: Path, actor: Actor, output: Output) -> None:
    """Begin or edit a draft of the control list or of the case rules, from YAML. Nothing uses it before release."""
    from sealtrace.catalogue.lists import load_yaml
    from sealtrace.licences import service

    document = load_yaml(source.read_bytes())
    with custody_of(settings) as custody:
        found = service.draft(custody.office, actor, name, document)
    _answer(output, found)


@click.command()
@json_option
@click.pass_obj
def drafts(settings: Settings, output: Output) -> None:
    """List drafts and what became of them."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.drafts(custody.office)
    head = [words.say(w) for w in ("name", "kind", "state", "identity")]
    rows = [{"draft": d.name, "kind": d.kind, "state": d.state, "sha256": d.digest.hex()} for d in found]
    output.answer(
        {"ok": True, "drafts": rows},
        lambda: table(head, [(d.name, d.kind, d.state, d.digest.hex()[:16]) for d in found]),
    )


@click.command()
@click.argument("name")
@json_option
@click.pass_obj
def changes(settings: Settings, name: str, output: Output) -> int:
    """Show what a draft changes in the document in use. Exit code 1 when it changes something."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.changes(custody.office, name)
    rows = [{"place": c.place, "before": c.before, "after": c.after} for c in found]
    text = "\n".join(f"{c.place}  {c.before}  ->  {c.after}" for c in found)
    output.answer({"ok": True, "changes": rows}, text or words.say("no change"))
    return 1 if found else 0


@click.command()
@click.argument("name")
@json_option
@click.pass_obj
def effects(settings: Settings, name: str, output: Output) -> int:
    """Show what a draft would change for open licences and cases. Exit code 1 when it changes something."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.effects(custody.office, name)
    text = "\n".join(f"{e.name}  {e.what}: {e.before} -> {e.after}" for e in found)
    output.answer({"ok": True, "effects": [e.as_dict() for e in found]}, text or words.say("no change"))
    return 1 if found else 0


@click.command()
@click.argument("name")
@as_option
@click.option("--reason", required=True, help="Why; kept.")
@json_option
@click.pass_obj
def release(settings: Settings, name: str, actor: Actor, reason: str, output: Output) -> None:
    """Put a draft into use, by somebody who did not edit it."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.release(custody.office, actor, name, reason)
    _answer(output, found)


@click.command()
@click.argument("name")
@as_option
@click.option("--reason", required=True, help="Why; kept.")
@json_option
@click.pass_obj
def drop(settings: Settings, name: str, actor: Actor, reason: str, output: Output) -> None:
    """Give a draft up."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.drop(custody.office, actor, name, reason)
    _answer(output, found)


@click.command("raise")
@as_option
@json_option
@click.pass_obj
def raise_all(settings: Settings, actor: Actor, output: Output) -> int:
    """Enter the alarms of suspensions that run out, each once a level, with what they concern. Exit code 1 for any."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.raise_alarms(custody.office, actor)
    head = [words.say(w) for w in ("instrument", "until", "days left", "licence")]
    cells = [
        (a["instrument"], a["until"], str(a["days_left"]), ", ".join(a["concerned"]) or "-") for a in found
    ]
    output.answer({"ok": not found, "alarms": found}, table(head, cells) if found else words.say("no alarm"))
    return 1 if found else 0
