"""Reading declarations: the same rows from every format, bad rows named, bounded batches."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import InputDamaged, InputEmpty, InputMissing
from sealtrace.testing.trade_scene import Scene
from sealtrace.trade.declarations import newest, read
from sealtrace.trade.model import COLUMNS

HEAD = "decl_id,date,exporter,consignee,hs6,net_kg,value_usd,volume_m3,direction"
GOOD = "1,2031-05-06,E1,C1,250700,10,3.1,0.01,export"


def written(folder: Path, text: str, name: str = "d.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_csv_parquet_and_json_lines_say_the_same(scene: Scene, tmp_path: Path) -> None:
    source = scene.folder / "declarations.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:300]
    (tmp_path / "d.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    pl.DataFrame(rows).write_parquet(tmp_path / "d.parquet")
    frames = [
        newest(b.frame for b in read(p)).head(300)
        for p in (source, tmp_path / "d.jsonl", tmp_path / "d.parquet")
    ]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])
    assert frames[0].columns == list(COLUMNS)


@pytest.mark.parametrize(
    ("row", "column", "kept"),
    [
        ("1,2031-05-06,E1,C1,250700,-4,3.1,0.01,export", "net_kg", False),
        ("1,2031-05-06,E1,C1,250700,ten,3.1,0.01,export", "net_kg", False),
        ("1,2031-05-06,E1,C1,250700,inf,3.1,0.01,export", "net_kg", False),
        ("1,6 May,E1,C1,250700,10,3.1,0.01,export", "date", False),
        (",2031-05-06,E1,C1,250700,10,3.1,0.01,export", "decl_id", False),
        ("1,2031-05-06,E1,C1,250700,10,3.1,0.01,sideways", "direction", False),
        ("1,2031-05-06,E1,C1,250700,10,3.1,big,export", "volume_m3", True),
        ("1,2031-05-06,E1", "", False),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_taken(
    tmp_path: Path, row: str, column: str, kept: bool
) -> None:
    path = written(tmp_path, f"{HEAD}\n{GOOD}\n{row.replace('1,', '2,', 1)}\n")
    (batch,) = read(path)
    assert [(p.line, p.column) for p in batch.problems] == [(3, column)]
    assert len(batch.frame) == 1 + kept
    assert batch.rows == 2


def test_batches_are_bounded_and_lose_nothing(scene: Scene) -> None:
    whole = newest(b.frame for b in read(scene.folder / "declarations.csv"))
    parts = list(read(scene.folder / "declarations.csv", batch_rows=700))
    assert max(len(b.frame) for b in parts) == 700
    assert newest(b.frame for b in parts).equals(whole)
    assert len(whole) == scene.rows


def test_a_row_that_comes_again_is_a_correction(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}\n{GOOD}\n{GOOD.replace('10,3.1', '12,3.1')}\n")
    frame = newest(b.frame for b in read(path))
    assert frame["net_kg"].to_list() == [12.0]


def test_what_is_no_table_of_declarations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputDamaged, match="net_kg"):
        list(read(written(tmp_path, "decl_id,date\n1,2031-01-01\n")))
    with pytest.raises(InputEmpty):
        list(read(written(tmp_path, "", "e.csv")))
    with pytest.raises(InputMissing):
        list(read(tmp_path / "none.csv"))
    with pytest.raises(InputDamaged, match="Parquet"):
        list(read(written(tmp_path, "not parquet", "x.parquet")))
    (tmp_path / "latin.csv").write_bytes(HEAD.encode() + b"\n\xe9\n")
    with pytest.raises(InputDamaged, match="UTF-8"):
        list(read(tmp_path / "latin.csv"))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(1e-3, 1e6),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")),
        min_size=1,
        max_size=20,
    ),
)
def test_what_is_written_is_what_is_read(net: float, at: date, words: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as tmp:
        path = Path(tmp) / "d.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*HEAD.split(","), "desc"])
            writer.writerow([1, at.isoformat(), "E", "C", "250700", repr(net), 1, "", "", words])
        (batch,) = read(path)
    assert batch.problems == ()
    assert batch.frame.select("net_kg", "date", "desc").row(0) == (net, at, words.strip() or None)
