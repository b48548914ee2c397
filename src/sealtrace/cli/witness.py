"""`sealtrace witness`: be a witness for other organisations' logs. Needs no home, only a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sealtrace.errors import HomeExists, NoHome, UsageProblem

from . import words
from .log_acts import announce
from .main import Settings
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.ledger.witness import Witness

FILE = "witness.json"


@click.group()
def witness() -> None:
    """Cosign other organisations' checkpoints (C2SP tlog-witness). Its memory is in the folder --home."""


@contextmanager
def _opened(settings: Settings) -> Iterator[Witness]:
    from sealtrace.clock import SystemClock
    from sealtrace.ledger.notekey import COSIGN_ED25519, COSIGN_ML_DSA, NoteSigner
    from sealtrace.ledger.witness import Witness

    try:
        kept = json.loads((settings.home / FILE).read_text("utf-8"))
        seed = bytes.fromhex(kept["seed"])
    except FileNotFoundError:
        raise NoHome(
            f"there is no witness in {settings.home}", advice="Make one: `sealtrace witness init NAME`."
        ) from None
    except (ValueError, KeyError) as e:
        raise NoHome(f"{settings.home / FILE} is damaged") from e
    signers = [
        NoteSigner.from_seed(kept["name"], COSIGN_ED25519, seed),
        NoteSigner.from_seed(kept["name"], COSIGN_ML_DSA, seed),
    ]
    opened = Witness(settings.home / "witness.db", signers, SystemClock())
    try:
        yield opened
    finally:
        opened.close()


@witness.command()
@click.argument("name")
@json_option
@click.pass_obj
def init(settings: Settings, name: str, output: Output) -> None:
    """Make a witness called NAME, a name without blanks such as witness.example.org/w1."""
    if not name or "+" in name or any(c.isspace() for c in name):
        raise UsageProblem(f"{name!r} has a blank or a plus sign, which key names have not")
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(settings.home / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise HomeExists(f"{settings.home} already holds a witness") from None
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(json.dumps({"name": name, "seed": os.urandom(32).hex()}) + "\n")
    with _opened(settings) as made:
        keys = made.keys
    output.answer({"ok": True, "name": name, "keys": keys}, "\n".join(keys))


@witness.command("add-log")
@click.argument("key")
@json_option
@click.pass_obj
def add_log(settings: Settings, key: str, output: Output) -> None:
    """Cosign for the log whose C2SP verifier key is KEY; add a rotated log's new key the same way."""
    with _opened(settings) as opened:
        origin = opened.add_log(key)
    output.answer({"ok": True, "origin": origin}, fields([("origin", origin)]))


@witness.command("remove-log")
@click.argument("key")
@json_option
@click.pass_obj
def remove_log(settings: Settings, key: str, output: Output) -> None:
    """Trust KEY no more, as when a log retired it. The heads cosigned so far stay remembered."""
    with _opened(settings) as opened:
        origin = opened.remove_log(key)
    output.answer({"ok": True, "origin": origin}, fields([("origin", origin)]))


@witness.command("key")
@json_option
@click.pass_obj
def show_key(settings: Settings, output: Output) -> None:
    """Print this witness' verifier keys: Ed25519, then ML-DSA-44."""
    with _opened(settings) as opened:
        keys = opened.keys
    output.answer({"ok": True, "keys": keys}, "\n".join(keys))


@witness.command("list")
@json_option
@click.pass_obj
def list_logs(settings: Settings, output: Output) -> int:
    """Show each log's newest cosigned head, and evidence of forks. Exit code 1 when a fork is proven.

    Two signed heads of one size prove a fork. A head whose proof did not hold is kept as a suspicion:
    anybody can send a wrong proof with somebody else's checkpoint.
    """
    with _opened(settings) as opened:
        heads, forks = opened.heads(), opened.forks()
    obj = {
        "ok": True,
        "logs": [{"origin": origin, "size": h.size, "root": h.root.hex()} for origin, h in heads],
        "forks": [
            {
                "at": f.at, "origin": f.origin, "problem": f.problem, "proven": f.proven, "held": f.held,
                "offered": f.offered,
            }
            for f in forks
        ],
    }  # fmt: skip
    shown = table([words.say("origin"), words.say("entries")], [(origin, str(h.size)) for origin, h in heads])
    told = "".join(
        f"\n{words.say('forks' if f.proven else 'suspicion')}: {f.at} {f.origin}: {f.problem}" for f in forks
    )
    output.answer(obj, shown + told)
    return 1 if any(f.proven for f in forks) else 0


@witness.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8410, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.pass_obj
def run(settings: Settings, host: str, port: int) -> None:
    """Serve POST /add-checkpoint until interrupted. Put a TLS proxy before it."""
    from sealtrace.api.wire import serve
    from sealtrace.api.witness import witness_app

    with _opened(settings) as opened:
        serve(witness_app(opened), host, port, announce)
