"""`sealtrace copy`: issue, list, show, fetch."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import copy_control, words
from .main import Settings
from .opening import custody_of
from .show import Bar, Output, fields, json_option, table


@click.group()
def copy() -> None:
    """Marked copies: issue to one or many, list, show, fetch again."""


@copy.command()
@click.argument("code")
@click.option("--to", "operator", help="Operator who takes the copy.")
@click.option("--device", help="Registered device.")
@click.option("--ip", help="Address the request came from.")
@click.option(
    "--recipients",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns operator,device,ip: one copy each.",
)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; with --recipients, a folder.")
@click.option(
    "--reserve",
    is_flag=True,
    help="With --recipients: enter the copies now, make their bytes on `copy fetch`.",
)
@click.option("--wrap", is_flag=True, help="Issue inside a marked ZIP that leaves the file itself untouched.")
@click.option("--dry-run", is_flag=True, help="Check the file, the recipients and the place; write nothing.")
@json_option
@click.pass_obj
def issue(
    settings: Settings,
    code: str,
    operator: str | None,
    device: str | None,
    ip: str | None,
    recipients: Path | None,
    out: Path | None,
    reserve: bool,
    wrap: bool,
    dry_run: bool,
    output: Output,
) -> None:
    """Issue marked copies of CODE or CODE@VERSION, each bound to an operator, a device and an address."""
    from sealtrace.custody.issue import read_recipients
    from sealtrace.custody.model import Recipient

    if recipients is None:
        if operator is None or device is None or ip is None or out is None:
            raise UsageProblem(
                "--to, --device, --ip and --out go together", advice="Or give --recipients and --out."
            )
        people = [Recipient(operator, device, ip)]
    else:
        if operator or device or ip:
            raise UsageProblem("--recipients takes the place of --to, --device and --ip")
        if (out is None) != reserve:
            raise UsageProblem("--recipients needs either --out FOLDER or --reserve")
        people = read_recipients(recipients)
    with custody_of(settings) as custody:
        if dry_run:
            version = custody.version(code)
            obj = {
                "ok": True,
                "dry_run": True,
                "code": str(version.code),
                "version": version.version,
                "copies": len(people),
            }
            output.answer(obj, f"{version.ref}: {len(people)}")
            return
        if recipients is None:
            assert out is not None
            one = custody.issue(code, people[0], out, wrapped=wrap)
            output.answer({"ok": True, "copy": one.as_dict()}, lambda: f"{one.id}  {out}")
            return
        with Bar("issuing") as bar:
            many = custody.issue_many(code, people, out, wrapped=wrap, progress=bar)
    output.answer(
        {"ok": True, "copies": [c.as_dict() for c in many]},
        lambda: table(
            [words.say(w) for w in ("copy", "operator", "device", "address", "path")],
            [(str(c.id), c.operator, c.device, c.ip, str(c.path or "")) for c in many],
        ),
    )


@copy.command("list")
@click.option("--of", "code", help="Copies of this file or version.")
@click.option("--operator", help="Copies of this operator.")
@click.option("--device", help="Copies on this device.")
@json_option
@click.pass_obj
def list_copies(
    settings: Settings, code: str | None, operator: str | None, device: str | None, output: Output
) -> None:
    """List issued copies and views."""
    with custody_of(settings) as custody:
        found = custody.copies(code=code, operator=operator, device=device)
    output.answer(
        {"ok": True, "copies": [c.as_dict() for c in found]},
        lambda: table(
            [words.say(w) for w in ("copy", "file", "purpose", "operator", "device", "address", "issued")],
            [
                (
                    str(c.id),
                    f"{c.code}@{c.version}",
                    str(c.purpose),
                    c.operator,
                    c.device,
                    c.ip,
                    c.issued_at[:19],
                )
                for c in found
            ],
        ),
    )


@copy.command()
@click.argument("copy_id")
@json_option
@click.pass_obj
def show(settings: Settings, copy_id: str, output: Output) -> None:
    """Show one copy: recipient of record, marks, entry."""
    with custody_of(settings) as custody:
        one = custody.copy(copy_id)
    output.answer(
        {"ok": True, "copy": one.as_dict()},
        lambda: fields(
            [
                ("copy", str(one.id)),
                ("file", f"{one.code}@{one.version}"),
                ("operator", one.operator),
                ("device", one.device),
                ("address", one.ip),
                ("issued", one.issued_at),
                ("marks", ", ".join(f"{m.channel} ({m.capacity})" for m in one.marks)),
                ("entry", str(one.entry.index)),
            ]
        ),
    )


@copy.command()
@click.argument("copy_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--wrap", is_flag=True, help="The copy was issued inside a marked ZIP.")
@json_option
@click.pass_obj
def fetch(settings: Settings, copy_id: str, out: Path, wrap: bool, output: Output) -> None:
    """Write an issued copy's bytes again, or for the first time after --reserve."""
    with custody_of(settings) as custody:
        one = custody.fetch(copy_id, out, wrapped=wrap)
    output.answer({"ok": True, "copy": one.as_dict()}, f"{one.id}  {out}")


for _verb in ("revoke", "reinstate", "expire", "restrict", "print_", "package", "receipt"):
    copy.add_command(getattr(copy_control, _verb))
