"""Finding entries by what only the office may ask: exact bytes, a person, a device. O(log n) each."""

from __future__ import annotations

from . import store
from .office import Office


def find(
    office: Office,
    *,
    sha256: bytes | None = None,
    operator: str | None = None,
    device: str | None = None,
    newest: int | None = None,
) -> list[tuple[int, str]]:
    """Entries about exact bytes, a person or a device: index and what it is about, oldest first.

    Names are looked up by their keyed token, so that the database can't be searched without the home's
    key. An erased person is not found. With `newest`, of a person and of a device no more than so many.
    """
    found: dict[int, str] = {}
    if sha256 is not None:
        version = store.version_by_digest(office.db, sha256)
        if version is not None:
            found[version.entry] = f"file {version.ref}"
        for holder in store.versions_with_member(office.db, sha256):
            found[holder.entry] = f"file {holder.ref}, a member"
        copy = store.copy_by_digest(office.db, sha256)
        if copy is not None:
            found[copy.entry] = f"copy {copy.id}"
    token = office.subjects.token
    if operator is not None:
        rows = store.entries_about(office.db, subject=token("operator", operator), newest=newest)
        found |= {entry: f"{purpose.value} {copy}" for entry, purpose, copy in rows}
    if device is not None:
        rows = store.entries_about(office.db, device=token("device", device), newest=newest)
        found |= {entry: f"{purpose.value} {copy}" for entry, purpose, copy in rows}
    return sorted(found.items())
