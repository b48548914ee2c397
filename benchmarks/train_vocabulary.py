"""Train the visual words that ship in sealtrace/content/data/vocabulary.npz. Seeded: the same file each time.

    .venv/bin/python -m benchmarks.train_vocabulary

Descriptors of generated pages of every sort, at the scale pages are described at, and k-means by Lloyd's
iterations from a random sample. Only speed and recall depend on it: no accusation ever does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.page_features import PAGE_SIDE, describe
from sealtrace.testing.pages import sorts

WORDS, ROUNDS, PAGES_A_SORT = 4096, 10, 36
TARGET = Path(__file__).resolve().parent.parent / "src/sealtrace/content/data/vocabulary.npz"


def collect() -> NDArray[np.float32]:
    """RootSIFT descriptors of generated pages, (n, 128)."""
    found = []
    for number, make in enumerate(sorts().values()):
        for seed in range(PAGES_A_SORT):
            page = make(np.random.default_rng([7, number, seed]), (1240, 1754))
            found.append(describe(page, PAGE_SIDE, 500).descriptors)
    return np.concatenate(found)


def train(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lloyd's k-means; a centre that loses all its points moves to a random point."""
    random = np.random.default_rng(11)
    centres = points[random.choice(len(points), WORDS, replace=False)]
    for _ in range(ROUNDS):
        norms = (centres**2).sum(axis=1)
        nearest = np.concatenate(
            [
                (norms - 2 * (chunk @ centres.T)).argmin(axis=1)
                for chunk in np.array_split(points, len(points) // 4000)
            ]
        )
        counts = np.bincount(nearest, minlength=WORDS)
        sums = np.stack(
            [np.bincount(nearest, weights=column, minlength=WORDS) for column in points.T], axis=1
        )
        centres = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
        empty = np.flatnonzero(counts == 0)
        centres[empty] = points[random.choice(len(points), len(empty), replace=False)]
    return centres


def main() -> None:
    """Train and write."""
    points = collect()
    centres = train(points)
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(TARGET, centres=np.clip(np.rint(centres * 255), 0, 255).astype(np.uint8))
    print(f"{len(points):,} descriptors, {WORDS} words, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
