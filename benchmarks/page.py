"""The page channel under attack: how many leaked pages are traced, how many wrongly, how visible the tint is.

Every page is a document of its own with ISSUED copies. One copy is tinted, leaked by each attack and read
again; all its copies are weighed at a chance of error of 1e-9. Attacks and pages are simulations with the
seeds below. The page is searched for in the leak by its features (`--hint none`, the harder way) or
placed by the page index over all pages of the run (`--hint index`, as a trace does it).

    ./run bench page [--pages 42] [--hint none|index] [--attacks "jpeg 50,rotate"] [--jobs 2]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.detect import read_page
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.geometry import Layout
from sealtrace.marks.tint import plan_raster, tint_raster
from sealtrace.testing.attacks import ATTACKS
from sealtrace.testing.pages import A4_150_DPI, sorts

ISSUED = 1000
CHANCE = 1e-9
MUST_ATTACKS = ("jpeg 50", "resize 0.5", "crop 25 %", "rotate", "screenshot", "print-scan", "phone photo")
SIZES = (A4_150_DPI, A4_150_DPI, (1754, 1240), (1654, 2339), (1000, 1400), (1600, 900))


@dataclass
class Case:
    """One leak: the true copy's and the best other's log e-value, None when it could not be registered."""

    page: str
    attack: str
    log_e: float | None
    next_best: float | None
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class PageResult:
    """One page: how faithful its tinted copy is, and its leaks."""

    name: str
    psnr: float
    ssim: float
    tint_s: float
    cases: list[Case]


def page_of(number: int) -> tuple[str, NDArray[np.uint8]]:
    """The benchmark's page `number`: the sorts in turn, in several sizes."""
    kinds = sorts()
    sort = list(kinds)[number % len(kinds)]
    size = SIZES[(number // len(kinds)) % len(SIZES)]
    return f"{number:02d} {sort} {size[0]}x{size[1]}", kinds[sort](np.random.default_rng([11, number]), size)


def run_page(number: int, attacks: tuple[str, ...], index_folder: str | None) -> PageResult:
    """Tint, leak, read and weigh one page."""
    cv2.setNumThreads(1)
    name, page = page_of(number)
    height, width = page.shape[:2]
    grid, symbols = plan_raster(width, height)
    book = CodeBook(hashlib.sha256(name.encode()).digest(), "page", symbols)
    layout = Layout(book.layout_key, grid, symbols)
    issued = np.random.default_rng([12, number]).integers(0, 2**63, ISSUED).astype(np.uint64)
    words, guilty = book.words(issued), number * 7 % ISSUED
    begun = time.perf_counter()
    copy = tint_raster(page, grid, layout.chips(np.unpackbits(words[guilty])))
    tint_s = time.perf_counter() - begun
    cases = []
    for attack in attacks:
        seed = [13, number, list(ATTACKS).index(attack)]
        leak = ATTACKS[attack](copy, np.random.default_rng(seed)).picture
        clock = _Clock()
        hint = _hint(index_folder, number, leak) if index_folder else None
        clock.lap("search")
        reading = read_page(page, leak, grid, layout, hint)
        clock.lap("read")
        if reading is None:
            cases.append(Case(name, attack, None, None, clock.laps))
            continue
        scores = Weigher(reading.symbols, book.biases).log_e(words)
        clock.lap("weigh")
        others = float(np.delete(scores, guilty).max())
        cases.append(Case(name, attack, float(scores[guilty]), others, clock.laps))
    return PageResult(
        name,
        float(peak_signal_noise_ratio(page, copy)),
        float(structural_similarity(page, copy, channel_axis=2)),
        tint_s,
        cases,
    )


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps[step] = now - self._last
        self._last = now


def build_index(folder: str, pages: int) -> None:
    """Put every page of the run into one page index."""
    from sealtrace.content.page_index import PageIndex, PageRef

    index = PageIndex.open(Path(folder))
    for number in range(pages):
        index.add(PageRef(number, 0), page_of(number)[1])
    index.flush()


def _hint(folder: str, number: int, leak: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """The page index' place of the page in the leak; None when the index does not find it."""
    from sealtrace.content.page_index import PageIndex

    hits = PageIndex.open(Path(folder)).search(leak).hits
    return next((hit.to_leak for hit in hits if hit.ref.version == number and not hit.inverted), None)


def lines(results: list[PageResult], attacks: tuple[str, ...]) -> Iterator[str]:
    """The report."""
    limit = threshold(ISSUED, CHANCE)
    yield f"{'attack':18}{'traced':>12}{'wrong':>7}{'lost':>6}{'least log E':>13}{'median':>9}{'other':>9}"
    for attack in attacks:
        cases = [case for result in results for case in result.cases if case.attack == attack]
        found = [case.log_e for case in cases if case.log_e is not None]
        others = [case.next_best for case in cases if case.next_best is not None]
        traced, wrong = sum(e >= limit for e in found), sum(e >= limit for e in others)
        least, median = min(found, default=np.nan), np.median(found or [np.nan])
        yield (
            f"{attack:18}{traced:>6}/{len(cases):<5}{wrong:>7}{len(cases) - len(found):>6}"
            f"{least:>13.1f}{median:>9.1f}{max(others, default=0):>9.1f}"
        )
    yield ""
    for case in (case for result in results for case in result.cases):
        if case.log_e is None or case.log_e < limit:
            yield f"missed: {case.page}, {case.attack}: log E {case.log_e}"
    laps = defaultdict(list)
    for result in results:
        laps["tint"].append(result.tint_s)
        for case in result.cases:
            for step, seconds in case.seconds.items():
                laps[step].append(seconds)
    for step, seconds in laps.items():
        yield f"{step:8} {np.median(seconds):6.2f} s median, {np.quantile(seconds, 0.95):6.2f} s 95 %"


def summary(results: list[PageResult], attacks: tuple[str, ...]) -> tuple[str, bool]:
    """The figures that must hold, and whether they do."""
    limit = threshold(ISSUED, CHANCE)
    cases = [case for result in results for case in result.cases if case.attack in attacks]
    traced = sum(case.log_e is not None and case.log_e >= limit for case in cases)
    wrong = sum(case.next_best is not None and case.next_best >= limit for case in cases)
    psnr, ssim = min(r.psnr for r in results), min(r.ssim for r in results)
    text = (
        f"{traced}/{len(cases)} traced ({100 * traced / max(len(cases), 1):.1f} %), {wrong} wrong; "
        f"least PSNR {psnr:.2f} dB, least SSIM {ssim:.4f}; threshold log E {limit:.1f} for {ISSUED} copies"
    )
    return text, traced >= 0.97 * len(cases) and wrong == 0 and psnr >= 42 and ssim >= 0.98


def main() -> int:
    """Run the benchmark; exit code 1 when a figure that must hold does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=42)
    parser.add_argument("--attacks", default=",".join(MUST_ATTACKS))
    parser.add_argument("--hint", choices=("none", "index"), default="none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    attacks = tuple(options.attacks.split(","))
    with tempfile.TemporaryDirectory() as folder:
        if options.hint == "index":
            build_index(folder, options.pages)
        work = partial(run_page, attacks=attacks, index_folder=folder if options.hint == "index" else None)
        with ProcessPoolExecutor(
            options.jobs, get_context("spawn")
        ) as pool:  # OpenCV's threads don't survive a fork
            results = list(pool.map(work, range(options.pages)))
    text, holds = summary(results, attacks)
    print(f"{len(results)} pages, hint {options.hint}, {options.jobs} jobs, {platform.machine()}\n")
    print(*lines(results, attacks), "", text, sep="\n")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
