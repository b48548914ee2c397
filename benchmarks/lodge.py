"""Declarations at the quantity ledger: several processes lodge against one licence too small for them, in batches.

./run bench lodge [--declarations 20000] [--writers 8] [--batch 100]
"""

import argparse
import os
import platform
import random
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.licences import declared, desk, store
from sealtrace.licences.account import Amount

AT = datetime(2026, 6, 1, tzinfo=UTC)
NUMBER = "BENCH-1"


def work(home: Path, seed: int, many: int, batch: int) -> None:
    """Lodge declarations of 1 to 9 mg in batches; every third one leaves at once."""
    rnd = random.Random(seed)
    with Custody.open(home, clock=FixedClock(AT), self_test=False) as custody:
        asked = [
            declared.Declared(f"D{seed}-{n}", "E1", NUMBER, "Dy", mg := rnd.randint(1, 9), mg)
            for n in range(many)
        ]
        for start in range(0, many, batch):
            for number, control in enumerate(
                declared.lodge_many(custody.office, asked[start : start + batch])
            ):
                if number % 33 == 0 and control.state is declared.State.RESERVED:
                    declared.leave(custody.office, control.declaration)


def main() -> None:
    """Measure, add up, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--declarations", type=int, default=20_000)
    ap.add_argument("--writers", type=int, default=8)
    ap.add_argument("--batch", type=int, default=100)
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    each = args.declarations // args.writers
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        granted = args.declarations * 3  # the mean is 5 mg: three in five fit
        with Custody.create(home, org="Bench", org_code="B", clock=FixedClock(AT)) as custody:
            terms = desk.Terms(NUMBER, "single", date(2026, 1, 1), date(2026, 12, 31))
            desk.add(custody.office, terms, "1C905.b", "Dy", Amount(granted))
        began = time.perf_counter()
        children = []
        for seed in range(args.writers):
            child = os.fork()
            if child == 0:
                try:
                    work(home, seed, each, args.batch)
                finally:
                    os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        seconds = time.perf_counter() - began
        with Custody.open(home, clock=FixedClock(AT)) as custody:
            [line] = store.lines(custody.office.db, NUMBER)
            held = line.balance.reserved.element_mg + line.balance.drawn.element_mg
            refused = declared.blocked(custody.office)
            rnds = [random.Random(seed) for seed in range(args.writers)]
            asked = {f"D{s}-{n}": rnd.randint(1, 9) for s, rnd in enumerate(rnds) for n in range(each)}
            accepted = sum(asked.values()) - sum(asked[c.declaration] for c in refused)
            problems = len(desk.check(custody.office))
    total = each * args.writers
    print(f"lodge    {total:,} declarations by {args.writers} writers, {args.batch} at a time: {seconds:.0f} s, "
          f"{total / seconds:,.0f}/s")  # fmt: skip
    print(f"         blocked {len(refused):,}; held {held:,} of {granted:,} mg, overdrawn {max(0, held - granted)}, "
          f"held beyond what was accepted {held - accepted}, problems {problems}")  # fmt: skip


if __name__ == "__main__":
    main()
