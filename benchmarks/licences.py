"""Licensing: time to classify, contended draws with kills, QR size, offline verification, status list, the gate.

./run bench licences [--draws 1000000] [--writers 8] [--backend sqlite|postgres|both] [--parts all|draws]
"""

import argparse
import json
import os
import platform
import random
import signal
import statistics
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import segno

from sealtrace.catalogue.lists import shipped as control_list
from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.errors import SealtraceError
from sealtrace.licences import accounts, desk, issuing, service, status, store
from sealtrace.licences.account import Amount, Kind, LineKey, Request, Want
from sealtrace.licences.cases import answers, shipped
from sealtrace.licences.central import Central
from sealtrace.licences.gate.shipment import read_declaration
from sealtrace.licences.screening.lists import SCHEMA as SCREENING
from sealtrace.licences.screening.lists import read_list
from sealtrace.licences.screening.match import Directory
from sealtrace.licences.states import LicenceState
from sealtrace.licences.token import GoodsLine, Licence, to_text, verify
from sealtrace.licences.turn import Receipt
from sealtrace.licences.workdays import shipped as calendar
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.testing.postgres import binaries, cluster

AT = datetime(2026, 6, 1, tzinfo=UTC)
BATCH = accounts.BATCH
NUMBER = "BENCH-1"


def cases(count: int) -> list[bytes]:
    """Seeded cases over all forms, elements and days of interest."""
    rnd = random.Random(5)
    elements = [*sorted(control_list().elements), "Nd", "Pr", "La", "Ce", "Fe", "Co", "B", "Al"]
    forms = [
        "metal",
        "alloy",
        "target",
        "magnet_primary",
        "oxide",
        "compound",
        "phosphor",
        "scrap",
        "unknown",
    ]
    made = []
    for number in range(count):
        shares = {e: round(rnd.uniform(0, 30), 2) for e in rnd.sample(elements, rnd.randint(1, 5))}
        day = date(2025, 1, 1) + timedelta(days=rnd.randrange(720))
        case = {
            "id": number,
            "date": day.isoformat(),
            "form": rnd.choice(forms),
            "composition_wt_pct": shares,
        }
        made.append(json.dumps(case | {"name_zh": "烧结钕铁硼磁钢 镝3%", "hs": "8505111000"}).encode())
    return made


def classify() -> None:
    """Print the time of one case, from its line of JSON to its answer."""
    lines, classifier = cases(5_000), shipped()
    list(answers(lines[:200], classifier))
    wall, cpu, referred = [], [], 0
    for line in lines:
        began, spent = time.perf_counter(), time.process_time()
        [answer] = answers([line], classifier)
        json.dumps(answer, ensure_ascii=False)
        wall.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - spent) * 1e3)
        referred += answer["decision"] == "refer"
    for name, times in (("wall", sorted(wall)), ("CPU", sorted(cpu))):
        p99 = times[int(len(times) * 0.99)]
        print(
            f"classify {name:4} p50 {statistics.median(times):.3f} ms   p99 {p99:.3f} ms   {len(times):,} random cases"
        )
    print(f"         {referred / len(lines):.1%} of the random cases referred")


Post = Callable[[list[Request]], list[Receipt | SealtraceError]]


@contextmanager
def posting(home: Path, dsn: str | None) -> Iterator[Post]:
    """Give what posts to the account: the home's own, or the one in PostgreSQL."""
    with Custody.open(home, clock=FixedClock(AT)) as custody:
        if dsn is None:
            yield lambda requests: accounts.post_many(custody.office, requests)
        else:
            with Central(custody.office, dsn) as central:
                yield central.post_many


def write(home: Path, dsn: str | None, seed: int, draws: int, report: int) -> None:
    """Draw in batches until done or killed; report what was acknowledged."""
    rnd = random.Random(seed)
    with posting(home, dsn) as post:
        for start in range(0, draws, BATCH):
            requests = [
                Request(NUMBER, Kind.DRAW, f"{seed}-{start + i}", (Want("Dy", Amount(rnd.randint(1, 9))),))
                for i in range(min(BATCH, draws - start))
            ]
            outcomes = post(requests)
            took = [o.lines[0][1].element_mg for o in outcomes if isinstance(o, Receipt)]
            os.write(report, f"{len(requests)} {len(took)} {sum(took)}\n".encode())


