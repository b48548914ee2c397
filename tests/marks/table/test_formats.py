"""Every kind of table: marked cells read back, everything else as it was, and the copy named from any of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import apsw
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook

from sealtrace.content.kinds import Kind
from sealtrace.content.tables import records
from sealtrace.content.tables.files import read_here
from sealtrace.content.tables.model import Table
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.files import find_stamps, plan_here, write_here
from sealtrace.marks.formats.model import Job
from sealtrace.marks.models import BLENDS
from sealtrace.marks.table.declaration import Declaration
from sealtrace.marks.table.detect import read_table
from sealtrace.testing.tables import readings, uncertainties


@pytest.fixture(scope="module")
def table() -> Table:
    return readings(np.random.default_rng(21), 500, 6)


def as_csv(table: Table, path: Path) -> None:
    rows = [table.header, *zip(*table.columns, strict=True)]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", "utf-8")


def as_json(table: Table, path: Path) -> None:
    rows = [
        {n: c if n == "time" else float(c) for n, c in zip(table.header, row, strict=True)}
        for row in zip(*table.columns, strict=True)
    ]
    path.write_text(json.dumps({"unit": "line 2", "rows": rows}, indent=1), "utf-8")


def as_lines(table: Table, path: Path) -> None:
    rows = [dict(zip(table.header, row, strict=True)) for row in zip(*table.columns, strict=True)]
    lines = [json.dumps({k: v if k == "time" else float(v) for k, v in row.items()}) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def as_parquet(table: Table, path: Path) -> None:
    columns = {
        n: c if n == "time" else np.array(c, float) for n, c in zip(table.header, table.columns, strict=True)
    }
    made = pa.table({**columns, "count": pa.array(range(table.rows))}).replace_schema_metadata(
        {"origin": "line 2"}
    )
    pq.write_table(made, path, row_group_size=200, compression="gzip")


def as_xlsx(table: Table, path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Readings"
    sheet.append(["Line 2, week 10"])
    sheet.append([*table.header, "sum"])
    for number, row in enumerate(zip(*table.columns, strict=True), 3):
        sheet.append([row[0], *map(float, row[1:]), f"=B{number}+C{number}"])
    book.create_sheet("Notes").append(["nothing here"])
    book.save(path)


def as_sqlite(table: Table, path: Path) -> None:
    db = apsw.Connection(str(path))
    names = ", ".join(f'"{n}" {"TEXT" if n == "time" else "REAL"}' for n in table.header)
    db.execute(f"CREATE TABLE readings({names}); CREATE TABLE log(at TEXT)")
    db.execute("CREATE TRIGGER spy AFTER UPDATE ON readings BEGIN INSERT INTO log VALUES ('changed'); END")
    rows = [(row[0], *map(float, row[1:])) for row in zip(*table.columns, strict=True)]
    with db:
        db.executemany(f"INSERT INTO readings VALUES ({', '.join('?' * len(table.header))})", rows)
    db.close()


KINDS: dict[str, tuple[Kind, Callable[[Table, Path], None]]] = {
    "t.csv": (Kind.CSV, as_csv),
    "t.json": (Kind.JSON, as_json),
    "t.jsonl": (Kind.JSON, as_lines),
    "t.parquet": (Kind.PARQUET, as_parquet),
    "t.xlsx": (Kind.XLSX, as_xlsx),
    "t.sqlite": (Kind.SQLITE, as_sqlite),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_copy_is_named_from_its_cells_and_keeps_the_rest(tmp_path: Path, table: Table, name: str) -> None:
    kind, write = KINDS[name]
    source, target = tmp_path / name, tmp_path / f"copy-{name}"
    write(table, source)
    plan = plan_here(source, kind, Declaration.from_dict(uncertainties(table)))
    assert plan.table is not None, plan.notes
    book = CodeBook(bytes(32), "table", plan.table.symbols)
    job = Job(source, target, kind, plan, bytes(24), book.layout_key, book.word(CopyId(7)))
    marks = {m.channel: m.capacity for m in write_here(job)}
    assert marks["table"] == plan.table.symbols
    assert write_again(job, tmp_path / "again") == target.read_bytes()
    before, after = read_here(source, kind)[0], read_here(target, kind)[0]
    assert before.header == after.header
    marked = {c.column for c in plan.table.sheets[0].columns}
    assert len(marked) == 6
    for i, (old, new) in enumerate(zip(before.columns, after.columns, strict=True)):
        assert (old != new) == (i in marked), before.header[i]
    reading = read_table(after, before, plan.table.sheets[0], book.layout_key, plan.table.symbols)
    assert reading is not None
    log_e = Weigher(reading.symbols, book.biases, BLENDS).log_e(book.words(np.arange(20, dtype=np.uint64)))
    assert log_e.argmax() == 7
    assert log_e[7] > threshold(10**6, 1e-9)
    assert find_stamps(target, kind) or not plan.stamp


def write_again(job: Job, target: Path) -> bytes:
    from dataclasses import replace

    write_here(replace(job, target=target))
    return target.read_bytes()


def test_a_workbook_keeps_its_parts_and_calculates_when_opened(tmp_path: Path, table: Table) -> None:
    as_xlsx(table, tmp_path / "t.xlsx")
    plan = plan_here(tmp_path / "t.xlsx", Kind.XLSX, Declaration.from_dict(uncertainties(table)))
    assert plan.table is not None
    book = CodeBook(bytes(32), "table", plan.table.symbols)
    write_here(
        Job(
            tmp_path / "t.xlsx",
            tmp_path / "c.xlsx",
            Kind.XLSX,
            plan,
            bytes(24),
            book.layout_key,
            book.word(CopyId(1)),
        )
    )
    with zipfile.ZipFile(tmp_path / "t.xlsx") as old, zipfile.ZipFile(tmp_path / "c.xlsx") as new:
        same = [n for n in old.namelist() if old.read(n) == new.read(n)]
        assert {"xl/styles.xml", "xl/worksheets/sheet2.xml", "xl/theme/theme1.xml"} <= set(same)
        assert b'fullCalcOnLoad="1"' in new.read("xl/workbook.xml")
    sheet = load_workbook(tmp_path / "c.xlsx")["Readings"]
    assert sheet["A1"].value == "Line 2, week 10"
    assert sheet["H3"].value == "=B3+C3"
    assert isinstance(sheet["B3"].value, float | int)


def test_numbers_written_as_words_are_left_alone(tmp_path: Path, table: Table) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(list(table.header))
    for number, row in enumerate(zip(*table.columns, strict=True)):
        sheet.append([row[0], row[1] if number % 50 == 0 else float(row[1]), *map(float, row[2:])])
    book.save(tmp_path / "t.xlsx")
    plan = plan_here(tmp_path / "t.xlsx", Kind.XLSX, Declaration.from_dict(uncertainties(table)))
    assert plan.table is not None
    code = CodeBook(bytes(32), "table", plan.table.symbols)
    job = Job(
        tmp_path / "t.xlsx", tmp_path / "c.xlsx", Kind.XLSX, plan, bytes(24), code.layout_key, code.word(CopyId(1))
    )  # fmt: skip
    write_here(job)
    after = load_workbook(tmp_path / "c.xlsx").active
    assert [after.cell(2 + n, 2).value for n in range(0, 500, 50)] == [
        table.columns[1][n] for n in range(0, 500, 50)
    ]


def test_parquet_keeps_types_groups_and_metadata(tmp_path: Path, table: Table) -> None:
    as_parquet(table, tmp_path / "t.parquet")
    plan = plan_here(tmp_path / "t.parquet", Kind.PARQUET, Declaration.from_dict(uncertainties(table)))
    assert plan.table is not None
    book = CodeBook(bytes(32), "table", plan.table.symbols)
    write_here(
        Job(
            tmp_path / "t.parquet",
            tmp_path / "c.parquet",
            Kind.PARQUET,
            plan,
            bytes(24),
            book.layout_key,
            book.word(CopyId(1)),
        )
    )
    old, new = pq.ParquetFile(tmp_path / "t.parquet"), pq.ParquetFile(tmp_path / "c.parquet")
    assert old.schema_arrow.equals(new.schema_arrow)
    assert new.metadata.num_row_groups == old.metadata.num_row_groups
    assert new.metadata.row_group(0).column(1).compression == "GZIP"
    assert new.schema_arrow.metadata[b"origin"] == b"line 2"
    assert old.read()["count"].equals(new.read()["count"])


@pytest.mark.parametrize(
    "text", ["[1, 2, 3]", "{}", '{"a": [1, [2]], "b": 3}', "[[[]]]", '"x"', '[{"a": 1}]']
)
def test_json_without_a_table_has_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    assert records.read(tmp_path / "x.json") == []


def test_a_database_runs_nothing_of_its_own_while_it_is_marked(tmp_path: Path, table: Table) -> None:
    as_sqlite(table, tmp_path / "t.sqlite")
    plan = plan_here(tmp_path / "t.sqlite", Kind.SQLITE, Declaration.from_dict(uncertainties(table)))
    assert plan.table is not None
    book = CodeBook(bytes(32), "table", plan.table.symbols)
    copy = tmp_path / "c.sqlite"
    write_here(
        Job(tmp_path / "t.sqlite", copy, Kind.SQLITE, plan, bytes(24), book.layout_key, book.word(CopyId(1)))
    )
    assert [t.rows for t in read_here(copy, Kind.SQLITE)] == [500, 0]
    db = apsw.Connection(str(copy))
    assert "uncertainty" in db.execute("SELECT notice FROM sealtrace_copy").fetchone()[0]
    db.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.sqlite", "t.sqlite"]


def test_json_columns_are_a_table(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"t": ["a", "b"], "v": [1.50, -2e3], "n": [null, true]}', "utf-8")
    [found] = records.read(tmp_path / "x.json")
    assert found.header == ("t", "v", "n")
    assert found.columns == (("a", "b"), ("1.50", "-2e3"), ("", ""))
    records.rewrite(tmp_path / "x.json", tmp_path / "y.json", [{1: ["1.60", None]}])
    assert (tmp_path / "y.json").read_text(
        "utf-8"
    ) == '{"t": ["a", "b"], "v": [1.60, -2e3], "n": [null, true]}'
