"""`sealtrace ledger policy|timestamp|serve`: how the log is shown to others."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, fields, json_option, table


@click.command()
@click.option(
    "--witness", "witnesses", nargs=2, multiple=True, metavar="URL KEY",
    help="A witness' submission prefix and C2SP verifier key; repeat for each. Replaces the list.",
)  # fmt: skip
@click.option("--no-witnesses", is_flag=True, help="Empty the list; needs --quorum 0 when a quorum is set.")
@click.option(
    "--quorum", type=click.IntRange(min=0), help="How many of them must cosign before anything is published."
)
@dry_run_option
@json_option
@click.pass_obj
def policy(
    settings: Settings, witnesses: tuple[tuple[str, str], ...], no_witnesses: bool, quorum: int | None,
    dry_run: bool, output: Output,
) -> None:  # fmt: skip
    """Show or set which witnesses the log asks. A change is an entry in the log."""
    from sealtrace.custody import publication
    from sealtrace.ledger.quorum import Policy

    if witnesses and no_witnesses:
        raise UsageProblem("--witness and --no-witnesses contradict each other")
    with custody_of(settings) as custody:
        made = publication.policy(custody.office)
        if witnesses or no_witnesses or quorum is not None:
            chosen = tuple((vkey, url) for url, vkey in witnesses) or (() if no_witnesses else made.witnesses)
            made = Policy(chosen, made.needed if quorum is None else quorum)
            made.check_kinds()
            if not dry_run:
                publication.set_policy(custody.office, made)
    rows = [{"url": url, "key": vkey} for vkey, url in made.witnesses]
    listed = "\n".join(f"{url}  {vkey}" for vkey, url in made.witnesses)
    text = fields([("needed", str(made.needed)), ("witnesses", str(len(rows)))])
    obj = {"ok": True, **({"dry_run": True} if dry_run else {}), "needed": made.needed, "witnesses": rows}
    output.answer(obj, f"{text}\n{listed}".rstrip())


@click.command()
@click.option(
    "--tsa", metavar="URL", help="Ask this time-stamping authority; without it, show the timestamps kept."
)
@click.option(
    "--roots", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The authority's root certificates, PEM; without --tsa, checks every kept timestamp against them.",
)  # fmt: skip
@json_option
@click.pass_obj
def timestamp(settings: Settings, tsa: str | None, roots: Path | None, output: Output) -> None:
    """Have the newest checkpoint stamped (RFC 3161): it existed at that time, and all before it."""
    from sealtrace.custody import publication
    from sealtrace.ledger import timestamps, transport

    with custody_of(settings) as custody:
        trusted = timestamps.read_roots(roots) if roots else []
        if tsa:
            if not trusted:
                raise UsageProblem("a timestamp is checked at once: give the authority's --roots")
            publication.stamp(custody.office, lambda query: transport.ask_tsa(tsa, query), trusted)
        rows = timestamps.kept(custody.office.db)
    for _, _, note, token in rows if trusted else ():
        timestamps.check(note, token, trusted)
    obj = {
        "ok": True,
        "timestamps": [
            {"size": s, "at": at, "checkpoint": note, "token": token.hex()} for s, at, note, token in rows
        ],
    }
    head = [words.say("entries"), words.say("time")]
    output.answer(
        obj, table(head, [(str(size), at) for size, at, _, _ in rows]) if rows else words.say("not found")
    )


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
    """Serve SCRAPI: POST /entries, GET /entries/LEAF, keys, tiles. Put a TLS proxy before it.

    Starts sealed: without the passphrase, the key file or enough key shares it does not start.
    """
    from sealtrace.api.scrapi import log_app
    from sealtrace.api.wire import serve as run

    with custody_of(settings) as custody:
        run(log_app(custody, published), host, port, announce)


def announce(host: str, port: int) -> None:
    """Say where a server listens, once it does."""
    click.echo(f"{words.say('serving at')} http://{host}:{port}", err=True)
