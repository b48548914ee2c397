"""`sealtrace device`: key, enrol, list, revoke. Making a key needs no home: it happens on the device."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table


@click.group()
def device() -> None:
    """Devices whose keys sign requests for copies and receipts of them."""


@device.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the private key, new.")
@json_option
def key(out: Path, output: Output) -> None:
    """Make this device's key; its public half is written beside it, ending in .pub.

    The private key stays on the device. Have the office enrol the public half.
    """
    from sealtrace.trace.device import new_key
    from sealtrace.vault.keyring import write_new

    private, public = new_key()
    write_new(out, private)
    beside = out.with_name(f"{out.name}.pub")
    write_new(beside, public)
    output.answer({"ok": True, "key": str(out), "public_key": str(beside)}, f"{out}\n{beside}")


@device.command()
@click.option("--operator", required=True, help="Operator whose device it is.")
@click.option("--device", "name", required=True, help="Name of the device.")
@click.option(
    "--public-key", required=True, type=click.Path(path_type=Path), help="The device's public key, PEM."
)
@click.option("--dry-run", is_flag=True, help="Read the key and check the names; write nothing.")
@json_option
@click.pass_obj
def enrol(
    settings: Settings, operator: str, name: str, public_key: Path, dry_run: bool, output: Output
) -> None:
    """Enter a device's public key in the ledger."""
    from sealtrace.trace.device import read_public

    public = read_public(public_key)
    with custody_of(settings) as custody:
        if dry_run:
            shown = {"operator": operator, "device": name, "public_key": public.hex()}
            output.answer({"ok": True, "dry_run": True, "device": shown}, f"{operator}  {name}")
            return
        made = custody.enrol_device(operator, name, public)
    output.answer({"ok": True, "device": made.as_dict()}, lambda: fields([
        ("operator", made.operator), ("device", made.device),
        ("public key", made.public_key.hex()), ("entry", str(made.entry)),
    ]))  # fmt: skip


@device.command("list")
@click.option("--operator", help="Devices of this operator.")
@json_option
@click.pass_obj
def list_devices(settings: Settings, operator: str | None, output: Output) -> None:
    """List enrolled devices, revoked ones too."""
    with custody_of(settings) as custody:
        found = custody.devices(operator=operator)
    rows = [
        (
            d.operator,
            d.device,
            d.public_key.hex()[:16],
            str(d.entry),
            "" if d.revoked is None else str(d.revoked),
        )
        for d in found
    ]
    output.answer(
        {"ok": True, "devices": [d.as_dict() for d in found]},
        lambda: table([words.say(w) for w in ("operator", "device", "public key", "entry", "revoked")], rows),
    )


@device.command()
@click.option("--operator", required=True, help="Operator whose device it is.")
@click.option("--device", "name", required=True, help="Name of the device.")
@click.option("--reason", required=True, help="Why: lost, replaced, left.")
@click.option("--dry-run", is_flag=True, help="Find the device; write nothing.")
@json_option
@click.pass_obj
def revoke(settings: Settings, operator: str, name: str, reason: str, dry_run: bool, output: Output) -> None:
    """End a device's enrolment: its key signs no more requests."""
    from sealtrace.custody.devices import in_use

    with custody_of(settings) as custody:
        if dry_run:
            found = in_use(custody.office, operator, name)
            output.answer({"ok": True, "dry_run": True, "device": found.as_dict()}, f"{operator}  {name}")
            return
        found, entry = custody.revoke_device(operator, name, reason=reason)
    obj = {"ok": True, "device": found.as_dict() | {"revoked": entry.index}}
    output.answer(obj, f"{operator}  {name}  {words.say('entry')} {entry.index}")
