"""The viewer under load: people who turn pages of the application as it is really served, by Granian, over HTTP.

Every reader is signed in with a session and a device of their own and does what a browser does when a page is
turned: it asks for the frame of the page, then for its marked picture, which is entered in the ledger before its
first byte is sent, then for the margin; and every ten seconds whether the page may stay open. Static files are
in the browser by then. Readers begin spread over one THINK and read for THINK seconds on average (exponential)
before they turn the page. Twenty seconds is a fast reader.

"page" is from asking for the frame to the last byte of the picture; "picture" is the picture alone. "cold": no
reader had asked for that page since the server started; "warm": one had, so that it is marked and entered anew
but not rendered anew. "just started": the first THINK seconds, in which every reader opens a first page of their
own choice. "no thinking": all press again as soon as they have a page.

Beside them stands the processor time that the server and its helpers took for each page, polls included: on a
machine with other work only this can be compared, and what it leaves of the cores is what readers wait in.

    ./run bench viewer [--readers 200] [--think 20] [--seconds 60] [--workers 2] [--documents 10] [--pages 40]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.serving import free_port

STANDING_S = 10  # as the page asks


def specification(pages: int, seed: int) -> bytes:
    """A PDF of real text."""
    import io

    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    words = (
        "extraction raffinate scrub strip organic aqueous mixer settler",
        "dysprosium terbium stage flow",
    )
    rnd, made = np.random.default_rng(seed), io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1)
    for _ in range(pages):
        canvas.setFont("Helvetica", 11)
        for row in range(46):
            canvas.drawString(60, 770 - 15 * row, " ".join(rnd.choice(" ".join(words).split(), 10)))
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def quantiles(seconds: Iterable[float]) -> str:
    """p50, p95 and the longest, in milliseconds."""
    found = list(seconds)
    if not found:
        return "none"
    p50, p95, longest = (1000 * float(np.quantile(found, q)) for q in (0.5, 0.95, 1))
    return f"n {len(found)}, p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {longest:.0f} ms"


# -- in a process of its own, as Django serves one site a process -----------------------------------


def fill(folder: Path, documents: int, pages: int, readers: int) -> None:
    """Make a home with documents and signed-in readers; leaves `readers.json`."""
    from sealtrace.custody.service import Custody
    from sealtrace.policy.model import Role

    with Custody.create(folder / "home", org="YL", org_code="YL") as custody:
        refs = []
        for number in range(documents):
            pdf = folder / f"spec-{number}.pdf"
            pdf.write_bytes(specification(pages, number))
            refs.append(f"{custody.register([pdf], level='core')[0].code}@1")
        from sealtrace.web import boot
        from sealtrace.web.site import Site

        boot.start(Site(custody, boot.secret_key(custody), hosts=("127.0.0.1", "testserver")))
        from sealtrace.web.accounts import service
        from sealtrace.web.testing import DeviceClient

        cookies = []
        for number in range(readers):
            operator = service.add_operator(
                f"op-{number:03d}", "YL", [Role.READER], by="benchmark", clearance="core"
            )
            client = DeviceClient()
            client.sign_in(operator)
            cookies.append(client.cookies["session"].value)
        floor(custody, refs[0], folder / "spec-0.pdf")
    (folder / "readers.json").write_text(json.dumps({"refs": refs, "cookies": cookies}))


def floor(custody: object, ref: str, pdf: Path) -> None:
    """What a page costs alone, in one thread: rendering, making ready, and what no copy can do without."""
    from sealtrace.content.kinds import Kind
    from sealtrace.content.pages import render_here
    from sealtrace.custody import reading
    from sealtrace.custody.books import page_book
    from sealtrace.custody.service import Custody
    from sealtrace.marks.faint import draw_faint
    from sealtrace.marks.files import find_grid
    from sealtrace.marks.geometry import Layout
    from sealtrace.marks.ready import ReadyPage

    assert isinstance(custody, Custody)
    version = custody.version(ref)
    book, grid = page_book(custody.office, version), find_grid(version.plan, 0)
    assert book is not None
    assert grid is not None
    began = time.process_time()
    raster = render_here(pdf, Kind.PDF, [0])[0]
    rendered = time.process_time()
    ready = ReadyPage(raster, grid)
    made = time.process_time()
    chips = Layout(book.layout_key, grid, book.symbols).chips(np.zeros(book.symbols, np.uint8))
    laid, times = time.process_time(), 20
    for _ in range(times):
        marked = ready.mark(chips)
        draw_faint(marked, "op-000  dev-0123456789  01234567  2026-01-01 00:00Z", (0, 0), 1)
    done = time.process_time()
    for _ in range(times):
        cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, reading.QUALITY])
    spent, coded = (done - laid) / times, (time.process_time() - done) / times
    print(f"alone, processor time: render {1e3 * (rendered - began):.0f} ms,"
          f" make ready {1e3 * (made - rendered):.0f} ms ({ready.size_bytes / 1e6:.1f} MB);"
          f" for each copy mark {1e3 * spent:.1f} ms, encode {1e3 * coded:.1f} ms:"
          f" at most {(os.cpu_count() or 1) / (spent + coded):.0f} pages/s on these cores")  # fmt: skip
    grey = marked if marked.ndim == 2 else marked[..., 0]
    for name, ending, how in (
        ("JPEG 92", ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 92]), ("JPEG 85", ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 85]),
        ("PNG level 1", ".png", [cv2.IMWRITE_PNG_COMPRESSION, 1]), ("WebP 90", ".webp", [cv2.IMWRITE_WEBP_QUALITY, 90]),
    ):  # fmt: skip
        began = time.process_time()
        data = cv2.imencode(ending, marked, how)[1]
        took = time.process_time() - began
        back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float64)
        to_marked = 10 * np.log10(255**2 / max(float(np.mean((back - grey) ** 2)), 1e-9))
        print(f"  {name}: {1e3 * took:.0f} ms, {len(data) // 1000} kB,"
              f" PSNR {min(to_marked, 99):.1f} dB to the marked page")  # fmt: skip


# -- readers ---------------------------------------------------------------------------------------


class Line:
    """A kept connection of one browser; asks one thing after the other."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.turn = asyncio.Lock()

    async def get(self, path: str, dest: str) -> tuple[int, int]:
        """Ask; returns status and length of the answer, 0 and 0 when the server hung up on a connection just opened.

        A kept connection that the server closed while it was idle is opened anew and asked once more, as browsers
        do (RFC 9112, section 9.3.1).
        """
        async with self.turn:
            kept = self.streams is not None
            try:
                return await self._ask(path, dest)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.close()
            if not kept:
                return 0, 0
            try:
                return await self._ask(path, dest)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.close()
                return 0, 0

    async def _ask(self, path: str, dest: str) -> tuple[int, int]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        come, go = self.streams
        go.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={self.cookie}\r\n"
            f"Accept-Language: en\r\nSec-Fetch-Dest: {dest}\r\n\r\n".encode()
        )
        head = (await come.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        length = 0
        if b"content-length:" in head:
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        elif status != 204:
            raise AssertionError(f"an answer without a length: {head!r}")
        await come.readexactly(length)
        return status, length

    def close(self) -> None:
        """Hang up."""
        if self.streams:
            self.streams[1].close()
            self.streams = None


@dataclass
class Measured:
    """What the readers found: seconds of pages and pictures, cold and warm apart; what was refused."""

    cold: list[tuple[float, float]] = field(default_factory=list)
    warm: list[tuple[float, float]] = field(default_factory=list)
    standing: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    bytes_: int = 0
    seconds: float = 1.0
    worked_s: float = 0.0

    def show(self, what: str) -> None:
        """Print."""
        turned = max(1, len(self.cold) + len(self.warm))
        cores, here = os.cpu_count() or 1, self.worked_s / self.seconds
        print(f"{what}: {turned / self.seconds:.1f} pages/s, {self.bytes_ / turned / 1000:.0f} kB a picture;"
              f" processor {1e3 * self.worked_s / turned:.1f} ms a page, {here:.2f} of {cores} cores;"
              f" wrong {dict(Counter(self.wrong)) or 'none'}; load {os.getloadavg()[0]:.1f}")  # fmt: skip
        for name, found in (("warm", self.warm), ("cold", self.cold)):
            print(f"  {name} page:    {quantiles(whole for whole, _ in found)}")
            print(f"  {name} picture: {quantiles(picture for _, picture in found)}")
        if self.standing:
            print(f"  may it stay open: {quantiles(self.standing)}")


class Server:
    """The application, served by its own command."""

    def __init__(self, home: Path, workers: int, log: Path) -> None:
        self.port = free_port()
        words = ["web", "serve", "--port", str(self.port), "--workers", str(workers)]
        with log.open("ab") as said:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "sealtrace.cli.main", "--home", str(home), *words],
                stdout=said, stderr=said,
            )  # fmt: skip

    async def up(self) -> None:
        """Wait until every worker answers, and has loaded what answers."""
        line = Line(self.port, "")
        while True:
            try:
                if (await line.get("/healthz", "empty"))[0] == 200:
                    break
            except (OSError, IndexError):
                pass
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        line.close()

    def down(self) -> None:
        """Stop it."""
        self.program.terminate()
        self.program.wait(30)


