"""RFC 3161 timestamps against a small authority made with OpenSSL."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sealtrace.errors import ProofInvalid, UsageProblem
from sealtrace.ledger import timestamps
from sealtrace.ledger.log import Ledger

from .rig import draft, log_of

TSA = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Test time-stamping authority
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[tsa]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa_settings]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority in a folder; `ask` answers a request as its web server would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(TSA)
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self._run("req", "-config", "tsa.cnf", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
                  "-extensions", "ca", "-days", "3650")  # fmt: skip
        self._run("req", "-config", "tsa.cnf", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr")
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                  "-extfile", "tsa.cnf", "-extensions", "tsa", "-days", "3650", "-out", "tsa.pem")  # fmt: skip

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def ask(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._run("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa_settings", "-queryfile", "query",
                  "-out", "reply")  # fmt: skip
        return (self.folder / "reply").read_bytes()

    @property
    def roots(self) -> list[timestamps.x509.Certificate]:
        return timestamps.read_roots(self.folder / "ca.pem")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture
def log(tmp_path: Path) -> Ledger:
    return log_of(tmp_path / "log.db", 4)


def test_a_stamp_holds_for_its_checkpoint_only(log: Ledger, authority: Authority) -> None:
    note = log.checkpoint()
    token, at = timestamps.stamp(note, authority.ask, authority.roots)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    assert timestamps.check(note, token, authority.roots) == at
    assert timestamps.check(log.complete(), token, authority.roots) == at, "further lines change nothing"
    log.append([draft(9)])
    with pytest.raises(ProofInvalid, match="does not hold for this checkpoint"):
        timestamps.check(log.checkpoint(), token, authority.roots)


def test_the_openssl_command_verifies_the_token(log: Ledger, authority: Authority) -> None:
    note = log.checkpoint()
    token, _ = timestamps.stamp(note, authority.ask, authority.roots)
    (authority.folder / "text").write_bytes(note.rpartition("\n\n")[0].encode() + b"\n")
    (authority.folder / "token").write_bytes(token)
    authority._run("ts", "-verify", "-data", "text", "-in", "token", "-CAfile", "ca.pem")


def test_an_unknown_authority_and_an_altered_token_are_refused(
    log: Ledger, authority: Authority, tmp_path: Path
) -> None:
    note, other = log.checkpoint(), Authority(tmp_path / "other")
    token, _ = timestamps.stamp(note, authority.ask, authority.roots)
    with pytest.raises(ProofInvalid):
        timestamps.check(note, token, other.roots)
    for at in (len(token) // 3, len(token) // 2, len(token) - 5):
        altered = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        with pytest.raises(ProofInvalid):
            timestamps.check(note, altered, authority.roots)
    with pytest.raises(UsageProblem, match="root certificate"):
        timestamps.check(note, token, [])


def test_an_answer_to_another_question_is_refused(log: Ledger, authority: Authority) -> None:
    """A replayed answer has another nonce, an answer for other data another imprint."""
    answers: list[bytes] = []

    def once(query: bytes) -> bytes:
        answers.append(authority.ask(query))
        return answers[0]

    timestamps.stamp(log.checkpoint(), once, authority.roots)
    with pytest.raises(ProofInvalid):
        timestamps.stamp(log.checkpoint(), once, authority.roots)


@pytest.mark.parametrize("answer", [b"", b"0", b"0" * 100])
def test_what_is_no_answer_is_refused(log: Ledger, authority: Authority, answer: bytes) -> None:
    ask: Callable[[bytes], bytes] = lambda _query: answer  # noqa: E731
    with pytest.raises(ProofInvalid):
        timestamps.stamp(log.checkpoint(), ask, authority.roots)


def test_tokens_are_kept_with_the_checkpoint_they_stamp(log: Ledger, authority: Authority) -> None:
    note = log.checkpoint()
    token, at = timestamps.stamp(note, authority.ask, authority.roots)
    log.append([draft(9)], lambda db, _: timestamps.keep(db, 4, at, note, token))
    [(size, said, kept_note, kept_token)] = timestamps.kept(log.reader())
    assert (size, said, kept_note, kept_token) == (4, at.isoformat(), note, token)
