"""Row order and decoy rows: found again, kept within what was declared, and no innocent copy named by them."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sealtrace.content.kinds import Kind
from sealtrace.content.tables import delimited
from sealtrace.content.tables.model import Table
from sealtrace.custody.books import joined, table_parts
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook, JointBook, split_key
from sealtrace.marks.evalue import SoftSymbols, Weigher
from sealtrace.marks.files import plan_here, write_here
from sealtrace.marks.formats.model import Job
from sealtrace.marks.joint import JointWeigher, weigher_of
from sealtrace.marks.models import BLENDS
from sealtrace.marks.rounds import find_sources
from sealtrace.marks.table import decoys
from sealtrace.marks.table.declaration import Declaration, MalformedDeclaration
from sealtrace.marks.table.extras import read_all, together
from sealtrace.marks.table.order import RowOrder, symbols_for
from sealtrace.marks.table.plan import CELLS_ALONE, TablePlan, plan_tables
from sealtrace.testing import tables as attacks

from .test_formats import KINDS

KEY, COPY = bytes(range(32)), CopyId(7)
BOTH: dict[str, object] = {"row_order": "free", "decoy_rows": "safe"}


@cache
def table() -> Table:
    made = attacks.readings(np.random.default_rng(3), 700, 8)
    return Table(made.name, made.header, made.columns, movable="add")


def planned(**said: object) -> TablePlan:
    plan, notes = plan_tables(
        [table()], Declaration.from_dict({**attacks.uncertainties(table()), **(said or BOTH)})
    )
    assert plan is not None, notes
    return plan


def book_of(plan: TablePlan) -> JointBook:
    book = joined([CodeBook(KEY, name, count) for name, count in table_parts(plan)])
    assert isinstance(book, JointBook)
    return book


@cache
def copy_of(number: int = 7) -> tuple[TablePlan, JointBook, Table]:
    """One copy of the table with both channels, through a CSV file."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "t.csv"), Path(folder, "c.csv")
        rows = [table().header, *zip(*table().columns, strict=True)]
        source.write_text("\n".join(",".join(row) for row in rows) + "\n", "utf-8")
        plan = plan_here(source, Kind.CSV, Declaration.from_dict({**attacks.uncertainties(table()), **BOTH}))
        assert plan.table is not None
        book = book_of(plan.table)
        word, keys = book.word(CopyId(number)), book.layout_keys()
        write_here(Job(source, target, Kind.CSV, plan, bytes(24), book.layout_key, word, keys))
        [made] = delimited.read(target)
        return plan.table, book, made


def rows(made: Table, which: NDArray[np.int64]) -> Table:
    """Some rows, without headings and time."""
    return attacks.of_numbers(made.numbers[which, 1:])


