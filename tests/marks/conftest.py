"""What every test of marks gets."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import pytest


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Tests run side by side; OpenCV's own threads would only get in each other's way."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(threads)
