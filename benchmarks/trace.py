"""Trace times at scale: 1,000 registered files, 100,000 issued copies; photo of one page, exact, stamp.

    ./run bench trace [--files 1000] [--copies 100000] [--photos 20] [--home DIR]

Prints medians and worst, resident memory, and the same for a home with few files, for the ratio. The
family-wise chance is 1e-9 over all copies. A kept --home is used again when it is large enough.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.pages import write_page_pdf, write_page_png
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing.answer import TraceAnswer


def apart(work: Callable[..., None], *args: object) -> None:
    """Do what is not measured in a process of its own, so that its memory is not counted."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(work, *args).result()


def fill(home: Path, files: int, copies: int, folder: Path) -> None:
    """Register `files` one- and two-page documents and reserve `copies` copies over them, unevenly."""
    with Custody.open(home) as custody:
        _fill(custody, files, copies, folder)
    for path in folder.glob("doc-*"):
        path.unlink()


def _fill(custody: Custody, files: int, copies: int, folder: Path) -> None:
    have = sum(1 for _ in custody.versions())
    paths = []
    for number in range(have, files):
        path = folder / f"doc-{number}.{'pdf' if number % 3 else 'png'}"
        (write_page_pdf if number % 3 else write_page_png)(path, seed=number)
        paths.append(path)
    began = time.perf_counter()
    for start in range(0, len(paths), 50):
        custody.register(paths[start : start + 50])
        print(f"\r  registered {have + start + 50}/{files}", end="", file=sys.stderr)
    if paths:
        print(
            f"\n  {len(paths) / (time.perf_counter() - began):.1f} files/s registered and indexed",
            file=sys.stderr,
        )
    versions = list(custody.versions())
    left = copies - count(custody)
    began, made = time.perf_counter(), 0
    while made < left:
        version = versions[(made // 500) % len(versions)]
        many = min(500 if made % 7000 else 5000, left - made)
        custody.issue_many(
            version.ref, [Recipient(f"op-{i:05d}", f"dev-{i}", "10.0.0.1") for i in range(many)], None
        )
        made += many
    if made:
        print(
            f"  {made / (time.perf_counter() - began):,.0f} copies/s entered without bytes", file=sys.stderr
        )


def count(custody: Custody) -> int:
    """All copies on record."""
    from sealtrace.custody import store

    return store.count_copies(custody.office.db)


def photo(path: Path, seed: int, out: Path) -> None:
    """A phone photo of the copy's first page."""
    import pypdfium2

    from sealtrace.testing.attacks import phone_photo

    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            page = np.asarray(document[0].render(scale=150 / 72).to_pil().convert("RGB"))
    else:
        page = np.asarray(Image.open(path).convert("RGB"))
    Image.fromarray(phone_photo()(page, np.random.default_rng(seed)).picture).save(out, quality=85)


PEAKS: list[float] = []


def timed(call: Callable[[], TraceAnswer]) -> tuple[float, TraceAnswer]:
    """Seconds of one trace, and its answer; its peak of resident memory goes to PEAKS, workers included."""
    Path("/proc/self/clear_refs").write_text("5")  # restart the kernel's high-water mark
    began = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - began
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    PEAKS.append(sum(high_water_mib(process) for process in ("self", *children)))
    return seconds, answer


def high_water_mib(process: str) -> float:
    """Peak of a process's resident memory, MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def measure(custody: Custody, folder: Path, photos: int) -> dict[str, list[float]]:
    """Trace photos, exact copies and stamped copies; wrong answers end the run."""
    rng = np.random.default_rng(11)
    versions = list(custody.versions())
    times: dict[str, list[float]] = {"photo": [], "exact": [], "stamp": []}
    missed = 0
    for number in range(photos):
        version = versions[int(rng.integers(len(versions)))]
        copy: IssuedCopy = custody.issue(
            version.ref,
            Recipient(f"leaker-{number}", "dev", "10.0.0.7"),
            folder / f"leak-{number}{Path(version.name).suffix}",
        )
        assert copy.path is not None
        shot = folder / f"photo-{number}.jpg"
        apart(photo, copy.path, number, shot)
        seconds, answer = timed(lambda shot=shot: custody.trace([shot]))
        times["photo"].append(seconds)
        named = [str(c.accused.copy) for c in answer.copies]
        if named and named != [str(copy.id)]:
            sys.exit(f"WRONG COPY accused for {version.ref}: {named}")
        missed += not named
        times["exact"].append(timed(lambda copy=copy: custody.trace([copy.path]))[0])
        if version.name.endswith(".pdf"):
            import pikepdf

            with pikepdf.open(copy.path) as pdf:
                pdf.save(folder / "resaved.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
            seconds, answer = timed(lambda: custody.trace([folder / "resaved.pdf"]))
            times["stamp"].append(seconds)
            assert [str(c.accused.copy) for c in answer.copies] == [str(copy.id)]
    print(f"photos traced: {photos - missed}/{photos}, wrong: 0")
    return times


def line(name: str, values: Sequence[float]) -> str:
    """Median and worst of a row of times."""
    return (
        f"{name:34} median {statistics.median(values):7.3f} s   worst {max(values):7.3f} s   n={len(values)}"
    )


def main() -> None:
    """Fill a home, measure, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--files", type=int, default=1000)
    ap.add_argument("--copies", type=int, default=100_000)
    ap.add_argument("--photos", type=int, default=20)
    ap.add_argument("--home", type=Path)
    args = ap.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        home = args.home or folder / "home"
        if not (home / "home.json").exists():
            Custody.create(home, org="Bench", org_code="BE").close()
        apart(fill, home, args.files, args.copies, folder)
        with Custody.open(home) as custody:
            print(f"{sum(1 for _ in custody.versions()):,} files, {count(custody):,} copies")
            for name, values in measure(custody, folder, args.photos).items():
                if values:
                    print(line(f"trace of {name} (in process)", values))
            print(
                f"resident, peak while tracing: {max(PEAKS):.0f} MiB, this process and its workers together"
            )
            seconds, answer = timed(lambda: custody.trace([_stranger(folder)]))
            print(
                f"unregistered page: {answer.answer.result} in {seconds:.1f} s, its text was read; {PEAKS[-1]:.0f} MiB"
            )


def _stranger(folder: Path) -> Path:
    path = folder / "stranger.png"
    write_page_png(path, seed=10_000_019)
    return path


if __name__ == "__main__":
    main()
