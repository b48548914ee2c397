"""What people ask of collected data: the sources, their sealed batches, and one batch with its corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sealtrace.custody.service import Custody

from . import store
from .collect import DATABASE, buffer_of, folder_of
from .model import Batch


@dataclass(frozen=True, slots=True)
class Standing:
    """A source: what was taken, what waits to be sealed, how many batches it has."""

    name: str
    kind: str
    place: str
    cut: str
    taken: int
    waiting: int
    batches: int
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Show it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"notes": list(self.notes)}


def standings(custody: Custody) -> list[Standing]:
    """Every source of the home, by name."""
    if not (folder_of(custody) / DATABASE).exists():
        return []
    with buffer_of(custody) as buffer:
        return [
            Standing(
                held.source.name,
                held.source.kind,
                held.source.place,
                str(held.source.cut),
                held.taken,
                sum(w.samples for w in buffer.waiting(held.source.name)),
                0 if (last := store.newest(custody.office, held.source.name)) is None else last.number,
                tuple(text for _, text in buffer.notes(held.source.name)),
            )
            for held in buffer.sources()
        ]


def batches(custody: Custody, source: str | None = None) -> list[Batch]:
    """Sealed batches, by source and number."""
    return store.batches(custody.office, source)


def batch(custody: Custody, code: str) -> tuple[Batch, list[Batch]]:
    """A sealed batch by its file code, with the batches that correct it.

    Raises:
        MalformedCode, NotRegistered.
    """
    found = store.by_code(custody.office, str(custody.version(code.partition("@")[0]).code))
    siblings = store.of_window(custody.office, found.source, found.window)
    return found, [b for b in siblings if b.corrects == found.code]
