"""Move a home's originals between its own folder and an outside store. Entries and receipts do not change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from sealtrace.errors import Corrupted
from sealtrace.ledger.tiles import write_whole
from sealtrace.vault.places import Places

from .home import storage_guard
from .office import Office

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Moved:
    """How many sealed objects were copied, their bytes, and how many were there already."""

    objects: int
    size_bytes: int
    there: int


def move_originals(office: Office, vault_url: str, tell: Callable[[int], None] = lambda _: None) -> Moved:
    """Copy every sealed object to `vault_url` (empty: into the home), check it there, then use it from there.

    Nothing is removed where it lay: that is for the operator, after a backup. Safe to repeat; a crash before
    the last step leaves the home as it was. Objects move sealed, so that nothing is readable on the way.

    Raises:
        StorageFailed: the store can't be reached or refuses.
        Corrupted: an object did not arrive as it was.
    """
    new = replace(office.home, config=replace(office.home.config, vault_url=vault_url))
    source, target = office.vault.places, new.originals().places
    copied = size = there = 0
    with office.writing():
        for name in source.names():
            wanted = source.size(name)
            if target.size(name) == wanted:
                there += 1
                continue
            target.keep(name, _copier(source, name))
            if target.size(name) != wanted:
                raise Corrupted(f"object {name[:16]}... did not arrive whole")
            copied, size = copied + 1, size + (wanted or 0)
            tell(copied)
        for _name, problem in new.originals().check():
            raise Corrupted(f"an object did not arrive as it was: {problem}")
        described = json.dumps(asdict(new.config), ensure_ascii=False) + "\n"
        with storage_guard("describing the home"):
            write_whole(office.home.folder / "home.json", described.encode())
    return Moved(copied, size, there)


def _copier(source: Places, name: str) -> Callable[[BinaryIO], None]:
    def write(out: BinaryIO) -> None:
        with source.open(name) as sealed:
            while data := sealed.read(CHUNK):
                out.write(data)

    return write
