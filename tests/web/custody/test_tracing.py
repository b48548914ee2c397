"""The trace screens: what an officer is told, what is kept of it, and who may see it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role
from sealtrace.trace.verify import verify

from ...trace.report.test_report import must_have, text_of
from .conftest import Office, upload

pytestmark = pytest.mark.usefixtures("site", "at_once")


def trace_of(page: str) -> str:
    return re.search(r'data-copy="(T[0-9a-f]{16})"', page)[1]


def test_a_screenshot_names_the_copy_with_everything_in_its_order(
    client_of, office: Office, answered: str
) -> None:
    page = html.unescape(client_of(Role.TRACER).get(f"/trace/{answered}").content.decode())
    main = page[page.index("<main") :]
    order = [
        "Strong", office.copy.operator, office.copy.device, office.copy.ip, "<h2>Document",
        "Extraction of heavy rare earths", "<h2>Copy and recipient of record", str(office.copy.id),
        "Chance of error", "294 of 294", "<h2>Other copies considered", "<h2>Evidence", "<h2>Ledger proof",
        "<h2>Who ran this trace", "op-555", "dev-555 · 10.20.1.8", "k-7", "<h2>Next steps", "<h2>Second reviewer",
    ]  # fmt: skip
    at = 0
    for part in order:
        at = main.find(part, at)
        assert at > 0, part
    assert 'style="' not in page


def test_who_asked_is_in_the_ledgers_commitment(client_of, office: Office, page_of, site: Custody) -> None:
    client = client_of(Role.TRACER)
    page = page_of(client, client.post("/trace/begin", {"files": upload("copy.pdf", office.copy_bytes)}))
    kept = site.recall(trace_of(page))
    assert kept.result == "exact"
    beside = page[page.index('id="circumstances"') :]
    assert "They do not enter the chance of error, and name nobody." in beside
    assert "ReportLab" in beside[: beside.index("</section>")]
    assert kept.asked is not None
    assert (kept.asked.operator, kept.asked.device) == (client.operator.code, client.device.code)
    assert [copy.who.operator for copy in kept.copies] == [office.copy.operator]


@pytest.mark.parametrize("leak", ["screenshot", "copy"])
def test_the_evidence_taken_from_the_page_holds_offline(
    client_of, office, page_of, answered: str, tmp_path: Path, leak: str
) -> None:
    client, trace = client_of(Role.TRACER), answered
    if leak == "copy":
        brought = client.post("/trace/begin", {"files": upload("renamed.bin", office.copy_bytes)})
        trace = trace_of(page_of(client, brought))
    taken = b"".join(client.get(f"/trace/{trace}/evidence").streaming_content)
    (tmp_path / "e").write_bytes(taken)
    report = verify(tmp_path / "e")
    assert report.holds, report.as_dict()
    pdf = b"".join(client.get(f"/trace/{trace}/report.pdf").streaming_content)
    assert pdf.startswith(b"%PDF")
    if leak == "copy":
        must_have(text_of(pdf), "Circumstances, not part of the proof", "ReportLab")


def test_the_evidence_picture_shows_the_leak_and_its_marks_apart(client_of, answered: str) -> None:
    client = client_of(Role.TRACER)
    page = client.get(f"/trace/{answered}").content.decode()
    places = sorted(set(re.findall(r'src="(/trace/T[0-9a-f]+/picture/[^"]+)"', page)))
    assert [place.rpartition("/")[2] for place in places] == ["leak", "marks", "over"]
    for place, kind in zip(places, ("image/jpeg", "image/png", "image/png"), strict=True):
        answer = client.get(place)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert client.get(places[0].replace("leak", "original")).status_code == 404


def test_a_text_recognises_the_document_and_names_nobody(
    client_of, page_of, office: Office, site: Custody
) -> None:
    client = client_of(Role.TRACER)
    unit = site.office.db.execute(
        "SELECT v.id FROM versions v WHERE v.sha256 = ?", (office.file.sha256,)
    ).fetchone()[0]
    from sealtrace.custody.tracing.held import HeldPages

    text = HeldPages(site.office, None).text(unit, 0)
    page = html.unescape(page_of(client, client.post("/trace/begin", {"text": text})))
    assert "Inconclusive" in page
    assert "What it carries is not enough to name a copy" in page
    assert "Nobody is named" in page


def test_many_leaks_get_a_trace_each(client_of, office: Office, page_of) -> None:
    client = client_of(Role.TRACER)
    files = [upload("a.pdf", office.copy_bytes), upload("b.txt", b"nothing of this office, at all " * 9)]
    page = page_of(client, client.post("/trace/begin", {"files": files, "each": "1"}))
    assert "2 of 2 answered" in page
    assert page.count("result-word") == 2
    assert office.copy.operator in page
    assert 'hx-trigger="every 1s"' not in page  # all over: nothing asks again


def test_what_cannot_be_read_is_said_and_names_nobody(client_of) -> None:
    client = client_of(Role.TRACER)
    empty = client.post("/trace/begin", {})
    assert empty.status_code == 422
    assert "Nothing came with the form" in empty.content.decode()
    assert client.post("/trace/begin", {"text": "x", "chance": "0.5"}).status_code == 422


@pytest.mark.parametrize("role", [Role.ISSUER, Role.READER, Role.SYSTEM_ADMIN])
def test_only_tracers_trace_and_see_answers(client_of, answered: str, role: Role) -> None:
    other = client_of(role)
    for path in ("", "/evidence", "/report.pdf", "/picture/0/0/leak"):
        assert other.get(f"/trace/{answered}{path}").status_code == 403
    assert other.post("/trace/begin", {"text": "x"}).status_code == 403


def test_a_trace_under_way_is_its_officers_alone(client_of, office, page_of) -> None:
    from sealtrace.web.custody.models import Leak

    one, two = client_of(Role.TRACER), client_of(Role.TRACER)
    leak = Leak.objects.create(
        pieces=[{"name": "x", "sha256": "00" * 32, "size": 1}], operator=one.operator.code
    )
    assert one.get(f"/trace/run/{leak.pk}").status_code == 200
    assert two.get(f"/trace/run/{leak.pk}").status_code == 404


def test_a_second_reviewer_is_another_tracer_and_is_heard_once(
    client_of, page_of, answered, site: Custody
) -> None:
    one, two, trace = client_of(Role.TRACER), client_of(Role.TRACER), answered
    assert one.post(f"/trace/{trace}/ask", {"reviewer": one.operator.code}).status_code == 422
    assert two.post(f"/trace/{trace}/review", {"agrees": "yes", "words": "x"}).status_code == 403
    one.post(f"/trace/{trace}/ask", {"reviewer": two.operator.code})
    assert f"Second look at trace {trace[:9]}" in two.get("/").content.decode()
    before = site.office.ledger.size()
    page = page_of(
        two, two.post(f"/trace/{trace}/review", {"agrees": "yes", "words": "same page, same marks"})
    )
    assert "same page, same marks" in page
    assert site.office.ledger.size() == before + 1
    assert two.post(f"/trace/{trace}/review", {"agrees": "no", "words": "again"}).status_code == 403


def test_leaks_are_kept_encrypted(client_of, office, page_of, site: Custody) -> None:
    client = client_of(Role.TRACER)
    secret = b"the third stage runs at an acidity nobody outside may know " * 4
    page_of(client, client.post("/trace/begin", {"files": upload("leak.txt", secret)}))
    kept = [p for p in (site.office.home.folder / "intake").rglob("*") if p.is_file()]
    assert kept
    assert not [p for p in kept if secret[:40] in p.read_bytes()]
    assert not [p for p in site.office.home.staging.rglob("*") if p.is_file()]


def test_the_list_pages_by_the_entry_and_survives_an_unknown_place(client_of) -> None:
    client = client_of(Role.TRACER)
    assert client.get("/trace?before=1").status_code == 200
    assert client.get("/trace?before=x%27--").status_code == 200
    assert client.get("/trace/Tffffffffffffffff").status_code == 404
