"""The vault on a real S3-compatible store: versitygw over a folder of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealtrace.custody.backup import create, restore, verify
from sealtrace.custody.model import Recipient
from sealtrace.custody.moving import move_originals
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, NotRegistered, StorageFailed, UsageProblem
from sealtrace.ledger.verify import verify_receipt
from sealtrace.vault.s3 import S3Places
from sealtrace.vault.store import Vault
from sealtrace.vault.stream import CHUNK

SERVER = shutil.which("versitygw") or str(Path.home() / "go" / "bin" / "versitygw")
KEK = b"\x07" * 32

pytestmark = pytest.mark.skipif(
    not Path(SERVER).exists(),
    reason="needs versitygw: go install github.com/versity/versitygw/cmd/versitygw@latest",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running store with the bucket `originals`; yields the bucket's folder."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "originals").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        "AWS_ACCESS_KEY_ID": "sealtrace", "AWS_SECRET_ACCESS_KEY": "a-key-of-this-test", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    words = [SERVER, "--access", env["AWS_ACCESS_KEY_ID"], "--secret", env["AWS_SECRET_ACCESS_KEY"]]
    words += ["--port", f"127.0.0.1:{port}", "--region", env["AWS_REGION"], "posix", str(folder)]
    program = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield folder / "originals"
    finally:
        program.terminate()
        program.wait(10)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def still_holds(custody: Custody, index: int, receipt: bytes) -> bool:
    """Whether a receipt given out before verifies against the entry as it is now."""
    ledger = custody.office.ledger
    return verify_receipt(receipt, ledger.entry(index).statement, ledger.keys().receipt_keys).index == index


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 17])
def test_what_goes_in_comes_out(store: Path, tmp_path: Path, size: int) -> None:
    vault = Vault(S3Places("s3://originals/a"), KEK)
    data = os.urandom(size)
    stored = vault.put_bytes(data)
    assert vault.put_bytes(data) == stored
    assert stored.sha256 in vault
    assert vault.read(stored.sha256) == data
    vault.export(stored.sha256, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data


def test_names_tell_nothing_and_altered_objects_are_refused(store: Path) -> None:
    vault = Vault(S3Places("s3://originals/b"), KEK)
    stored = vault.put_bytes(b"P507 and kerosene " * 100)
    [path] = [p for p in (store / "b").rglob("*") if p.is_file()]
    assert stored.sha256.hex() not in str(path)
    whole = path.read_bytes()
    assert b"kerosene" not in whole
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Corrupted):
        vault.read(stored.sha256)
    assert len(list(vault.check())) == 1


def test_what_is_not_there_and_what_refuses_are_told_apart(store: Path) -> None:
    with pytest.raises(NotRegistered):
        Vault(S3Places("s3://originals/c"), KEK).read(bytes(32))
    with pytest.raises(StorageFailed):
        Vault(S3Places("s3://no-such-bucket"), KEK).put_bytes(b"x")
    with pytest.raises(UsageProblem):
        S3Places("https://example.org/bucket")


def test_a_home_with_its_originals_in_the_store(store: Path, tmp_path: Path, page_png) -> None:
    """Register, issue, back up, restore: the whole way, with receipts unchanged."""
    home = tmp_path / "home"
    with Custody.create(
        home, org="Test Works", org_code="TW", passphrase="correct horse", vault_url="s3://originals/home"
    ) as custody:
        [file] = custody.register([page_png(5)])
        custody.issue(str(file.code), Recipient("op-1", "dev-1", "10.0.0.1"), tmp_path / "copy.png")
        receipt = custody.office.ledger.receipt(file.entry.index)
        assert not list((home / "vault").rglob("*.*"))
        assert custody.check() == []
        create(custody.office, tmp_path / "backup")
    verify(tmp_path / "backup")
    shutil.rmtree(store / "home")
    restore(tmp_path / "backup", tmp_path / "again")
    with Custody.open(tmp_path / "again", passphrase="correct horse") as custody:
        assert still_holds(custody, file.entry.index, receipt)
        assert custody.office.vault.read(file.sha256) == page_png(5).read_bytes()


def test_originals_move_to_the_store_with_receipts_unchanged(store: Path, tmp_path: Path, page_png) -> None:
    with Custody.create(tmp_path / "home", org="Test Works", org_code="TW") as custody:
        [file] = custody.register([page_png(6)])
        receipt = custody.office.ledger.receipt(file.entry.index)
        moved = move_originals(custody.office, "s3://originals/moved")
        assert (moved.objects, moved.there) == (1, 0)
        assert move_originals(custody.office, "s3://originals/moved").there == 1
    shutil.rmtree(tmp_path / "home" / "vault")
    with Custody.open(tmp_path / "home") as custody:
        assert still_holds(custody, file.entry.index, receipt)
        custody.issue(str(file.code), Recipient("op-1", "dev-1", "10.0.0.1"), tmp_path / "copy.png")
        assert custody.check() == []
