"""`sealtrace copy`: issue, list, show, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from . import copy_control, words
from .main import Settings
from .opening import custody_of
from .releasing import Shares, release_options
from .show import Bar, Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody


@click.group()
def copy() -> None:
    """Marked copies: issue to one or many, list, show, fetch again."""


@copy.command()
@click.argument("code")
@click.option("--to", "operator", help="Operator who takes the copy.")
@click.option("--device", help="Registered device.")
@click.option("--ip", help="Address the request came from.")
@click.option(
    "--request", "asked", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Request that the recipient's device signed; takes the place of --to and --device.",
)  # fmt: skip
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
@click.option(
    "--outsider",
    metavar="CC",
    help="The recipient is a foreign person or body of this country: the file is judged as an export first.",
)
@click.option("--licence", help="With --outsider: the export licence it goes under.")
@click.option("--dry-run", is_flag=True, help="Check the file, the recipients and the place; write nothing.")
@json_option
@click.pass_obj
def issue(
    settings: Settings,
    code: str,
    operator: str | None,
    device: str | None,
    ip: str | None,
    asked: Path | None,
    recipients: Path | None,
    out: Path | None,
    reserve: bool,
    wrap: bool,
    outsider: str | None,
    licence: str | None,
    dry_run: bool,
    output: Output,
) -> None:
    """Issue marked copies of CODE or CODE@VERSION, each bound to an operator, a device and an address.

    A copy for an outsider is an export, inside the country too: with --outsider the file is judged against the
    technology catalogue, and what needs a licence is refused without one.
    """
    from sealtrace.custody.issue import read_recipients
    from sealtrace.custody.model import Recipient

    if asked is not None:
        if operator or device or recipients or reserve:
            raise UsageProblem("--request takes the place of --to, --device and --recipients")
        abroad = (outsider, licence)
        _issue_asked(settings, code, asked, ip, out, abroad, wrap=wrap, dry_run=dry_run, output=output)
        return
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
        export = _cleared(custody, code, outsider, licence, output)
        if recipients is None:
            assert out is not None
            one = custody.issue(code, people[0], out, wrapped=wrap)
            output.answer({"ok": True, "copy": one.as_dict(), **export}, lambda: f"{one.id}  {out}")
            return
        with Bar("issuing") as bar:
            many = custody.issue_many(code, people, out, wrapped=wrap, progress=bar)
    output.answer(
        {"ok": True, "copies": [c.as_dict() for c in many], **export},
        lambda: table(
            [words.say(w) for w in ("copy", "operator", "device", "address", "path")],
            [(str(c.id), c.operator, c.device, c.ip, str(c.path or "")) for c in many],
        ),
    )


def _cleared(
    custody: Custody, code: str, outsider: str | None, licence: str | None, output: Output
) -> dict[str, object]:
    """Judge a copy for an outsider before it is made; what nothing clears and nothing forbids is said aloud."""
    if outsider is None:
        if licence is not None:
            raise UsageProblem("--licence goes with --outsider")
        return {}
    from sealtrace.licences.service import may_issue

    made = may_issue(custody.office, custody.version(code), outsider, licence)
    if made.warning:
        output.note(f"{words.say('outsider warning')}: {words.say(made.classification.decision.value)}")
    return {"export": made.as_dict()}


def _issue_asked(
    settings: Settings, code: str, asked: Path, ip: str | None, out: Path | None,
    abroad: tuple[str | None, str | None], *, wrap: bool, dry_run: bool, output: Output,
) -> None:  # fmt: skip
    """Issue the copy that a device has asked for, of the file that the command names."""
    from sealtrace.ids import VersionRef

    if ip is None or out is None:
        raise UsageProblem("--request goes with --ip and --out")
    data = asked.read_bytes()
    with custody_of(settings) as custody:
        ref, operator, device = custody.check_request(data)
        if custody.version(VersionRef.parse(code)).ref != ref:
            raise UsageProblem(f"the request is for {ref}, not for {code}")
        if dry_run:
            shown = {"code": str(ref.code), "version": ref.version, "operator": operator, "device": device}
            output.answer({"ok": True, "dry_run": True, **shown, "copies": 1}, f"{ref}: 1")
            return
        export = _cleared(custody, code, *abroad, output)
        one = custody.issue_asked(data, ip, out, wrapped=wrap)
    output.answer({"ok": True, "copy": one.as_dict(), **export}, lambda: f"{one.id}  {out}")


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
@release_options
@json_option
@click.pass_obj
def fetch(settings: Settings, copy_id: str, out: Path, wrap: bool, release: Shares, output: Output) -> None:
    """Write an issued copy's bytes again, or for the first time after --reserve."""
    with custody_of(settings) as custody:
        release(custody)
        one = custody.fetch(copy_id, out, wrapped=wrap)
    output.answer({"ok": True, "copy": one.as_dict()}, f"{one.id}  {out}")


