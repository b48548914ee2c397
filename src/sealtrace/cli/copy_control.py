"""`sealtrace copy revoke|reinstate|expire|restrict|print|package|receipt`: what is decided about copies."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, entry_fields, fields, json_option

by_option = click.option("--by", default="command line", show_default=True, help="Who decides it.")


def _moment(text: str) -> datetime:
    """Read a time with its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as e:
        raise UsageProblem(f"{text!r} is no time", advice="Such as 2026-11-30T18:00+08:00.") from e
    if moment.tzinfo is None:
        raise UsageProblem(f"{text!r} lacks its offset from UTC", advice="Such as 2026-11-30T18:00+08:00.")
    return moment


@click.command()
@click.argument("copy_id")
@click.option("--reason", required=True, help="Why; it goes into the entry.")
@by_option
@dry_run_option
@json_option
@click.pass_obj
def revoke(settings: Settings, copy_id: str, reason: str, by: str, dry_run: bool, output: Output) -> None:
    """Revoke a copy: it is not handed out again, and its holder's pages of that version close at once."""
    _decide(settings, copy_id, output, "revoke", dry_run=dry_run, by=by, reason=reason)


@click.command()
@click.argument("copy_id")
@click.option("--reason", required=True, help="Why; it goes into the entry.")
@by_option
@dry_run_option
@json_option
@click.pass_obj
def reinstate(settings: Settings, copy_id: str, reason: str, by: str, dry_run: bool, output: Output) -> None:
    """Take the revocation of a copy back."""
    _decide(settings, copy_id, output, "reinstate", dry_run=dry_run, by=by, reason=reason)


@click.command()
@click.argument("copy_id")
@click.option("--until", required=True, help="When it ends, with offset: 2026-11-30T18:00+08:00.")
@by_option
@dry_run_option
@json_option
@click.pass_obj
def expire(settings: Settings, copy_id: str, until: str, by: str, dry_run: bool, output: Output) -> None:
    """Give a copy an end, or move it."""
    _decide(settings, copy_id, output, "expire", dry_run=dry_run, by=by, until=_moment(until))


def _decide(
    settings: Settings, copy_id: str, output: Output, verb: str, *, dry_run: bool, **how: object
) -> None:
    from sealtrace.custody import controls
    from sealtrace.ids import CopyId

    named = CopyId.parse(copy_id)
    with custody_of(settings) as custody:
        entry = None
        if dry_run:
            custody.office.copy(named)
        else:
            entry = getattr(controls, verb)(custody.office, named, **how)
        holds = controls.standing(custody.office, named)
    shown: dict[str, object] = {"ok": True, "copy": str(named), "standing": holds.as_dict()}
    shown |= {"dry_run": True} if entry is None else {"entry": entry_fields(entry)}
    output.answer(shown, f"{named}  {words.say('in force' if holds.ended is None else 'ended')}")


@click.command()
@click.argument("code")
@click.option("--operator", help="For this operator only; for everybody when left out.")
@click.option("--lift", is_flag=True, help="Let it be taken again.")
@by_option
@dry_run_option
@json_option
@click.pass_obj
def restrict(
    settings: Settings, code: str, operator: str | None, lift: bool, by: str, dry_run: bool, output: Output
) -> None:
    """Let a file be read in the viewer only: no copy, print or package of it is made."""
    from sealtrace.custody import controls
    from sealtrace.ids import FileCode

    named = FileCode.parse(code)
    with custody_of(settings) as custody:
        custody.version(str(named))
        entry = None
        if not dry_run:
            entry = controls.set_view_only(custody.office, named, operator=operator, by=by, only=not lift)
    shown: dict[str, object] = {"ok": True, "code": str(named), "operator": operator, "view_only": not lift}
    shown |= {"dry_run": True} if entry is None else {"entry": entry_fields(entry)}
    output.answer(shown, f"{named}  {words.say('may be taken' if lift else 'for reading here only')}")


@click.command("print")
@click.argument("code")
@click.option("--to", "operator", required=True, help="Operator who prints.")
@click.option("--device", required=True, help="Registered device.")
@click.option("--ip", required=True, help="Address the request came from.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF to write.")
@json_option
@click.pass_obj
def print_(
    settings: Settings, code: str, operator: str, device: str, ip: str, out: Path, output: Output
) -> None:
    """Make a print of CODE or CODE@VERSION: a PDF of marked pages, a copy of its own."""
    from sealtrace.custody.model import Recipient
    from sealtrace.custody.printing import print_copy

    with custody_of(settings) as custody:
        made = print_copy(custody.office, custody.version(code).ref, Recipient(operator, device, ip), out)
    output.answer({"ok": True, "copy": made.as_dict()}, f"{made.id}  {out}")


@click.command()
@click.argument("code")
@click.option("--to", "operator", required=True, help="Who gets it, as they are to be on record.")
@click.option("--device", default="outside", show_default=True, help="What it is to be opened on.")
@click.option("--ip", default="0.0.0.0", show_default=True, help="Their address, if it is known.")  # noqa: S104 (a value)
@click.option("--until", help="When it ends, with offset: 2026-11-30T18:00+08:00.")
@click.option("--organisation", default="", help="Whose outsider it is.")
@click.option("--purpose", default="", help="What it is for.")
@click.option("--undertaking", default="", help="Words that its pages open after; signed with the receipt.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="HTML file to write.")
@click.option("--code-to", type=click.Path(path_type=Path), help="File for the code; printed when left out.")
@by_option
@json_option
@click.pass_obj
def package(
    settings: Settings, code: str, operator: str, device: str, ip: str, until: str | None, out: Path,
    code_to: Path | None, organisation: str, purpose: str, undertaking: str, by: str, output: Output,
) -> None:  # fmt: skip
    """Make an encrypted package of CODE for somebody outside; send the code that opens it another way."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.custody.issue import checked_target
    from sealtrace.custody.model import Recipient
    from sealtrace.custody.outgoing.package import Conditions
    from sealtrace.custody.outgoing.package import package as make

    if code_to is not None:
        checked_target(code_to)
    with custody_of(settings) as custody:
        asked = Conditions(by, _moment(until) if until else None, organisation, purpose, undertaking)
        made = make(custody.office, custody.version(code).ref, Recipient(operator, device, ip), out, asked)
    shown: dict[str, object] = {"ok": True, "copy": made.copy.as_dict()}
    if code_to is None:
        shown["code"] = made.code
    else:
        with storage_guard(f"writing {code_to}"):
            code_to.touch(0o600)
            code_to.write_text(made.code + "\n", "ascii")
    output.answer(
        shown,
        lambda: fields(
            [("copy", str(made.copy.id)), ("path", str(out)), ("code", str(code_to or made.code))]
        ),
    )


@click.command("package-receipt")
@click.argument("receipt_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@dry_run_option
@json_option
@click.pass_obj
def package_receipt(settings: Settings, receipt_file: Path, dry_run: bool, output: Output) -> None:
    """Register the receipt that came back for a package."""
    from sealtrace.custody.outgoing import receipt as receipts

    read = receipts.read_file(receipt_file)
    with custody_of(settings) as custody:
        entry = None if dry_run else receipts.register(custody.office, read)
    shown: dict[str, object] = {"ok": True, "copy": str(read.copy), "name": read.name, "signed_at": read.at}
    shown |= {"dry_run": True} if entry is None else {"entry": entry_fields(entry)}
    output.answer(shown, f"{read.copy}  {read.name}  {read.at}")