def processor_s(program: int) -> float:
    """Processor time so far of a process and of all that it started and that still run."""
    spent, ticks = 0, os.sysconf("SC_CLK_TCK")
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, facts = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
            parents[pid] = int(facts[1]), int(facts[11]) + int(facts[12])
    for pid, (_, used) in parents.items():
        at = pid
        while at not in (0, program):
            at = parents.get(at, (0, 0))[0]
        spent += used if at == program else 0
    return spent / ticks


class Crowd:
    """Readers of one server."""

    def __init__(self, server: Server, cookies: list[str], refs: list[str], pages: int) -> None:
        self.server, self.port, self.cookies = server, server.port, cookies
        self.refs, self.pages = refs, pages
        self.seen: set[tuple[str, int]] = set()

    async def read(self, seconds: float, think: float, seed: int) -> Measured:
        """All readers read for so long; a page that was begun is finished."""
        measured, began, worked = Measured(), time.monotonic(), processor_s(self.server.program.pid)
        await asyncio.gather(
            *(self.reader(n, think, began + seconds, seed, measured) for n in range(len(self.cookies)))
        )
        measured.seconds = time.monotonic() - began
        measured.worked_s = processor_s(self.server.program.pid) - worked
        return measured

    async def reader(self, number: int, think: float, over: float, seed: int, measured: Measured) -> None:
        """One reader: a document of their choice, from a page of their choice on."""
        rnd = np.random.default_rng((seed, number))
        browser, beside = Line(self.port, self.cookies[number]), Line(self.port, self.cookies[number])
        ref, page = self.refs[rnd.integers(len(self.refs))], int(rnd.integers(self.pages)) + 1
        wait = float(rnd.uniform(0, think))
        while time.monotonic() + wait < over:
            await asyncio.sleep(wait)
            await self.turn(browser, ref, page, measured)
            page = page % self.pages + 1
            wait = float(rnd.exponential(think)) if think else 0.0
            asked = STANDING_S
            while think and asked < wait and time.monotonic() + STANDING_S < over:
                await asyncio.sleep(STANDING_S)
                wait -= STANDING_S
                began = time.perf_counter()
                status, _ = await beside.get(f"/view/{ref}/standing", "empty")
                measured.standing.append(time.perf_counter() - began)
                if status != 204:
                    measured.wrong.append(status)
        browser.close()
        beside.close()

    async def turn(self, browser: Line, ref: str, page: int, measured: Measured) -> None:
        """Turn to a page."""
        cold = (ref, page) not in self.seen
        self.seen.add((ref, page))
        began = time.perf_counter()
        first, _ = await browser.get(f"/view/{ref}/{page}", "document")
        framed = time.perf_counter()
        second, length = await browser.get(f"/view/{ref}/{page}/picture", "image")
        done = time.perf_counter()
        third, _ = await browser.get(f"/view/{ref}/{page}/opening", "empty")
        wrong = [status for status in (first, second, third) if status != 200]
        measured.wrong += wrong
        measured.bytes_ += length
        if not wrong:
            (measured.cold if cold else measured.warm).append((done - began, done - framed))


