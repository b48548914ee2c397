"""List pages of a register with a million copies: each as a signed-in person gets it, by the application itself.

Files have two hundred titles; one of them has half of all copies, the others share the rest; twenty thousand
people have fifty copies each. Requests go through the whole application in this process, without a network.
--database keeps accounts, orders, leaks, jobs and audit lines in PostgreSQL, which is started for the purpose and
filled with a hundred thousand rows of each kind that its lists show; the register of copies is SQLite in both modes.
Times are by the clock, with the processor time of this process beside them: on a busy machine the difference is
waiting for a core.

    ./run bench lists [--copies 1000000] [--times 40] [--database] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import write_page_pdf
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

FILES, PEOPLE, ROWS = 200, 20_000, 100_000
POSTGRES = Path("/usr/lib/postgresql")


def fill(home: Path, copies: int) -> None:
    """Make the home: files, then copies entered without bytes, as a large order does it."""
    began = time.perf_counter()
    building = home.with_name("building")
    with Custody.create(building, org="Bench", org_code="BE") as custody:
        for seed in range(FILES):
            pdf = home.with_name(f"specification-{seed}.pdf")
            write_page_pdf(pdf, seed)
            code = str(custody.register([pdf], title=f"Specification {seed} of the separation line")[0].code)
            pdf.unlink()
            share = copies // 2 if seed == 0 else copies // 2 // (FILES - 1)
            for start in range(0, share, 50_000):
                numbers = range(start, min(start + 50_000, share))
                people = [(n * 7919 + seed * 104_729) % PEOPLE for n in numbers]
                custody.issue_many(f"{code}@1", [_recipient(n) for n in people], None)
    building.rename(home)
    print(f"filled with {copies:,} copies of {FILES} files in {time.perf_counter() - began:,.0f} s")


def _recipient(number: int) -> Recipient:
    return Recipient(f"op-{number:06d}", f"dev-{number:06d}", f"10.0.{number >> 8 & 255}.{number & 255}")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of one's own; gives its address."""
    programs = max(POSTGRES.glob("*/bin"), key=lambda path: float(path.parent.name))
    data = folder / "postgres"
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data.mkdir(exist_ok=True)
    folder.chmod(0o755)
    if user:
        subprocess.run(["chown", "postgres", str(data)], check=True)
    subprocess.run(
        [*user, str(programs / "initdb"), "-D", str(data), "-U", "bench", "--auth=trust"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    control = [*user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    how = f"-c listen_addresses='' -c unix_socket_directories={data}"
    subprocess.run(
        [*control, "-l", str(data / "log"), "-o", how, "start"], check=True, stdout=subprocess.DEVNULL
    )
    try:
        from urllib.parse import quote

        yield f"postgresql://bench@{quote(str(data), safe='')}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)


def fill_rows() -> None:
    """Rows of the application's own lists."""
    from django.utils import timezone

    from sealtrace.web.audit.models import Line
    from sealtrace.web.custody.models import Leak, Order
    from sealtrace.web.jobs.models import Job

    if Order.objects.count() >= ROWS:
        return
    now, step = timezone.now(), 5000
    for start in range(0, ROWS, step):
        numbers = range(start, start + step)
        Order.objects.bulk_create(
            Order(
                ref=f"BE-{n % FILES}@1", title=f"Specification {n % FILES}", level="general", purpose="assembly",
                recipients=[{"operator": f"op-{n % PEOPLE:06d}", "device": "dev-1", "ip": "10.0.0.1"}],
                state="issued" if n % 50 else "declined", operator=f"op-{n % 97:06d}", device="dev-1", ip="10.0.0.1",
            ) for n in numbers
        )  # fmt: skip
        Leak.objects.bulk_create(
            Leak(
                pieces=[{"name": f"photo-{n}.jpg", "sha256": "00" * 32, "size": 1}], operator=f"op-{n % 97:06d}",
                trace=f"T{n:09d}", result=("exact", "strong", "inconclusive", "none")[n % 4], answered_at=now,
            ) for n in numbers
        )  # fmt: skip
        Job.objects.bulk_create(
            Job(kind="leak:trace", operator=f"op-{n % 97:06d}", state=Job.State.DONE, ended_at=now)
            for n in numbers
        )
        Line.objects.bulk_create(
            Line(
                number=10_000_000 + n, at=now, kind=Line.Kind.READ, operator=f"op-{n % 97:06d}", device="dev-1",
                ip="10.0.0.1", action="copy:list", subject=f"File BE-{n % FILES}", rules="", digest="",
            ) for n in numbers
        )  # fmt: skip


def measure(custody: Custody, times: int, database: str | None) -> None:
    """Open every list, print."""
    from sealtrace.web import boot
    from sealtrace.web.site import Site

    boot.start(
        Site(custody, boot.secret_key(custody), hosts=("testserver",), internal=(), database_url=database)
    )
    from sealtrace.web.accounts.models import Operator
    from sealtrace.web.accounts.service import add_operator
    from sealtrace.web.testing import DeviceClient

    fill_rows()
    clients = {}
    for name, roles in (
        ("officer", [Role.TRACER, Role.ISSUER, Role.REGISTRAR, Role.READER]),
        ("auditor", [Role.AUDIT_ADMIN]),
        ("security", [Role.SECURITY_ADMIN]),
    ):
        code = f"op-{name}"
        operator = Operator.objects.filter(code=code).first()
        clients[name] = DeviceClient(HTTP_ACCEPT_LANGUAGE="en")
        clients[name].sign_in(
            operator or add_operator(code, "BE", roles, by="bench", clearance="core"), ip="127.0.0.1"
        )
    size = custody.office.ledger.size()
    middle = size // 2
    from sealtrace.custody import store

    files = store.newest_files(custody.office.db, None, FILES)
    largest, small = files[-1][1], files[0][1]
    copy = store.newest_copies(custody.office.db, middle, 1)[0].id
    person = _recipient(7919)
    worst = 0.0
    for who, what, path in (
        ("officer", "start page", "/"),
        ("officer", "register", "/register"),
        ("officer", "register, by title", "/register?q=separation"),
        ("officer", "register, a title nobody has", "/register?q=nothing+like+it"),
        ("officer", "a file with half of all copies", f"/register/{largest.code}"),
        ("officer", "issue", "/issue"),
        ("officer", "copies of the largest file, newest", f"/issue/copies?file={largest.ref}"),
        ("officer", "copies of the largest file, from the middle", f"/issue/copies?file={largest.ref}&before={middle}"),
        ("officer", "copies of another file", f"/issue/copies?file={small.ref}"),
        ("officer", "copies of a person", f"/issue/copies?operator={person.operator}"),
        ("officer", "copies of a person for a file", f"/issue/copies?file={largest.ref}&operator={person.operator}"),
        ("officer", "one copy", f"/issue/copy/{copy}"),
        ("officer", "trace", "/trace"),
        ("officer", "view", "/view"),
        ("officer", "ledger, newest", "/ledger"),
        ("officer", "ledger, from the middle", f"/ledger?before={middle}"),
        ("officer", "one entry", f"/ledger/{middle}"),
        ("officer", "its proof", f"/ledger/{middle}/proof.json"),
        ("officer", "ledger, search by person", f"/ledger?q={person.operator}"),
        ("officer", "ledger, search by device", f"/ledger?q={person.device}"),
        ("officer", "ledger, search by file", f"/ledger?q={largest.code}"),
        ("officer", "ledger, search by copy", f"/ledger?q={copy}"),
        ("auditor", "audit", "/audit"),
        ("auditor", "ledger, as auditor", "/ledger"),
        ("security", "operators", "/operators"),
    ):  # fmt: skip
        client = clients[who]
        status = client.get(path, follow=True).status_code
        clock, worked = [], []
        for _ in range(times):
            at, spent = time.perf_counter(), time.process_time()
            client.get(path)
            clock.append(time.perf_counter() - at)
            worked.append(time.process_time() - spent)
        p95, busy = float(np.quantile(clock, 0.95)), float(np.median(worked))
        worst = max(worst, p95)
        print(f"{what:46} {status}  median {1e3 * float(np.median(clock)):6.1f} ms  p95 {1e3 * p95:6.1f} ms"
              f"  worked {1e3 * busy:6.1f} ms")  # fmt: skip
    print(f"slowest list page: p95 {1e3 * worst:.0f} ms; {size:,} entries")


def main() -> None:
    """Run from the command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--copies", type=int, default=1_000_000)
    words.add_argument("--times", type=int, default=40)
    words.add_argument("--database", action="store_true", help="accounts and orders in PostgreSQL")
    words.add_argument("--folder", type=Path, help="keep the home there, and use it again")
    told = words.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f}, {'PostgreSQL' if told.database else 'SQLite'}"
    )
    with tempfile.TemporaryDirectory() as kept:
        folder: Path = told.folder or Path(kept)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "home").exists():
            fill(folder / "home", told.copies)

        def run(database: str | None) -> None:
            with Custody.open(folder / "home") as custody:
                measure(custody, told.times, database)

        _with(run, told.database, Path(kept))


def _with(run: Callable[[str | None], Any], database: bool, folder: Path) -> None:
    if not database:
        return run(None)
    with postgres(folder) as address:
        return run(address)


if __name__ == "__main__":
    main()
