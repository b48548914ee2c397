"""Things that were dear to make, kept in memory up to so many bytes; what was not used longest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Keeps values by key; each is made once, however many threads ask for it at the same time."""

    def __init__(self, capacity_bytes: int, size_of: Callable[[T], int]) -> None:
        self._capacity, self._size_of = capacity_bytes, size_of
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._used = 0
        self._gate = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> T | None:
        """What is kept under a key, if it is."""
        with self._gate:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: T) -> None:
        """Keep a value; one larger than the whole shelf is not kept."""
        size = self._size_of(value)
        with self._gate:
            if key in self._kept:
                self._used -= self._kept.pop(key)[1]
            if size > self._capacity:
                return
            self._kept[key] = (value, size)
            self._used += size
            while self._used > self._capacity:
                self._used -= self._kept.popitem(last=False)[1][1]

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what is kept, or make and keep it; others who ask meanwhile wait for it."""
        found = self.get(key)
        if found is not None:
            return found
        with self._alone(key):
            found = self.get(key)
            if found is None:
                found = make()
                self.put(key, found)
            return found

    def drop(self, which: Callable[[T], bool] = lambda _: True) -> None:
        """Let go of everything, or of `which` values."""
        with self._gate:
            for key in [key for key, (value, _) in self._kept.items() if which(value)]:
                self._used -= self._kept.pop(key)[1]

    @property
    def used_bytes(self) -> int:
        """How much is kept."""
        return self._used

    @contextmanager
    def _alone(self, key: Hashable) -> Iterator[None]:
        with self._gate:
            lock = self._making.setdefault(key, threading.Lock())
        try:
            with lock:
                yield
        finally:
            with self._gate:
                if not lock.locked():
                    self._making.pop(key, None)