def by_channel(leak: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The log e-values of copy 7 and the highest of 300 others, (channels,) each: cells, order, decoys."""
    plan, book, _ = copy_of()
    reading = read_all(leak, table(), plan.sheets[0], plan, book)
    assert reading is not None
    weigher = weigher_of(reading.symbols, book.biases, [n for _, n in book.parts_of], BLENDS)
    assert isinstance(weigher, JointWeigher)
    found = weigher.by_channel(book.words(np.arange(300, dtype=np.uint64)))
    return found[:, 7], np.delete(found, 7, axis=1).max(axis=1)


def test_both_channels_tell_the_copy_and_their_e_values_multiply() -> None:
    plan, book, made = copy_of()
    assert [name for name, _ in book.parts_of] == ["table", "order", "decoy"]
    assert 700 < made.rows < 700 + decoys.POOL
    whole, others = by_channel(rows(made, np.arange(made.rows)))
    assert (whole > 25).all()
    assert others.max() < 8
    reading = read_all(rows(made, np.arange(made.rows)), table(), plan.sheets[0], plan, book)
    assert reading is not None
    found = find_sources(reading.symbols, book, np.arange(300, dtype=np.uint64), 36.0, BLENDS)
    assert [s.copy for s in found.named] == [COPY]
    assert found.named[0].log_e == pytest.approx(whole.sum())
    assert found.named[0].log_chance <= -found.named[0].log_e


def test_half_of_the_rows_moved_a_little_still_tell_by_order() -> None:
    _, _, made = copy_of()
    rng = np.random.default_rng(1)
    kept = np.sort(rng.permutation(made.rows)[: made.rows // 2])
    moved = kept[np.argsort(np.arange(len(kept)) + rng.normal(0, 8, len(kept)))]
    mine, others = by_channel(rows(made, moved))
    assert mine[1] > 10
    assert mine[2] > 5
    assert others.max() < 9


@pytest.mark.parametrize("how", ["shuffled", "sorted"])
def test_a_shuffled_or_sorted_table_tells_by_decoys_and_not_by_order(how: str) -> None:
    _, _, made = copy_of()
    rng = np.random.default_rng(2)
    order = rng.permutation(made.rows) if how == "shuffled" else np.argsort(made.numbers[:, 3])
    mine, others = by_channel(rows(made, order))
    assert abs(mine[1]) < 6
    assert mine[2] > 25
    assert others.max() < 8


def test_the_original_and_another_table_tell_nothing() -> None:
    mine, others = by_channel(rows(table(), np.arange(700)))
    assert max(mine.max(), others.max()) < 6
    assert mine[2] == 0


def test_decoys_are_readings_of_their_columns_under_keys_of_their_own() -> None:
    plan, _, made = copy_of()
    assert len(set(made.columns[0])) == made.rows
    old = {text: i for i, text in enumerate(table().columns[0])}
    new = [i for i, text in enumerate(made.columns[0]) if text not in old]
    assert len(new) == made.rows - 700
    u = [c.declared for c in plan.sheets[0].columns]
    for column in range(1, 9):
        known = np.sort(table().numbers[:, column])
        for value in made.numbers[new, column]:
            assert np.abs(known - value).min() <= u[column - 1]
    real = [i for i in range(made.rows) if i not in set(new)]
    back = np.array([old[made.columns[0][i]] for i in real])
    assert sorted(back) == list(range(700))
    assert (np.abs(made.numbers[real, 1:] - table().numbers[back, 1:]) <= np.array(u) + 1e-9).all()


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.jsonl", "t.parquet"])
def test_rows_move_whole_in_every_format_that_can(tmp_path: Path, name: str) -> None:
    kind, write = KINDS[name]
    source, target = tmp_path / name, tmp_path / f"copy-{name}"
    write(table(), source)
    declared = {**attacks.uncertainties(table()), "row_order": "free"}
    plan = plan_here(source, kind, Declaration.from_dict(declared))
    assert plan.table is not None
    assert plan.table.order is not None
    book = book_of(plan.table)
    write_here(
        Job(source, target, kind, plan, bytes(24), book.layout_key, book.word(COPY), book.layout_keys())
    )
    order = RowOrder(book.layout_keys()["order"], 700, plan.table.order.symbols)
    arranged = order.arranged(book.word(COPY)[plan.table.symbols : plan.table.symbols + order.symbols])
    wanted = [table().columns[0][i] for i in arranged]
    if kind is Kind.CSV:
        with target.open(encoding="utf-8", newline="") as lines:
            assert [row["time"] for row in csv.DictReader(lines)] == wanted
    elif name == "t.parquet":
        made = pq.read_table(target)
        assert made["time"].to_pylist() == wanted
        assert made["count"].to_pylist() == arranged.tolist()
    else:
        text = target.read_text("utf-8")
        found = (
            json.loads(text)["rows"] if name == "t.json" else [json.loads(line) for line in text.splitlines()]
        )
        assert [row["time"] for row in found] == wanted


@pytest.mark.parametrize("name", ["t.xlsx", "t.sqlite"])
def test_a_format_without_room_says_so_and_is_marked_in_its_cells(tmp_path: Path, name: str) -> None:
    kind, write = KINDS[name]
    write(table(), tmp_path / name)
    plan = plan_here(tmp_path / name, kind, Declaration.from_dict({**attacks.uncertainties(table()), **BOTH}))
    assert plan.table is not None
    assert not plan.table.extras
    assert "order of rows can't be a mark" in " ".join(plan.notes)
    assert "decoy rows can be put into CSV and TSV files only" in " ".join(plan.notes)


def test_nothing_is_added_unasked_and_a_counter_keeps_its_order() -> None:
    plain = planned(notice="beside")
    assert not plain.extras
    assert "order" not in plain.to_dict()
    assert TablePlan.from_dict(planned().to_dict()) == planned()
    with pytest.raises(MalformedDeclaration, match="counter"):
        Declaration.from_dict(
            {**attacks.uncertainties(table()), "row_order": "free", "monotone": {"c1": "increasing"}}
        )


def test_with_two_keys_a_table_is_marked_in_its_cells_alone() -> None:
    said = Declaration.from_dict({**attacks.uncertainties(table()), **BOTH})
    plan, notes = plan_tables([table()], said, 2)
    assert plan is not None
    assert not plan.extras
    assert CELLS_ALONE in notes
    unasked, notes = plan_tables([table()], Declaration.from_dict(attacks.uncertainties(table())), 2)
    assert unasked is not None
    assert (unasked.symbols, CELLS_ALONE in notes) == (plan.symbols, False)


@settings(max_examples=25, deadline=None)
@given(st.integers(256, 900), st.integers(0, 2**32), st.data())
def test_an_order_is_a_permutation_that_is_read_back(count: int, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    order = RowOrder(rng.bytes(32), count, symbols_for(count))
    bits = rng.integers(0, 2, order.symbols).astype(np.uint8)
    arranged = order.arranged(bits)
    assert np.array_equal(np.sort(arranged), np.arange(count))
    kept = arranged[np.sort(rng.permutation(count)[: data.draw(st.integers(2, count))])]
    read = order.read(kept)
    told = read.information > 0
    assert np.array_equal(read.sums[told] > 0, bits[told] == 1)
    assert np.array_equal(np.abs(read.sums), read.information)


def test_pieces_of_one_leak_add_up() -> None:
    plan, book, made = copy_of()
    parts = [rows(made, part) for part in np.array_split(np.arange(made.rows), 2)]
    readings = [read_all(part, table(), plan.sheets[0], plan, book) for part in parts]
    assert all(readings)
    both = together(readings[0].symbols, readings[1].symbols, book)  # type: ignore[union-attr]
    weigher = weigher_of(both, book.biases, [n for _, n in book.parts_of], BLENDS)
    assert isinstance(weigher, JointWeigher)
    assert weigher.by_channel(book.words(np.array([7], np.uint64)))[2, 0] > 25


def test_a_joint_key_says_where_each_channel_ends() -> None:
    book = book_of(planned())
    parts = split_key(book.bias_key, book.symbols)
    assert [n for _, n in parts] == [n for _, n in book.parts_of]
    assert [key for key, _ in parts] == [one.bias_key for one in book.books]
    for wrong in (book.bias_key[:-1], book.bias_key[:36], b""):
        with pytest.raises(ValueError, match="does not cover"):
            split_key(wrong, book.symbols)
    ids = np.arange(50, dtype=np.uint64)
    assert np.array_equal(book.words(ids), np.concatenate([b.words(ids) for b in book.books], axis=1))
    some = np.array([0, 3, book.blocks - 1])
    assert np.array_equal(book.parts(ids, some)[:, 16:32], book.words(ids)[:, 48:64])


def test_the_rounds_weigh_all_channels_and_take_the_named_ones_as_known() -> None:
    book, sources = JointBook([CodeBook(KEY, name, 128) for name in ("table", "order")]), range(1, 7)
    ids = np.arange(100, dtype=np.uint64)
    words = 2.0 * np.array([book.word(CopyId(copy)) for copy in sources]) - 1
    blend = SoftSymbols(words.mean(axis=0), np.ones(book.symbols))
    found = find_sources(blend, book, ids, math.log(1e9), BLENDS)
    assert {source.copy.value for source in found.named} == set(sources)
    assert {source.round for source in found.named} == {1, 2}
    lengths = [count for _, count in book.parts_of]
    for source in found.named:
        before = [s.copy for s in found.named if s.round < source.round]
        bits = np.array([book.word(copy) for copy in before]) if before else None
        weigher = weigher_of(blend, book.biases, lengths, BLENDS, bits)
        word = book.words(np.array([source.copy.value], np.uint64))
        assert source.log_e == pytest.approx(float(weigher.log_e(word)[0]))
        assert source.log_chance == weigher.log_chance(source.log_e)


# -- the bound on innocent copies: P(E >= t) <= 1/t ----------------------------------------------

INNOCENT = np.arange(10**6, 10**6 + 30_000, dtype=np.uint64)
ROWS, LENGTH = 700, 256
ORDER = RowOrder(CodeBook(KEY, "order", LENGTH).layout_key, ROWS, LENGTH)
ORDER_BOOK, DECOY_BOOK = CodeBook(KEY, "order", LENGTH), CodeBook(KEY, "decoy", decoys.POOL)


def leaks() -> list[tuple[CodeBook, SoftSymbols]]:
    """Orders of one copy, of parts of it, of blends, of a shuffled table; decoys of each of these."""
    rng, made = np.random.default_rng(9), []
    bits = [np.unpackbits(word) for word in ORDER_BOOK.words(np.arange(3, dtype=np.uint64))]
    whole = ORDER.arranged(bits[0])
    mixed = ORDER.arranged(np.where(rng.random(LENGTH) < 0.5, bits[0], bits[1]))
    for start in (
        whole,
        whole[np.sort(rng.permutation(ROWS)[:300])],
        mixed,
        rng.permutation(ROWS),
        np.arange(ROWS),
    ):
        made.append((ORDER_BOOK, ORDER.read(start)))
    words = [np.unpackbits(word) for word in DECOY_BOOK.words(np.arange(3, dtype=np.uint64))]
    for seen in (words[0] == 1, (words[0] | words[1] | words[2]) == 1, (words[0] == 1) & (rng.random(128) < 0.3),
                 rng.random(128) < 0.1):  # fmt: skip
        absent = 0.02
        made.append((DECOY_BOOK, SoftSymbols(np.where(seen, 1.0, -absent), np.where(seen, 1.0, absent))))
    return made


def highest_excess(biased: bool = False) -> float:
    """The largest of t x P(E >= t) over t = 10, 100, 1000 and all leaks; `biased` breaks a condition of the proof."""
    worst = 0.0
    for book, symbols in leaks():
        words = book.words(INNOCENT)
        biases = np.full_like(book.biases, 128) if biased else book.biases
        log_e = Weigher(symbols, biases, BLENDS).log_e(words)
        worst = max(worst, *(t * float((log_e >= np.log(t)).mean()) for t in (10, 100, 1000)))
    return worst


def test_innocent_copies_keep_the_bound_on_order_and_decoys() -> None:
    assert highest_excess() <= 1


def test_the_same_check_fails_where_the_biases_are_not_those_of_the_words() -> None:
    assert highest_excess(biased=True) > 1


def test_chance_finds_of_decoys_are_no_evidence_against_anybody() -> None:
    """A leak that holds rows near many decoys, put there without any copy: e-values stay as small as they must."""
    plan, book, _ = copy_of()
    keys = book.layout_keys()
    pool = decoys.pool(table(), plan.sheets[0], plan, keys["decoy"]).readings
    forged = np.vstack([table().numbers[:300, 1:], pool[np.random.default_rng(4).random(len(pool)) < 0.5]])
    columns = [c.column for c in plan.sheets[0].columns]
    symbols, found = decoys.read(
        forged, columns, table(), plan.sheets[0], plan, keys["decoy"], book.books[-1].biases
    )
    assert len(found) > 40
    log_e = Weigher(symbols, book.books[-1].biases, BLENDS).log_e(book.books[-1].words(INNOCENT))
    assert all(float((log_e >= np.log(t)).mean()) <= 1 / t for t in (10, 100, 1000))
