"""Collecting: samples a second until durable, and until sealed in registered batches, beside the raw floor.

./run bench ingest [--samples 500000]
"""

import argparse
import os
import platform
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cbor2

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.ingest.collect import live
from sealtrace.ingest.model import SECOND, Cut, Sample, Source, us

TAGS, MESSAGE, BATCH = 50, 2000, 250_000
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def messages(samples: int) -> list[list[Sample]]:
    """Readings of TAGS instruments, ten times a second, as a server publishes them."""
    rnd = random.Random(1)
    names = [f"stage_{n:02d}.acid_mol_l" for n in range(TAGS)]
    made, at = [], us(BEGIN)
    for number in range(0, samples, MESSAGE):
        message = []
        for _ in range(min(MESSAGE, samples - number) // TAGS):
            message += [Sample(at, name, round(rnd.gauss(0.2, 0.004), 4)) for name in names]
            at += SECOND // 10
        made.append(message)
    return made


def floor(folder: Path, made: list[list[Sample]]) -> float:
    """Seconds to append the same samples, already encoded, with one fdatasync a message."""
    encoded = [cbor2.dumps([[s.at_us, s.tag, s.value] for s in message]) for message in made]
    handle = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    began = time.perf_counter()
    for data in encoded:
        os.write(handle, data)
        os.fdatasync(handle)
    seconds = time.perf_counter() - began
    os.close(handle)
    return seconds


def main() -> None:
    """Keep, seal, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--samples", type=int, default=500_000)
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{args.samples:,} samples of {TAGS} tags, messages of {MESSAGE:,}, batches of {BATCH:,}")
    made = messages(args.samples)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as tmp:
        folder = Path(tmp)
        clock = FixedClock(BEGIN + timedelta(days=1))
        least = floor(folder, made)
        source = Source("bench", "bench", "bench", Cut("rows", samples=BATCH), grace_s=0.0)
        with (
            Custody.create(folder / "home", org="Bench", clock=clock) as custody,
            live(custody, source) as line,
        ):
            keeping = sealing = busy = 0.0
            batches = 0
            for number, message in enumerate(made):
                began = time.perf_counter()
                line.keep(message, {"message": number})
                kept = time.perf_counter()
                cpu = time.process_time()
                batches += len(list(line.seal(drained=True)))
                keeping, sealing = keeping + kept - began, sealing + time.perf_counter() - kept
                busy += time.process_time() - cpu
            waiting = line.waiting()
            sealed = args.samples - waiting
            print(f"floor    {args.samples / least:10,.0f} samples/s   append + fdatasync a message")
            rate = args.samples / keeping
            print(
                f"kept     {rate:10,.0f} samples/s   {rate * least / args.samples:.2f} of the floor: durable, encrypted"
            )
            rate = sealed / (keeping * sealed / args.samples + sealing)
            print(
                f"sealed   {rate:10,.0f} samples/s   {rate * least / args.samples:.2f} of the floor: kept, then"
                f" {batches} batches settled, written as Parquet, registered, entered; {busy:.1f} s of CPU"
            )
            assert waiting < BATCH


if __name__ == "__main__":
    main()
