"""`sealtrace ledger key`: show, rotate and retire the log's signing keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, entry_fields, fields, json_option

if TYPE_CHECKING:
    from sealtrace.ledger.keys import Signers


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def key(context: click.Context, output: Output) -> None:
    """Print the C2SP verifier key; with --json also the statement, receipt and cosigner keys."""
    if context.invoked_subcommand is not None:
        return
    with custody_of(context.obj) as custody:
        keys = custody.office.ledger.keys()
        every = custody.office.ledger.heads.every_signers
    obj = {
        "ok": True,
        "verifier_keys": list(keys.verifier_keys),
        "statement_keys": list(keys.statement_keys),
        "receipt_keys": list(keys.receipt_keys),
        "cosigner_keys": list(keys.cosigner_keys),
        "generations": [_generation(signers) for signers in every],
    }
    output.answer(obj, "\n".join(keys.verifier_keys))


def _generation(signers: Signers) -> dict[str, object]:
    """A generation's keys, and between which tree sizes they signed."""
    return {
        "number": signers.generation.number,
        "from_size": signers.generation.from_size,
        "retired_at": signers.generation.retired_at,
        "verifier_key": signers.checkpoint.public.text,
        "statement_key": signers.statement_key,
        "receipt_key": signers.receipt_key,
    }


@key.command()
@dry_run_option
@json_option
@click.pass_obj
def rotate(settings: Settings, dry_run: bool, output: Output) -> None:
    """Begin new signing keys; old and new sign every head until `key retire`.

    Give the new verifier key to witnesses, monitors and partners before you retire the old one.
    """
    from sealtrace.custody import keys

    with custody_of(settings) as custody:
        if dry_run:
            new = custody.office.ledger.heads.next_signers(
                custody.office.ledger.size()
            ).checkpoint.public.text
            output.answer({"ok": True, "dry_run": True, "new_key": new}, fields([("new key", new)]))
            return
        entry = keys.rotate(custody.office)
        made = custody.office.ledger.keys().verifier_keys
    obj = {"ok": True, "new_key": made[0], "verifier_keys": list(made), "entry": entry_fields(entry)}
    output.answer(obj, fields([("new key", made[0]), ("entry", str(entry.index))]))


@key.command()
@dry_run_option
@json_option
@click.pass_obj
def retire(settings: Settings, dry_run: bool, output: Output) -> None:
    """End the overlap: older keys sign no more. What they signed stays valid."""
    from sealtrace.custody import keys

    with custody_of(settings) as custody:
        if dry_run:
            going = [generation.number for generation in keys.retiring(custody.office)]
            text = fields([("retired", ", ".join(map(str, going)))])
            output.answer({"ok": True, "dry_run": True, "generations": going}, text)
            return
        entry = keys.retire(custody.office)
        left = custody.office.ledger.keys().verifier_keys
    output.answer({"ok": True, "verifier_keys": list(left), "entry": entry_fields(entry)}, "\n".join(left))
