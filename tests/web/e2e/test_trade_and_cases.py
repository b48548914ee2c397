"""From the queue to an alert, from the alert to a case, in a real browser; every page looked at."""

from __future__ import annotations

import pytest

from sealtrace.policy.model import Role
from sealtrace.testing.trade_scene import write_scene

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site")]
LOOKS = [("zh-CN", 1440, False), ("en-GB", 1440, True), ("zh-CN", 390, False)]


def test_a_customs_officer_takes_an_alert_to_a_case(
    client_of, visitor, monkeypatch, tmp_path_factory
) -> None:
    from sealtrace.web.trade import desk

    folder = write_scene(tmp_path_factory.mktemp("season"), rows=1200, frauds=24, seed=7).folder
    monkeypatch.setattr(desk, "folder", lambda: folder)
    opened = desk.desk()
    first = opened.ranking.decl_id[0]
    party = opened.declarations["consignee"][opened.row_of[first]]
    client = client_of(Role.CUSTOMS)
    said = {"basis": "Customs Law, art. 6", "statute": "Customs Law, art. 82"}
    case = client.post(f"/customs/alert/{first}/case", said)["Location"]
    client.post(f"{case}/do/note", {"text": "The consignee was founded in spring."})
    for locale, width, dark in LOOKS:
        eyes = visitor(client, locale, width, dark=dark)
        for name, path in (
            ("customs", "/customs"), ("customs-alert", f"/customs/alert/{first}"),
            ("customs-network", f"/customs/network?party={party}"), ("customs-map", "/customs/map?goods=strategic"),
            ("customs-mirror", "/customs/mirror"), ("customs-statistics", "/customs/statistics"),
        ):  # fmt: skip
            eyes.go(path)
            eyes.look(name)
        eyes.go(case)
        eyes.page.click("#referrals > .body > .dos summary")
        eyes.look("case")
        eyes.go("/cases")
        eyes.look("cases")
