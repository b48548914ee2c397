"""`sealtrace ledger`: check, checkpoint, key, export, statement, receipt."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, json_option


@click.group()
def ledger() -> None:
    """The tamper-evident log: check it, publish it, prove entries to anyone."""


@ledger.command()
@click.option("--read-data", is_flag=True, help="Also read every statement, vault object and register row.")
@json_option
@click.pass_obj
def check(settings: Settings, read_data: bool, output: Output) -> int:
    """Check the log, the register and the vault against each other. Exit code 1 when something is wrong."""
    with custody_of(settings) as custody:
        problems = custody.check(read_data=read_data)
        size = custody.office.ledger.size()
    obj = {
        "ok": not problems,
        "entries": size,
        "read_data": read_data,
        "problems": [{"place": p.place, "problem": p.problem} for p in problems],
        **({"code": "corrupted", "message": f"{len(problems)} problem(s) found"} if problems else {}),
    }
    lines = [f"{p.place}: {p.problem}" for p in problems] or [f"{words.say('log is consistent')}: {size}"]
    output.answer(obj, "\n".join(lines))
    return 1 if problems else 0


@ledger.command()
@json_option
@click.pass_obj
def checkpoint(settings: Settings, output: Output) -> None:
    """Print the signed checkpoint (C2SP signed note) of the current tree."""
    with custody_of(settings) as custody:
        note = custody.office.ledger.checkpoint()
    output.answer({"ok": True, "checkpoint": note}, note.rstrip("\n"))


@ledger.command()
@json_option
@click.pass_obj
def key(settings: Settings, output: Output) -> None:
    """Print the C2SP verifier key; with --json also the statement and receipt keys as PEM."""
    with custody_of(settings) as custody:
        keys = custody.office.ledger.keys()
    obj = {
        "ok": True,
        "verifier_keys": list(keys.verifier_keys),
        "statement_keys": list(keys.statement_keys),
        "receipt_keys": list(keys.receipt_keys),
    }
    output.answer(obj, "\n".join(keys.verifier_keys))


@ledger.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@json_option
@click.pass_obj
def export(settings: Settings, out: Path, output: Output) -> None:
    """Write the log as C2SP tlog-tiles: checkpoint, tile/..., tile/entries/..."""
    with custody_of(settings) as custody:
        custody.export_log(out)
    output.answer({"ok": True, "path": str(out)}, str(out))


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
