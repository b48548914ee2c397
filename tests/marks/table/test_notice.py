"""Every copy with marked cells says so, and whoever read the original reads the copy."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import apsw
import numpy as np
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from sealtrace.content.kinds import Kind
from sealtrace.content.tables.files import read_here
from sealtrace.content.tables.model import Table
from sealtrace.ids import CopyId
from sealtrace.marks import notice
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import find_stamps, plan_here, write_here
from sealtrace.marks.formats.model import Job
from sealtrace.marks.table.declaration import Declaration, MalformedDeclaration
from sealtrace.testing.tables import readings, uncertainties

from .test_formats import KINDS


@pytest.fixture(scope="module")
def table() -> Table:
    return readings(np.random.default_rng(21), 500, 6)


def copy_of(table: Table, name: str, folder: Path, **said: object) -> tuple[Path, Path, Kind]:
    kind, write = KINDS[name]
    source, target = folder / name, folder / f"copy-{name}"
    write(table, source)
    plan = plan_here(source, kind, Declaration.from_dict({**uncertainties(table), **said}))
    assert plan.table is not None, plan.notes
    book = CodeBook(bytes(32), "table", plan.table.symbols)
    write_here(Job(source, target, kind, plan, bytes(24), book.layout_key, book.word(CopyId(7))))
    return source, target, kind


def said_inside(name: str, path: Path) -> str:
    if name == "t.parquet":
        return pq.read_schema(path).metadata[b"sealtrace.notice"].decode()
    if name == "t.xlsx":
        return str({p.name: p.value for p in load_workbook(path).custom_doc_props.props}["SealtraceNotice"])
    db = apsw.Connection(str(path))
    try:
        return str(db.execute("SELECT notice FROM sealtrace_copy").fetchone()[0])
    finally:
        db.close()


@pytest.mark.parametrize("name", KINDS)
def test_the_notice_stands_where_the_format_has_a_place_and_nowhere_else(
    tmp_path: Path, table: Table, name: str
) -> None:
    source, target, kind = copy_of(table, name, tmp_path)
    if notice.beside(kind, notice.BESIDE):
        assert b"marked copy" not in target.read_bytes()
    else:
        assert said_inside(name, target) == notice.NOTICE
    before, after = read_here(source, kind), read_here(target, kind)
    assert [t.header for t in before] == [t.header for t in after]
    assert [t.rows for t in before] == [t.rows for t in after]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_comment_is_passed_over_by_reading_and_by_stamps(tmp_path: Path, table: Table, ends: str) -> None:
    source, target, kind = copy_of(table, "t.csv", tmp_path, notice="comment")
    target.write_bytes(target.read_text("utf-8").replace("\n", ends).encode())
    with target.open(encoding="utf-8") as lines:
        assert next(lines).rstrip() == f"# {notice.NOTICE}"
        assert next(csv.reader(lines)) == list(table.header)
    assert read_here(target, kind)[0].header == read_here(source, kind)[0].header
    assert read_here(target, kind)[0].rows == table.rows
    assert find_stamps(target, kind) == [bytes(24)]


def test_a_member_goes_into_an_object_only(tmp_path: Path, table: Table) -> None:
    source, target, kind = copy_of(table, "t.json", tmp_path, notice="member")
    old, new = json.loads(source.read_text("utf-8")), json.loads(target.read_text("utf-8"))
    assert new.pop(notice.NAME) == notice.NOTICE
    assert new.keys() == old.keys()
    assert new["unit"] == old["unit"]
    assert read_here(target, kind)[0].rows == table.rows
    _, lines, _ = copy_of(table, "t.jsonl", tmp_path, notice="member")
    assert all(json.loads(line).keys() == set(table.header) for line in lines.read_text("utf-8").splitlines())
    assert notice.beside(Kind.JSON, notice.MEMBER, lines.read_text("utf-8"))
    assert notice.beside(Kind.JSON, notice.MEMBER, "[1, 2]")
    assert json.loads(notice.with_member("{}")) == {notice.NAME: notice.NOTICE}


def test_a_place_that_is_none_is_refused(table: Table) -> None:
    with pytest.raises(MalformedDeclaration, match="beside or comment or member"):
        Declaration.from_dict({**uncertainties(table), "notice": "anywhere"})
