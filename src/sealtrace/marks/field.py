"""A smooth displacement over a page: what lens, curl and paper feed add to a homography."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .planes import Matrix

CUBIC_POINTS, SQUARE_POINTS = 120, 30  # points from which a polynomial of that degree is fitted
LEAST_ERROR = 0.35  # pixels; what is that close always counts as fitting


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Displacements in page pixels: a polynomial in the page's coordinates, scaled to -1 .. 1."""

    coefficients: Matrix
    """(terms, 2): across and down."""
    powers: tuple[tuple[int, int], ...]
    width: int
    height: int

    def at(self, points: Matrix) -> Matrix:
        """The displacement at points (n, 2)."""
        moves: Matrix = _terms(points, self.powers, self.width, self.height) @ self.coefficients
        return moves

    def raster(self) -> tuple[Matrix, Matrix]:
        """The displacement of every pixel, across and down, (height, width) each."""
        x = 2 * np.arange(self.width) / self.width - 1
        y = 2 * np.arange(self.height) / self.height - 1
        degree = max(i for i, _ in self.powers)
        grid = np.zeros((2, degree + 1, degree + 1))
        for (i, j), move in zip(self.powers, self.coefficients, strict=True):
            grid[:, j, i] = move
        rows = np.vander(y, degree + 1, increasing=True) @ grid @ np.vander(x, degree + 1, increasing=True).T
        return rows[0], rows[1]


def fit_field(points: Matrix, moves: Matrix, width: int, height: int) -> Field | None:
    """Fit by least squares, dropping again and again what does not follow; None when too little follows.

    The degree depends on how much is seen: a polynomial bends wildly beyond its points.
    """
    degree = 3 if len(points) >= CUBIC_POINTS else 2 if len(points) >= SQUARE_POINTS else 1
    powers = tuple((i, j) for i in range(degree + 1) for j in range(degree + 1 - i))
    terms = _terms(points, powers, width, height)
    kept = np.ones(len(points), np.bool_)
    coefficients = np.zeros((len(powers), 2))
    for limit in (4.0, 2.0, 1.0, 1.0):
        if kept.sum() < 2 * len(powers):
            return None
        coefficients[:] = np.linalg.lstsq(terms[kept], moves[kept], rcond=None)[0]
        error = np.linalg.norm(moves - terms @ coefficients, axis=1)
        kept = error < max(LEAST_ERROR, min(limit, 3 * float(np.median(error[kept]))))
    return Field(coefficients, powers, width, height)


def _terms(points: Matrix, powers: tuple[tuple[int, int], ...], width: int, height: int) -> Matrix:
    x, y = 2 * points[:, 0] / width - 1, 2 * points[:, 1] / height - 1
    return np.stack([x**i * y**j for i, j in powers], axis=1)
