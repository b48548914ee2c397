"""Registering, issuing, approving and taking copies, as people do it."""

from __future__ import annotations

import hashlib
import html
import re

import pytest

from sealtrace.custody.service import Custody
from sealtrace.errors import UsageProblem
from sealtrace.policy.model import Role
from sealtrace.web.custody.recipients import read_recipients

from ...conftest import spec_bytes
from .conftest import Office, upload

pytestmark = pytest.mark.usefixtures("site", "at_once")
LINES = "operator,device,ip\nop-901, dev-901, 10.1.1.1\nop-902\tdev-902\t10.1.1.2\n"


def order(client, office: Office, **changed: str):
    fields = {"ref": f"{office.file.code}@1", "recipients": LINES, "purpose": "line 5", "until": "2099-12-31"}
    return client.post("/issue/ask", fields | changed)


def test_files_become_codes_with_receipts_and_bad_ones_do_not_stop_the_rest(
    client_of, page_of, office
) -> None:
    client = client_of(Role.REGISTRAR)
    files = [upload("notes.txt", b"acid at stage three\n" * 40), upload("issued.pdf", office.copy_bytes)]
    page = html.unescape(
        page_of(client, client.post("/register/begin", {"files": files, "level": "general"}))
    )
    code = re.search(r'href="/register/([0-9A-Z-]+)">', page)[1]
    assert re.search(r'href="/ledger/\d+/receipt"', page)
    assert "is an issued copy of" in page  # and was refused by itself
    again = page_of(
        client, client.post("/register/begin", {"files": upload("n2.txt", b"acid at stage three\n" * 40)})
    )
    assert "same bytes already registered" in again
    assert code in again
    assert code in client.get("/register", {"q": "notes"}).content.decode()
    assert client.get("/register", {"q": code}).headers["Location"] == f"/register/{code}"


def test_nothing_is_kept_of_what_was_registered_but_in_the_vault(client_of, page_of, site: Custody) -> None:
    client = client_of(Role.REGISTRAR)
    page_of(client, client.post("/register/begin", {"files": upload("x.txt", b"only once\n" * 30)}))
    assert not list((site.office.home.folder / "intake").glob("files-*"))


def test_a_table_is_registered_with_the_uncertainties_typed(client_of, page_of, site: Custody) -> None:
    client = client_of(Role.REGISTRAR)
    rows = "".join(f"{n},{20 + n % 7 * 0.37:.2f},5\n" for n in range(1600))
    table = ("run.csv", f"no,flow,set_point\n{rows}".encode())
    fields = {"uncertainty": "no; \nflow; 0.5; L/h\nset_point; fixed"}
    page = html.unescape(
        page_of(
            client, client.post("/register/begin", {"files": upload(*table), "level": "general", **fields})
        )
    )
    code = re.search(r'href="/register/([0-9A-Z-]+)">', page)[1]
    report = site.mark_report(code)
    assert report.tables, report.notes
    [marked] = report.tables
    assert len(marked.columns) == 1
    refused = client.post("/register/begin", {"files": upload(*table), "uncertainty": "flow; much"})
    assert refused.status_code == 422
    two = {"files": [upload(*table), upload("b.csv", b"a,b\n1,2\n")], **fields}
    assert client.post("/register/begin", two).status_code == 422


def test_core_level_needs_a_reason_and_an_unknown_one_is_refused(client_of, site: Custody) -> None:
    client, before = client_of(Role.REGISTRAR), site.office.ledger.size()
    for fields in ({"level": "core"}, {"level": "secret"}, {"version_of": "0000-0000"}):
        answer = client.post("/register/begin", {"files": upload("y.txt", b"y" * 90), **fields})
        assert answer.status_code == 422
    assert site.office.ledger.size() == before


def test_a_file_shows_versions_copies_and_what_its_pages_carry(
    client_of, office: Office, site: Custody
) -> None:
    client = client_of(Role.ISSUER)
    out = len(site.copies(code=f"{office.file.code}@1"))  # other tests issue some too
    page = client.get(f"/register/{office.file.code}").content.decode()
    assert f"{office.file.code}" in page
    assert f"{out} copies" in page
    marks = client.get(f"/register/{office.file.code}/marks/1", HTTP_HX_REQUEST="true").content.decode()
    assert "2,048 symbols" in marks
    assert "<html" not in marks
    assert "<html" in client.get(f"/register/{office.file.code}/marks/1").content.decode()


def test_copies_go_out_at_once_and_are_taken_as_marked_bytes(
    client_of, page_of, office, site: Custody
) -> None:
    client = client_of(Role.ISSUER)
    page = page_of(client, order(client, office))
    copies = re.findall(r'action="/issue/copy/([0-9A-Z-]+)/take"', page)
    assert len(copies) == 2
    before = site.office.ledger.size()
    taken = [b"".join(client.post(f"/issue/copy/{copy}/take").streaming_content) for copy in copies]
    assert site.office.ledger.size() == before + 2  # each delivery is an entry
    assert [site.copy(copy).sha256 for copy in copies] == [hashlib.sha256(data).digest() for data in taken]
    assert len({*taken, spec_bytes(71)}) == 3
    shown = client.get(f"/issue/copy/{copies[0]}").content.decode()
    assert "op-901" in shown
    assert "line 5" in shown
    assert not list(site.office.home.staging.iterdir())


