"""The screens: a leak from its upload to its answer page, in a register with many copies. Lists: `./run bench lists`.

./run bench screens [--copies 100000] [--leaks 7]

Requests go through the whole application in this process, without a network; a job is done where it is started.
Times are by the clock, with the processor time of this process beside them: on a busy machine the difference is
waiting for a core.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.pages import write_page_pdf
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role


def timed(work: Callable[[], Any], times: int) -> tuple[list[float], list[float]]:
    """Seconds by the clock and of the processor, for each of several runs."""
    clock, worked = [], []
    for _ in range(times):
        at, spent = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - at)
        worked.append(time.process_time() - spent)
    return clock, worked


def show(what: str, clock: list[float], worked: list[float]) -> None:
    """Print a line: median and worst."""
    p95 = sorted(clock)[max(0, round(0.95 * len(clock)) - 1)]
    print(
        f"{what}: median {1000 * statistics.median(clock):,.0f} ms, p95 {1000 * p95:,.0f} ms; "
        f"worked {1000 * statistics.median(worked):,.0f} ms"
    )


def leak_of(custody: Custody, copy: IssuedCopy, folder: Path) -> bytes:
    """A screenshot of a copy's page, as JPEG."""
    from PIL import Image

    from sealtrace.content.kinds import Kind
    from sealtrace.content.pages import render

    place = folder / f"{copy.id}.pdf"
    custody.fetch(copy.id, place)
    made = io.BytesIO()
    page = Image.fromarray(render(place, Kind.PDF, 0))
    page.resize((page.width * 3 // 4, page.height * 3 // 4)).save(made, "JPEG", quality=80)
    return made.getvalue()


def main() -> None:
    """Build, bring leaks, open lists, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--copies", type=int, default=100_000)
    ap.add_argument("--leaks", type=int, default=7)
    args = ap.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {args.copies:,} copies"
    )
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        with Custody.create(folder / "home", org="Bench", org_code="BE") as custody:
            measure(custody, folder, args.copies, args.leaks)


def measure(custody: Custody, folder: Path, copies: int, leaks: int) -> None:
    """Everything that is measured on one open home."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from sealtrace.web import boot
    from sealtrace.web.site import Site

    boot.start(Site(custody, boot.secret_key(custody), hosts=("testserver",)))
    from sealtrace.web.accounts.service import add_operator
    from sealtrace.web.jobs import service
    from sealtrace.web.jobs.models import Job
    from sealtrace.web.testing import DeviceClient

    service._submit = lambda pk: service.do(Job.objects.get(pk=pk))  # done where it is started
    files = []
    for seed in range(4):
        write_page_pdf(folder / f"page-{seed}.pdf", seed)
        files += custody.register([folder / f"page-{seed}.pdf"])
    people = [
        Recipient(f"op-{i:06d}", f"dev-{i}", f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}")
        for i in range(copies)
    ]
    issued = custody.issue_many(f"{files[0].code}@1", people, None)
    client = DeviceClient(HTTP_ACCEPT_LANGUAGE="en")
    client.sign_in(add_operator("op-bench", "BE", [Role.TRACER, Role.ISSUER, Role.REGISTRAR], by="bench"))
    brought = [leak_of(custody, issued[i * len(issued) // leaks], folder) for i in range(leaks)]

    def trace(data: bytes) -> None:
        answer = client.post("/trace/begin", {"files": SimpleUploadedFile("leak.jpg", data)})
        page = client.get(answer["Location"], follow=True).content.decode()
        assert 'class="answer" data-result="strong"' in page, "the leak was not traced"

    trace(brought[0])  # the first loads models and indexes
    runs = [timed(lambda data=data: trace(data), 1) for data in brought]  # type: ignore[misc]  # bound now
    clock, worked = ([part[0] for part in parts] for parts in zip(*runs, strict=True))
    show(f"trace from the upload to the answer page, {leaks} leaks", clock, worked)


if __name__ == "__main__":
    main()
