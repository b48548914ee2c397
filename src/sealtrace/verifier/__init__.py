"""Verifiers that need nothing of Sealtrace: one Python file and one HTML page, to be handed to anyone."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from sealtrace.errors import StorageFailed

NAMES = ("sealtrace_verify.html", "sealtrace_verify.py")


def write(folder: Path) -> tuple[str, ...]:
    """Write both verifiers into a folder, made if needed; returns their names.

    Raises:
        StorageFailed: they can't be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (folder / name).write_bytes((resources.files(__name__) / name).read_bytes())
    except OSError as e:
        raise StorageFailed(f"the verifiers can't be written to {folder}: {e.strerror}") from e
    return NAMES


def licence_page() -> bytes:
    """Give the page that verifies export licences offline, one HTML file."""
    return (resources.files(__name__) / "sealtrace_licence.html").read_bytes()