def test_a_core_file_waits_for_another_person_who_is_no_recipient(
    client_of, page_of, site: Custody, tmp_path
) -> None:
    original = tmp_path / "core.pdf"
    original.write_bytes(spec_bytes(72, 1))
    [file] = site.register([original], level="core")
    asker, second = client_of(Role.ISSUER, Role.APPROVER), client_of(Role.APPROVER)
    before = site.office.ledger.size()
    place = asker.post(
        "/issue/ask", {"ref": f"{file.code}@1", "recipients": LINES, "purpose": "commissioning"}
    ).headers["Location"]
    assert "waits for the second approval" in asker.get(place).content.decode()
    assert asker.post(f"{place}/decide", {"agree": "yes"}).status_code in (403, 409)  # not by who asked
    assert site.office.ledger.size() == before + 1  # that it was asked for
    recipient = client_of(Role.APPROVER)
    own = {"ref": f"{file.code}@1", "recipients": f"{recipient.operator.code},d,10.0.0.1", "purpose": "own"}
    its = asker.post("/issue/ask", own).headers["Location"]
    assert "does not approve their own copy" in recipient.get(its).content.decode()
    assert recipient.post(f"{its}/decide", {"agree": "yes"}).status_code == 403
    before = site.office.ledger.size()
    assert second.post(f"{place}/decide", {"agree": "no"}).status_code == 422  # declining needs words
    assert site.office.ledger.size() == before
    assert "Second approval: issue" in second.get("/").content.decode()
    page = page_of(second, second.post(f"{place}/decide", {"agree": "yes", "words": "on site"}))
    assert "issued" in page
    assert site.office.ledger.size() == before + 3  # the approval, two copies
    assert second.post(f"{place}/decide", {"agree": "yes"}).status_code != 302
    assert "on site" in asker.get(place).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recipients": "op-1,dev-1"}, "Line 1"),
        ({"recipients": "op-1,dev-1,10.0.0.999"}, "Line 1"),
        ({"recipients": "\n"}, "There are no recipients"),
        ({"purpose": " "}, "The purpose is missing"),
        ({"until": "2001-01-01"}, "The last day is past"),
        ({"until": "soon"}, "no date"),
    ],
)
def test_a_wrong_order_issues_nothing_and_says_so(client_of, office, site: Custody, changed, said) -> None:
    client, before = client_of(Role.ISSUER), site.office.ledger.size()
    answer = order(client, office, **changed)
    page = html.unescape(answer.content.decode())
    assert (answer.status_code, said in page, "Nothing was issued" in page) == (422, True, True)
    assert site.office.ledger.size() == before


@pytest.mark.usefixtures("site")
def test_recipients_are_read_from_any_spreadsheet() -> None:
    found = read_recipients("操作一;设备;10.0.0.1\n\n# note\nb，c，::1\nd,e,10.0.0.2")
    assert [r.ip for r in found] == ["10.0.0.1", "::1", "10.0.0.2"]
    with pytest.raises(UsageProblem, match="Line 2"):
        read_recipients("a,b,10.0.0.1\na,b")


def test_a_copy_is_shown_to_its_recipient_and_to_no_other_reader(client_of, office, site: Custody) -> None:
    reader = client_of(Role.READER)
    assert reader.get(f"/issue/copy/{office.copy.id}").status_code == 403
    assert reader.post(f"/issue/copy/{office.copy.id}/take").status_code == 403
    assert reader.get("/issue/copies", {"operator": office.copy.operator}).status_code == 403
    from sealtrace.custody.model import Recipient

    [own] = site.issue_many(
        f"{office.file.code}@1", [Recipient(reader.operator.code, "dev-x", "10.0.0.9")], None
    )
    assert reader.get(f"/issue/copy/{own.id}").status_code == 200
    assert b"".join(reader.post(f"/issue/copy/{own.id}/take").streaming_content).startswith(b"%PDF")


def test_copies_are_listed_by_file_and_by_person_newest_first(client_of, office: Office) -> None:
    client = client_of(Role.ISSUER)
    by_file = client.get("/issue/copies", {"file": f"{office.file.code}@1"}).content.decode()
    assert str(office.copy.id) in by_file
    last = office.copies[2]
    page = client.get(
        "/issue/copies", {"file": f"{office.file.code}@1", "before": last.entry.index}
    ).content.decode()
    assert str(office.copies[1].id) in page
    assert str(last.id) not in page
    by_person = client.get("/issue/copies", {"operator": office.copy.operator}).content.decode()
    assert str(office.copy.id) in by_person
    assert str(last.id) not in by_person
    assert client.get("/issue/copies", {"file": "nonsense"}).status_code == 200
