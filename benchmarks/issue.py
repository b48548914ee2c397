"""Issuing: seconds a page and bytes added, for each kind, beside copying the bytes.

./run bench issue [--copies 20]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.pages import write_page_pdf, write_page_png
from sealtrace.content.kinds import sniff
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import Marker, plan
from sealtrace.marks.stamp import Stamper


def inputs(folder: Path) -> list[Path]:
    """One file of each kind that is timed."""
    import docx
    from PIL import Image

    write_page_pdf(folder / "page.pdf", 1)
    write_page_png(folder / "page.png", 1)
    with Image.open(folder / "page.png") as page:
        page.save(folder / "page.jpg", quality=90)
        page.save(folder / "page.tif", compression="tiff_lzw")
    document = docx.Document()
    document.add_paragraph("words " * 500)
    document.save(str(folder / "text.docx"))
    return sorted(folder.iterdir())


def main() -> None:
    """Issue, weigh, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--copies", type=int, default=20)
    args = ap.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {args.copies} copies each"
    )
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        for path in inputs(folder):
            kind = sniff(path)
            found = plan(path, kind)
            symbols = found.mark_plan.symbols
            book = CodeBook(bytes(32), "page", symbols) if symbols else None
            marker, times, floors, out = (
                Marker(path, kind, found, book, Stamper(bytes(32))),
                [],
                [],
                folder / "out",
            )
            for number in range(args.copies):
                began = time.perf_counter()
                marker.write(CopyId(number), out)
                times.append(time.perf_counter() - began)
                added = out.stat().st_size - path.stat().st_size
                began = time.perf_counter()
                shutil.copyfile(path, out)
                floors.append(time.perf_counter() - began)
            share = added / path.stat().st_size
            print(
                f"{path.name:10} {statistics.median(times):6.3f} s a page   +{added:,} B ({share:+.0%})   "
                f"copying the bytes {statistics.median(floors) * 1e3:.2f} ms"
            )
            out.unlink()


if __name__ == "__main__":
    main()
