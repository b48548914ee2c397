"""What a site is told at its start: hours, networks, a provider."""

from __future__ import annotations

from datetime import datetime

import pytest

from sealtrace.cli.web import site_extra
from sealtrace.errors import UsageProblem


def test_settings_are_kept_only_when_given_and_checked() -> None:
    assert site_extra(None, None, None, None) == {}
    assert site_extra("07:00-19:30", "https://id.example", "sealtrace", None) == {
        "hours": "07:00-19:30", "oidc_issuer": "https://id.example", "oidc_client_id": "sealtrace",
    }  # fmt: skip
    for wrong in (
        ("7-19", None, None, None),
        ("25:00-26:00", None, None, None),
        (None, "https://x", None, None),
    ):
        with pytest.raises(UsageProblem):
            site_extra(*wrong)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("hour", "inside"), [(6, False), (7, True), (19, True), (20, False)])
def test_hours_have_a_beginning_and_an_end(hour: int, inside: bool) -> None:
    from sealtrace.web.accounts.middleware import within

    assert within("07:00-19:30", datetime(2026, 3, 2, hour, 15)) is inside  # noqa: DTZ001 (a local time)
    assert within("", datetime(2026, 3, 2, hour, 15))  # noqa: DTZ001