def contend(folder: Path, draws: int, writers: int, dsn: str | None = None) -> None:
    """Let writers contend for one account, kill some of them, replace them, and add up."""
    home, granted = folder / "home", draws * 4  # the mean draw is 5 mg: the account runs out before the end
    terms = desk.Terms(NUMBER, "single", date(2026, 1, 1), date(2026, 12, 31))
    with Custody.create(home, org="Bench", org_code="B", clock=FixedClock(AT)) as custody:
        if dsn is None:
            desk.add(custody.office, terms, "1C905.b", "Dy", Amount(granted))
        else:
            with Central(custody.office, dsn) as central:
                central.add(terms, "1C905.b", "Dy", Amount(granted))
    read_end, write_end = os.pipe()
    began, share, kills = time.perf_counter(), draws // writers, writers // 2
    children = [fork(home, dsn, seed, share, read_end, write_end) for seed in range(writers)]
    heard = bytearray()
    for number in range(kills):
        heard += os.read(read_end, 65536)  # somebody is at work
        os.kill(children[number], signal.SIGKILL)
        children.append(fork(home, dsn, 1000 + number, share, read_end, write_end))
    os.close(write_end)
    while chunk := os.read(read_end, 65536):
        heard += chunk
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    seconds = time.perf_counter() - began
    sums = [
        sum(column)
        for column in zip(*(map(int, line.split()) for line in heard.decode().splitlines()), strict=True)
    ]
    drawn, problems, entries = stands(home, dsn)
    name = "SQLite" if dsn is None else "PostgreSQL"
    print(
        f"draws    {name}: {sums[0]:,} by {writers} writers, {ends.count(-signal.SIGKILL)} killed, "
        f"{ends.count(1)} failed: {seconds:.0f} s, {sums[0] / seconds:,.0f}/s"
    )
    print(
        f"         accepted {sums[1]:,}; drawn {drawn:,} of {granted:,} mg, over-issue {max(0, drawn - granted)}, "
        f"acknowledged and lost {max(0, sums[2] - drawn)}, problems {problems}, ledger entries {entries:,}"
    )


def stands(home: Path, dsn: str | None) -> tuple[int, int, int]:
    """How the account stands: drawn mg, problems found by adding up, entries of the ledger."""
    with Custody.open(home, clock=FixedClock(AT)) as custody:
        if dsn is None:
            [line] = store.lines(custody.office.db, NUMBER)
            problems = desk.check(custody.office)
        else:
            with Central(custody.office, dsn) as central:
                central.carry()
                [line] = central.lines(NUMBER)
                problems = central.check()
        return line.balance.drawn.element_mg, len(problems), custody.office.ledger.size()


def fork(home: Path, dsn: str | None, seed: int, draws: int, read_end: int, write_end: int) -> int:
    """Start one writer."""
    child = os.fork()
    if child == 0:
        try:
            os.close(read_end)
            write(home, dsn, seed, draws, write_end)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    return child


def gate(folder: Path) -> None:
    """Print the time from a scanned text and a declaration to the verdict, and to the endorsement."""
    goods = [{"id": "g", "form": "oxide", "formula": "Dy2O3", "gross_kg": "0.01"}]
    said = {"exporter": "Holder", "end_user": "User", "destination": "DE", "goods": goods}
    clerk = Actor("clerk", ActorKind.HUMAN)
    line = GoodsLine(LineKey("1C905.b", "Dy"), Amount(10**9, 2 * 10**9, 0))
    terms = desk.Terms("L-1", "single", date(2026, 1, 1), date(2026, 12, 31))
    with Custody.create(folder / "gate", org="Bench", org_code="B", clock=FixedClock(AT)) as custody:
        office = custody.office
        text = issuing.issue(office, issuing.Particulars(terms, "Holder", "User", "DE", "use", (line,))).text
        numbers = iter(range(10**6))
        print(
            f"scan     {timed(lambda: service.scan(office, text, read_declaration(said | {'number': '1'})), 200)}"
        )

        def through() -> None:
            number = str(next(numbers))
            service.present(office, clerk, text, said | {"number": number})
            service.endorse(office, clerk, number)

        print(f"gate     {timed(through, 100)}   scan, verdict, draw and endorsement, each durable")


