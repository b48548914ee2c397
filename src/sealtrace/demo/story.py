"""What happens in the demo: which copy leaks how, and what the right answer to each leak is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render, render_many
from sealtrace.custody.model import IssuedCopy, RegisteredFile
from sealtrace.custody.tracing.answer import TraceAnswer
from sealtrace.ids import VersionRef
from sealtrace.trace.model import Result

from . import leaks, library

EXCERPT_ZH = (
    "洗酸与皂化度不得在同一班内同时调整：两者的效果要 8 h 以上才能在萃余液中看到。"
    "在线仪表每 10 min 记录一次，化验每 2 h 一次，级样每周一次。水相样经 0.45 μm 滤膜过滤后测定；"
)
EXCERPT_EN = (
    "ICP-OES uses indium as internal standard, with one control sample in every 20; when it is off by "
    "more than 2 %, "
    "all samples of that run are measured again."
)
NAMED = frozenset({Result.EXACT, Result.STRONG})


@dataclass(frozen=True, slots=True)
class Issued:
    """One registered version and the copies that went out."""

    file: RegisteredFile
    copies: Sequence[IssuedCopy]

    @property
    def ref(self) -> VersionRef:
        """CODE@VERSION."""
        return VersionRef(self.file.code, self.file.version)


@dataclass(frozen=True, slots=True)
class Case:
    """One leak and its right answer.

    key: its name in `words`. source: the document's name in the library. copy: the copy that leaked, None
    when no copy did. page: which page the leak shows, from 0. files: versions that may be named.
    """

    key: str
    source: str
    leaked: Path
    copy: IssuedCopy | None
    page: int | None
    results: frozenset[Result]
    files: frozenset[VersionRef]


def is_right(case: Case, answer: TraceAnswer) -> bool:
    """Compare an answer with the truth: result, document and version, and exactly the copy that leaked."""
    accused = [named.accused.copy for named in answer.copies]
    found = answer.answer.identified
    if answer.answer.result not in case.results or accused != ([case.copy.id] if case.copy else []):
        return False
    if not case.files or found is None:
        return not case.files and found is None
    if case.copy is not None:
        return found.ref in case.files
    tied = {VersionRef(found.ref.code, n) for n in found.versions} | {found.ref, *found.others}
    return bool(tied & case.files)


def raster(path: Path, page: int) -> NDArray[np.uint8]:
    """Render one page of a PDF or a picture, (H, W, 3) RGB."""
    return render(path, Kind.PDF if path.suffix == ".pdf" else Kind.PNG, page)


@dataclass(frozen=True, slots=True)
class Story:
    """The leaks: from which copies, made into which folder. Each scene is played when called."""

    issued: Mapping[str, Issued]
    documents: Path
    folder: Path

    def scenes(self) -> list[Callable[[], Case]]:
        """Give the leaks in the order of the table."""
        return [
            lambda: self._file("renamed", library.DATA_XLSX, 5, "holiday-plan.xlsx", leaks.renamed),
            lambda: self._file("resaved-pdf", library.SPEC_B, 17, "resaved.pdf", leaks.resaved_pdf),
            lambda: self._file("resaved-docx", library.SPEC_DOCX, 9, "repacked.docx", leaks.resaved_package),
            self._screenshot,
            lambda: self._photo("photo", (library.SPEC_B, 31, 5), 20260318),
            lambda: self._photo("cropped-photo", (library.DIAGRAM_PNG, 8, 0), 77, kept=0.35),
            self._excerpt,
            self._unregistered,
            self._original,
        ]

    def _leaking(self, name: str, number: int) -> tuple[IssuedCopy, Path]:
        copy = self.issued[name].copies[number]
        if copy.path is None:
            raise ValueError(f"copy {copy.id} was issued without a file")
        return copy, copy.path

    def _refs(self, *names: str) -> frozenset[VersionRef]:
        return frozenset(self.issued[name].ref for name in names)

    def _file(self, key: str, name: str, number: int, out: str, leak: Callable[[Path, Path], None]) -> Case:
        copy, path = self._leaking(name, number)
        leaked = self.folder / out
        leak(path, leaked)
        page = 0 if path.suffix == ".pdf" else None
        return Case(key, name, leaked, copy, page, NAMED, self._refs(name))

    def _screenshot(self) -> Case:
        name, page, leaked = library.SPEC_A, 4, self.folder / "screenshot.jpg"
        copy, path = self._leaking(name, 12)
        pages = render_many(path, Kind.PDF, range(2, 7))
        leaks.screenshot(pages[page - 2], pages, name, leaked)
        return Case("screenshot", name, leaked, copy, page, NAMED, self._refs(name))

    def _photo(self, key: str, of: tuple[str, int, int], seed: int, *, kept: float | None = None) -> Case:
        """Photograph a page; of: document, number of the copy, page."""
        name, number, page = of
        copy, path = self._leaking(name, number)
        leaked = self.folder / f"{key}.jpg"
        leaks.photo(raster(path, page), seed, leaked, kept=kept)
        return Case(key, name, leaked, copy, page, NAMED, self._refs(name))

    def _excerpt(self) -> Case:
        """Words carry no mark here: the document is recognised, in every form that has these words."""
        leaked = self.folder / "message.txt"
        leaks.excerpt(f"{EXCERPT_ZH}\n{EXCERPT_EN}\n", leaked)
        holders = self._refs(library.SPEC_A, library.SPEC_B, library.SPEC_DOCX)
        return Case("excerpt", library.SPEC_B, leaked, None, None, frozenset({Result.INCONCLUSIVE}), holders)

    def _unregistered(self) -> Case:
        leaked = self.folder / "unregistered.jpg"
        pages = render_many(self.documents / library.MEMO, Kind.PDF, range(2))
        leaks.screenshot(pages[1], pages, library.MEMO, leaked)
        return Case("unregistered", library.MEMO, leaked, None, 1, frozenset({Result.NONE}), frozenset())

    def _original(self) -> Case:
        """A page that both versions have and no copy's mark: recognised, and nobody is named."""
        name, page, leaked = library.SPEC_B, 3, self.folder / "original-screenshot.jpg"
        pages = render_many(self.documents / name, Kind.PDF, range(1, 6))
        leaks.screenshot(pages[page - 1], pages, name, leaked)
        versions = self._refs(library.SPEC_A, library.SPEC_B)
        return Case("original", name, leaked, None, page, frozenset({Result.INCONCLUSIVE}), versions)
