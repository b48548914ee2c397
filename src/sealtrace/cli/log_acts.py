"""`sealtrace ledger key|policy|issuer|timestamp|shard|serve`: what governs the log and shows it to others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.ledger.model import Entry


def entry_fields(entry: Entry) -> dict[str, object]:
    """An entry in an answer."""
    return {"index": entry.index, "leaf": entry.leaf.hex()}


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def key(context: click.Context, output: Output) -> None:
    """Print the C2SP verifier key; with --json also the statement, receipt and cosigner keys."""
    if context.invoked_subcommand is not None:
        return
    with custody_of(context.obj) as custody:
        keys = custody.office.ledger.keys()
    obj = {
        "ok": True,
        "verifier_keys": list(keys.verifier_keys),
        "statement_keys": list(keys.statement_keys),
        "receipt_keys": list(keys.receipt_keys),
        "cosigner_keys": list(keys.cosigner_keys),
    }
    output.answer(obj, "\n".join(keys.verifier_keys))


@key.command()
@json_option
@click.pass_obj
def rotate(settings: Settings, output: Output) -> None:
    """Begin new signing keys; old and new sign every head until `key retire`.

    Give the new verifier key to witnesses, monitors and partners before you retire the old one.
    """
    from sealtrace.custody import keys

    with custody_of(settings) as custody:
        entry = keys.rotate(custody.office)
        made = custody.office.ledger.keys().verifier_keys
    obj = {"ok": True, "verifier_keys": list(made), "entry": entry_fields(entry)}
    output.answer(obj, fields([("new key", made[0]), ("entry", str(entry.index))]))


@key.command()
@json_option
@click.pass_obj
def retire(settings: Settings, output: Output) -> None:
    """End the overlap: older keys sign no more. What they signed stays valid."""
    from sealtrace.custody import keys

    with custody_of(settings) as custody:
        entry = keys.retire(custody.office)
        left = custody.office.ledger.keys().verifier_keys
    output.answer({"ok": True, "verifier_keys": list(left), "entry": entry_fields(entry)}, "\n".join(left))


@click.command()
@click.option(
    "--witness", "witnesses", nargs=2, multiple=True, metavar="URL KEY",
    help="A witness' submission prefix and C2SP verifier key; repeat for each. Replaces the list.",
)  # fmt: skip
@click.option(
    "--quorum", type=click.IntRange(min=0), help="How many of them must cosign before anything is published."
)
@json_option
@click.pass_obj
def policy(
    settings: Settings, witnesses: tuple[tuple[str, str], ...], quorum: int | None, output: Output
) -> None:
    """Show or set which witnesses the log asks. A change is an entry in the log."""
    from sealtrace.custody import publication
    from sealtrace.ledger.quorum import Policy

    with custody_of(settings) as custody:
        if witnesses or quorum is not None:
            now = publication.policy(custody.office)
            chosen = tuple((vkey, url) for url, vkey in witnesses) or now.witnesses
            publication.set_policy(custody.office, Policy(chosen, now.needed if quorum is None else quorum))
        made = publication.policy(custody.office)
    rows = [{"url": url, "key": vkey} for vkey, url in made.witnesses]
    listed = "\n".join(f"{url}  {vkey}" for vkey, url in made.witnesses)
    text = fields([("needed", str(made.needed)), ("witnesses", str(len(rows)))])
    output.answer({"ok": True, "needed": made.needed, "witnesses": rows}, f"{text}\n{listed}".rstrip())


@click.group()
def issuer() -> None:
    """Organisations whose signed statements this log takes in."""


@issuer.command()
@click.argument("name")
@click.argument("key_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_obj
def add(settings: Settings, name: str, key_file: Path, output: Output) -> None:
    """Trust the P-256 public key in KEY_FILE (PEM) for statements whose CWT issuer is NAME."""
    from sealtrace.custody import publication

    try:
        pem = key_file.read_text("ascii")
    except UnicodeDecodeError as e:
        raise UsageProblem(f"{key_file} is not a PEM file") from e
    with custody_of(settings) as custody:
        publication.trust_issuer(custody.office, name, pem)
    output.answer({"ok": True, "issuer": name}, fields([("issuer", name)]))


@issuer.command("list")
@json_option
@click.pass_obj
def list_issuers(settings: Settings, output: Output) -> None:
    """Show the trusted issuers."""
    from sealtrace.ledger.issuers import known

    with custody_of(settings) as custody:
        rows = known(custody.office.db)
    obj = {"ok": True, "issuers": [{"name": name, "key": pem} for name, pem in rows]}
    output.answer(obj, "\n".join(name for name, _ in rows))


@click.command()
@click.option(
    "--tsa", metavar="URL", help="Ask this time-stamping authority; without it, show the timestamps kept."
)
@click.option(
    "--roots", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The authority's root certificates, PEM.",
)  # fmt: skip
@json_option
@click.pass_obj
def timestamp(settings: Settings, tsa: str | None, roots: Path | None, output: Output) -> None:
    """Have the newest checkpoint stamped (RFC 3161): it existed at that time, and all before it."""
    from sealtrace.custody import publication
    from sealtrace.ledger import timestamps, transport

    with custody_of(settings) as custody:
        if tsa:
            if roots is None:
                raise UsageProblem("a timestamp is checked at once: give the authority's --roots")
            publication.stamp(
                custody.office, lambda query: transport.ask_tsa(tsa, query), timestamps.read_roots(roots)
            )
        rows = timestamps.kept(custody.office.db)
    obj = {
        "ok": True,
        "timestamps": [{"size": s, "at": at, "token": token.hex()} for s, at, _, token in rows],
    }
    head = [words.say("entries"), words.say("time")]
    output.answer(
        obj, table(head, [(str(size), at) for size, at, _, _ in rows]) if rows else words.say("not found")
    )


@click.group()
def shard() -> None:
    """Closed stretches of the log whose statements are kept in files of their own."""


@shard.command("close")
@click.argument("name")
@click.option(
    "--past", type=click.IntRange(min=1), help="Entry after the last one to move; a multiple of 256."
)
@json_option
@click.pass_obj
def close_shard(settings: Settings, name: str, past: int | None, output: Output) -> None:
    """Move older statements to a sealed file NAME, such as 2026. Hashes and proofs stay in the log."""
    from sealtrace.custody import retention

    with custody_of(settings) as custody:
        made, entry = retention.close_shard(custody.office, name, past)
        path = custody.office.ledger.shards.path(made)
    obj = {
        "ok": True,
        "shard": name,
        "first": made.first,
        "past": made.past,
        "path": str(path),
        "entry": entry_fields(entry),
    }
    output.answer(
        obj, fields([("shard", name), ("entries", f"{made.first}-{made.past - 1}"), ("path", str(path))])
    )


@shard.command("purge")
@click.argument("name")
@click.option("--authority", required=True, help="Who orders it.")
@click.option("--basis", required=True, help="The rule it rests on.")
@json_option
@click.pass_obj
def purge_shard(settings: Settings, name: str, authority: str, basis: str, output: Output) -> None:
    """Destroy the statements of a closed shard for good; hashes, receipts and proofs stay."""
    from sealtrace.custody import retention

    with custody_of(settings) as custody:
        entry = retention.purge_shard(custody.office, name, authority=authority, basis=basis)
    output.answer({"ok": True, "shard": name, "entry": entry_fields(entry)}, fields([("erased", name)]))


@shard.command("list")
@json_option
@click.pass_obj
def list_shards(settings: Settings, output: Output) -> None:
    """Show the closed shards."""
    with custody_of(settings) as custody:
        rows = custody.office.ledger.shards.all()
    obj = {
        "ok": True,
        "shards": [
            {"name": s.name, "first": s.first, "past": s.past, "sha256": s.sha256.hex(), "purged": s.purged}
            for s in rows
        ],
    }
    head = [words.say("shard"), words.say("entries"), words.say("erased")]
    cells = [(s.name, f"{s.first}-{s.past - 1}", "" if s.purged is None else str(s.purged)) for s in rows]
    output.answer(obj, table(head, cells) if rows else words.say("not found"))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--published", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also serve the tiles that `ledger export` wrote into this folder.",
)  # fmt: skip
@click.pass_obj
def serve(settings: Settings, host: str, port: int, published: Path | None) -> None:
    """Serve SCRAPI: POST /entries, GET /entries/LEAF, keys, tiles. Put a TLS proxy before it."""
    from sealtrace.api.scrapi import log_app
    from sealtrace.api.wire import serve as run

    with custody_of(settings) as custody:
        run(log_app(custody, published), host, port, announce)


def announce(host: str, port: int) -> None:
    """Say where a server listens, once it does."""
    click.echo(f"{words.say('serving at')} http://{host}:{port}", err=True)
