"""The pictures of one traced leak: what is saved one by one, and the contact sheet."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sealtrace.content.kinds import Kind, detect
from sealtrace.content.page_index import PageRef
from sealtrace.content.pages import render
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing.answer import TraceAnswer
from sealtrace.custody.tracing.held import HeldPages

from . import sheets
from .sheets import Panel, Verdict
from .story import Case, raster
from .words import Language, say

Raster = NDArray[np.uint8]
SHOWN = {Kind.PDF, Kind.PNG, Kind.JPEG}
MEMBERS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Studio:
    """Makes the pictures of leaks: the open home, the folder of originals, the language of the captions."""

    custody: Custody
    documents: Path
    language: Language

    def save(self, case: Case, answer: TraceAnswer, verdict: Verdict, out: Path) -> Path:
        """Save the pictures of one leak into folder `out`; returns the contact sheet's path, beside it."""
        panels = self._pages(case, answer) or self._insides(case)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(case.leaked, out / f"leaked{case.leaked.suffix}")
        for panel, name in panels:
            if panel.picture is not None and name != "leaked":
                Image.fromarray(panel.picture).save(out / f"{name}.png")
        sheet = out.parent / f"{out.name}.png"
        sheets.compose(verdict, [panel for panel, _ in panels]).save(sheet)
        return sheet

    def _pages(self, case: Case, answer: TraceAnswer) -> list[tuple[Panel, str]]:
        """Panels of a leak whose document has pages; none when it has not."""
        if case.page is None:
            return []
        original = raster(self.documents / case.source, case.page)
        panels = [(self._panel("original", original), "original")]
        if case.copy is not None and case.copy.path is not None:
            marked = raster(case.copy.path, case.page)
            panels += [
                (self._panel("marked", marked), "marked"),
                (self._panel("difference", sheets.difference(original, marked)), "difference"),
            ]
        leaked = render(case.leaked, detect(case.leaked), case.page if case.leaked.suffix == ".pdf" else 0)
        panels.append((self._panel("leaked", leaked), "leaked"))
        evidence = overlay(self.custody, answer, leaked)
        if evidence is not None:
            panels.append((self._panel("evidence", evidence), "evidence"))
        return panels

    def _panel(self, name: str, picture: Raster) -> Panel:
        return Panel(say(f"panel.{name}", self.language), picture)

    def _insides(self, case: Case) -> list[tuple[Panel, str]]:
        """Panels that list what is inside the file: the parts of a package, or the text itself."""
        if not zipfile.is_zipfile(case.leaked):
            lines = [(line, "") for line in case.leaked.read_text("utf-8").splitlines()]
            return [(Panel(say("panel.leaked", self.language), lines=lines), "leaked")]
        original = _members(self.documents / case.source)
        named = [("original", self.documents / case.source), ("leaked", case.leaked)]
        if case.copy is not None and case.copy.path is not None:
            named.insert(1, ("marked", case.copy.path))
        return [
            (
                Panel(
                    f"{say(f'panel.{name}', self.language)}  {path.name}",
                    lines=_compared(original, _members(path), self.language),
                ),
                name,
            )
            for name, path in named
        ]


def overlay(custody: Custody, answer: TraceAnswer, leaked: Raster) -> Raster | None:
    """Where the accused copy's chips agree with the leak; None when no page was weighed against a copy."""
    from sealtrace.marks.detect import read_page
    from sealtrace.marks.geometry import Layout
    from sealtrace.marks.overlay import evidence_overlay

    accused = next((named.accused for named in answer.copies if "page" in named.accused.channels), None)
    if accused is None:
        return None
    weighed = next(w for w in answer.answer.weighed if w.version == accused.version)
    finding, held = weighed.pages[-1], HeldPages(custody.office, answer.answer.opened)
    ref = PageRef(accused.version, finding.page)
    book, grid = held.book(accused.version), held.grid(ref)
    if book is None or grid is None:
        return None
    layout = Layout(book.layout_key, grid, book.symbols)
    reading = read_page(held.raster(ref), leaked, grid, layout, np.asarray(finding.to_leak)[:2])
    return None if reading is None else evidence_overlay(held.raster(ref), reading, book.word(accused.copy))


def _members(package: Path) -> dict[str, str]:
    """Name and digest of each part of a package."""
    with zipfile.ZipFile(package) as opened:
        return {name: hashlib.sha256(opened.read(name)).hexdigest() for name in opened.namelist()}


def _compared(original: dict[str, str], members: dict[str, str], language: Language) -> list[tuple[str, str]]:
    """Each part with what became of it; those that changed first."""
    lines = []
    for name in sorted({*original, *members}):
        if name not in members:
            state = "missing"
        elif name not in original:
            state = "added"
        else:
            state = "same" if original[name] == members[name] else "changed"
        lines.append((state == "same", name, say(state, language)))
    return [(name, state) for _, name, state in sorted(lines)[:MEMBERS_SHOWN]]
