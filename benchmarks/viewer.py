"""The viewer under load: readers who turn pages of the really served application, cold and warm.

Every reader is signed in with a session of their own and asks over HTTP, as a browser does: the picture of a
page, which is entered in the ledger before it is sent. "cold": each page for the first time since the start.
"warm": pages that were shown lately, to other readers, so each is still marked and entered anew. Readers read
for THINK seconds on average (exponential) between pages; --think 0 lets all press at once, again and again.

    ./run bench viewer [--readers 200] [--seconds 20] [--think 10] [--pages 40]
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import cv2
import numpy as np

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render_here
from sealtrace.custody.service import Custody
from sealtrace.marks.geometry import Layout
from sealtrace.marks.ready import ReadyPage
from sealtrace.policy.model import Role


def specification(pages: int) -> bytes:
    """A PDF of real text."""
    import io

    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    words = (
        "extraction raffinate scrub strip organic aqueous mixer settler",
        "dysprosium terbium stage flow",
    )
    rnd, made = np.random.default_rng(1), io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1)
    for _ in range(pages):
        canvas.setFont("Helvetica", 11)
        for row in range(46):
            canvas.drawString(60, 770 - 15 * row, " ".join(rnd.choice(" ".join(words).split(), 10)))
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def quantiles(seconds: list[float]) -> str:
    """p50, p95 and the longest, in milliseconds."""
    if not seconds:
        return "none"
    p50, p95, longest = (1000 * float(np.quantile(seconds, q)) for q in (0.5, 0.95, 1))
    return f"n {len(seconds)}, p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {longest:.0f} ms"


def floor(custody: Custody, code: str, pdf: Path) -> None:
    """What a page costs alone, in one thread: rendering, making ready, marking, each encoding."""
    from sealtrace.custody.books import page_book
    from sealtrace.marks.files import find_grid

    version = custody.version(code)
    book, grid = page_book(custody.office, version), find_grid(version.plan, 0)
    assert book is not None
    assert grid is not None
    began = time.process_time()
    raster = render_here(pdf, Kind.PDF, [0])[0]
    rendered = time.process_time()
    ready = ReadyPage(raster, grid)
    made = time.process_time()
    chips = Layout(book.layout_key, grid, book.symbols).chips(np.zeros(book.symbols, np.uint8))
    laid = time.process_time()
    marked = ready.mark(chips)
    done = time.process_time()
    print(f"alone, CPU: render {1e3 * (rendered - began):.0f} ms, make ready {1e3 * (made - rendered):.0f} ms,"
          f" mark {1e3 * (done - laid):.0f} ms")  # fmt: skip
    grey = marked if marked.ndim == 2 else marked[..., 0]
    for name, ending, how in (
        ("JPEG 92", ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 92]), ("JPEG 85", ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 85]),
        ("PNG level 1", ".png", [cv2.IMWRITE_PNG_COMPRESSION, 1]), ("WebP 90", ".webp", [cv2.IMWRITE_WEBP_QUALITY, 90]),
    ):  # fmt: skip
        began = time.process_time()
        data = cv2.imencode(ending, marked, how)[1]
        spent = time.process_time() - began
        back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float64)
        to_marked, to_original = (
            10 * np.log10(255**2 / max(float(np.mean((back - other) ** 2)), 1e-9))
            for other in (grey, raster[..., 0])
        )
        print(f"  {name}: {1e3 * spent:.0f} ms, {len(data) // 1000} kB, PSNR {min(to_marked, 99):.1f} dB to the marked"
              f" page, {to_original:.1f} dB to the original")  # fmt: skip


def sessions(readers: int) -> list[str]:
    """Signed-in sessions of as many readers; their cookies."""
    from django.test import Client

    from sealtrace.web.accounts import service

    cookies = []
    for number in range(readers):
        operator = service.add_operator(
            f"op-{number:03d}", "YL", [Role.READER], by="benchmark", clearance="core"
        )
        client = Client()
        client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["device"], session["device_state"] = f"dev-{number:03d}", "enrolled"
        session.save()
        cookies.append(client.cookies["session"].value)
    return cookies


class Reader(threading.Thread):
    """One reader who opens pages until the time is over."""

    def __init__(self, port: int, cookie: str, ref: str, number: int, options: argparse.Namespace) -> None:
        super().__init__(daemon=True)
        self.port, self.cookie, self.ref, self.options = port, cookie, ref, options
        self.rnd = np.random.default_rng(number)
        self.seconds: list[float] = []
        self.wrong: list[int] = []

    def run(self) -> None:
        """Read."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        over = time.monotonic() + self.options.seconds
        for page in self.rnd.permutation(self.options.pages) + 1:
            if self.options.think:
                think = float(self.rnd.exponential(self.options.think))
                time.sleep(min(think, max(0.0, over - time.monotonic())))
            if time.monotonic() >= over:
                break
            began = time.perf_counter()
            line.request(
                "GET", f"/view/{self.ref}/{page}/picture", headers={"Cookie": f"session={self.cookie}"}
            )
            answer = line.getresponse()
            answer.read()
            self.seconds.append(time.perf_counter() - began)
            if answer.status != 200:
                self.wrong.append(answer.status)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--think", type=float, default=10)
    parser.add_argument("--pages", type=int, default=40)
    options = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; {options}"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        Custody.create(Path(folder) / "home", org="YL", org_code="YL") as custody,
    ):
        pdf = Path(folder) / "spec.pdf"
        pdf.write_bytes(specification(options.pages))
        code = str(custody.register([pdf], level="core")[0].code)
        from sealtrace.web import boot
        from sealtrace.web.site import Site

        boot.start(Site(custody, boot.secret_key(custody), hosts=("127.0.0.1", "testserver")))
        from waitress.server import create_server

        from sealtrace.web.serving import CONNECTIONS
        from sealtrace.web.wsgi import application

        floor(custody, code, pdf)
        cookies = sessions(options.readers + 1)
        server = create_server(
            application, host="127.0.0.1", port=0, threads=16, connection_limit=CONNECTIONS
        )
        threading.Thread(target=server.run, daemon=True).start()
        port, ref = server.effective_port, f"{code}@1"
        cold_options = argparse.Namespace(seconds=600, think=0, pages=options.pages)
        cold = Reader(port, cookies[-1], ref, 0, cold_options)
        cold.start()
        cold.join()
        print(f"cold, one reader: {quantiles(cold.seconds)}, wrong {cold.wrong}")
        before = custody.office.ledger.size()
        readers = [Reader(port, cookie, ref, n, options) for n, cookie in enumerate(cookies[:-1])]
        began = time.monotonic()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        took = time.monotonic() - began
        warm = [s for reader in readers for s in reader.seconds]
        wrong = sum(len(reader.wrong) for reader in readers)
        entered = custody.office.ledger.size() - before
        print(f"warm, {options.readers} readers, think {options.think} s: {quantiles(warm)},"
              f" {len(warm) / took:.1f} pages/s,"
              f" wrong {wrong}, entries {entered}; load {os.getloadavg()[0]:.1f}")  # fmt: skip
        server.close()


if __name__ == "__main__":
    main()
