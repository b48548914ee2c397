"""Name and person screening: quality on given pairs, speed, and a directory against a large roster.

    ./run bench watch [--names NAME_PAIRS.csv] [--persons PERSON_PAIRS.csv] [--directory 100000] [--rows 1000000]

Quality is printed for the lists that are given, scored with the shipped models; the figures without bias are those
of `benchmarks/train_watch.py`, which judges only names it did not fit. The roster is made here, from the tables of
surname and given-name shares and a seed, in eight manners of writing. The index part runs in a process of its own,
so that its memory is its own. Prints figure, machine, input and command.
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from sealtrace.watch.index import NameIndex
from sealtrace.watch.lattice import (
    CANTONESE,
    KOREAN,
    PINYIN,
    SOUTHERN,
    VIETNAMESE,
    WADE,
    family_name,
    syllable,
)
from sealtrace.watch.names import compare
from sealtrace.watch.persons import compare_persons
from sealtrace.watch.tables import given_shares, surnames

Manner = Callable[[str, str, random.Random], str]


def people(count: int, seed: int) -> list[tuple[str, str]]:
    """Surname and given name of `count` people, drawn by the shipped shares."""
    rnd = random.Random(seed)
    families, weights = zip(*((n, s.share) for n, s in surnames().items()), strict=True)
    chars, shares = zip(*given_shares().items(), strict=True)
    drawn = rnd.choices(families, weights, k=count)
    letters = iter(rnd.choices(chars, shares, k=2 * count))
    return [(f, next(letters) + (next(letters) if rnd.random() < 0.86 else "")) for f in drawn]


def spell(family: str, given: str, system: int, rnd: random.Random) -> tuple[str, list[str]] | None:
    """A usual spelling of each piece in one system; None when a piece has none."""
    out = []
    for options in (family_name(family), *(syllable(c) for c in given)):
        usual = sorted(t for t, c in options.items() if c[system] <= 0.4 and t.isascii())
        if not usual:
            return None
        out.append(rnd.choice(usual))
    return out[0], out[1:]


def roster_row(family: str, given: str, rnd: random.Random) -> str:
    """One person as a roster may write them."""
    manner = rnd.random()
    if manner < 0.15:
        return family + given
    system = rnd.choices((PINYIN, WADE, CANTONESE, SOUTHERN, KOREAN, VIETNAMESE), (50, 10, 20, 10, 4, 4))[0]
    own, rest = spell(family, given, system, rnd) or spell(family, given, PINYIN, rnd) or (family, [given])
    surname, first = own.capitalize(), "".join(rest).capitalize()
    if manner < 0.25:
        return f"{surname}, {'. '.join(r[0].upper() for r in rest)}."
    if manner < 0.45:
        return f"{first} {surname}"
    if manner < 0.6:
        return f"{surname} {'-'.join(rest).capitalize()}"
    if manner < 0.7:
        return f"{surname} {' '.join(r.capitalize() for r in rest)}"
    return f"{surname} {first}" if manner < 0.95 else f"David {first} {surname}"


def large(directory: int, rows: int) -> dict[str, float]:
    """Build the index, look every row up; seconds, candidates, peak memory in MiB."""
    names = [f + g for f, g in people(directory, 1)]
    rnd = random.Random(3)
    began, began_cpu = time.perf_counter(), time.process_time()
    index = NameIndex(names)
    built, built_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    count = touched = 0
    seconds = cpu = 0.0
    for start in range(0, rows, 100_000):
        some = [roster_row(f, g, rnd) for f, g in people(min(100_000, rows - start), 1000 + start)]
        began, began_cpu = time.perf_counter(), time.process_time()
        for row in some:
            found = index.candidates(row)
            count += sum(len(c.numbers) for c in found)
            touched += bool(found)
        seconds += time.perf_counter() - began
        cpu += time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "build_s": built,
        "build_cpu_s": built_cpu,
        "lookup_s": seconds,
        "cpu_s": cpu,
        "candidates": count,
        "touched": touched,
        "peak_mib": peak,
    }


EMPLOYERS = [f"{place} {kind}" for place in ("Hetao", "Yunling", "Ganzhou", "Baotou", "Ipoh", "Perak", "Osaka", "Kyoto",
             "Wuhai", "Longnan", "Dingnan", "Meizhou", "Liangshan", "Mianning", "Weishan", "Zibo", "Yixing", "Liyang",
             "Guangzhou", "Changsha") for kind in ("Separation Works", "Alloy", "Magnetics", "Institute of Chemistry",
             "Metals", "Mining", "Refinery", "Research", "University", "Instruments")]  # fmt: skip
SCHOOLS = [f"{name} {kind}" for name in EMPLOYERS[:100] for kind in ("College", "School", "Academy")]
FIELDS = ["solvent extraction", "ion exchange", "magnets", "metallurgy", "analysis", "geology", "mineral processing",
          "process control", "waste water", "oxide reduction", "alloys", "polishing", "phosphors", "catalysts",
          "hydrometallurgy", "electrolysis", "crystal growth", "modelling", "safety", "maintenance"]  # fmt: skip


def context(rnd: random.Random) -> tuple[str, str, str, str]:
    """Employer, speciality, school and year of birth, drawn evenly: a roster of one trade agrees more often."""
    return rnd.choice(EMPLOYERS), rnd.choice(FIELDS), rnd.choice(SCHOOLS), str(rnd.randrange(1955, 1996))


def screening(directory: int, rows: int, true: int = 500) -> dict[str, float]:
    """Screen a roster against a directory, names and context: `true` rows are people of the directory.

    Far beyond any lawful use, which compares the few people under a restriction; it bounds the engine.
    """
    from sealtrace.watch.rosters import RosterRow
    from sealtrace.watch.screening import Screener, Tally, Watched

    rnd = random.Random(11)
    known = [(f, g, context(rnd)) for f, g in people(directory, 1)]
    began, began_cpu = time.perf_counter(), time.process_time()
    screener = Screener([Watched(f"per-{i}", "r", (f + g,), (), *c) for i, (f, g, c) in enumerate(known)])
    built, built_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    tally, seconds, cpu, right = Tally(), 0.0, 0.0, set[int]()
    at = {rnd.randrange(rows): rnd.randrange(directory) for _ in range(true)}
    for start in range(0, rows, 100_000):
        strangers = people(min(100_000, rows - start), 1000 + start)
        some = []
        for number, (f, g) in enumerate(strangers, start):
            who = at.get(number)
            family, given, row = known[who] if who is not None else (f, g, context(rnd))
            stated = [value if rnd.random() < 0.7 else "" for value in row]
            some.append(RosterRow(f"row {number}", roster_row(family, given, rnd), *stated))
        began, began_cpu = time.perf_counter(), time.process_time()
        for match in screener.screen(some, tally):
            number = int(match.row.place[4:])
            if at.get(number) == int(match.watched.person[4:]):
                right.add(number)
        seconds += time.perf_counter() - began
        cpu += time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "build_s": built, "build_cpu_s": built_cpu, "seconds": seconds, "cpu_s": cpu, "name_only": tally.name_only,
        "matches": tally.matches, "touched": tally.touched, "right": len(right), "true": len(at), "peak_mib": peak,
    }  # fmt: skip


def quality(names: Path | None, persons: Path | None) -> None:
    """Score the given labelled lists with the shipped models."""
    from benchmarks.train_watch import report_names, report_persons

    if names:
        rows = list(csv.DictReader(names.open(encoding="utf-8", newline="")))
        label = np.array([float(r["label"]) for r in rows])
        print(f"names: {len(rows):,} pairs of {names.name}, scored with the shipped model")
        report_names(
            rows, np.array([compare(r["surname"] + r["given"], r["right"]).score for r in rows]), label
        )
    if persons:
        rows = list(csv.DictReader(persons.open(encoding="utf-8", newline="")))
        label = np.array([float(r["label"]) for r in rows])
        print(f"persons: {len(rows):,} pairs of {persons.name}, scored with the shipped model")
        report_persons(rows, np.array([compare_persons(r).score for r in rows]), label)


def pair_speed(pairs: int) -> None:
    """Pairs a second, cold and warm; half of them are the same person."""
    rnd, who = random.Random(5), people(pairs, 7)
    others = people(pairs, 8)
    rows = [
        (f + g, roster_row(*((f, g) if i % 2 else others[i]), rnd)) for i, (f, g) in enumerate(who)
    ]  # fmt: skip
    for state in ("cold", "warm", "warm again"):
        began, began_cpu = time.perf_counter(), time.process_time()
        for left, right in rows:
            compare(left, right)
        wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        print(f"pairs, {state}: {pairs / wall:,.0f}/s by the clock, {pairs / cpu:,.0f}/s of processor time")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path)
    parser.add_argument("--persons", type=Path)
    parser.add_argument("--directory", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5_000)
    args = parser.parse_args()
    print(f"$ python -m benchmarks.watch {' '.join(sys.argv[1:])}")
    print(f"machine: {platform.machine()}, one core, Python {platform.python_version()}")
    quality(args.names, args.persons)
    pair_speed(args.pairs)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        seen = pool.submit(screening, args.directory, args.rows).result()
    print(
        f"screening of {args.rows:,} rows with context against {args.directory:,} people: "
        f"index {seen['build_s']:.1f} s ({seen['build_cpu_s']:.1f} s of processor time), "
        f"screening {seen['seconds']:.1f} s ({seen['cpu_s']:.1f} s of processor time), "
        f"{seen['name_only']:,.0f} pairs by name alone (counted, not kept), {seen['matches']:,.0f} candidates, among "
        f"them {seen['right']:.0f} of {seen['true']:.0f} people who are there, peak memory {seen['peak_mib']:.0f} MiB"
    )
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        got = pool.submit(large, args.directory, args.rows).result()
    print(
        f"directory of {args.directory:,} names against {args.rows:,} rows: index {got['build_s']:.1f} s "
        f"({got['build_cpu_s']:.1f} s of processor time), "
        f"lookup {got['lookup_s']:.1f} s ({got['cpu_s']:.1f} s of processor time), "
        f"{got['candidates']:,.0f} candidates, {got['touched'] / args.rows:.1%} of rows touch somebody, "
        f"peak memory {got['peak_mib']:.0f} MiB"
    )


if __name__ == "__main__":
    main()
