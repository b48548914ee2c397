"""Sealing: waiting samples become a Parquet file, the file is registered, the batch is entered in the ledger.

Order of writing, so that a crash anywhere loses nothing and seals nothing twice:

1. the batch's digest and description are recorded in the buffer (`Buffer.begin`);
2. the file is registered: vault, register and ledger entry (the custody service);
3. the batch is entered in register and ledger in one transaction, under its digest as primary key;
4. the buffer lets go of the samples (`Buffer.finish`).

`complete` takes up after any of these, and is also how a batch is sealed when nothing went wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from sealtrace.custody.model import RegisteredFile, Version, written
from sealtrace.custody.service import Custody
from sealtrace.ledger.model import Entry

from . import rules, store, table
from .buffer import Buffer, Held, Plan, Waiting
from .model import SECOND, Arrival, Batch, Findings, Source, us, written_us

MOST = 250_000
"""Samples of one batch; a window with more is sealed in parts, so that memory stays bounded."""
EVENT = "file:batch-sealed"
NO_LOT = "-"


def seal_due(
    custody: Custody, buffer: Buffer, held: Held, *, drained: bool, close: bool = False, most: int = MOST
) -> Iterator[Batch]:
    """Seal what is due of one source; first completes what a killed process began.

    drained: the source has no more to give for the moment, so that a window past its time may close.
    close: seal everything that waits, due or not. Each batch is durable when it is yielded.

    Raises:
        HomeLocked, StorageFailed: what was not sealed waits.
    """
    source = held.source
    most = source.cut.samples or most
    if buffer.plan(source.name) is not None:
        with custody.office.writing():
            left = complete(custody, buffer, source)
        if left is not None:
            yield left
    for waiting in buffer.waiting(source.name):
        closed = buffer.is_closed(source.name, waiting.window)
        while waiting.samples >= most or close or (drained and _due(custody, held, waiting, closed=closed)):
            full = waiting.samples >= most
            with custody.office.writing():  # for one batch only: other commands come in between
                batch = _seal(custody, buffer, held, waiting.window, closed=closed, part=full, most=most)
            if batch is not None:
                yield batch
            again = [w for w in buffer.waiting(source.name) if w.window == waiting.window]
            if not again:
                break
            [waiting] = again  # noqa: PLW2901 (what is left of this window)


def complete(custody: Custody, buffer: Buffer, source: Source) -> Batch | None:
    """Bring the batch recorded in the buffer to its end, from wherever it stands; None when there is none.

    A batch that was recorded and never registered is left: its samples still wait, and are sealed anew.
    """
    plan = buffer.plan(source.name)
    if plan is None:
        return None
    batch = store.by_digest(custody.office, plan.sha256)
    if batch is None:
        version = custody.version_of_bytes(plan.sha256)
        if version is None:
            buffer.abandon(source.name)
            return None
        batch = _enter(custody, source, plan, version)
    buffer.finish(source.name, plan)
    return batch


def _due(custody: Custody, held: Held, waiting: Waiting, *, closed: bool) -> bool:
    source = held.source
    span = source.cut.span_us
    end = None if span is None else us(datetime.fromisoformat(waiting.window)) + span
    return rules.is_due(
        source.cut,
        waiting.window,
        window_end_us=end,
        first_arrived_us=waiting.first_arrived_us,
        last_arrived_us=waiting.last_arrived_us,
        now_us=us(custody.office.clock.now()),
        grace_us=source.grace_s * SECOND,
        closed=closed,
        newest_window=held.lot,
        samples=waiting.samples,
    )


def _seal(
    custody: Custody, buffer: Buffer, held: Held, window: str, *, closed: bool, part: bool, most: int
) -> Batch | None:
    """Seal one window, or a full part of it. None when nothing in it was new: that is noted instead."""
    source = held.source
    blocks, arrivals = buffer.read(source.name, window, most)
    siblings = store.of_window(custody.office, source.name, window)
    settled = rules.settle(
        arrivals,
        _earlier(custody, source.name, arrivals),
        buffer.newest(source.name, sealed=True),
        period_us=None if source.period_s is None else source.period_s * SECOND,
        late=closed,
    )
    notes = buffer.notes(source.name)
    closes = not part or bool(source.cut.samples)
    if not settled.kept:
        found = settled.findings
        counted = (
            f"{window or NO_LOT}: nothing new; dropped as duplicates {found.duplicates},"
            f" as conflicting {found.conflicts_in_all}"
        )
        nothing = Plan(b"", window, False, blocks, (), {}, "", {})
        buffer.finish(source.name, nothing, [counted, *map(_told, found.conflicts)])
        return None
    main = siblings[0].code if closed and siblings else None
    before = store.newest(custody.office, source.name)
    number = 1 if before is None else before.number + 1
    summary = _summary(source, window, settled.kept, settled.findings.with_notes(tuple(t for _, t in notes)))
    summary |= {
        "number": number,
        "part": len(siblings) + 1,
        "corrects": main,
        "previous_sha256": None if before is None else before.sha256.hex(),
    }
    title = f"{source.name} {window or NO_LOT} #{number}"
    with custody.office.staging(f"batch-{source.name}") as folder:
        path = folder / f"{source.name}-{number:06d}.parquet"
        summary["rows"] = table.write(settled.kept, summary, path)
        plan = Plan(
            hashlib.sha256(path.read_bytes()).digest(), window, closes, blocks, tuple(i for i, _ in notes),
            _newest(settled.kept), title, summary,
        )  # fmt: skip
        buffer.begin(source.name, plan)
        _register(custody, source, plan, path)
    batch = complete(custody, buffer, source)
    assert batch is not None, "a registered file is found by its bytes"
    return batch


def _told(conflict: Any) -> str:
    return f"{conflict.tag} at {written_us(conflict.at_us)}: kept {conflict.kept!r}, dropped {conflict.dropped!r}"


def _earlier(custody: Custody, source: str, arrivals: Sequence[Arrival]) -> rules.Seen:
    """What sealed batches already hold of these samples, read from the vault where their times overlap."""
    wanted = {(a.sample.tag, a.sample.at_us) for a in arrivals}
    first, last = min(at for _, at in wanted), max(at for _, at in wanted)
    found: dict[tuple[str, int], Any] = {}
    for batch in store.overlapping(custody.office, source, first, last):
        with custody.office.staging(f"held-{batch.number}") as folder:
            custody.office.vault.export(batch.sha256, folder / "batch.parquet")
            for key, value in table.held(folder / "batch.parquet", wanted).items():
                found.setdefault(key, value)
    return found


def _newest(kept: Sequence[Arrival]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for arrival in kept:
        tag, at = arrival.sample.tag, arrival.sample.at_us
        if at <= arrival.arrived_us + rules.AHEAD_US:
            newest[tag] = max(newest.get(tag, at), at)
    return newest


def _summary(source: Source, window: str, kept: Sequence[Arrival], findings: Findings) -> dict[str, Any]:
    first, last = min(a.sample.at_us for a in kept), max(a.sample.at_us for a in kept)
    return {
        "source": source.name,
        "kind": source.kind,
        "place": source.place,
        "cut": str(source.cut),
        "window": window,
        "samples": len(kept),
        "tags": sorted({a.sample.tag for a in kept}),
        "first_us": first,
        "last_us": last,
        "first": written_us(first),
        "last": written_us(last),
        "findings": findings.as_dict(),
    }


def _register(custody: Custody, source: Source, plan: Plan, path: Path) -> RegisteredFile:
    columns = {table.column_name(tag) for tag in plan.summary["tags"]}
    declared = (source.uncertainty or {}).get("columns", {})
    uncertain = {name: value for name, value in declared.items() if name in columns}
    [registered] = custody.register(
        [path],
        level=source.level,
        title=plan.title,
        uncertainty={"columns": uncertain} if uncertain else None,
    )
    return registered


def _enter(custody: Custody, source: Source, plan: Plan, version: Version) -> Batch:
    """Enter a registered batch in the ledger and the register, both or neither."""
    office, summary, findings = custody.office, plan.summary, plan.summary["findings"]
    at = written(office.clock.now())

    def batch(act: int) -> Batch:
        return Batch(
            plan.sha256, source.name, summary["number"], plan.window, summary["part"], summary["corrects"],
            str(version.code), version.entry, act, at, summary,
        )  # fmt: skip

    def rows(db: apsw.Connection, entry: Entry) -> None:
        store.insert(db, office, batch(entry.index))

    entry = office.record_act(
        EVENT,
        version.key_id.hex(),
        {
            "source": source.name,
            "number": summary["number"],
            "window": plan.window,
            "part": summary["part"],
            "corrects": summary["corrects"],
            "previous_sha256": summary["previous_sha256"],
            "code": str(version.code),
            "sha256": plan.sha256,
            "samples": summary["samples"],
            "duplicates": findings["duplicates"],
            "conflicts": findings["conflicts"],
            "gaps": findings["gaps"],
            "clock_jumps": findings["clock_jumps"],
            "ahead_of_clock": findings["ahead_of_clock"],
            "late": findings["late"],
        },
        rows,
    )
    return batch(entry.index)
