"""Collecting from a source that can be asked again from a position: take, keep, seal, wait; and the open source."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from sealtrace.custody.home import storage_guard
from sealtrace.custody.service import Custody
from sealtrace.errors import HomeLocked, SourceBusy, SourceDiffers, SourceUnreachable

from . import seal
from .buffer import Buffer, Held
from .model import Batch, Sample, Source, us

FOLDER, DATABASE, SECRET = "ingest", "buffer.db", "ingest/buffer"


@dataclass(frozen=True, slots=True)
class Taken:
    """One taking: samples in the order of arrival, the position after them, what else was noticed.

    drained: the source has no more for the moment.
    """

    samples: Sequence[Sample]
    state: dict[str, Any]
    notes: Sequence[str] = ()
    drained: bool = False


class Collector(Protocol):
    """Takes from a source that keeps its data. The same position gives the same data, or more."""

    place: str

    def take(self, state: Mapping[str, Any]) -> Taken:
        """Take what comes after a position; empty when there is nothing."""
        ...


def folder_of(custody: Custody) -> Path:
    """Where a home keeps what was collected and is not sealed."""
    return custody.office.home.folder / FOLDER


@contextmanager
def buffer_of(custody: Custody) -> Iterator[Buffer]:
    """Open a home's buffer, making it when there is none."""
    folder = folder_of(custody)
    with storage_guard(f"making the folder {folder}"):
        folder.mkdir(mode=0o700, exist_ok=True)
    buffer = Buffer(folder / DATABASE, custody.office.home.keyring.secret(SECRET))
    try:
        yield buffer
    finally:
        buffer.close()


def known_state(custody: Custody, name: str) -> dict[str, Any]:
    """The position of a source; empty when it is not known yet. Makes nothing."""
    if not (folder_of(custody) / DATABASE).exists():
        return {}
    with buffer_of(custody) as buffer:
        held = buffer.source(name)
        return {} if held is None else held.state


class Live:
    """A source held by this process: what arrives is kept, what is due is sealed.

    tell: hears each note as it is made; by default they are gathered in `noted`.
    """

    def __init__(self, custody: Custody, buffer: Buffer, held: Held) -> None:
        self.custody, self.buffer, self.held = custody, buffer, held
        self.noted: list[str] = []
        self.tell: Callable[[str], None] = self.noted.append

    def keep(self, samples: Sequence[Sample], state: dict[str, Any], notes: Sequence[str] = ()) -> None:
        """Keep what arrived; durable when it returns, and only then may the source be told."""
        if samples or notes or state != self.held.state:
            self.buffer.append(self.held, samples, state, notes, us(self.custody.office.clock.now()))
            for note in notes:
                self.tell(note)

    def seal(self, *, drained: bool, close: bool = False, most: int = seal.MOST) -> Iterator[Batch]:
        """Seal what is due."""
        return seal.seal_due(self.custody, self.buffer, self.held, drained=drained, close=close, most=most)

    def seal_apart(self, *, drained: bool) -> list[Batch]:
        """Seal what is due over a connection of its own, while another thread keeps what arrives."""
        with buffer_of(self.custody) as buffer:
            return list(seal.seal_due(self.custody, buffer, self.held, drained=drained))

    def waiting(self) -> int:
        """Samples kept and not sealed yet."""
        return sum(w.samples for w in self.buffer.waiting(self.held.source.name))


@contextmanager
def live(custody: Custody, source: Source) -> Iterator[Live]:
    """Hold a source for collecting. Its level, grace, period and uncertainties may change between runs.

    Raises:
        SourceBusy: another process holds it.
        SourceDiffers: the name stands for another place, or batches are cut otherwise.
    """
    with buffer_of(custody) as buffer, _alone(folder_of(custody) / f"{source.name}.lock", source.name):
        held = buffer.source(source.name)
        if held is not None:
            was = held.source
            if (was.kind, was.place, was.cut) != (source.kind, source.place, source.cut):
                raise SourceDiffers(
                    f"{source.name} is known as {was.kind} {was.place}, cut by {was.cut};"
                    f" not as {source.kind} {source.place}, cut by {source.cut}"
                )
            if source.uncertainty is None:
                source = replace(source, uncertainty=was.uncertainty)
        if held is None or held.source != source:
            buffer.describe(source)
            held = buffer.source(source.name)
        assert held is not None
        yield Live(custody, buffer, held)


@contextmanager
def _alone(lock: Path, name: str) -> Iterator[None]:
    with storage_guard(f"opening {lock.name}"):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceBusy(f"another process is collecting from {name}") from None
        yield
    finally:
        os.close(handle)


def run(
    source: Live, collector: Collector, *, once: bool, close: bool = False, wait: Callable[[], None]
) -> Iterator[Batch]:
    """Take, keep and seal; batches are yielded as they are sealed.

    once: until the source has no more to give, then stop. Otherwise `wait` is called whenever it has none,
    or does not answer; a home that another command holds, too, is only waited for.
    """
    while True:
        try:
            taken = collector.take(source.held.state)
        except SourceUnreachable as e:
            if once:
                raise
            source.tell(e.message)
            taken = Taken((), source.held.state, (), drained=True)
        source.keep(taken.samples, taken.state, taken.notes)
        try:
            yield from source.seal(drained=taken.drained, close=close and once and taken.drained)
        except HomeLocked:
            if once:
                raise
        if taken.drained:
            if once:
                return
            wait()


def preview(collector: Collector, state: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many samples would be taken now, and what would be noted. Nothing is kept."""
    samples, notes, at = 0, list[str](), dict(state)
    while True:
        taken = collector.take(at)
        samples += len(taken.samples)
        notes += taken.notes
        at = taken.state
        if taken.drained:
            return samples, notes
