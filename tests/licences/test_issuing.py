"""Issuing and verifying from the command line: the page scans, the text verifies offline, states are seen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from sealtrace.cli.main import main
from sealtrace.clock import SystemClock
from sealtrace.custody.service import Custody
from sealtrace.errors import KeyReused, ProofInvalid, UsageProblem
from sealtrace.licences import desk, issuing, status
from sealtrace.licences.account import Amount, LineKey
from sealtrace.licences.desk import Terms
from sealtrace.licences.document import write_pdf
from sealtrace.licences.issuing import Particulars
from sealtrace.licences.states import LicenceState, Step, day_of
from sealtrace.licences.token import GoodsLine

from .test_token import FIVE, LICENCE, TEXT

LINES = tuple(GoodsLine(LineKey(e, s), Amount(*parts)) for e, s, *parts in FIVE)
TERMS = Terms("DU-1", "single", date(2026, 1, 1), date(2026, 12, 31))


def particulars(**change: Any) -> Particulars:
    given = {
        "terms": TERMS,
        "holder": "赣州某某公司",
        "end_user": "Nordwind",
        "destination": "DE",
        "end_use": "电机",
        "lines": LINES,
    }
    return Particulars(**(given | change))


def call(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return int(left.value.code or 0)


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_page_says_what_the_symbol_says() -> None:
    data = write_pdf(LICENCE, TEXT, "某某省商务主管部门")
    assert data == write_pdf(LICENCE, TEXT, "某某省商务主管部门"), "the same licence, the same bytes"
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    shown = document[0].get_textpage().get_text_range()
    for text in (
        "两用物项出口许可证",
        "Export licence for dual-use items",
        LICENCE.number,
        LICENCE.holder,
        "2,500",
        "1C905.a.4",
    ):
        assert text in shown, text
    picture = document[0].render(scale=3).to_pil()
    [found] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == TEXT
    assert found.ec_level == "Q"


def test_a_name_the_typeface_lacks_is_refused_not_left_out() -> None:
    with pytest.raises(UsageProblem, match="typeface"):
        issuing.check_page(particulars(holder="稀土𠮷公司"), "T")


def test_issuing_twice_is_issuing_once(custody: Custody) -> None:
    first, again = (issuing.issue(custody.office, particulars()) for _ in range(2))
    assert (first.text, first.licence) == (again.text, again.licence)
    assert (first.receipt.replayed, again.receipt.replayed) == (False, True)
    with pytest.raises(KeyReused):
        issuing.issue(custody.office, particulars(end_user="another"))
    second = issuing.issue(
        custody.office, particulars(terms=Terms("DU-2", "general", TERMS.valid_from, TERMS.valid_to))
    )
    assert (first.licence.status_index, second.licence.status_index) == (0, 1)
    assert desk.account(custody.office, "DU-1").lines[0].balance.granted.element_mg == FIVE[0][2]
    assert desk.check(custody.office) == []


@pytest.mark.parametrize(
    "change",
    [
        {"holder": " "},
        {"end_user": "a\nb"},
        {"destination": "Germany"},
        {"lines": ()},
        {"lines": LINES[:1] * 2},
        {"lines": (GoodsLine(LineKey("1C905.b", "Dy"), Amount(0)),)},
    ],
)
def test_incomplete_licences_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        particulars(**change)


def test_verdicts_by_day_and_status(custody: Custody) -> None:
    office = custody.office
    made = issuing.issue(office, particulars())
    keys = [issuing.read_key(issuing.public_key(office).encode())]

    def state(day: str, with_list: bool = True) -> str:
        listed = status.verify(issuing.status_list(office)[1], keys) if with_list else None
        return issuing.verify(made.text, keys, date.fromisoformat(day), listed, office.clock.now()).state

    assert state("2026-01-01") == state("2026-12-31") == "in_force"
    assert state("2025-12-31") == "not_begun"
    assert state("2027-01-01") == "expired"
    desk.step(office, "DU-1", Step.SUSPEND, "question")
    assert (state("2026-06-01"), state("2026-06-01", with_list=False)) == ("suspended", "in_force")
    desk.step(office, "DU-1", Step.REVOKE, "breach")
    assert state("2026-06-01") == "revoked"
    assert desk.account(office, "DU-1").state is LicenceState.REVOKED
    listed = status.verify(issuing.status_list(office)[1], keys)
    late = issuing.verify(made.text, keys, date(2026, 6, 1), listed, datetime(2026, 3, 10, tzinfo=UTC))
    assert late.status_stale


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, page, key, listed = tmp_path / "h", tmp_path / "l.pdf", tmp_path / "k.pem", tmp_path / "s"
    assert call("--home", home, "init", "--org", "样例机关 Sample", "--org-code", "S") == 0
    at = ("--home", home, "licence")
    issue = (
        *at,
        "issue",
        "DU-9",
        "--line",
        "1C905.b:Dy:25",
        "--line",
        "1C904.b:Tb:5:6.1:123456",
        "--holder",
        "赣州某某公司",
        "--end-user",
        "Nordwind",
        "--destination",
        "DE",
        "--end-use",
        "电机",
        "--from",
        "2020-01-01",
        "--to",
        "2099-12-31",
        "--kind",
        "general",
        "--out",
        page,
        "--json",
    )
    capsys.readouterr()
    assert call(*issue) == 0
    text = said(capsys)["text"]
    assert call(*at, "key", "--out", key) == 0
    assert call(*at, "status", "--out", listed) == 0
    capsys.readouterr()
    away = ("--home", tmp_path / "nowhere", "licence", "verify")
    (tmp_path / "scanned.txt").write_text(text + "\n")
    for source in (text, page, tmp_path / "scanned.txt"):
        assert call(*away, source, "--key", key, "--status", listed, "--on", "2026-12-01", "--json") == 0
        answer = said(capsys)
        assert (answer["state"], answer["licence"], answer["lines"][0]["element_mg"]) == (
            "in_force",
            "DU-9",
            25_000_000,
        )
    assert call(*away, text, "--key", key, "--on", "2100-01-01", "--json") == 41
    assert call(*away, text[:-2] + "00", "--key", key, "--json") == 20
    assert call(*away, tmp_path / "none.pdf", "--key", key, "--json") == 50
    assert call(*at, "draw", "DU-9", "--element", "Dy", "--kg", "1", "--key", "a", "--dry-run", "--json") == 0
    capsys.readouterr()
    assert call(*at, "step", "DU-9", "suspend", "--reason", "a question") == 2  # by nobody
    soon = day_of(SystemClock().now()) + timedelta(days=30)
    why = ("--reason", "a question", "--basis", "Decree 792", "--review-by", soon, "--as", "op-1")
    assert call(*at, "step", "DU-9", "suspend", *why) == 0
    assert call(*at, "status", "--out", listed) == 0
    assert call(*away, text, "--key", key, "--status", listed, "--on", "2026-12-01") == 41
    for verb in ("list", "check"):
        assert call(*at, verb) == 0
    assert call(*at, "show", "DU-9") == 0
    assert call(*at, "show", "DU-8", "--json") == 43
    assert call(*at, "deadline", "--from", "2026-01-20", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["day"] == "2026-03-30"


def test_a_text_of_another_office_is_refused(custody: Custody) -> None:
    keys = [issuing.read_key(issuing.public_key(custody.office).encode())]
    with pytest.raises(ProofInvalid):
        issuing.verify(TEXT, keys, date(2026, 6, 1))


def test_lists_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import yaml

    from sealtrace.catalogue.lists import shipped

    control = ("licence", "control")
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    document = json.loads(json.dumps(shipped().document))
    old.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    document["instruments"][2]["events"].append({"event": "resumed", "date": "2026-11-25"})
    new.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    cases = tmp_path / "c.jsonl"
    cases.write_text(
        json.dumps({"id": 1, "date": "2026-12-01", "form": "oxide", "composition_wt_pct": {"Ho": 87}}) + "\n"
    )
    assert call(*control, "diff", old, new, "--cases", cases, "--json") == 1
    answer = said(capsys)
    assert answer["effects"] == [{"id": 1, "before": "status_unknown", "after": "licence_required"}]
    assert len(answer["changes"]) == 1
    assert call(*control, "diff", old, old, "--json") == 0
    assert call(*control, "show", "--on", "2026-12-01", "--json") == 0
    assert call(*control, "alarms", "--on", "2025-06-01") == 0
    assert call(*control, "alarms", "--on", "2026-11-05") == 1
    table = tmp_path / "eu.csv"
    table.write_text("Code,Text,form\n1C111,Aluminium powder,metal\n")
    out = tmp_path / "eu.yaml"
    words = (
        "--id",
        "eu",
        "--version",
        "1",
        "--title",
        "EU",
        "--instrument",
        "EU-821",
        "--published",
        "2021-06-11",
        "--commences",
        "2021-09-09",
    )
    assert (
        call(*control, "import", table, "--out", out, *words, "--column", "code=Code", "--column", "en=Text")
        == 0
    )
    assert call(*control, "import", table, "--out", out, *words, "--column", "nothing=Code") == 2
    for name in ("a", "b"):
        assert call("--home", tmp_path / name, "init", "--org", name) == 0
        assert call("--home", tmp_path / name, "licence", "key", "--out", tmp_path / f"{name}.pem") == 0
    one, two = tmp_path / "one", tmp_path / "two"
    assert call("--home", tmp_path / "a", *control, "sign", new, "--out", one) == 0
    keys = ("--key", tmp_path / "a.pem", "--key", tmp_path / "b.pem")
    assert call(*control, "verify", one, *keys) == 20
    assert call("--home", tmp_path / "b", *control, "sign", new, "--out", two, "--beside", one) == 0
    assert call(*control, "verify", two, *keys) == 0
