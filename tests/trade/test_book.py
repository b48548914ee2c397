"""The book: the same import changes nothing, corrections are versions, outcomes are bitemporal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.testing.trade_scene import Scene
from sealtrace.trade.book import Book, Taken
from sealtrace.trade.declarations import read
from sealtrace.trade.model import Label, Source

AT = datetime(2031, 9, 1, tzinfo=UTC)


def test_importing_again_changes_nothing_and_corrections_are_new_versions(
    scene: Scene, tmp_path: Path
) -> None:
    (batch,) = read(scene.folder / "declarations.csv")
    frame = batch.frame.head(200)
    with Book(tmp_path / "book.db") as book:
        assert book.take(frame, AT, dry_run=True) == Taken(200, 0, 0)
        assert book.take(frame, AT) == Taken(200, 0, 0)
        assert book.take(frame, AT) == Taken(0, 0, 200)
        first = frame["decl_id"][0]
        changed = frame.with_columns(
            pl.when(pl.col("decl_id") == first).then(1.0).otherwise("net_kg").alias("net_kg")
        )
        assert book.take(changed, AT + timedelta(days=1)) == Taken(0, 1, 199)
        assert [v for v, _, _ in book.versions(first)] == [1, 2]
    with Book(tmp_path / "book.db") as book:
        now = pl.concat(book.declarations(batch_rows=70)).sort("decl_id")
        then = pl.concat(book.declarations(as_of=AT)).sort("decl_id")
        assert now.equals(changed.sort("decl_id"))
        assert then.equals(frame.sort("decl_id"))


def test_a_correction_holds_from_its_own_day_and_is_known_from_another(scene: Scene, tmp_path: Path) -> None:
    (batch,) = read(scene.folder / "declarations.csv")
    frame = batch.frame.head(1)
    day, name = frame["date"][0], frame["consignee"][0]
    moved = frame.with_columns(consignee=pl.lit("moved"))
    with Book(tmp_path / "book.db") as book:
        book.take(frame, AT)
        book.take(moved, AT + timedelta(days=9), valid_from=day + timedelta(days=30))

        def seen(valid_on: date, as_of: datetime) -> list[str]:
            found = list(book.declarations(as_of=as_of, valid_on=valid_on))
            return pl.concat(found)["consignee"].to_list() if found else []

        after, later = day + timedelta(days=30), AT + timedelta(days=9)
        assert seen(after, later) == ["moved"]
        assert seen(after - timedelta(days=1), later) == [name]
        assert seen(after, AT) == [name], "what was not known then does not count"
        assert seen(day - timedelta(days=1), later) == []


def test_an_appeal_flips_an_outcome_and_the_past_stays_as_it_was_known(tmp_path: Path) -> None:
    sentence = Label("D1", True, date(2031, 3, 1), AT, Source.COURT)
    appeal = Label("D1", False, date(2031, 3, 1), AT + timedelta(days=90), Source.APPEAL, "acquitted")
    with Book(tmp_path / "book.db") as book:
        assert book.add([sentence, appeal]) == 2
        assert book.add([appeal, sentence]) == 0
        day = date(2031, 6, 1)
        assert book.outcomes(valid_on=day, known_at=AT) == {"D1": True}
        assert book.outcomes(valid_on=day, known_at=AT + timedelta(days=90)) == {"D1": False}
        assert book.outcomes(valid_on=date(2031, 2, 1), known_at=AT + timedelta(days=90)) == {}
        assert book.history("D1") == [sentence, appeal]


labels = st.builds(
    Label,
    decl_id=st.sampled_from(["D1", "D2"]),
    fraud=st.sampled_from([True, False, None]),
    valid_from=st.dates(date(2031, 1, 1), date(2031, 1, 9)),
    known_at=st.integers(0, 9).map(lambda d: AT + timedelta(days=d)),
    source=st.sampled_from(list(Source)),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(labels, max_size=8, unique_by=lambda x: (x.decl_id, x.known_at)),
    st.integers(0, 9),
    st.integers(1, 9),
)
def test_outcomes_are_those_known_last(given_labels: list[Label], known: int, day: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as tmp, Book(Path(tmp) / "book.db") as book:
        book.add(given_labels)
        at, on = AT + timedelta(days=known), date(2031, 1, day)
        model: dict[str, bool] = {}
        for label in sorted(given_labels, key=lambda x: x.known_at):
            if label.known_at <= at and label.valid_from <= on:
                model.pop(label.decl_id, None)
                if label.fraud is not None:
                    model[label.decl_id] = label.fraud
        assert book.outcomes(valid_on=on, known_at=at) == model
