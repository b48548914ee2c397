"""The vault: what goes in comes out, verified; nothing altered passes, nothing half-written stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.errors import Corrupted, NotRegistered, StorageFailed, WrongKey
from sealtrace.vault import places as places_module
from sealtrace.vault.keyring import Keyring
from sealtrace.vault.store import Vault, sealed_size
from sealtrace.vault.stream import CHUNK

KEK = b"\x07" * 32


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", KEK)


def files_of(vault: Vault) -> list[Path]:
    return [path for path in vault.places.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])
def test_round_trip_at_chunk_boundaries(vault: Vault, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "source").write_bytes(data)
    stored = vault.put(tmp_path / "source")
    assert (stored.size_bytes, vault.read(stored.sha256)) == (size, data)
    vault.export(stored.sha256, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert files_of(vault)[0].stat().st_size == sealed_size(size)
    assert vault.put(tmp_path / "source") == stored
    assert len(files_of(vault)) == 1


def test_names_and_bytes_on_disk_tell_nothing(vault: Vault) -> None:
    stored = vault.put_bytes(b"P507 and kerosene " * 100)
    [path] = files_of(vault)
    assert stored.sha256.hex() not in str(path)
    assert b"kerosene" not in path.read_bytes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 0.999999), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(tmp_path: Path, place: float, bit: int) -> None:
    vault = Vault(tmp_path / "flip", KEK)
    stored = vault.put_bytes(b"x" * 5000)
    [path] = files_of(vault)
    whole = path.read_bytes()
    harmed = bytearray(whole)
    harmed[int(place * len(whole))] ^= 1 << bit
    path.write_bytes(bytes(harmed))
    with pytest.raises(Corrupted):
        vault.read(stored.sha256)
    assert len(list(vault.check())) == 1
    path.write_bytes(whole)


def test_cut_off_moved_and_exchanged_objects_are_refused(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put_bytes(os.urandom(2 * CHUNK + 5)), vault.put_bytes(os.urandom(2 * CHUNK + 5))
    first, second = (vault.places.path(vault.name(s.sha256)) for s in (one, two))
    whole = first.read_bytes()
    first.write_bytes(whole[: 68 + CHUNK + 16])  # exactly one chunk left
    with pytest.raises(Corrupted):
        vault.read(one.sha256)
    first.write_bytes(second.read_bytes())
    with pytest.raises(Corrupted):
        vault.read(one.sha256)
    with pytest.raises(Corrupted):
        vault.export(one.sha256, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unknown_objects_are_not_registered(vault: Vault) -> None:
    with pytest.raises(NotRegistered):
        vault.read(bytes(32))
    assert bytes(32) not in vault


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_each_write_failing_kept_and_not_kept(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, step: str, kept: bool
) -> None:
    owner = os if step == "fsync" else places_module.Path
    real = getattr(owner, step)
    armed = [True]

    def failing(*args: object) -> object:
        if not armed[0]:
            return real(*args)
        armed[0] = False
        if kept:
            real(*args)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, step, failing)
    with pytest.raises(StorageFailed):
        vault.put_bytes(b"original")
    assert not [path for path in files_of(vault) if path.name.endswith(".part")]
    stored = vault.put_bytes(b"original")  # trying again is harmless
    assert vault.read(stored.sha256) == b"original"
    assert list(vault.check()) == []


def test_what_a_killed_writer_left_is_swept(vault: Vault) -> None:
    vault.put_bytes(b"x")
    left = files_of(vault)[0].parent / "dead.part"
    left.write_bytes(b"half")
    vault.sweep()
    assert not left.exists()


def test_keyring_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    made = Keyring.create(tmp_path, passphrase="right")
    assert Keyring.open(tmp_path, passphrase="right").secret("a") == made.secret("a")
    for wrong in ("wrong", "", None):
        with pytest.raises(WrongKey):
            Keyring.open(tmp_path, passphrase=wrong)
    made.change_passphrase(tmp_path, "new")
    assert Keyring.open(tmp_path, passphrase="new").secret("a") == made.secret("a")
    with pytest.raises(WrongKey):
        Keyring.open(tmp_path, passphrase="right")


def test_key_file_is_private_and_belongs_to_its_home(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Keyring.create(tmp_path / name, passphrase=None)
    assert (tmp_path / "one/home.key").stat().st_mode & 0o777 == 0o600
    Keyring.open(tmp_path / "one", passphrase=None)
    (tmp_path / "one/home.key").write_bytes((tmp_path / "two/home.key").read_bytes())
    with pytest.raises(WrongKey, match="another home"):
        Keyring.open(tmp_path / "one", passphrase=None)
    (tmp_path / "one/home.key").unlink()
    with pytest.raises(WrongKey):
        Keyring.open(tmp_path / "one", passphrase=None)


def test_secrets_differ_by_purpose_and_document(tmp_path: Path) -> None:
    ring = Keyring.create(tmp_path, passphrase=None)
    found = {ring.secret("a"), ring.secret("b"), ring.document_key(b"1"), ring.document_key(b"2")}
    assert len(found) == 4
    assert all(len(secret) == 32 for secret in found)
