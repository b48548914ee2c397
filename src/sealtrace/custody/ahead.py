"""Work ahead: what will probably be wanted next is made while nobody waits for anything.

One thread, the newest wish first, few wishes kept: what readers have passed meanwhile is not made. Whatever goes
wrong here is left for the reader who asks for it, who is then told.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

W = TypeVar("W", bound=Hashable)

KEPT = 64


class Ahead(Generic[W]):
    """Makes what is wished for, by `make`, in a thread of its own that starts with the first wish."""

    def __init__(self, make: Callable[[W], None]) -> None:
        self._make = make
        self._wishes: OrderedDict[W, None] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._over = self._busy = False
        self._pressing = 0  # readers who wait for something this moment

    @contextmanager
    def held(self) -> Iterator[None]:
        """Begin with no further wish while somebody waits for something else."""
        with self._changed:
            self._pressing += 1
        try:
            yield
        finally:
            with self._changed:
                self._pressing -= 1
                self._changed.notify_all()

    def want(self, wish: W) -> None:
        """Wish for something; the oldest wish goes when there are too many. Returns at once."""
        with self._changed:
            if self._over:
                return
            self._wishes[wish] = None
            self._wishes.move_to_end(wish)
            while len(self._wishes) > KEPT:
                self._wishes.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ahead", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until every wish is made or left."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or (not self._wishes and not self._busy))

    def close(self) -> None:
        """Make nothing more; returns when what is being made is."""
        with self._changed:
            self._over = True
            self._wishes.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._over or (bool(self._wishes) and not self._pressing))
                if self._over:
                    return
                wish, _ = self._wishes.popitem()
                self._busy = True
            with suppress(Exception):
                self._make(wish)
