"""The folder that leaks are dropped into: a file is one leak, a sub-folder is one leak of several pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sealtrace.errors import SealtraceError

from .service import Intake, Leak, Report, digest_of

SETTLED_S = 2.0
Tell = Callable[[str, str], None]


def settled(folder: Path, now: float) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """What lies in the folder and has been still for two seconds, each with its pieces, in order of name."""
    for top in sorted(folder.iterdir()):
        if top.name.startswith(".") or top.is_symlink():
            continue
        inside = (
            sorted(p for p in top.rglob("*") if p.is_file() and not p.is_symlink()) if top.is_dir() else [top]
        )
        found = tuple(p for p in inside if p.is_file() and not p.name.startswith("."))
        if found and all(p.stat().st_size and now - p.stat().st_mtime >= SETTLED_S for p in found):
            yield top, found


def collect(folder: Path, intake: Intake, *, now: float, tell: Tell, tried: set[bytes]) -> list[Report]:
    """Take in what is new. Files stay where they are; what was reported is known by its digest.

    tried: what could not be traced in this run, so that it is not tried again and again.
    """
    reports = []
    for top, pieces in settled(folder, now):
        digest = digest_of(pieces)
        if not intake.is_new(digest) or digest in tried:
            continue
        try:
            reports.append(intake.take(Leak(pieces, "folder", top.name, digest)))
        except SealtraceError as e:
            tried.add(digest)
            tell("skipped", f"{top.name}: {e.message}")
    return reports