def screening() -> None:
    """Print the time to screen one party against 20,000 listed names."""
    rnd = random.Random(7)
    words = [
        "north",
        "trade",
        "metal",
        "optics",
        "drive",
        "works",
        "plant",
        "harbour",
        "magnet",
        "motor",
        "alloy",
    ]
    entries = [
        {"id": str(i), "names": [" ".join(rnd.sample(words, 3)) + f" {i}"], "person": False}
        for i in range(20_000)
    ]
    made = read_list({"schema": SCREENING, "id": "b", "version": "1", "effect": "notice", "entries": entries})
    directory = Directory(made)
    print(
        f"screen   {timed(lambda: directory.ask('p', ('Northern Optics Trading GmbH',), AT.date()), 20)}   20,000 names"
    )


def paper() -> None:
    """Print sizes and times of licences and status lists."""
    goods = [("1C905.b", "Dy"), ("1C904.b", "Tb"), ("1C905.a.4", "Dy"), ("1C908.b", "Y"), ("1C902.a.4", "Sm")]
    lines = tuple(
        GoodsLine(LineKey(e, s), Amount(2_500_000_000 + i, 2_870_000_000 + i, 1_234_567 + i))
        for i, (e, s) in enumerate(goods)
    )
    licence = Licence(
        "urn:sealtrace:org:demo",
        "DU-2026-0104233",
        "single",
        "某某稀土新材料股份有限公司",
        "Nordwind Elektromotoren GmbH, Hamburg",
        "DE",
        "驱动电机用永磁体生产",
        date(2026, 3, 1),
        date(2027, 2, 28),
        AT,
        lines,
        104_233,
        bytes(range(8)),
    )
    key = issuing.p256_from_seed(bytes(32), "bench")
    text = to_text(licence, key)
    symbol = segno.make(text, error="q", micro=False, boost_error=False)
    print(f"licence  {len(text)} characters for {len(lines)} lines: QR {symbol.designator}")
    print(f"verify   {timed(lambda: verify(text, [key.public_key()]), 300)}")
    rnd, count = random.Random(3), 131_072
    for rate in (0.001, 0.01, 0.05):
        exceptions = {i: rnd.randint(1, 3) for i in rnd.sample(range(count), int(count * rate))}
        data = status.sign(status.StatusList("urn:sealtrace:org:demo", AT, AT, count, exceptions), key)
        print(
            f"status   {len(data):,} B for {count:,} licences, {rate:.1%} {LicenceState.SUSPENDED}, revoked or ended"
        )
    print(f"deadline {timed(lambda: calendar().after(date(2026, 3, 2), 45), 3000)}")


def timed(what: Callable[[], object], rounds: int) -> str:
    """Median and 99th percentile of a call."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        times.append((time.perf_counter() - began) * 1e3)
    times.sort()
    return f"p50 {statistics.median(times):.4f} ms   p99 {times[int(rounds * 0.99)]:.4f} ms"


def main() -> None:
    """Measure and print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--draws", type=int, default=1_000_000)
    ap.add_argument("--writers", type=int, default=8)
    ap.add_argument("--backend", choices=["sqlite", "postgres", "both"], default="both")
    ap.add_argument("--parts", choices=["all", "draws"], default="all")
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as tmp:
        if args.parts == "all":
            classify()
            paper()
            screening()
            gate(Path(tmp))
        if args.backend != "postgres":
            contend(Path(tmp) / "sqlite", args.draws, args.writers)
        if args.backend != "sqlite":
            if binaries() is None:
                print("draws    PostgreSQL: not installed here")
                return
            with cluster(durable=True) as dsn:
                contend(Path(tmp) / "postgres", args.draws, args.writers, dsn)


if __name__ == "__main__":
    main()
