"""From an alert of the customs desk to a case and back: papers and pictures as evidence, outcomes in the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealtrace.cases import files, service
from sealtrace.cases.alerts import open_on_alert, return_labels
from sealtrace.cases.model import Result
from sealtrace.custody.office import Office
from sealtrace.errors import StorageFailed
from sealtrace.testing.trade_scene import write_scene
from sealtrace.trade import service as desk
from sealtrace.trade.book import Book
from tests.cases.conftest import AT, LI, WANG


@pytest.fixture(scope="module")
def alerts(tmp_path_factory: pytest.TempPathFactory) -> list[desk.Alert]:
    """The first two of the ranking: a case is opened once for each, so each test has its own."""
    scene = write_scene(tmp_path_factory.mktemp("scene"), rows=800, frauds=18, days=120, seed=3)
    opened = desk.open_desk(scene.folder)
    return [desk.alert(opened, name, "en") for name in opened.ranking.decl_id[:2]]


@pytest.fixture
def alert(alerts: list[desk.Alert]) -> desk.Alert:
    return alerts[0]


def test_an_alert_becomes_a_case_once_and_goes_on_after_a_crash(
    office: Office, alert: desk.Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise StorageFailed("no room")

    with monkeypatch.context() as full:
        full.setattr(service, "collect", crash)
        with pytest.raises(StorageFailed):
            open_on_alert(office, LI, alert, basis="b", statute="s")
    one = open_on_alert(office, LI, alert, basis="b", statute="s")
    assert open_on_alert(office, LI, alert, basis="b", statute="s") == one
    case = files.load(office, one.case)
    assert case.items[one.subject].text("ref") == alert.declaration["decl_id"]
    assert one.allegation is not None
    assert case.items[one.allegation].text("text") == alert.why[0].reason.text
    kinds = [case.items[e].text("kind") for e in one.evidence]
    assert kinds == ["document", *["image"] * sum(w.picture is not None for w in alert.why)]
    digest = case.items[one.evidence[1]].sha256
    assert digest is not None
    assert office.vault.read(digest).startswith(b"<svg")


def test_its_outcome_is_in_the_book(office: Office, alerts: list[desk.Alert], tmp_path: Path) -> None:
    alert = alerts[1]
    one = open_on_alert(office, LI, alert, basis="b", statute="s")
    done = service.propose_outcome(
        office, LI, one.case, Result.NO_FAULT, text="t", alternatives="a", basis="b"
    )
    service.sign_outcome(office, WANG, one.case, done.act.item)
    with Book(tmp_path / "book.db") as book:
        [label] = return_labels(office, one.case, book)
        assert return_labels(office, one.case, book) == [label]
        assert book.history(label.decl_id) == [label]
        assert book.outcomes(valid_on=AT.date().replace(year=2032), known_at=label.known_at) == {
            label.decl_id: False
        }
