"""Sealing: batches are registered once, late data corrects, and a crash at any step changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sealtrace.clock import FixedClock
from sealtrace.content.kinds import Kind
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, NotRegistered, SourceBusy, SourceDiffers, StorageFailed
from sealtrace.ingest import seal, service, store, table
from sealtrace.ingest.buffer import Buffer
from sealtrace.ingest.collect import Live, buffer_of, folder_of, live
from sealtrace.ingest.model import Batch, Cut, Sample, Source
from sealtrace.ledger.check import EVERYTHING

from .conftest import HOUR, Open, at, readings


def contents(home: Custody, batch: Batch, tmp_path: Path) -> dict[str, list[object]]:
    path = tmp_path / f"{batch.code}.parquet"
    path.unlink(missing_ok=True)
    home.office.vault.export(batch.sha256, path)
    assert table.about(path)["number"] == batch.number
    return pq.read_table(path).to_pydict()  # type: ignore[no-any-return]


def everything(home: Custody, source: str, tmp_path: Path) -> list[tuple[str, str, object]]:
    """Tag, time and value of each sealed sample of a source."""
    found = []
    for batch in service.batches(home, source):
        rows = contents(home, batch, tmp_path)
        for tag in batch.summary["tags"]:
            column = rows[table.column_name(tag)]
            found += [(tag, str(t), v) for t, v in zip(rows["time"], column, strict=True) if v is not None]
    return found


def test_a_due_window_is_registered_with_identity_and_receipt(
    home: Custody, opened: Open, tmp_path: Path
) -> None:
    line = opened()
    line.keep([*readings(0, 1, 2), *readings(0, tag="acid")], {"n": 1})
    [batch] = line.seal(drained=True)
    version = home.version(batch.code)
    assert (version.kind, version.sha256, version.entry) == (Kind.PARQUET, batch.sha256, batch.entry)
    assert contents(home, batch, tmp_path)["flow"] == [0.0, 1.0, 2.0, None]
    [(index, salted)] = home.office.acts(seal.EVENT)
    opening = {name: value for name, (_salt, value) in salted.items()}
    assert (index, opening["code"], opening["sha256"]) == (batch.act, batch.code, batch.sha256)
    assert (opening["samples"], opening["number"], opening["source"]) == (4, 1, "line")
    receipt = home.write_receipt(home.office.entry(batch.entry), tmp_path / "receipts")
    assert receipt.stat().st_size > 100
    assert line.waiting() == 0
    assert home.check(EVERYTHING) == []


def test_a_window_waits_for_its_end_the_grace_and_the_source(opened: Open, clock: FixedClock) -> None:
    line = opened(grace_s=60.0)
    line.keep(readings(0, 1), {})
    clock.at = HOUR + timedelta(minutes=60, seconds=59)
    assert list(line.seal(drained=True)) == []
    clock.at = HOUR + timedelta(minutes=61)
    assert list(line.seal(drained=False)) == []
    assert len(list(line.seal(drained=True))) == 1


def test_a_wrong_date_closes_nothing(opened: Open, clock: FixedClock) -> None:
    line = opened()
    clock.at = HOUR + timedelta(minutes=30)
    line.keep([*readings(1), *readings(0, hour=24 * 365 * 70), *readings(2)], {})
    assert list(line.seal(drained=True)) == []
    clock.at = HOUR + timedelta(hours=1)
    [batch] = line.seal(drained=True)
    assert batch.summary["samples"] == 2
    assert line.waiting() == 1
    [ahead] = line.seal(drained=True, close=True)
    assert ahead.summary["findings"]["ahead_of_clock"] == 1


def test_late_data_goes_into_a_correction_that_names_its_batch(
    home: Custody, opened: Open, tmp_path: Path
) -> None:
    line = opened()
    line.keep(readings(0, 2), {})
    [main] = line.seal(drained=True)
    line.keep([*readings(1, 2), Sample(at(0), "flow", 9.0)], {})
    [correction] = line.seal(drained=True)
    assert correction.corrects == main.code
    found = correction.summary["findings"]
    assert (found["late"], found["duplicates"], found["conflicts"]) == (1, 1, 1)
    assert found["conflict_list"][0]["kept"] == 0.0
    assert contents(home, correction, tmp_path)["flow"] == [1.0]
    shown, corrections = service.batch(home, main.code)
    assert (shown.code, [c.code for c in corrections]) == (main.code, [correction.code])
    assert correction.summary["previous_sha256"] == main.sha256.hex()


def test_late_data_that_is_all_known_makes_no_batch_but_is_told(opened: Open) -> None:
    line = opened()
    line.keep(readings(0, 1), {})
    list(line.seal(drained=True))
    line.keep(readings(0, 1), {})
    assert list(line.seal(drained=True)) == []
    line.keep(readings(0, hour=1), {})
    [batch] = line.seal(drained=True, close=True)
    assert ["dropped as duplicates 2" in note for note in batch.summary["findings"]["notes"]] == [True]


def test_a_full_window_is_sealed_in_parts_and_the_rest_is_not_late(opened: Open) -> None:
    line = opened()
    line.keep(readings(0, 1, 2), {})
    line.keep(readings(3, 4), {})
    [first] = line.seal(drained=False, most=3)
    line.keep(readings(5), {})
    [second] = line.seal(drained=True, most=9)
    assert (first.summary["samples"], second.summary["samples"]) == (3, 3)
    assert (second.part, second.corrects, second.summary["findings"]["late"]) == (2, None, 0)


def test_lots_are_sealed_when_the_next_one_runs(opened: Open) -> None:
    line = opened("lot:charge")
    line.keep([Sample(at(0), "charge", "A"), *readings(0, 1), Sample(at(2), "charge", "B"), *readings(2)], {})
    [a] = line.seal(drained=True)
    assert (a.window, a.summary["samples"]) == ("A", 3)
    line.keep(readings(3), {})
    assert line.held.lot == "B"
    [b] = line.seal(drained=True, close=True)
    assert (b.window, b.summary["samples"]) == ("B", 3)


def test_numbers_of_samples_cut_exactly_and_duplicates_are_found_across_batches(
    home: Custody, opened: Open, tmp_path: Path
) -> None:
    line = opened("rows:4")
    line.keep(readings(*range(6)), {})
    assert [b.summary["samples"] for b in line.seal(drained=True)] == [4]
    line.keep(readings(3, 6), {})
    [second] = line.seal(drained=True)
    assert (second.summary["samples"], second.summary["findings"]["duplicates"]) == (3, 1)
    values = [v for _, _, v in everything(home, "line", tmp_path)]
    assert values == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_declared_uncertainty_goes_with_the_batches_columns(home: Custody, opened: Open) -> None:
    declared = {"columns": {"flow": {"uncertainty": 0.5, "unit": "L/h"}, "other": {"uncertainty": 1.0}}}
    line = opened(uncertainty=declared)
    line.keep(readings(0, 1), {})
    [batch] = line.seal(drained=True)
    assert home.version(batch.code).uncertainty == {"columns": {"flow": declared["columns"]["flow"]}}


# -- crashes -------------------------------------------------------------------------------------

STEPS: list[tuple[object, str]] = [
    (Buffer, "begin"),
    (Custody, "register"),
    (seal, "_enter"),
    (Buffer, "finish"),
]


class Killed(BaseException):
    """Stands for the end of the process: nothing in between may catch it."""


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(("where", "step"), STEPS)
def test_crash_at(
    where: object,
    step: str,
    kept: bool,
    home: Custody,
    opened: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = opened()
    line.keep(readings(0, 1, 2), {"n": 3}, ["a note"])
    real = getattr(where, step)

    def dies(*args: object, **named: object) -> object:
        if kept:
            real(*args, **named)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, step, dies)
        with pytest.raises(Killed):
            list(line.seal(drained=True))
    assert [b.summary["samples"] for b in line.seal(drained=True)] == (
        [] if step == "finish" and kept else [3]
    )
    assert list(line.seal(drained=True)) == []
    [batch] = service.batches(home)
    assert batch.summary["findings"]["notes"] == ["a note"]
    assert len(list(home.versions())) == 1
    assert len(home.office.acts(seal.EVENT)) == 1
    assert [v for _, _, v in everything(home, "line", tmp_path)] == [0.0, 1.0, 2.0]
    assert home.check(EVERYTHING) == []


def test_what_is_refused_by_the_disk_is_not_acknowledged(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    import apsw

    line = opened()
    line.keep(readings(0), {"n": 1})

    def full(*_: object) -> bytes:
        raise apsw.FullError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Buffer, "_seal", full)
        with pytest.raises(StorageFailed):
            line.keep(readings(1), {"n": 2})
    assert (line.held.state, line.held.taken) == ({"n": 1}, 1)
    line.keep(readings(1), {"n": 2})
    held = line.buffer.source("line")
    assert held is not None
    assert (held.state, held.taken, line.waiting()) == ({"n": 2}, 2, 2)


# -- sources -------------------------------------------------------------------------------------


def test_one_process_collects_from_one_source(opened: Open) -> None:
    opened()
    with pytest.raises(SourceBusy):
        opened()


def test_a_name_stays_with_its_place_and_cut(home: Custody) -> None:
    with live(home, Source("line", "test", "here", uncertainty={"columns": {}})) as line:
        line.keep(readings(0), {"n": 1})
    for other in (
        Source("line", "test", "there"), Source("line", "sql", "here"), Source("line", "test", "here", Cut("day")),
    ):  # fmt: skip
        with pytest.raises(SourceDiffers), live(home, other):
            pass
    with live(home, Source("line", "test", "here", grace_s=5.0)) as line:
        assert line.held.source.uncertainty == {"columns": {}}
        assert (line.held.state, line.held.taken) == ({"n": 1}, 1)


def test_the_buffer_holds_no_reading_in_clear(home: Custody, opened: Open) -> None:
    line = opened()
    line.keep(
        [Sample(at(0), "flow", "VERY-SECRET-READING")],
        {"position": "VERY-SECRET-CURSOR"},
        ["VERY-SECRET-NOTE"],
    )
    kept = b"".join(p.read_bytes() for p in folder_of(home).iterdir() if p.is_file())
    assert b"VERY-SECRET" not in kept


def test_altered_blocks_are_named(opened: Open) -> None:
    line = opened()
    line.keep(readings(0), {})
    line.buffer.db.execute("UPDATE block SET data = zeroblob(64)")
    with pytest.raises(Corrupted):
        list(line.seal(drained=True))


def test_standings_tell_what_waits(home: Custody, opened: Open) -> None:
    assert service.standings(home) == []
    line = opened()
    line.keep(readings(0, 1), {}, ["a note"])
    [standing] = service.standings(home)
    assert (standing.taken, standing.waiting, standing.batches, standing.notes) == (2, 2, 0, ("a note",))
    list(line.seal(drained=True))
    [standing] = service.standings(home)
    assert (standing.waiting, standing.batches, standing.notes) == (0, 1, ())


def test_a_file_that_is_no_batch_is_not_shown_as_one(home: Custody, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("some words")
    [file] = home.register([tmp_path / "x.txt"])
    with pytest.raises(NotRegistered):
        service.batch(home, str(file.code))


def test_sealed_batches_are_in_the_register_not_in_the_buffer(home: Custody, opened: Open) -> None:
    line: Live = opened()
    line.keep(readings(0), {})
    [batch] = line.seal(drained=True)
    with buffer_of(home) as buffer:
        buffer.db.execute("DELETE FROM source")
    assert service.batches(home) == [batch]
    found = store.by_digest(home.office, batch.sha256)
    assert found == batch
    assert json.loads(json.dumps(batch.as_dict()))["samples"] == 1
