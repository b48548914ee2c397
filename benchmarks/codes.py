"""The decoder: luck over ten million innocent copies, blends traced, and time by the number of copies.

    ./run bench codes [--innocent 10000000] [--trials 40] [--copies 10000000]

Luck: the share of innocent copies with an e-value of t or more, against its bound 1/t, over six blending
strategies, symbols read as bits and as levels, weighed by models that are right and that are wrong. Blends:
how often at least one source is named at ln(10^6 / 1e-9) with 2 % of the bits read wrongly, among 1,000
copies. Times are of one thread's processor, keyed derivation of every codeword included.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from itertools import product

import numpy as np

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.models import BLENDS, MODELS, Model
from sealtrace.marks.rounds import find_sources
from sealtrace.testing.blends import STRATEGIES, blend, hard, soft

from .trials import spread

LIMIT = threshold(10**6, 1e-9)
MIXTURES = {"blends": BLENDS, "averaging": MODELS, "a single copy": (Model(1, "linear"),)}
SIZES = ((1, 256), (2, 1024), (3, 2048), (5, 4096), (8, 8192))


def _sources(book: CodeBook, many: int) -> np.ndarray:
    return np.unpackbits(book.words(np.arange(many, dtype=np.uint64)), axis=1)


def luck(innocent: int) -> None:
    """Print the share of innocent copies above t = 10, 100, 1000, and the highest of all."""
    cases = list(product(STRATEGIES, ("bits", "levels"), MIXTURES))
    each, above, highest, seen = -(-innocent // len(cases)), np.zeros(3, np.int64), -np.inf, 0
    worst = np.zeros(3)
    for number, (strategy, kind, mixture) in enumerate(cases):
        rng = np.random.default_rng(number)
        book = CodeBook(rng.bytes(32), "table", 512)
        blended = blend(_sources(book, 2 + number % 5), strategy, rng)
        symbols = hard(blended, 0.05, rng) if kind == "bits" else soft(blended, 0.7, rng)
        weigher, here = Weigher(symbols, book.biases, MIXTURES[mixture]), np.zeros(3, np.int64)
        for start in range(0, each, 50_000):
            ids = np.arange(1 << 32, (1 << 32) + min(50_000, each - start), dtype=np.uint64) + np.uint64(
                start
            )
            log_e = weigher.log_e(book.words(ids))
            here += [(log_e >= np.log(t)).sum() for t in (10, 100, 1000)]
            highest, seen = max(highest, float(log_e.max())), seen + len(log_e)
        above, worst = above + here, np.maximum(worst, here / each)
        print(f"\r  {number + 1}/{len(cases)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    for t, count, most in zip((10, 100, 1000), above, worst, strict=True):
        print(f"P(E >= {t}) = {count / seen:.2e}, worst case {most:.2e}; bound {1 / t:.0e}")
    print(
        f"{seen:,} innocent copies in {len(cases)} cases; highest log e-value {highest:.1f}, threshold {LIMIT:.1f}"
    )


def one_blend(what: tuple[int, int, str, int]) -> tuple[int, int]:
    """One blend, read with 2 % of its bits wrong: how many sources were named, and how many others."""
    sources, symbols, strategy, trial = what
    rng = np.random.default_rng([sources, trial, STRATEGIES.index(strategy)])
    book = CodeBook(rng.bytes(32), "table", symbols)
    read = hard(blend(_sources(book, sources), strategy, rng), 0.02, rng)
    found = find_sources(read, book, np.arange(1000, dtype=np.uint64), LIMIT + np.log(2), BLENDS)
    guilty = sum(s.copy.value < sources for s in found.named)
    return guilty, len(found.named) - guilty


def blends(trials: int, processes: int) -> None:
    """Print how often at least one source is named, the worst strategy and all."""
    for sources, symbols in SIZES:
        strategies = STRATEGIES if sources > 1 else STRATEGIES[:1]
        cases = [(sources, symbols, strategy, trial) for strategy in strategies for trial in range(trials)]
        found = list(spread(one_blend, cases, processes))
        rates = dict.fromkeys(strategies, 0.0)
        for (_, _, strategy, _), (guilty, _) in zip(cases, found, strict=True):
            rates[strategy] += bool(guilty) / trials
        named, innocent = (sum(part) for part in zip(*found, strict=True))
        worst = min(rates, key=lambda s: rates[s])
        print(
            f"{sources} copies, {symbols} symbols: at least one named {np.mean(list(rates.values())):.1%}, worst "
            f"{rates[worst]:.1%} ({worst}); {named / len(cases):.2f} of {sources} named on average, "
            f"{innocent} innocent; {trials} trials a strategy",
            flush=True,
        )


def times(most: int) -> None:
    """Print processor seconds to weigh so many copies, and the memory."""
    for symbols, copies in product((1024, 2048), (100, 10**4, 10**6, 10**7)):
        if copies > most or (symbols, copies) == (2048, 10**7):
            continue
        rng = np.random.default_rng(copies)
        book = CodeBook(rng.bytes(32), "table", symbols)
        read = hard(blend(_sources(book, 2), "interleave", rng), 0.05, rng)
        ids = np.arange(copies, dtype=np.uint64)
        best = np.inf
        for _ in range(3 if copies < 10**6 else 1):
            began = time.process_time()
            found = find_sources(read, book, ids, threshold(copies, 1e-9), BLENDS)
            best = min(best, time.process_time() - began)
        correct = {s.copy.value for s in found.named} == {0, 1}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(
            f"{copies:,} copies of {symbols} symbols: {best:.2f} s, both sources named: {correct}; {memory} MiB"
        )


def main() -> None:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(prog="./run bench codes", description=__doc__.partition("\n")[0])
    parser.add_argument("--innocent", type=int, default=10**7)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--copies", type=int, default=10**7)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--parts", default="times,blends,luck")
    args = parser.parse_args()
    print(f"./run bench codes {' '.join(sys.argv[1:])}".rstrip())
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    parts = args.parts.split(",")
    if "times" in parts:
        times(args.copies)
    if "blends" in parts:
        blends(args.trials, args.processes)
    if "luck" in parts:
        luck(args.innocent)


if __name__ == "__main__":
    main()
