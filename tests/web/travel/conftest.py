"""The open house of these tests."""

from __future__ import annotations

from typing import Any

import pytest

from . import scene


@pytest.fixture
def office(site: Any) -> Any:
    scene.open_house(site.office)
    return site.office
