"""Tell people that a leak was traced: by e-mail and by webhook. Names nobody: who it was is read in the office."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from sealtrace.errors import MailFailed, SealtraceError
from sealtrace.hooks import signing, targets

TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told: trace, result, file, how many copies are named, how the leak came in, its entry."""

    trace: str
    result: str
    file: str
    copies: int
    via: str
    entry: int


@dataclass(frozen=True, slots=True)
class MailOut:
    """A mail server to send by; with TLS from the start on port 465, else by STARTTLS unless `plain`."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Alerts:
    """Whom to tell: by mail, and by webhooks as (address, secret); networks are those of the house they may reach."""

    mail: MailOut | None = None
    webhooks: tuple[tuple[str, str], ...] = ()
    networks: tuple[targets.Network, ...] = ()

    def tell(self, alert: Alert, now: datetime) -> tuple[str, ...]:
        """Tell everybody; gives what failed, each as the way and the reason."""
        failed = []
        if self.mail is not None:
            try:
                send_mail(self.mail, alert, now)
            except SealtraceError as e:
                failed.append(f"mail: {e.message}")
        for url, secret in self.webhooks:
            try:
                send_webhook(url, secret, alert, now, self.networks)
            except (SealtraceError, OSError) as e:
                failed.append(f"webhook: {e}")
        return tuple(failed)


def letter(mail: MailOut, alert: Alert, now: datetime) -> EmailMessage:
    """The message, in both languages."""
    made = EmailMessage()
    made["From"], made["To"] = mail.sender, ", ".join(mail.to)
    made["Date"], made["Message-ID"] = format_datetime(now), make_msgid(alert.trace, "sealtrace")
    made["Subject"] = f"Sealtrace: {alert.result} ({alert.trace})"
    made.set_content(
        f"A leak was taken in ({alert.via}) and traced.\nResult: {alert.result}\nFile: {alert.file or '-'}\n"
        f"Copies named: {alert.copies}\nTrace: {alert.trace}, entry {alert.entry}\n\n"
        f"已接收一起泄露（{alert.via}）并完成溯源。\n结果：{alert.result}\n文件：{alert.file or '—'}\n"
        f"指认副本数：{alert.copies}\n溯源编号：{alert.trace}，账本条目 {alert.entry}\n\n"
        "The answer names a copy and its recipient of record, not a culprit.\n"
        "结果指认的是副本及其登记收件人，不是责任人。\n"
    )
    return made


def send_mail(mail: MailOut, alert: Alert, now: datetime) -> None:
    """Send the message. Raises MailFailed."""
    try:
        begin = smtplib.SMTP_SSL if mail.port == 465 else smtplib.SMTP
        with begin(mail.host, mail.port, timeout=TIMEOUT_S) as server:
            if not mail.plain and mail.port != 465:
                server.starttls()
            if mail.user:
                server.login(mail.user, mail.password)
            server.send_message(letter(mail, alert, now))
    except (OSError, smtplib.SMTPException) as e:
        raise MailFailed(f"{mail.host}:{mail.port}: {type(e).__name__}") from e


def send_webhook(
    url: str, secret: str, alert: Alert, now: datetime, networks: Sequence[targets.Network]
) -> None:
    """Send the same as a signed message. Raises TargetRefused, and OSError when it is not taken."""
    body = json.dumps({"type": "leak:reported", "timestamp": now.isoformat(), "data": asdict(alert)}).encode()
    fields = signing.headers(secret, f"msg_{alert.trace}", now, body)
    status = targets.send(targets.check(url, networks), body, fields)
    if not 200 <= status < 300:
        raise ConnectionError(f"the receiver answered {status}")
