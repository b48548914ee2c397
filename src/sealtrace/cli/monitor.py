"""`sealtrace monitor`: follow a published log and alarm when it contradicts itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import words
from .show import Output, json_option

if TYPE_CHECKING:
    from sealtrace.ledger.monitor import Round


@click.group()
def monitor() -> None:
    """Follow a log, compute its tree again, keep proof of what does not fit."""


@monitor.command()
@click.argument("log")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    help="The log's C2SP verifier key; repeat while it rotates.",
)
@click.option(
    "--statement-key",
    "statements",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of a key that signs the log's statements; checks every entry's signature.",
)
@click.option(
    "--witness", "witnesses", multiple=True, help="C2SP verifier key of a witness; repeat for each."
)
@click.option(
    "--quorum",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="How many witnesses must cosign.",
)
@click.option(
    "--max-age", type=click.FloatRange(min=0), help="Alarm when the newest cosignature is older, in seconds."
)
@click.option(
    "--pruned",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="So many entries may lack their statements, as purged years do; their hashes are read instead.",
)
@click.option(
    "--memory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for what was seen and for proofs.",
)
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option(
    "--interval",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="Seconds between looks.",
)
@json_option
def run(
    log: str, keys: tuple[str, ...], statements: tuple[Path, ...], witnesses: tuple[str, ...], quorum: int,
    max_age: float | None, pruned: int, memory: Path | None, once: bool, interval: float, output: Output,
) -> int:  # fmt: skip
    """Follow LOG, a URL or a folder with published tiles. Exit code 1 as soon as there is an alarm."""
    from sealtrace.clock import SystemClock
    from sealtrace.ledger.monitor import Monitor, default_memory, folder_source, http_source
    from sealtrace.ledger.quorum import Policy

    source = http_source(log) if log.startswith(("http://", "https://")) else folder_source(Path(log))
    policy = Policy(tuple((vkey, "") for vkey in witnesses), quorum) if witnesses or quorum else None
    pems = [path.read_text("ascii") for path in statements]
    looker = Monitor(
        source,
        memory or default_memory(),
        keys,
        SystemClock(),
        statement_keys=pems,
        policy=policy,
        max_age_s=max_age,
        pruned=pruned,
    )
    while True:
        seen = looker.look()
        if once or seen.findings:
            _tell(seen, output)
            return 1 if seen.findings else 0
        output.note(f"{words.say('no alarm')}: {seen.size}")
        time.sleep(interval)


def _tell(seen: Round, output: Output) -> None:
    obj = {
        "ok": not seen.findings,
        "entries": seen.size,
        "new_entries": seen.new_entries,
        "alarms": [
            {"alarm": f.alarm, "message": f.message, "proof": str(f.proof) if f.proof else None}
            for f in seen.findings
        ],
        **({"code": seen.findings[0].alarm, "message": seen.findings[0].message} if seen.findings else {}),
    }
    told = [f"{words.say('alarm')}: {f.alarm}: {f.message}" for f in seen.findings]
    output.answer(obj, "\n".join(told) or f"{words.say('no alarm')}: {seen.size}")


@monitor.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", "keys", multiple=True, required=True, help="The log's C2SP verifier key; repeatable.")
@json_option
def proof(file: Path, keys: tuple[str, ...], output: Output) -> None:
    """Check a proof that `monitor run` kept: both heads in FILE carry the log's own signature."""
    from sealtrace.ledger.monitor import verify_proof

    before, now = verify_proof(file, keys)
    heads = [{"size": head.size, "root": head.root.hex()} for head in (before, now)]
    lines = [words.say("both heads are the log's own"), *(f"{h['size']}  {h['root']}" for h in heads)]
    output.answer({"ok": True, "heads": heads}, "\n".join(lines))
