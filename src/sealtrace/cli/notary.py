"""`sealtrace notary`: hold the other key of somebody's copies. Needs no home, only a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from . import words
from .log_acts import announce
from .main import Settings
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.notary.service import Notary


@click.group()
def notary() -> None:
    """Hold the other key of a home with two keys. The notary's key and journal are in the folder --home.

    Run it on a machine of another party: what it holds is what keeps an office from framing anybody.
    """


def _opened(settings: Settings) -> Notary:
    from sealtrace.notary.service import Notary

    return Notary.open(settings.home)


@notary.command()
@click.argument("name")
@json_option
@click.pass_obj
def init(settings: Settings, name: str, output: Output) -> None:
    """Make a notary called NAME, as reports are to show it."""
    from sealtrace.notary.service import Notary

    with Notary.create(settings.home, name) as made:
        card = made.card
    output.answer(
        {"ok": True, "notary": str(settings.home), "name": card.name, "key": card.key.hex()},
        fields([("name", card.name), ("key", card.key.hex())]),
    )


@notary.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@json_option
@click.pass_obj
def card(settings: Settings, out: Path, output: Output) -> None:
    """Write the notary's card, name and public key, for `sealtrace init --notary`."""
    with _opened(settings) as opened:
        text = opened.card.to_text()
    _write(out, text.encode())
    output.answer({"ok": True, "path": str(out)}, str(out))


@notary.command()
@click.argument("log")
@click.argument("key")
@json_option
@click.pass_obj
def admit(settings: Settings, log: str, key: str, output: Output) -> None:
    """Serve the log of origin LOG, whose orders KEY signs: both are printed by `sealtrace init --notary`."""
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raise UsageProblem(f"{key[:80]!r} is no key: 64 hexadecimal digits are needed") from None
    with _opened(settings) as opened:
        opened.admit(log, raw)
    output.answer({"ok": True, "log": log}, fields([("origin", log)]))


@notary.command()
@click.argument("log")
@click.argument("copy")
@click.option("--for", "why", required=True, help="Why the half is given again.")
@json_option
@click.pass_obj
def allow(settings: Settings, log: str, copy: str, why: str, output: Output) -> None:
    """Let the half of COPY be given to LOG once more, as when a lost copy is to be made again."""
    from sealtrace.ids import CopyId

    with _opened(settings) as opened:
        opened.allow(log, CopyId.parse(copy), why=why)
    output.answer({"ok": True, "log": log, "copy": copy}, fields([("origin", log), ("copy", copy)]))


@notary.command()
@click.argument("trace_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--to", "whom", required=True, help="To whom the keys are disclosed.")
@click.option("--for", "why", required=True, help="What for, such as the court's order.")
@json_option
@click.pass_obj
def disclose(settings: Settings, trace_id: str, out: Path, whom: str, why: str, output: Output) -> None:
    """Write the notary's document keys of a trace for an expert; the journal says to whom and what for.

    For `sealtrace evidence recompute --notary-keys`. Hand them over under seal: they give the notary's half of
    every copy of these documents.
    """
    with _opened(settings) as opened:
        data = opened.disclose(trace_id, to=whom, why=why)
    _write(out, data)
    output.answer(
        {"ok": True, "trace": trace_id, "path": str(out), "size_bytes": len(data)},
        f"{out}  ({len(data):,} B)",
    )


@notary.command()
@json_option
@click.pass_obj
def journal(settings: Settings, output: Output) -> None:
    """Show what was marked, weighed, allowed again and disclosed."""
    with _opened(settings) as opened:
        logs, counts = opened.journal.logs(), {log: (n, again) for log, n, again in opened.journal.counts()}
        weighed, acts = opened.journal.weighings(), opened.journal.acts()
    obj = {
        "ok": True,
        "logs": [
            {"log": log, "key": key.hex(), "copies": counts.get(log, (0, 0))[0],
             "given_again": counts.get(log, (0, 0))[1]}
            for log, key in logs
        ],
        "weighings": [
            {"at": w.at, "log": w.log, "trace": w.trace, "version": f"{w.code}@{w.version}", "round": w.round,
             "considered": w.considered, "chance": w.chance, "found": w.found}
            for w in weighed
        ],
        "acts": [{"at": a.at, "act": a.act, "about": a.about, "why": a.why} for a in acts],
    }  # fmt: skip

    def text() -> str:
        served = [(log, str(counts.get(log, (0, 0))[0]), str(counts.get(log, (0, 0))[1])) for log, _ in logs]
        tried = [(w.at, w.trace, f"{w.code}@{w.version}", str(w.round), str(w.found)) for w in weighed]
        parts = [
            table([words.say(w) for w in ("origin", "copies", "given again")], served),
            table([words.say(w) for w in ("time", "trace", "version", "round", "found")], tried),
            table(
                [words.say(w) for w in ("time", "act", "about", "reason")],
                [(a.at, words.say(a.act), a.about, a.why) for a in acts],
            ),
        ]
        return "\n\n".join(parts)

    output.answer(obj, text)


@notary.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8411, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.pass_obj
def serve(settings: Settings, host: str, port: int) -> None:
    """Mark and weigh for the logs admitted, until interrupted. Put a TLS proxy before it: halves pass here."""
    from sealtrace.api.notary import notary_app
    from sealtrace.api.wire import serve as run

    with _opened(settings) as opened:
        run(notary_app(opened), host, port, announce)


def _write(out: Path, data: bytes) -> None:
    """Write a file that must not exist yet, readable by its owner only."""
    from sealtrace.vault.keyring import write_new

    write_new(out, data)
