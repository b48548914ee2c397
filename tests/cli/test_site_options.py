"""What `web serve` may be told of a site."""

from __future__ import annotations

import pytest

from sealtrace.cli.web import site_extra
from sealtrace.errors import UsageProblem


def test_a_sites_settings_are_kept_by_name() -> None:
    made = site_extra(
        None, None, None, None, "Asia/Shanghai", ("10.1.0.0/16", "10.2.0.0/16"), ("CH=customs",)
    )
    assert made == {
        "timezone": "Asia/Shanghai", "webhook_networks": "10.1.0.0/16 10.2.0.0/16", "department:CH": "customs",
    }  # fmt: skip


@pytest.mark.parametrize(
    "told", [{"timezone": "Mars/Base"}, {"webhooks": ("10.1.0.0/99",)}, {"departments": ("CH=kitchen",)},
             {"departments": ("=customs",)}],
)  # fmt: skip
def test_what_can_not_be_used_is_refused(told) -> None:
    with pytest.raises(UsageProblem):
        site_extra(None, None, None, None, **told)
