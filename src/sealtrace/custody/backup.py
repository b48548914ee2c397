"""Backups: online, incremental, encrypted as the home is, checked byte for byte; and restoring them.

    chunks/ab/cdef…      pieces of the database, named by their SHA-256, each kept once
    vault/…, shards/…    the home's files that never change, as they are
    snapshots/NAME.cbor  what belongs to one backup, signed with the home's evidence key
    people.cbor          the wrapped keys of the people in the register, as of the newest backup only

The key file is never part of a backup: whoever has only the backup has nothing in clear but what the
database holds in clear. Personal data in it is sealed under a key per person, and these keys are kept apart
from the snapshots, in one file that every backup replaces: once a person is erased, the next backup takes
the person out of all the earlier ones too.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealtrace.errors import Corrupted, HomeExists, InputChanged, InputMissing, StorageFailed
from sealtrace.ledger.database import failures_named
from sealtrace.ledger.tiles import make_folder, synchronise, write_whole

from . import subjects
from .home import storage_guard
from .office import Office
from .prove import public_key, signing_key

CHUNK = 256 << 10
SNAPSHOT, PEOPLE = "sealtrace-snapshot/2", "sealtrace-people/1"
FOLDERS = ("vault", "shards")
BESIDE = ("home.json", "keys/keyring.json")
"""Small files of the home that belong to a backup; `keyring.json` holds no secret without its passphrase."""


@dataclass(frozen=True, slots=True)
class Made:
    """One backup: its name, the entries it holds, and how much of it was new."""

    name: str
    entries: int
    new_bytes: int
    all_bytes: int


@dataclass(frozen=True, slots=True)
class _Object:
    """A file of the home that never changes: its place in home and backup, its SHA-256, its size."""

    relative: str
    digest: bytes
    size: int


def create(office: Office, place: Path) -> Made:
    """Back the open home up into `place`, adding only what is not there yet. Writers may go on.

    Raises:
        StorageFailed: the place can't be written; earlier backups there are untouched.
        InputChanged: a shard was purged meanwhile.
    """
    at = office.clock.now()
    try:
        make_folder(place)
    except OSError as e:
        raise StorageFailed(f"the place {place} can't be made: {e.strerror}") from e
    with storage_guard(f"writing the backup {place}"), office.staging("backup") as staging:
        copied = staging / "register.db"
        people = _copy_database(office.db, copied)
        checkpoint, size = _head_of(copied)
        new, total, chunks = 0, 0, []
        for data in _pieces(copied):
            digest = hashlib.sha256(data).digest()
            new += _keep(place / _chunk_path(digest), data)
            total += len(data)
            chunks.append(digest)
        known, objects = _known_objects(place), []
        for name in office.vault.places.names() if office.home.config.vault_url else ():
            kept, added = _keep_object(office, name, place, known.get(f"vault/{name[:2]}/{name}"))
            objects.append([kept.relative, kept.digest, kept.size])
            new, total = new + added, total + kept.size
        for source in _unchanging(office.home.folder):
            relative = source.relative_to(office.home.folder).as_posix()
            kept, added = _keep_file(source, place / relative, relative, known.get(relative))
            objects.append([kept.relative, kept.digest, kept.size])
            new, total = new + added, total + kept.size
        content = {
            "format": SNAPSHOT,
            "at": at.isoformat(),
            "entries": size,
            "checkpoint": checkpoint,
            "database": chunks,
            "objects": objects,
            "files": {name: (office.home.folder / name).read_bytes() for name in BESIDE},
            "key": public_key(office.home),
        }
        name = f"{at:%Y%m%dT%H%M%S}Z-{size:012d}"
        # the keys first: a snapshot is never there without the keys of everybody in it
        _write_signed(
            office, place / "people.cbor", {"format": PEOPLE, "key": content["key"], "keys": people}
        )
        _write_signed(office, place / "snapshots" / f"{name}.cbor", content)
    return Made(name, size, new, total)


def names(place: Path) -> list[str]:
    """The backups in a place, oldest first."""
    return sorted(path.stem for path in (place / "snapshots").glob("*.cbor"))


def verify(place: Path, name: str | None = None, *, key: bytes | None = None) -> Mapping[str, Any]:
    """Read every byte of a backup, the newest by default, and check it; returns its description.

    `key` is the home's evidence key, when it is known from elsewhere.

    Raises:
        InputMissing: there is no such backup.
        Corrupted: a byte is wrong or missing.
    """
    content = _snapshot(place, name)
    if key is not None and content["key"] != key:
        raise Corrupted("the backup was signed by another home")
    _people(place, content["key"])
    for digest in content["database"]:
        _chunk(place, digest)
    for relative, digest, length in content["objects"]:
        path = place / _inside(relative)
        found, size = _digest(path) if path.is_file() else (b"", -1)
        if (found, size) != (digest, length):
            raise Corrupted(f"the backup's object {relative} is missing or altered")
    return content


def restore(place: Path, home: Path, name: str | None = None) -> Mapping[str, Any]:
    """Make a home of a backup, in a folder that must not exist; returns the backup's description.

    The home opens with its passphrase or key shares, or once its key file is put back at keys' place. A
    person who was erased since stays erased. Publishing from it is refused while something newer stands
    published: a restored log can't fork what was seen.

    Raises:
        HomeExists: something stands there.
        InputMissing, Corrupted: the backup is not there or does not hold.
    """
    if home.exists():
        raise HomeExists(f"{home} exists; a backup is restored into a new folder")
    content = verify(place, name)
    building = home.with_name(f".{home.name}.restoring")
    with storage_guard(f"restoring to {home}"):
        shutil.rmtree(building, ignore_errors=True)
        try:
            for folder in ("keys", "vault", "staging", "index"):
                (building / folder).mkdir(parents=True)
            for relative, data in content["files"].items():
                (building / _inside(relative)).write_bytes(data)
            _originals_are_here(building / "home.json")
            with (building / "register.db").open("wb") as target:
                for digest in content["database"]:
                    target.write(_chunk(place, digest))
            _give_back_keys(building / "register.db", _people(place, content["key"]))
            for relative, _, _ in content["objects"]:
                _copy(place / relative, building / _inside(relative))
            (building / "keys" / "keyring.json").chmod(0o600)
            for made in (*building.rglob("*"), building):
                synchronise(made)
            building.rename(home)
            synchronise(home.parent)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return content


def prune(place: Path, keep: int, *, dry_run: bool = False) -> tuple[int, int]:
    """Let all but the newest `keep` backups go, and what only they needed; returns backups and bytes freed.

    Raises:
        Corrupted: a backup that stays can't be read; nothing was removed.
    """
    everything = names(place)
    stay = everything[-keep:] if keep else []
    kept = [_snapshot(place, name) for name in stay]
    needed = {_chunk_path(digest) for content in kept for digest in content["database"]}
    needed |= {Path(relative) for content in kept for relative, _, _ in content["objects"]}
    freed = 0
    with storage_guard(f"pruning {place}"):
        for name in everything[: len(everything) - len(stay)]:
            if not dry_run:
                (place / "snapshots" / f"{name}.cbor").unlink()
        for path in [p for part in ("chunks", *FOLDERS) for p in (place / part).rglob("*") if p.is_file()]:
            if path.relative_to(place) not in needed:
                freed += path.stat().st_size
                if not dry_run:
                    path.unlink()
    return len(everything) - len(stay), freed


def _originals_are_here(description: Path) -> None:
    """A restored home holds its originals itself, wherever they lay before."""
    config = json.loads(description.read_bytes())
    if config.pop("vault_url", ""):
        write_whole(description, (json.dumps(config, ensure_ascii=False) + "\n").encode())


# -- the database and the keys of people -----------------------------------------------------------


def _copy_database(source: apsw.Connection, target: Path) -> dict[bytes, bytes]:
    """Copy a consistent state page by page while others write, and take the keys of people out of it.

    Source: SQLite's online backup.
    """
    with failures_named("copying the database"), closing(apsw.Connection(str(target))) as copy:
        source.execute("BEGIN")
        try:
            source.execute("SELECT 1 FROM head").fetchall()  # one snapshot, whatever others write meanwhile
            with copy.backup("main", source, "main") as work:
                while not work.done:
                    work.step(4096)
        finally:
            source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("PRAGMA secure_delete = ON")
        return subjects.take_keys(copy)


def _give_back_keys(database: Path, keys: Mapping[bytes, bytes]) -> None:
    with failures_named("restoring the database"), closing(apsw.Connection(str(database))) as db:
        subjects.give_keys(db, keys)


def _head_of(database: Path) -> tuple[str, int]:
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)) as copy:
        row = copy.execute("SELECT checkpoint, size FROM head").fetchone()
    assert row is not None, "every log has a head"
    return str(row[0]), int(row[1])


# -- pieces ----------------------------------------------------------------------------------------


def _unchanging(home: Path) -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in (home / folder).rglob("*")
        if path.is_file() and path.suffix != ".part"
    )


def _known_objects(place: Path) -> dict[str, _Object]:
    """What the newest backup says of its objects, so that they need not be read again."""
    if not names(place):
        return {}
    return {relative: _Object(relative, d, s) for relative, d, s in _snapshot(place, None)["objects"]}


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while data := source.read(CHUNK):
            yield data


def _chunk_path(digest: bytes) -> Path:
    return Path("chunks") / digest.hex()[:2] / digest.hex()[2:]


def _keep(path: Path, data: bytes) -> int:
    """Write a piece unless it is there; returns the bytes added."""
    if path.exists() and path.stat().st_size == len(data):
        return 0
    write_whole(path, data)
    return len(data)


def _keep_file(source: Path, target: Path, relative: str, known: _Object | None) -> tuple[_Object, int]:
    """Copy a file unless it is there; returns what it is, and the bytes added."""
    try:
        size = source.stat().st_size
        if known is not None and known.size == size and target.is_file() and target.stat().st_size == size:
            return known, 0
        _copy(source, target)
    except FileNotFoundError as e:
        raise InputChanged(f"{relative} was removed while it was being backed up") from e
    digest, size = _digest(target)
    return _Object(relative, digest, size), size


def _keep_object(office: Office, name: str, place: Path, known: _Object | None) -> tuple[_Object, int]:
    """Copy a sealed object out of an outside store, unless it is there."""
    relative = f"vault/{name[:2]}/{name}"
    target = place / relative
    if known is not None and target.is_file() and target.stat().st_size == known.size:
        return known, 0
    make_folder(target.parent)
    partial = target.with_name(f".{target.name}.part")
    with office.vault.places.open(name) as source, partial.open("wb") as out:
        while data := source.read(CHUNK):
            out.write(data)
    synchronise(partial)
    partial.replace(target)
    synchronise(target.parent)
    digest, size = _digest(target)
    return _Object(relative, digest, size), size


def _copy(source: Path, target: Path) -> None:
    make_folder(target.parent)
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, partial)
    synchronise(partial)
    partial.replace(target)
    synchronise(target.parent)


def _digest(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").digest(), path.stat().st_size


def _chunk(place: Path, digest: bytes) -> bytes:
    path = place / _chunk_path(digest)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).digest() != digest:
        raise Corrupted(f"the backup's piece {digest.hex()[:16]} is missing or altered")
    return data


# -- signed descriptions ---------------------------------------------------------------------------


def _write_signed(office: Office, path: Path, content: Mapping[str, Any]) -> None:
    payload = cbor2.dumps(dict(content), canonical=True)
    write_whole(path, cbor2.dumps([payload, signing_key(office.home).sign(payload)]))


def _read_signed(path: Path, kind: str, what: str) -> dict[str, Any]:
    try:
        payload, signature = cbor2.loads(path.read_bytes())
        content: dict[str, Any] = cbor2.loads(payload)
        Ed25519PublicKey.from_public_bytes(content["key"]).verify(signature, payload)
        if content["format"] != kind:
            raise ValueError("another format")
    except (OSError, ValueError, TypeError, KeyError, InvalidSignature, cbor2.CBORDecodeError) as e:
        raise Corrupted(f"{what} is damaged: {e or type(e).__name__}") from e
    return content


def _snapshot(place: Path, name: str | None) -> Mapping[str, Any]:
    known = names(place)
    if not known or (name is not None and name not in known):
        raise InputMissing(f"there is no backup {name or ''} in {place}".replace("  ", " "))
    wanted = name or known[-1]
    return _read_signed(place / "snapshots" / f"{wanted}.cbor", SNAPSHOT, f"the backup {wanted}")


def _people(place: Path, key: bytes) -> Mapping[bytes, bytes]:
    """The wrapped keys of people who have not been erased."""
    content = _read_signed(place / "people.cbor", PEOPLE, "the backup's list of people's keys")
    if content["key"] != key:
        raise Corrupted("the backup's list of people's keys was signed by another home")
    found: dict[bytes, bytes] = content["keys"]
    return found


def _inside(relative: str) -> Path:
    """A path that stays inside the home, whatever the backup says."""
    path = Path(relative)
    if path.is_absolute() or ".." in path.parts:
        raise Corrupted(f"the backup names a place outside the home: {relative}")
    return path
