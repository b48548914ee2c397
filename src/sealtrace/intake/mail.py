"""The mailbox that leaks are sent to: every unread message is one leak, its attachments and its text the pieces.

A message is marked as read once its report is recorded, so one that was being worked on when the process died comes
up again; it is known by its digest.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import imaplib
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from sealtrace.errors import MailFailed, SealtraceError

from .service import Intake, Leak, Report

MOST_BYTES, MOST_PIECES, LEAST_TEXT = 100 << 20, 64, 24
TIMEOUT_S = 30
_UNSAFE = re.compile(r"[^\w.\- ()（）\[\]]+")
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An IMAP folder. plain: without TLS, for a server on this machine."""

    host: str
    port: int
    user: str
    password: str
    folder: str = "INBOX"
    plain: bool = False


@contextmanager
def signed_in(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    """An open connection on the mailbox's folder. Raises MailFailed."""
    try:
        if box.plain:
            connection = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT_S)
        else:
            import ssl

            context = ssl.create_default_context()
            connection = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=TIMEOUT_S)
    except (OSError, imaplib.IMAP4.error) as e:
        raise MailFailed(f"{box.host}:{box.port}: {type(e).__name__}") from e
    try:
        connection.login(box.user, box.password)
        quoted = box.folder.replace("\\", "\\\\").replace('"', '\\"')
        state, said = connection.select(f'"{quoted}"')
        if state != "OK":
            raise MailFailed(f"there is no folder {box.folder!r} on {box.host}: {said!r}")
        yield connection
    except (OSError, imaplib.IMAP4.error) as e:
        raise MailFailed(f"{box.host}: {e}") from e
    finally:
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            connection.shutdown()


def pieces(raw: bytes, folder: Path) -> list[Path]:
    """Write a message's attachments and its text into a folder; names are made harmless. Empty parts are left out."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    written: list[Path] = []
    for part in message.walk():
        if part.is_multipart() or len(written) >= MOST_PIECES:
            continue
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or not data.strip():
            continue
        named = part.get_filename()
        if named is None and part.get_content_type() == "text/plain":
            text = data.decode(part.get_content_charset() or "utf-8", "replace")
            if len(text.strip()) < LEAST_TEXT:
                continue
            data, named = text.encode(), "message.txt"
        elif named is None:
            continue
        inside = folder / str(len(written))
        inside.mkdir()
        plain = _UNSAFE.sub("_", named.replace("\\", "/").rpartition("/")[2]).strip(" .")[-100:] or "piece"
        (inside / plain).write_bytes(data)
        written.append(inside / plain)
    return written


def collect(box: Mailbox, intake: Intake, tell: Tell) -> list[Report]:
    """Take every unread message in. One that can't be traced stays unread and does not stop the others.

    Raises:
        MailFailed: the mail server can't be reached or refuses.
    """
    reports: list[Report] = []
    with signed_in(box) as connection:
        state, found = connection.uid("SEARCH", "UNSEEN")
        if state != "OK":
            raise MailFailed(f"{box.host} does not search: {found!r}")
        for uid in (found[0] or b"").split():
            name = uid.decode()
            try:
                report = _take(connection, name, intake)
            except SealtraceError as e:
                tell("skipped", f"message {name}: {e.message}")
                continue
            reports += [report] if report else []
            connection.uid("STORE", name, "+FLAGS", r"(\Seen)")
    return reports


def _take(connection: imaplib.IMAP4, uid: str, intake: Intake) -> Report | None:
    state, size = connection.uid("FETCH", uid, "(RFC822.SIZE)")
    known = re.search(
        rb"RFC822\.SIZE (\d+)", size[0] if state == "OK" and isinstance(size[0], bytes) else b""
    )
    if known is None or int(known[1]) > MOST_BYTES:
        raise MailFailed("its size is not said, or above 100 MiB")
    _, parts = connection.uid("FETCH", uid, "(BODY.PEEK[])")
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if raw is None:
        raise MailFailed("it can't be fetched")
    digest = hashlib.sha256(raw).digest()
    if not intake.is_new(digest):
        return None
    with tempfile.TemporaryDirectory(prefix="sealtrace-") as folder:
        found = pieces(raw, Path(folder))
        if not found:
            return None  # nothing in it could be a leak
        return intake.take(Leak(tuple(found), "mail", f"message {digest.hex()[:16]}", digest))
