"""The customs desk on a small season: every page answers, drawings are clean, an alert becomes one case."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from sealtrace.errors import Corrupted
from sealtrace.policy.model import Role
from sealtrace.testing.trade_scene import write_scene
from sealtrace.trade.book import Book
from sealtrace.trade.declarations import read
from sealtrace.web.trade import drawing

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("season"), rows=1200, frauds=24, seed=7).folder


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Let the desk's folder be this one."""
    from sealtrace.web.trade import desk

    monkeypatch.setattr(desk, "PATIENCE_S", 60.0)
    return lambda folder: monkeypatch.setattr(desk, "folder", lambda: folder)


def test_an_empty_desk_says_how_to_import(at, tmp_path, client_of) -> None:
    at(tmp_path / "none")
    client = client_of(Role.CUSTOMS)
    for address in ("", "/network", "/map", "/mirror", "/statistics", "/alert/D-1"):
        page = client.get(f"/customs{address}")
        assert page.status_code == 200
        assert (
            f"sealtrace trade import declarations.csv --book {tmp_path / 'none'}/book.db"
            in page.content.decode()
        )


def test_every_page_answers_without_inline_style(at, season, client_of) -> None:
    at(season)
    client = client_of(Role.CUSTOMS)
    from sealtrace.web.trade import desk

    first = desk.desk(wait=True).ranking.decl_id[0]
    party = desk.desk(wait=True).declarations["consignee"][0]
    addresses = (
        "", "?start=25&office=P1", f"/alert/{first}", "/network", f"/network?party={party}&hops=1",
        "/map?goods=strategic&first=2031-02-03", "/mirror?partner=VN&least=10", "/statistics?goods=other",
    )  # fmt: skip
    for address in addresses:
        page = client.get(f"/customs{address}")
        assert page.status_code == 200, address
        assert " style=" not in page.content.decode(), address
    page = client.get(f"/customs/alert/{first}").content.decode()
    assert page.count('class="innocent"') >= 1
    assert "<figure" in page


@pytest.mark.parametrize(
    "address", ["/alert/nothing", "/network?party=nobody", "/map?goods=all-of-it", "/map?first=31"]
)
def test_what_is_not_there_or_makes_no_sense_is_refused(at, season, client_of, address) -> None:
    at(season)
    assert 400 <= client_of(Role.CUSTOMS).get(f"/customs{address}").status_code < 500


def test_an_alert_becomes_one_case_with_its_pictures(at, season, client_of, site) -> None:
    at(season)
    from sealtrace.cases import files
    from sealtrace.web.trade import desk

    client, first = client_of(Role.CUSTOMS), desk.desk(wait=True).ranking.decl_id[0]
    said = {"basis": "Customs Law", "statute": "art. 82", "arm": "random"}
    where = {client.post(f"/customs/alert/{first}/case", said)["Location"] for _ in range(2)}
    assert len(where) == 1
    number = where.pop().rpartition("/")[2]
    case = files.load(site.office, number)
    assert case.items["s-1"].fields["ref"] == first
    assert any(i.fields.get("kind") == "image" for i in case.items.values())
    assert first in client.get(f"/cases/{number}").content.decode()


def test_the_roles_that_have_no_business_at_the_desk_are_refused(client_of) -> None:
    assert client_of(Role.READER).get("/customs").status_code == 403
    assert client_of(Role.TRACER).post("/customs/alert/D-1/case").status_code == 403


def test_the_desk_reads_the_book_and_notices_a_new_import(at, season, tmp_path, client_of) -> None:
    from sealtrace.web.trade import desk

    at(tmp_path)
    rows = next(read(season / "declarations.csv")).frame
    shutil.copy(season / "licences.csv", tmp_path)
    for many in (300, 301):
        with Book(tmp_path / "book.db") as book:
            book.take(rows.head(many), datetime(2031, 9, 1, tzinfo=UTC))
        opened = desk.desk(wait=True)
        assert len(opened.declarations) == many
        assert desk.desk(wait=True) is opened


def test_a_desk_that_is_being_read_says_so_and_an_older_one_goes_on(
    at, season, tmp_path, client_of, monkeypatch
) -> None:
    from sealtrace.web.trade import desk

    at(tmp_path)
    shutil.copytree(season, tmp_path, dirs_exist_ok=True)
    client, go_on, made = client_of(Role.CUSTOMS), Event(), desk._made

    def slowly(place: Path) -> object:
        assert go_on.wait(60)
        return made(place)

    monkeypatch.setattr(desk, "_made", slowly)
    monkeypatch.setattr(desk, "PATIENCE_S", 0.01)
    page = client.get("/customs", HTTP_ACCEPT_LANGUAGE="en")
    assert page.status_code == 202
    assert b'hx-get="/customs"' in page.content
    go_on.set()
    first = desk.desk(wait=True)
    go_on.clear()
    (tmp_path / "declarations.csv").touch()
    assert client.get("/customs").status_code == 200
    assert desk.desk() is first
    go_on.set()
    assert desk.desk(wait=True) is not first


@pytest.mark.parametrize(
    "svg",
    ["<svg><script>1</script></svg>", '<svg onload="x"/>', '<svg><path style="a"/></svg>', "<svg><a href='x'/></svg>",
     "<!DOCTYPE svg><svg/>", "<svg"],
)  # fmt: skip
def test_a_drawing_with_more_than_shapes_is_not_put_into_a_page(svg) -> None:
    with pytest.raises(Corrupted):
        drawing.inline(svg)
