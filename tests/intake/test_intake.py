"""Leaks by folder and by mail, into a real home, from a real IMAP server, told by a real SMTP conversation."""

from __future__ import annotations

import imaplib
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import MailFailed
from sealtrace.intake import folder, mail
from sealtrace.intake.alerts import Alerts, MailOut
from sealtrace.intake.service import REPORTED, Intake

LATER = 4_000_000_000.0
BY = Recipient("op-007", "intake", "127.0.0.1")
TEXT = "\n".join(
    f"Step {n}: raise stage {n} of circuit B to {40 + n} degrees and hold it." for n in range(40)
)


def quiet(*_: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Custody, Path]]:
    """A home with one file and one copy of it, and where the copy is."""
    place = tmp_path_factory.mktemp("intake")
    original = place / "procedure.txt"
    original.write_text(TEXT)
    with Custody.create(place / "home", org="Yulong", org_code="YL") as custody:
        [made] = custody.register([original])
        copy = place / "copy.txt"
        custody.issue(str(made.code), Recipient("op-031", "dev-1", "10.20.3.41"), copy)
        yield custody, copy


@pytest.fixture
def letters() -> Iterator[tuple[int, list[str]]]:
    """A mail server that takes everything: its port and the letters it got."""
    got: list[str] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline():
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    got.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1], got
        server.shutdown()
        thread.join(5)


@pytest.fixture(scope="module")
def box() -> Iterator[mail.Mailbox]:
    """An empty mailbox on a real IMAP server (pymap, in memory)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
         "--no-tls", "dict", "--demo-user", "leaks", "--demo-password", "a secret"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    waiting = threading.Event()
    for _ in range(200):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                break
        waiting.wait(0.05)
    yield mail.Mailbox("127.0.0.1", port, "leaks", "a secret", plain=True)
    server.terminate()
    server.wait(10)


def put(box: mail.Mailbox, *letters: bytes) -> None:
    with mail.signed_in(box) as connection:
        for raw in letters:
            connection.append("INBOX", "", imaplib.Time2Internaldate(1_790_000_000), raw)


def unread(box: mail.Mailbox) -> int:
    with mail.signed_in(box) as connection:
        return len(connection.uid("SEARCH", "UNSEEN")[1][0].split())


def letter(text: str, *files: tuple[str, bytes]) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@b.example", "leaks@yl.example", "found this"
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def test_a_message_with_a_copy_names_it_and_is_read_once(
    home: tuple[Custody, Path], box: mail.Mailbox, letters: tuple[int, list[str]]
) -> None:
    custody, copy = home
    port, got = letters
    out = MailOut("127.0.0.1", port, "sealtrace@yl.example", ("duty@yl.example",), plain=True)
    put(box, letter("see the file", ("../../evil/leak.txt", copy.read_bytes())), letter("hello"))
    [report] = mail.collect(box, Intake(custody, BY, Alerts(out)), quiet)
    assert str(report.answer.answer.result) == "exact"
    assert report.untold == ()
    [opening] = [o for entry, o in custody.office.acts(REPORTED) if entry == report.entry]
    assert (opening["via"][1], opening["result"][1]) == ("mail", "exact")
    assert len(got) == 1
    assert report.answer.trace in got[0]
    assert "op-031" not in got[0]  # who it was is read in the office
    assert unread(box) == 0
    assert mail.collect(box, Intake(custody, BY, Alerts()), quiet) == []


def test_a_message_that_died_between_report_and_mark_is_not_reported_twice(
    home: tuple[Custody, Path], box: mail.Mailbox
) -> None:
    custody, copy = home
    raw = letter("again", ("leak.txt", copy.read_bytes()))
    put(box, raw)
    assert len(mail.collect(box, Intake(custody, BY, Alerts()), quiet)) == 1
    put(box, raw)  # as if it had never been marked
    assert mail.collect(box, Intake(custody, BY, Alerts()), quiet) == []
    assert unread(box) == 0


def test_a_wrong_password_and_a_missing_folder_are_said(box: mail.Mailbox) -> None:
    from dataclasses import replace

    for wrong in (replace(box, password="no"), replace(box, folder="Nowhere"), replace(box, port=1)):
        with pytest.raises(MailFailed), mail.signed_in(wrong):
            pass


def test_pieces_have_harmless_names_and_stay_in_their_folder(tmp_path: Path) -> None:
    raw = letter(TEXT, ("../../../etc/passwd", b"x"), ("..", b"y"), ("a\\b\x00.txt", b"z"))
    found = mail.pieces(raw, tmp_path)
    assert all(tmp_path in path.resolve().parents for path in found)
    assert [path.read_bytes() for path in found[1:]] == [b"x", b"y", b"z"]
    assert found[0].name == "message.txt"


def test_a_folder_gives_each_leak_once_and_a_sub_folder_is_one_leak(
    home: tuple[Custody, Path], tmp_path: Path
) -> None:
    custody, copy = home
    (tmp_path / "b").mkdir()
    for number in range(2):
        (tmp_path / "b" / f"{number}.txt").write_bytes(copy.read_bytes() + b"\n" * number)
    (tmp_path / "a.txt").write_bytes(copy.read_bytes())
    (tmp_path / ".part").write_bytes(b"not yet")
    taking, tried = Intake(custody, BY, Alerts()), set[bytes]()
    assert folder.collect(tmp_path, taking, now=0, tell=quiet, tried=tried) == []  # still being written
    reports = folder.collect(tmp_path, taking, now=LATER, tell=quiet, tried=tried)
    assert [str(r.answer.answer.result) for r in reports] == ["exact", "exact"]
    assert folder.collect(tmp_path, Intake(custody, BY, Alerts()), now=LATER, tell=quiet, tried=tried) == []


def test_an_alert_that_fails_does_not_lose_the_report(home: tuple[Custody, Path], tmp_path: Path) -> None:
    custody, copy = home
    (tmp_path / "c.txt").write_bytes(copy.read_bytes() + b"\n\n\n")
    nobody = MailOut("127.0.0.1", 1, "a@b.example", ("c@d.example",), plain=True)
    alerts = Alerts(nobody, (("https://127.0.0.1/x", "whsec_AAAA"),))
    [report] = folder.collect(tmp_path, Intake(custody, BY, alerts), now=LATER, tell=quiet, tried=set())
    assert [way.partition(":")[0] for way in report.untold] == ["mail", "webhook"]
    assert report.entry in [entry for entry, _ in custody.office.acts(REPORTED)]
