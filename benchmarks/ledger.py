"""The ledger: durable entries a second beside the raw floor of the same minute, single appends, proofs.

./run bench ledger [--rounds 10]
"""

import argparse
import hashlib
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

from sealtrace.clock import SystemClock
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys

BATCH, STATEMENT_BYTES = 1000, 1024


def floor(folder: Path, rounds: int) -> float:
    """Entries a second of appending 1 KiB records to a file with one fdatasync a batch."""
    data = os.urandom(STATEMENT_BYTES)
    handle = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    began = time.perf_counter()
    for _ in range(rounds):
        for _ in range(BATCH):
            os.write(handle, data)
        os.fdatasync(handle)
    seconds = time.perf_counter() - began
    os.close(handle)
    return rounds * BATCH / seconds


def draft(number: int) -> Draft:
    """A draft like an issue entry's."""
    fields = {
        "event": "copy:issued",
        "operator": f"op-{number}",
        "device": "dev-1",
        "ip": "10.0.0.1",
        "n": number,
    }
    return Draft(
        "copy:issued", f"{number:016x}", commit(fields).digest, "application/vnd.sealtrace.copy-issued+cbor"
    )


def main() -> None:
    """Append, prove, open again, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=10)
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as tmp:
        folder = Path(tmp)
        keys = LedgerKeys("bench/log", "urn:bench", lambda name: hashlib.sha256(name.encode()).digest())
        ledger = Ledger.create(folder / "log.db", keys, SystemClock())
        least = floor(folder, args.rounds)
        began = time.perf_counter()
        for number in range(args.rounds):
            ledger.append([draft(number * BATCH + i) for i in range(BATCH)])
        rate = args.rounds * BATCH / (time.perf_counter() - began)
        print(f"floor    {least:10,.0f} entries/s   append + fdatasync, batches of {BATCH}")
        print(
            f"ledger   {rate:10,.0f} entries/s   {rate / least:.2f} of the floor: commit, sign, tree, index, durable"
        )
        singles = []
        for number in range(200):
            began = time.perf_counter()
            ledger.append([draft(number)])
            singles.append((time.perf_counter() - began) * 1e3)
        print(f"single   p50 {statistics.median(singles):.2f} ms   p99 {sorted(singles)[197]:.2f} ms")
        size = ledger.size()
        began = time.perf_counter()
        for index in range(0, size, max(1, size // 500)):
            ledger.inclusion(index, size)
        print(f"proof    {(time.perf_counter() - began) / 500 * 1e3:.3f} ms at {size:,} entries")
        ledger.close()
        began = time.perf_counter()
        Ledger.open(folder / "log.db", keys, SystemClock()).close()
        print(f"open     {(time.perf_counter() - began) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
