"""`sealtrace migrate`: from one machine's files to a server's database and store."""

from __future__ import annotations

import click

from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option


@click.group()
def migrate() -> None:
    """Move a home between one machine's files and a company's server. The log and its receipts do not change."""


@migrate.command()
@click.option(
    "--database", envvar="SEALTRACE_DATABASE_URL", help="Empty PostgreSQL for accounts and jobs, as a URL."
)
@click.option("--vault", "vault_url", metavar="s3://BUCKET/PREFIX", help="The store for encrypted originals.")
@json_option
@click.pass_obj
def server(settings: Settings, database: str | None, vault_url: str | None, output: Output) -> None:
    """Copy accounts to PostgreSQL and originals to an S3-compatible store; use them from then on.

    Stop `web serve` first. Nothing is removed where it lay. Safe to repeat for the originals; accounts go into
    an empty database only.
    """
    obj: dict[str, object] = {"ok": True}
    if vault_url is not None:
        from sealtrace.custody.moving import move_originals

        with custody_of(settings) as custody:
            moved = move_originals(custody.office, vault_url)
        obj |= {"objects": moved.objects, "bytes": moved.size_bytes, "there": moved.there, "vault": vault_url}
    if database is not None:
        from sealtrace.web.moving import move_accounts

        from .web import plan_of

        obj["rows"] = move_accounts(plan_of(settings), database)
    output.answer(obj, fields([(name, str(value)) for name, value in obj.items() if name != "ok"]))
