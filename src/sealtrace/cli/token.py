"""`sealtrace token`: what lets programs use the API, bound to enrolled devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

DATABASE = click.option(
    "--database", envvar="SEALTRACE_DATABASE_URL", help="PostgreSQL for accounts and jobs, as a URL."
)


@click.group()
def token() -> None:
    """Tokens of the API: each works on one enrolled device only, and only signed by it."""


@contextmanager
def _site(settings: Settings, database: str | None) -> Iterator[None]:
    from sealtrace.web import boot
    from sealtrace.web.site import Site

    with custody_of(settings) as custody:
        boot.start(Site(custody, boot.secret_key(custody), database_url=database))
        yield


@token.command()
@click.argument("device")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="An action, such as leak:trace, or file:*; repeat.",
)
@click.option("--name", default="", help="What it is for.")
@click.option(
    "--days", default=180, show_default=True, type=click.IntRange(1, 366), help="How long it lives."
)
@DATABASE
@json_option
@click.pass_obj
def give(
    settings: Settings,
    device: str,
    scopes: tuple[str, ...],
    name: str,
    days: int,
    database: str | None,
    output: Output,
) -> None:
    """Give DEVICE a token and show it, once. A scope that names an action in full also confirms it for the token."""
    with _site(settings, database):
        from django.utils import timezone

        from sealtrace.errors import NotRegistered
        from sealtrace.web.api import tokens
        from sealtrace.web.devices.models import Device

        found = Device.objects.select_related("operator").filter(code=device).first()
        if found is None:
            raise NotRegistered(
                f"there is no device {device}", advice="`sealtrace agent status` names a device."
            )
        life = timedelta(days=days)
        secret = tokens.give(found, scopes, by="command line", name=name, now=timezone.now(), life=life)
    output.answer({"ok": True, "device": device, "token": secret, "scopes": list(scopes)}, secret)


@token.command("list")
@DATABASE
@json_option
@click.pass_obj
def list_tokens(settings: Settings, database: str | None, output: Output) -> None:
    """List the tokens in force."""
    with _site(settings, database):
        from django.utils import timezone

        from sealtrace.web.api.account import token_dict
        from sealtrace.web.api.models import Token

        now = timezone.now()
        in_force = Token.objects.filter(revoked_at=None, expires_at__gt=now).select_related("device")
        rows = [token_dict(row) for row in in_force.order_by("pk")]
    output.answer(
        {"ok": True, "tokens": rows},
        lambda: table(
            ["id", "device", "scopes"], [(r["id"], r["device"], " ".join(r["scopes"])) for r in rows]
        ),
    )


@token.command()
@click.argument("token_id")
@DATABASE
@json_option
@click.pass_obj
def revoke(settings: Settings, token_id: str, database: str | None, output: Output) -> None:
    """Revoke a token at once, by its id."""
    with _site(settings, database):
        from django.utils import timezone

        from sealtrace.web.api import tokens

        tokens.revoke(token_id, by="command line", now=timezone.now())
    output.answer({"ok": True, "token": token_id}, fields([("token", token_id)]))
