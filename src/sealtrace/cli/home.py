"""`sealtrace init`."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

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
    "--key-shares", metavar="K/N", help="Keep the key in N share files, any K of which open the home."
)
@click.option(
    "--shares-to",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder for the share files; give each to another person.",
)
@click.option(
    "--trace-shares", metavar="K/N",
    help="Seal what tells copies apart to a tracing key in N share files, any K of which open it.",
)  # fmt: skip
@click.option(
    "--trace-shares-to",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder for the tracing key's share files; give each to another person.",
)
@click.option(
    "--signed-copies", is_flag=True, help="Issue copies only on requests that an enrolled device has signed."
)
@click.option(
    "--notary", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Two keys: half of every codeword is this notary's, whose card this file is; both halves must name a copy.",
)  # fmt: skip
@click.option(
    "--notary-url",
    metavar="URL",
    default="",
    help="Where that notary serves, such as https://notary.example.org.",
)
@click.option(
    "--profile", type=click.Choice(["default", "sm"]), default="default", show_default=True,
    help="sm adds the national algorithms: SM2 lines, an SM3 tree, SM4 for the vault's keys.",
)  # fmt: skip
@click.option(
    "--vault", "vault_url", metavar="s3://BUCKET/PREFIX", default="",
    help="Keep originals, encrypted, in an S3-compatible store. Its address and keys come from the AWS_ variables.",
)  # fmt: skip
@json_option
@click.pass_obj
def init(
    settings: Settings, org: str, org_code: str | None, key_file: Path | None, key_shares: str | None,
    shares_to: Path | None, trace_shares: str | None, trace_shares_to: Path | None, signed_copies: bool,
    notary: Path | None, notary_url: str, profile: str, vault_url: str, output: Output,
) -> None:  # fmt: skip
    """Create a home: register, vault and ledger.

    With a passphrase (SEALTRACE_PASSPHRASE or --passphrase-file) the keys are kept under it; without one
    a key file is written, readable by its owner only. With --key-shares nothing in the home opens it:
    K share holders start it together. With --trace-shares the home issues by itself, but telling its copies
    apart again takes K share holders, and an entry says who they were and what for. With --notary no copy is
    named unless this office's and the notary's half of its codeword both point to it: neither can frame anybody.
    """
    from sealtrace.custody.prove import public_key
    from sealtrace.custody.service import Custody
    from sealtrace.trace.notary import Card
    from sealtrace.vault.keyring import ShareOrder
    from sealtrace.vault.shares import parse_count

    passphrase = settings.passphrase()
    if (key_shares is None) != (shares_to is None) or (key_shares and (passphrase or key_file)):
        raise UsageProblem(
            "key shares go with a folder for them, and with no passphrase and no key file",
            advice="Give --key-shares K/N and --shares-to FOLDER.",
        )
    if (trace_shares is None) != (trace_shares_to is None):
        raise UsageProblem(
            "shares of the tracing key go with a folder for them",
            advice="Give --trace-shares K/N and --trace-shares-to FOLDER.",
        )
    if bool(notary) != bool(notary_url):
        raise UsageProblem(
            "two keys take the notary's card and the address it serves",
            advice="Give --notary FILE and --notary-url URL.",
        )
    sealed = (
        ShareOrder(*parse_count(trace_shares), trace_shares_to, "tracing-share")
        if trace_shares and trace_shares_to
        else None
    )
    order = ShareOrder(*parse_count(key_shares), shares_to) if key_shares and shares_to else None
    with Custody.create(
        settings.home, org=org, org_code=org_code, passphrase=passphrase, key_file=key_file, shares=order,
        trace_shares=sealed, signed=signed_copies, notary=Card.read(notary) if notary else None,
        notary_url=notary_url, profile=profile, vault_url=vault_url,
    ) as made:  # fmt: skip
        evidence_key = public_key(made.office.home).hex()
        config = made.office.home.config
        keys, promises = made.office.ledger.keys(), sorted(made.office.promises)
    obj = {
        "ok": True,
        "home": str(settings.home),
        "org": config.org,
        "org_code": config.org_code,
        "origin": config.origin,
        "profile": config.profile,
        "verifier_keys": keys.verifier_keys,
        "promises": promises,
        **({"evidence_key": evidence_key, "notary_url": notary_url} if notary else {}),
        **(
            {"trace_shares": [str(path) for path in sealed.paths], "trace_needed": sealed.needed}
            if sealed
            else {}
        ),
        **({"shares": [str(path) for path in order.paths], "needed": order.needed} if order else {}),
    }

    def text() -> str:
        lines = fields([("home created", str(settings.home)), ("name", f"{config.org} ({config.org_code})")])
        if notary:
            told = f"{words.say('admit it')} sealtrace notary admit {config.origin} {evidence_key}"
            lines = f"{lines}\n{told}"
        if sealed:
            lines = "\n".join([lines, words.say("give out the tracing shares"), *map(str, sealed.paths)])
        if order:
            return "\n".join([lines, words.say("give out the shares"), *map(str, order.paths)])
        return lines if passphrase else f"{lines}\n{words.say('keep the key file')}"

    output.answer(obj, text)
