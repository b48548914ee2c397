"""Look at one page: an individually marked picture, entered in the ledger before it is shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render
from sealtrace.errors import CannotMark, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks.channel import AppliedMark
from sealtrace.marks.files import find_grid
from sealtrace.marks.geometry import Layout
from sealtrace.marks.tint import tint_raster

from . import books, controls, issue
from .model import IssuedCopy, Purpose, Recipient
from .office import Office


def view(office: Office, ref: VersionRef, page: int, recipient: Recipient, out: Path) -> IssuedCopy:
    """Write page `page` (from 1) as a marked PNG to `out` for this recipient.

    The page carries the page channel only: text is not selectable and no unmarked byte leaves.

    Raises:
        CannotMark: the file has no pages, or this page is too small to carry a mark.
    """
    version = office.version(ref)
    if not version.pages:
        raise CannotMark(
            f"{version.ref} ({version.kind}) has no pages to look at", advice="Issue a copy of it instead."
        )
    if not 1 <= page <= version.pages:
        raise UsageProblem(f"{version.ref} has {version.pages} page(s); page {page} is not among them")
    grid, book = find_grid(version.plan, page - 1), books.marking_book(office, version)
    if grid is None or book is None or book.channel != "page":
        raise CannotMark(f"page {page} of {version.ref} is too small to carry an individual mark")
    controls.require_reading(office, version, recipient)
    copy = CopyId.random()
    with office.writing(), office.staging("view") as folder:
        original = folder / f"original{Path(version.name).suffix}"
        office.vault.export(version.sha256, original)
        raster = render(original, Kind(version.kind), page - 1)
        chips = Layout(book.layout_key, grid, book.symbols).chips(book.word(copy))
        made = folder / "page.png"
        _write_png(made, tint_raster(raster, grid, chips))
        digest = hashlib.sha256(made.read_bytes()).digest()
        marks = (AppliedMark("exact", 256), AppliedMark("page", book.symbols))
        issued = issue.enter_copies(
            office, version, [(copy, recipient)], [(digest, marks)], book, purpose=Purpose.VIEW, page=page
        )[0]
        issue.deliver(made, out)
    from dataclasses import replace

    return replace(issued, path=out)


def _write_png(path: Path, raster: object) -> None:
    import numpy as np
    from PIL import Image

    Image.fromarray(np.asarray(raster)).save(path, "PNG", dpi=(150, 150))
