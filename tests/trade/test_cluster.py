"""The same code in one process and on a Dask cluster: the same ranking to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealtrace.testing.trade_scene import Scene
from sealtrace.trade.ranking import Ranking, rank

PARTS = 4


@pytest.fixture(scope="module")
def alone(scene: Scene) -> Ranking:
    return rank(scene.folder, part_bytes=_part(scene))


def _part(scene: Scene) -> int:
    return -(-(scene.folder / "declarations.csv").stat().st_size // PARTS)


def test_a_dask_cluster_gives_the_same_ranking(scene: Scene, alone: Ranking, tmp_path: Path) -> None:
    """Two workers, a scheduler between, everything that travels serialised as between machines."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp",
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        found = rank(scene.folder, part_bytes=_part(scene), executor=client.get_executor(), scratch=tmp_path)
    assert found.frame().equals(alone.frame())
    assert (found.checks == alone.checks).all()