@copy.command()
@click.argument("code")
@click.option("--to", "operator", required=True, help="Operator who asks.")
@click.option("--device", required=True, help="This device, as it is enrolled.")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="This device's private key.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@json_option
def request(code: str, operator: str, device: str, key: Path, out: Path, output: Output) -> None:
    """Sign a request for a copy of CODE@VERSION on the recipient's device; needs no home.

    The office issues on it with `copy issue CODE --request FILE`. It gives one copy, within seven days.
    """
    import os

    from sealtrace.clock import SystemClock, stamp
    from sealtrace.ids import VersionRef
    from sealtrace.trace.device import NONCE_BYTES, Request, read_private

    ref = VersionRef.parse(code)
    if ref.version is None:
        raise UsageProblem("a request names a version", advice="Give CODE@VERSION.")
    asked = Request(
        str(ref.code), ref.version, operator, device, stamp(SystemClock().now()), os.urandom(NONCE_BYTES)
    )
    _write(out, asked.sign(read_private(key)))
    output.answer({"ok": True, "path": str(out), "code": str(ref.code), "version": ref.version}, str(out))


@copy.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--copy", "copy_id", required=True, help="The copy's id.")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="This device's private key.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@json_option
def receive(path: Path, copy_id: str, key: Path, out: Path, output: Output) -> None:
    """Sign a receipt for a copy's bytes on the recipient's device; needs no home.

    The office enters it with `copy receipt FILE`.
    """
    from sealtrace.clock import SystemClock, stamp
    from sealtrace.custody.digests import digest_file
    from sealtrace.ids import CopyId
    from sealtrace.trace.device import Receipt, read_private

    digest, _ = digest_file(path)
    receipt = Receipt(bytes(CopyId.parse(copy_id)), digest, stamp(SystemClock().now()))
    _write(out, receipt.sign(read_private(key)))
    output.answer({"ok": True, "path": str(out), "sha256": digest.hex()}, str(out))


@copy.command("receipt")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_obj
def enter_receipt(settings: Settings, path: Path, output: Output) -> None:
    """Enter the receipt that a recipient's device has signed."""
    with custody_of(settings) as custody:
        copy_id, entry = custody.received(path.read_bytes())
    obj = {"ok": True, "copy": str(copy_id), "entry": {"index": entry.index, "leaf": entry.leaf.hex()}}
    output.answer(obj, f"{copy_id}  {words.say('entry')} {entry.index}")


def _write(out: Path, data: bytes) -> None:
    """Write a signed file, whole or not at all."""
    from tempfile import TemporaryDirectory

    from sealtrace.custody.issue import checked_target, deliver

    checked_target(out)
    with TemporaryDirectory() as folder:
        made = Path(folder) / "signed"
        made.write_bytes(data)
        deliver(made, out)


for _verb in ("revoke", "reinstate", "expire", "restrict", "print_", "package", "package_receipt"):
    copy.add_command(getattr(copy_control, _verb))
