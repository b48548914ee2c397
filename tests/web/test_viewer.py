"""The viewer's screens: what may be opened, and that nothing unmarked and nothing unentered is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sealtrace.custody import controls, looks, store
from sealtrace.custody.service import Custody
from sealtrace.errors import StorageFailed
from sealtrace.ids import CopyId
from sealtrace.policy.model import Role
from sealtrace.testing import tables

from ..conftest import spec_bytes


@pytest.fixture(scope="module")
def spec(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("viewer") / "spec.pdf"
    path.write_bytes(spec_bytes(71, 3))
    return str(site.register([path], level="core", title="Solvent extraction, 3rd edition")[0].code)


@pytest.fixture(scope="module")
def runs(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> str:
    table = tables.readings(np.random.default_rng(11), 600, 10)
    path = tmp_path_factory.mktemp("viewer") / "runs.csv"
    path.write_text("\n".join(map(",".join, [table.header, *zip(*table.columns, strict=True)])) + "\n")
    return str(site.register([path], uncertainty=tables.uncertainties(table))[0].code)


def test_the_list_shows_what_the_clearance_lets_open(client_of: Callable[..., Any], spec: str) -> None:
    cleared, other = client_of(Role.READER, clearance="core"), client_of(Role.READER)
    assert spec in cleared.get("/view").content.decode()
    assert spec not in other.get("/view").content.decode()
    for path in (f"/view/{spec}@1/1", f"/view/{spec}@1/1/picture", f"/view/{spec}@1/1/zoom/2"):
        assert other.get(path).status_code == 403


def test_a_page_is_entered_before_it_is_sent_and_is_one_copy_a_session(
    client_of: Callable[..., Any], spec: str, site: Custody
) -> None:
    client, size = client_of(Role.READER, clearance="core"), site.office.ledger.size()
    assert client.get(f"/view/{spec}@1/2").status_code == 200
    assert site.office.ledger.size() == size, "the frame around a page is no opening"
    first = client.get(f"/view/{spec}@1/2/picture")
    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"] == "no-store"
    assert site.office.ledger.size() == size + 1
    again = client.get(f"/view/{spec}@1/2/picture")
    assert again.content == first.content
    assert site.office.ledger.size() == size + 2
    [copy] = site.copies(code=spec, operator=client.operator.code)
    assert copy.purpose == "view"
    margin = client.get(f"/view/{spec}@1/2/opening").content.decode()
    assert str(copy.id) in margin
    [(entry, _, _)] = looks.looks(site.office.db, store.signed(copy.id))
    assert entry == size + 1


def test_without_the_ledger_nothing_is_shown(
    client_of: Callable[..., Any], spec: str, site: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(Role.READER, clearance="core")

    def full(*_: object) -> None:
        raise StorageFailed("writing to the ledger: no room")

    monkeypatch.setattr(site.office.ledger, "append_each", full)
    answer = client.get(f"/view/{spec}@1/1/picture")
    assert answer.status_code == 507
    assert answer["Content-Type"].startswith("text/html")
    assert not site.copies(operator=client.operator.code)


def test_zoomed_tiles_fit_together_and_are_this_readers_alone(
    client_of: Callable[..., Any], spec: str, site: Custody
) -> None:
    client, other = (client_of(Role.READER, clearance="core") for _ in range(2))
    assert client.get(f"/view/{spec}@1/1/zoom/2").status_code == 422, "the page is not open yet"
    client.get(f"/view/{spec}@1/1/picture")
    size = site.office.ledger.size()
    shown = client.get(f"/view/{spec}@1/1/zoom/2").content.decode()
    addresses = [part.split('"')[0] for part in shown.split('src="')[1:]]
    assert len(addresses) == 12
    tiles = [cv2.imdecode(np.frombuffer(client.get(a).content, np.uint8), 0) for a in addresses]
    assert site.office.ledger.size() == size + 1, "a zoom level is one entry"
    rows = [np.hstack(tiles[3 * n : 3 * n + 3]) for n in range(4)]
    assert np.vstack(rows).shape == (3508, 2482)
    assert other.get(addresses[0]).status_code == 403
    assert client.get(addresses[0].replace(".2.", ".4.")).status_code == 403, "a ticket is for one level"


def test_a_revoked_copy_closes_the_page(client_of: Callable[..., Any], spec: str, site: Custody) -> None:
    client = client_of(Role.READER, clearance="core")
    client.get(f"/view/{spec}@1/3/picture")
    assert client.get(f"/view/{spec}@1/standing").status_code == 204
    [copy] = site.copies(operator=client.operator.code)
    controls.revoke(site.office, CopyId.parse(str(copy.id)), by="op-009", reason="left the project")
    size = site.office.ledger.size()
    assert "was closed" in client.get(f"/view/{spec}@1/standing").content.decode()
    for path in (f"/view/{spec}@1/3", f"/view/{spec}@1/3/picture", f"/view/{spec}@1/1/picture"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert not answer.content.startswith(b"\xff\xd8")
    assert site.office.ledger.size() == size


def test_text_is_not_given_to_anybody(client_of: Callable[..., Any], spec: str) -> None:
    answer = client_of(Role.READER, clearance="core").get(f"/view/{spec}@1/1/text")
    assert answer.status_code == 403
    assert "P-28" in answer.content.decode()


def test_a_table_shows_the_readers_own_marked_values(
    client_of: Callable[..., Any], runs: str, site: Custody, tmp_path: Path
) -> None:
    client, size = client_of(Role.READER), site.office.ledger.size()
    assert client.get(f"/view/{runs}@1")["Location"] == f"/view/{runs}@1/table/1/1"
    first = client.get(f"/view/{runs}@1/table/1/1").content.decode()
    assert site.office.ledger.size() == size + 2, "the copy, and this part of it"
    last = client.get(f"/view/{runs}@1/table/1/12").content.decode()
    assert "Rows <b>551–600</b> of 600" in last
    [copy] = site.copies(operator=client.operator.code)
    made = [client.get(f"/view/{runs}@1/table/1/{n}").content.decode() for n in (3, 4, 5)]
    cells = [[c.split("</td>")[0] for c in row.split('<td class="code">')[1:]]
             for page in made for row in page.split("<tr>")[2:]]  # fmt: skip
    leak = tmp_path / "retyped.csv"
    leak.write_text("\n".join(",".join(row) for row in cells) + "\n")
    assert len(cells) == 150
    traced = site.trace([leak]).as_dict()
    assert [found["id"] for found in traced["copies"]] == [str(copy.id)]  # type: ignore[index,union-attr]
    assert first.count("<tr>") == 51
