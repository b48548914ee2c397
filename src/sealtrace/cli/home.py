"""`sealtrace init`."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .show import Output, fields, json_option


@click.command()
@click.option("--org", default="Sealtrace office", show_default=True, help="Name of the organisation.")
@click.option("--org-code", help="Short code of the organisation, 1 to 12 letters and digits.")
@click.option(
    "--key-file", type=click.Path(path_type=Path), help="Where to keep the key file instead of the home."
)
@click.option(
    "--profile", type=click.Choice(["default", "sm"]), default="default", show_default=True,
    help="sm adds the national algorithms: SM2 lines, an SM3 tree, SM4 for the vault's keys.",
)  # fmt: skip
@json_option
@click.pass_obj
def init(
    settings: Settings, org: str, org_code: str | None, key_file: Path | None, profile: str, output: Output
) -> None:
    """Create a home: register, vault and ledger.

    With a passphrase (SEALTRACE_PASSPHRASE or --passphrase-file) the keys are kept under it; without one
    a key file is written, readable by its owner only.
    """
    from sealtrace.custody.service import Custody

    passphrase = settings.passphrase()
    with Custody.create(
        settings.home, org=org, org_code=org_code, passphrase=passphrase, key_file=key_file, profile=profile
    ) as made:
        config = made.office.home.config
        keys = made.office.ledger.keys()
    obj = {
        "ok": True,
        "home": str(settings.home),
        "org": config.org,
        "org_code": config.org_code,
        "origin": config.origin,
        "profile": config.profile,
        "verifier_keys": keys.verifier_keys,
    }

    def text() -> str:
        lines = fields([("home created", str(settings.home)), ("name", f"{config.org} ({config.org_code})")])
        return lines if passphrase else f"{lines}\n{words.say('keep the key file')}"

    output.answer(obj, text)
