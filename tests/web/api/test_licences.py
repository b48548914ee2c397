"""Licences over HTTP, by the client: what is asked for once is moved once, what is not left is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sealtrace.client import Client
from sealtrace.custody.service import Custody
from sealtrace.errors import Denied, KeyReused, NotOnLicence, ProofInvalid, QuantityExceeded, ServerRefused
from sealtrace.licences import desk, issuing
from sealtrace.licences.account import Amount, LineKey
from sealtrace.licences.states import day_of
from sealtrace.licences.status import verify as verify_status
from sealtrace.licences.token import GoodsLine
from sealtrace.policy.model import Role

KG = 10**6


def left(account: object, element: str) -> int:
    [line] = [n for n in account["lines"] if n["element"] == element]  # type: ignore[index]
    return int(line["available_mg"])


def test_postings_move_once_and_never_more_than_is_left(device: Callable[..., Client], site: Custody) -> None:
    clerk, today = device(Role.LICENSING), day_of(site.office.clock.now())
    terms = desk.Terms("API-1", "single", today, today + timedelta(days=90))
    for entry, element in (("1C905.b", "Dy"), ("1C904.b", "Tb")):
        desk.add(site.office, terms, entry, element, Amount(10 * KG))
    assert "API-1" in [row["licence"] for row in clerk.licences()]

    both = [{"element": "Dy", "kg": "4"}, {"element": "Tb", "kg": "1.000001"}]
    held = clerk.reserve("API-1", both, key="hold")
    assert clerk.reserve("API-1", both, key="hold")["entry"] == held["entry"]
    with pytest.raises(KeyReused):
        clerk.reserve("API-1", both[:1], key="hold")
    clerk.draw("API-1", both[:1], key="ship", from_reservation="hold")
    clerk.release("API-1", both[1:], reservation="hold", key="back")
    clerk.correct("API-1", [{"element": "Dy", "kg": "0.5"}], draw="ship", key="less", back=True)
    clerk.correct("API-1", [{"element": "Dy", "kg": "0.25"}], draw="ship", key="more")
    account = clerk.licence("API-1")
    assert (left(account, "Dy"), left(account, "Tb")) == (10 * KG - 3_750_000, 10 * KG)

    with pytest.raises(QuantityExceeded):  # all lines or none
        clerk.draw(
            "API-1", [{"element": "Tb", "kg": "1"}, {"element": "Dy", "kg": "6.250001"}], key="too-much"
        )
    with pytest.raises(NotOnLicence):
        clerk.draw("API-1", [{"element": "Sm", "kg": "1"}], key="other")
    with pytest.raises(ServerRefused):
        clerk.draw("API-1", [{"element": "Dy", "kg": "-1"}], key="minus")
    with pytest.raises(ServerRefused):
        clerk.draw("API-1", [], key="nothing")
    assert clerk.licence("API-1")["lines"] == account["lines"]
    with pytest.raises(Denied):
        device(Role.READER).draw("API-1", both, key="x")


def test_what_verifies_a_licence_comes_with_it(
    device: Callable[..., Client], site: Custody, tmp_path: Path
) -> None:
    clerk, today = device(Role.LICENSING), day_of(site.office.clock.now())
    line = GoodsLine(LineKey("1C905.b", "Dy"), Amount(KG, 2 * KG, 0))
    terms = desk.Terms("API-2", "single", today, today + timedelta(days=90))
    text = issuing.issue(site.office, issuing.Particulars(terms, "Holder", "User", "DE", "use", (line,))).text
    assert clerk.verify_licence(text)["usable"]
    assert not clerk.verify_licence(text, on=today - timedelta(days=1))["usable"]
    with pytest.raises(ProofInvalid):
        clerk.verify_licence("SEALTRACE")
    clerk.licence_status(tmp_path / "status.cbor", days=3)
    status = verify_status(
        (tmp_path / "status.cbor").read_bytes(), [issuing.read_key(clerk.licence_key().encode())]
    )
    assert status.count >= 1
    assert clerk.deadline(date(2026, 9, 28), 5) == {
        "from": "2026-09-28", "working_days": 5, "day": "2026-10-10", "provisional": False
    }  # fmt: skip


def test_cases_names_and_tokens(device: Callable[..., Client]) -> None:
    clerk = device(Role.LICENSING, Role.PERSONNEL)
    case = {"id": "c", "date": "2026-06-01", "form": "oxide", "composition_wt_pct": {"Dy": 87}}
    [decided, malformed] = clerk.classify([case, {"id": "d", "form": 7}])
    assert decided["decision"] == "licence_required"
    assert "decision" not in malformed
    assert malformed["ok"] is False
    same, other = clerk.score_names([("王小明", "Wang Xiaoming"), ("王小明", "John Smith")])
    assert same["score"] > other["score"]
    mine = clerk.tokens()
    assert mine
    assert clerk.revoke_token(mine[0]["id"])["revoked_at"]
