"""`sealtrace ledger issuer` and `ledger register`: statements that other organisations signed."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, entry_fields, fields, json_option, table

EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def issuer() -> None:
    """Organisations whose signed statements this log takes in."""


@issuer.command()
@click.argument("name")
@click.argument("key_file", type=EXISTING)
@dry_run_option
@json_option
@click.pass_obj
def add(settings: Settings, name: str, key_file: Path, dry_run: bool, output: Output) -> None:
    """Trust the P-256 public key in KEY_FILE (PEM) for statements whose CWT issuer is NAME."""
    from sealtrace.custody import publication
    from sealtrace.ledger.issuers import must_be_p256

    try:
        pem = key_file.read_text("ascii")
    except UnicodeDecodeError as e:
        raise UsageProblem(f"{key_file} is not a PEM file") from e
    with custody_of(settings) as custody:
        if dry_run:
            must_be_p256(pem)
            output.answer({"ok": True, "dry_run": True, "issuer": name}, fields([("issuer", name)]))
            return
        entry = publication.trust_issuer(custody.office, name, pem)
    obj = {"ok": True, "issuer": name, "entry": entry_fields(entry)}
    output.answer(obj, fields([("issuer", name), ("entry", str(entry.index))]))


@issuer.command("list")
@json_option
@click.pass_obj
def list_issuers(settings: Settings, output: Output) -> None:
    """Show the trusted issuers."""
    from sealtrace.ledger.issuers import known

    with custody_of(settings) as custody:
        rows = known(custody.office.db)
    obj = {"ok": True, "issuers": [{"name": name, "key": pem} for name, pem in rows]}
    output.answer(obj, "\n".join(name for name, _ in rows) or words.say("not found"))


@click.command()
@click.argument("statements", nargs=-1, required=True, type=EXISTING)
@click.option(
    "--receipts", type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the receipts, one for each statement, named by its leaf hash.",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def register(
    settings: Settings, statements: tuple[Path, ...], receipts: Path | None, dry_run: bool, output: Output
) -> None:
    """Enter signed statements of trusted issuers, all in one transaction: all of them or none.

    A statement that is in the log already keeps its entry.
    """
    from sealtrace.ledger import issuers

    data = [path.read_bytes() for path in statements]
    with custody_of(settings) as custody:
        if dry_run:
            checked = issuers.check(custody.office.ledger, data)
            output.answer({"ok": True, "dry_run": True, "statements": len(checked)}, str(len(checked)))
            return
        entries = custody.register_statements(data)
        places = [custody.write_receipt(entry, receipts) if receipts else None for entry in entries]
    rows = [
        {"path": str(path), **entry_fields(entry), **({"receipt": str(place)} if place else {})}
        for path, entry, place in zip(statements, entries, places, strict=True)
    ]
    cells = [(str(path), str(entry.index)) for path, entry in zip(statements, entries, strict=True)]
    head = [words.say("path"), words.say("entry")]
    output.answer({"ok": True, "entries": rows}, table(head, cells))
