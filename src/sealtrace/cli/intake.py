"""`sealtrace intake`: leaks that come by folder or by mail, traced at once and told to people."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from .main import Settings
from .opening import custody_of
from .show import Output, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody
    from sealtrace.intake.service import Intake, Report

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def intake() -> None:
    """Leaks without a screen: a watched folder or a mailbox; each is traced, recorded and told to people."""


def intake_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add in whose name leaks are traced, how often to look, and who is told."""
    for option in (
        click.option("--operator", required=True, help="In whose name leaks are traced; the ledger records it."),
        click.option("--once", is_flag=True, help="Look once, then end."),
        click.option(
            "--every", default=30, show_default=True, type=click.IntRange(1, 86400), help="Seconds between looks."
        ),
        click.option("--mail-to", multiple=True, help="Send each result to this address; repeat."),
        click.option("--mail-from", default="sealtrace@localhost", show_default=True, help="The alert's sender."),
        click.option(
            "--smtp", metavar="HOST:PORT", default="localhost:25", show_default=True, help="Server to send by."
        ),
        click.option("--smtp-user", default="", help="User at that server."),
        click.option("--smtp-password-file", type=FILE, help="File with the password at that server."),
        click.option("--smtp-plain", is_flag=True, help="Send without TLS, to a server on this machine."),
        click.option("--webhook", help="Send each result to this HTTPS address too."),
        click.option("--webhook-secret-file", type=FILE, help="File with the webhook's secret (whsec_...)."),
        click.option(
            "--webhook-network", "networks", multiple=True, help="A network of the house it may reach; repeat."
        ),
    ):  # fmt: skip
        function = option(function)
    return json_option(click.pass_obj(function))


def _secret(path: Path | None) -> str:
    return path.read_text("utf-8").strip() if path else ""


def _intake(custody: Custody, told: dict[str, Any]) -> Intake:
    from sealtrace.custody.model import Recipient
    from sealtrace.hooks import targets
    from sealtrace.intake.alerts import Alerts, MailOut
    from sealtrace.intake.service import Intake

    host, _, port = told["smtp"].rpartition(":")
    if not port.isdecimal():
        raise UsageProblem(f"{told['smtp']!r} is no HOST:PORT")
    mail = MailOut(
        host, int(port), told["mail_from"], told["mail_to"], told["smtp_user"], _secret(told["smtp_password_file"]),
        told["smtp_plain"],
    )  # fmt: skip
    try:
        networks = tuple(ip_network(text) for text in told["networks"])
    except ValueError as e:
        raise UsageProblem(f"{e}", advice="Give networks such as 10.20.0.0/16.") from e
    hooks: tuple[tuple[str, str], ...] = ()
    if told["webhook"]:
        secret = _secret(told["webhook_secret_file"])
        if not secret.startswith("whsec_"):
            raise UsageProblem("a webhook needs its secret", advice="Give --webhook-secret-file.")
        targets.check(told["webhook"], networks)
        hooks = ((told["webhook"], secret),)
    alerts = Alerts(mail if told["mail_to"] else None, hooks, networks)
    return Intake(custody, Recipient(told["operator"], "intake", "127.0.0.1"), alerts)


def say(output: Output) -> Callable[[str, str], None]:
    """Talk beside the answer."""
    return lambda what, about: output.note(f"{what}  {about}")


def _repeat(look: Callable[[], list[Report]], told: dict[str, Any], output: Output) -> int:
    """Look once, or until interrupted; each report is shown as it comes."""
    made: list[Report] = []
    with suppress(KeyboardInterrupt):
        while True:
            found = look()
            made += found
            if told["once"]:
                break
            for report in found:
                output.note(f"{report.answer.trace}  {report.as_dict()['result']}")
            time.sleep(told["every"])
    rows = [report.as_dict() for report in made]
    output.answer(
        {"ok": True, "reports": rows},
        lambda: table(["", ""], [(str(row["trace"]), str(row["result"])) for row in rows]),
    )
    return 3 if any(report.untold for report in made) else 0


@intake.command()
@click.argument("watched", type=click.Path(path_type=Path, exists=True, file_okay=False))
@intake_options
def folder(settings: Settings, watched: Path, output: Output, **told: Any) -> int:
    """Watch a folder: each file in it is a leak, each sub-folder one leak of several pieces. Files stay there.

    Exit code 3 when somebody could not be told.
    """
    from sealtrace.intake import folder as folders

    tried: set[bytes] = set()
    with custody_of(settings) as custody:
        taking = _intake(custody, told)

        def look() -> list[Report]:
            return folders.collect(watched, taking, now=time.time(), tell=say(output), tried=tried)

        return _repeat(
            look, told, output
        )  # fmt: skip


@intake.command()
@click.option("--host", required=True, help="The IMAP server.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Its port; 993, or 143 with --plain, when left out."
)
@click.option("--user", required=True, help="The mailbox's user.")
@click.option("--password-file", type=FILE, required=True, help="File with the user's password.")
@click.option("--folder", "mailbox", default="INBOX", show_default=True, help="The folder to read.")
@click.option("--plain", is_flag=True, help="Without TLS, for a server on this machine.")
@intake_options
def mail(
    settings: Settings, host: str, port: int | None, user: str, password_file: Path, mailbox: str, plain: bool,
    output: Output, **told: Any,
) -> int:  # fmt: skip
    """Read a mailbox: each unread message is a leak, its attachments and text the pieces; then it is marked read.

    Exit code 3 when somebody could not be told.
    """
    from sealtrace.intake import mail as mails

    box = mails.Mailbox(host, port or (143 if plain else 993), user, _secret(password_file), mailbox, plain)
    with custody_of(settings) as custody:
        taking = _intake(custody, told)
        return _repeat(lambda: mails.collect(box, taking, say(output)), told, output)