async def measure(folder: Path, told: argparse.Namespace) -> None:
    """Serve, read, print."""
    made = json.loads((folder / "readers.json").read_text())
    log = folder / "server.log"
    for workers in told.workers:
        server = Server(folder / "home", workers, log)
        try:
            await server.up()
            print(f"-- {workers} server process{'es' if workers > 1 else ''}")
            crowd = Crowd(server, made["cookies"], made["refs"], told.pages)
            reading = f"{told.readers} readers, {told.think:g} s of reading on average"
            (await crowd.read(told.think, told.think, 1)).show(f"just started; {reading}")
            (await crowd.read(told.seconds, told.think, 2)).show(reading)
            (await crowd.read(told.press, 0, 3)).show(f"{told.readers} readers, no thinking")
        finally:
            server.down()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    print(
        f"server log: {sum(line['level'] != 'info' for line in lines)} warnings or errors of {len(lines)} lines"
    )


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--readers", type=int, default=200)
    words.add_argument("--seconds", type=float, default=60, help="of reading with thinking")
    words.add_argument("--press", type=float, default=10, help="seconds of pressing without thinking")
    words.add_argument("--think", type=float, default=20)
    words.add_argument("--documents", type=int, default=10)
    words.add_argument("--pages", type=int, default=40)
    words.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    words.add_argument("--folder", type=Path, help="keep the home there, and use it again")
    told = words.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
          f" load {os.getloadavg()[0]:.1f}; {told.readers} readers, {told.documents} documents"
          f" of {told.pages} pages")  # fmt: skip
    with tempfile.TemporaryDirectory() as kept:
        folder = told.folder or Path(kept)
        folder.mkdir(parents=True, exist_ok=True)
        filling = get_context("spawn").Process(
            target=fill, args=(folder, told.documents, told.pages, told.readers)
        )
        filling.start()
        filling.join()
        asyncio.run(measure(folder, told))


if __name__ == "__main__":
    main()
