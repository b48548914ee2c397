"""One small season of trade for all tests of this folder."""

from __future__ import annotations

import pytest

from sealtrace.testing.trade_scene import Scene, write_scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return write_scene(tmp_path_factory.mktemp("scene"), rows=4000, frauds=48, seed=5)
