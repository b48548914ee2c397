"""`sealtrace ledger`: check, checkpoint, export, find, statement, receipt; the rest of the noun is in
`log_acts`, `log_issuers`, `log_keys`, `log_shards`."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import log_acts, log_issuers, log_keys, log_shards, words
from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, json_option


@click.group()
def ledger() -> None:
    """The tamper-evident log: check it, publish it, prove entries to anyone."""


@ledger.command()
@click.option("--read-data", is_flag=True, help="Also read every statement, vault object and register row.")
@click.option(
    "--read-data-subset", metavar="N/M", help="Read the N-th of M parts only, such as 1/7 on Mondays."
)
@json_option
@click.pass_obj
def check(settings: Settings, read_data: bool, read_data_subset: str | None, output: Output) -> int:
    """Check the log, the register and the vault against each other. Exit code 1 when something is wrong."""
    from sealtrace.ledger.check import EVERYTHING, Part

    part = Part.parse(read_data_subset) if read_data_subset else EVERYTHING if read_data else None
    with custody_of(settings, self_test=False) as custody:
        problems = custody.check(part)
        size = custody.office.ledger.size()
    obj = {
        "ok": not problems,
        "entries": size,
        "read_data": part is not None,
        **({"part": read_data_subset} if read_data_subset else {}),
        "problems": [{"place": p.place, "problem": p.problem} for p in problems],
        **({"code": "corrupted", "message": f"{len(problems)} problem(s) found"} if problems else {}),
    }
    lines = [f"{p.place}: {p.problem}" for p in problems] or [f"{words.say('log is consistent')}: {size}"]
    output.answer(obj, "\n".join(lines))
    return 1 if problems else 0


@ledger.command()
@click.option("--seal", is_flag=True, help="First ask the witnesses and add the log's further lines.")
@json_option
@click.pass_obj
def checkpoint(settings: Settings, seal: bool, output: Output) -> None:
    """Print the signed checkpoint (C2SP signed note) of the current tree."""
    with custody_of(settings) as custody:
        note = custody.seal_head() if seal else custody.office.ledger.checkpoint()
    output.answer({"ok": True, "checkpoint": note}, note.rstrip("\n"))


@ledger.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option(
    "--lock", type=click.Path(path_type=Path),
    help="A file in another place that keeps the published head too, against a fork from old backups.",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def export(settings: Settings, out: Path, lock: Path | None, dry_run: bool, output: Output) -> None:
    """Publish the log as C2SP tlog-tiles: checkpoint, tile/..., tile/entries/...

    Asks the witnesses first. A log that does not extend what stands there is refused.
    """
    with custody_of(settings) as custody:
        if dry_run:
            size = custody.may_export(out, lock=lock)
            output.answer({"ok": True, "dry_run": True, "path": str(out), "entries": size}, str(out))
            return
        note = custody.export_log(out, lock=lock)
    output.answer({"ok": True, "path": str(out), "entries": int(note.split("\n")[1])}, str(out))


@ledger.command()
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Look for these exact bytes."
)
@click.option("--sha256", metavar="HEX", help="Look for bytes with this digest.")
@click.option("--operator", help="Look for copies of this operator.")
@click.option("--device", help="Look for copies on this device.")
@json_option
@click.pass_obj
def find(
    settings: Settings,
    file: Path | None,
    sha256: str | None,
    operator: str | None,
    device: str | None,
    output: Output,
) -> int:
    """Find entries by exact bytes, operator or device. Exit code 1 when there is none."""
    from sealtrace.custody.digests import digest_file

    if not any((file, sha256, operator, device)):
        raise UsageProblem(
            "there is nothing to look for", advice="Give --file, --sha256, --operator or --device."
        )
    try:
        digest = digest_file(file)[0] if file else bytes.fromhex(sha256) if sha256 else None
    except ValueError as e:
        raise UsageProblem(f"{sha256!r} is not a digest in hex") from e
    with custody_of(settings) as custody:
        found = custody.find(sha256=digest, operator=operator, device=device)
    obj = {"ok": True, "entries": [{"index": index, "about": about} for index, about in found]}
    output.answer(obj, "\n".join(f"{index}  {about}" for index, about in found) or words.say("not found"))
    return 0 if found else 1


@ledger.command()
@click.argument("index", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@json_option
@click.pass_obj
def statement(settings: Settings, index: int, out: Path, output: Output) -> None:
    """Write entry INDEX: the bytes of its signed statement (RFC 9943)."""
    _write(settings, index, out, output, "statement")


@ledger.command()
@click.argument("index", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@json_option
@click.pass_obj
def receipt(settings: Settings, index: int, out: Path, output: Output) -> None:
    """Write the receipt of entry INDEX (RFC 9942): its inclusion, signed."""
    _write(settings, index, out, output, "receipt")


def _write(settings: Settings, index: int, out: Path, output: Output, what: str) -> None:
    with custody_of(settings) as custody:
        custody.write_proof(index, out, what)
    output.answer({"ok": True, "index": index, "path": str(out)}, str(out))


for _command in (
    log_keys.key,
    log_issuers.issuer,
    log_issuers.register,
    log_acts.policy,
    log_acts.timestamp,
    log_shards.shard,
    log_acts.serve,
):
    ledger.add_command(_command)
