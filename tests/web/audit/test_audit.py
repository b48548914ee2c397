"""The audit trail: what is kept, that it can't be changed unseen, and who may look."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from sealtrace.errors import Corrupted
from sealtrace.policy.model import ANYTHING, Actor, Role, Subject

pytestmark = pytest.mark.usefixtures("site")


def rows_of(client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/audit.csv?{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_each_denial_is_kept_with_who_what_and_why(client_of) -> None:
    reader, auditor = client_of(Role.READER), client_of(Role.AUDIT_ADMIN)
    assert reader.get("/audit").status_code == 403
    page = auditor.get(f"/audit?operator={reader.operator.code}").content.decode()
    assert reader.device.code in page
    assert "see the audit trail" in page
    assert "no rule allows it" in page
    assert (
        auditor.get(f"/audit?operator={auditor.operator.code}&kind=read").content.decode().count("<tr>") >= 2
    )


def test_only_the_audit_administrator_takes_it_out_and_that_is_a_line_too(client_of) -> None:
    assert client_of(Role.AUDITOR).get("/audit.csv").status_code == 403
    assert client_of(Role.SYSTEM_ADMIN).get("/audit.csv").status_code == 403
    client = client_of(Role.AUDIT_ADMIN)
    rows = rows_of(client, f"operator={client.operator.code}")
    assert rows[-1][2] == "export"


def test_the_export_chains_to_an_entry_of_the_ledger(site, client_of) -> None:
    import hashlib
    import json

    client = client_of(Role.AUDIT_ADMIN)
    head, _columns, *rows = rows_of(client)
    before = "0" * 64
    for row in rows:
        facts = [int(row[0]), *row[1:9]]
        text = json.dumps([before, *facts], separators=(",", ":"), ensure_ascii=False)
        assert row[9] == hashlib.sha256(text.encode()).hexdigest()
        before = row[9]
    assert head[:3] == ["# chain", rows[-1][0], before]
    anchors = dict(site.office.acts("audit:anchored"))
    assert anchors[int(head[4])]["digest"][1] == before


def test_a_changed_a_missing_and_a_cut_off_line_show() -> None:
    from django.db import transaction

    from sealtrace.web.audit import service
    from sealtrace.web.audit.models import Line

    actor = Actor("op-1", "dev-1", "10.0.0.1")
    for number in range(3):
        service.keep(
            Line.Kind.READ, actor, "file:open", Subject("File", f"x{number}"), "", now=timezone.now()
        )
    count = service.check()
    assert count >= 3

    spoils = (
        lambda: Line.objects.filter(number=count - 1).update(operator="op-2"),
        lambda: Line.objects.filter(number=count - 1).delete(),
        lambda: Line.objects.filter(number=count).delete(),
    )
    for spoil in spoils:
        with transaction.atomic():
            spoil()
            with pytest.raises(Corrupted):
                service.check()
            transaction.set_rollback(True)
    assert service.check() == count


def test_a_long_trail_pages_by_number(client_of, monkeypatch) -> None:
    from sealtrace.web.audit import service
    from sealtrace.web.audit.models import Line

    actor = Actor("op-pages", "dev-1", "10.0.0.1")
    monkeypatch.setattr(service, "PAGE", 2)
    for _ in range(5):
        service.keep(Line.Kind.READ, actor, "file:open", ANYTHING, "", now=timezone.now())
    client, seen, query = client_of(Role.AUDIT_ADMIN), [], "operator=op-pages"
    while query:
        page = client.get(f"/audit?{query}")
        seen += [line.number for line in page.context["lines"]]
        query = page.context["following"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_filters_that_make_no_sense_show_everything_and_never_fail(client_of) -> None:
    client = client_of(Role.AUDIT_ADMIN)
    for query in (
        "since=x",
        "until=2026-99-99T00:00",
        "before=-1",
        "before=9" * 30,
        "kind=%00",
        "since=2020-01-01",
    ):
        assert client.get(f"/audit?{query}").status_code == 200, query
    for query in ("event=role:granted", "subject=zzz", "operator=nobody", "before=1", "before=abc"):
        assert client.get(f"/audit/ledger?{query}").status_code == 200, query


def test_the_ledgers_events_are_found_by_event_and_by_whose_copies(site, client_of) -> None:
    client = client_of(Role.AUDIT_ADMIN)
    page = client.get(f"/audit/ledger?event=account:added&subject={client.operator.code}")
    assert [e.event for e in page.context["found"].entries] == ["account:added"]
    assert client.get("/audit/ledger?operator=nobody").context["found"].following is None


def test_a_cell_can_not_become_a_formula() -> None:
    from sealtrace.web.audit import service

    assert service._row(["=1+1", "+2", "a", 3]) == "'=1+1,'+2,a,3\r\n"
