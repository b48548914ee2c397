"""An order asked for again gives the copies it gave, whatever happened to the first asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.custody import controls, issue
from sealtrace.custody.model import Recipient, written
from sealtrace.custody.orders import Terms
from sealtrace.custody.service import Custody
from sealtrace.errors import KeyReused, StorageFailed, UsageProblem

PEOPLE = [Recipient(f"op-{n}", f"dev-{n}", "10.0.0.1") for n in range(5)]


@pytest.fixture
def code(custody: Custody, page_png: Callable[..., Path]) -> str:
    return str(custody.register([page_png(21, size=(620, 877))])[0].code)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("batch", [1, 2])
def test_an_order_that_dies_between_batches_goes_on_where_it_was(
    kept, bulk, batch, custody: Custody, code: str, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(issue, "BATCH", 2)
    monkeypatch.setattr(issue, "BULK_BATCH", 2)
    out, terms = None if bulk else tmp_path / "out", Terms(key="order-1")
    enter, calls = issue.enter_copies, iter(range(1, 9))

    def dying(*args, **kwargs):
        fails = next(calls) == batch
        if fails and not kept:
            raise StorageFailed("here")
        made = enter(*args, **kwargs)
        if fails:
            raise StorageFailed("here")
        return made

    with monkeypatch.context() as broken:
        broken.setattr(issue, "enter_copies", dying)
        with pytest.raises(StorageFailed):
            custody.issue_many(code, PEOPLE, out, terms=terms)
    first = {c.id for c in custody.copies(code=code)}
    assert len(first) == 2 * (batch - 1 + kept)
    made = custody.issue_many(code, PEOPLE, out, terms=terms)
    assert [c.operator for c in made] == [p.operator for p in PEOPLE]
    assert first <= {c.id for c in made}
    again = custody.issue_many(code, PEOPLE, out, terms=terms)
    assert [(c.id, c.entry.index, c.sha256) for c in again] == [(c.id, c.entry.index, c.sha256) for c in made]
    assert len(custody.copies(code=code)) == len(PEOPLE)
    if not bulk:
        assert custody.fetch(made[0].id, tmp_path / "again.png").sha256 == made[0].sha256


def test_a_key_names_one_order(custody: Custody, code: str, tmp_path: Path) -> None:
    terms = Terms(key="order-1")
    custody.issue_many(code, PEOPLE, None, terms=terms)
    for people, changed in (
        (PEOPLE[:2], terms),
        (PEOPLE, Terms("order-1", until=custody.office.clock.now())),
    ):
        with pytest.raises(KeyReused):
            custody.issue_many(code, people, None, terms=changed)
    other = custody.issue_many(code, PEOPLE, None, terms=Terms(key="order-2"))
    assert len(custody.copies(code=code)) == 2 * len(other) == 10
    with pytest.raises(UsageProblem):
        Terms(key="k" * 201)


def test_copies_of_an_order_that_ends_end_from_the_first_moment(
    custody: Custody, code: str, tmp_path: Path
) -> None:
    office = custody.office
    until = office.clock.now() + timedelta(days=3)
    made = custody.issue_many(code, PEOPLE[:2], tmp_path / "out", terms=Terms("k", until, "op-9"))
    for copy in made:
        standing = controls.standing(office, copy.id)
        assert (standing.ended, standing.expires_at) == (None, written(until))
    assert custody.check() == []
