"""Whole files: what a version can carry, its marked copies, and the stamps found in a leak.

The formats run in the sandbox: originals are files from outside. A job handed to the worker holds one
copy's token and codeword, never a key.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Protocol

from sealtrace import sandbox
from sealtrace.content import bounds
from sealtrace.content.decode import encoding_of
from sealtrace.content.kinds import IMAGES, OFFICE, Kind
from sealtrace.content.tables import files as table_files
from sealtrace.content.tables import workbook
from sealtrace.content.tables.model import Row, Table
from sealtrace.errors import CannotMark, InputDamaged, SealtraceError, StorageFailed
from sealtrace.ids import CopyId

from . import notice
from .channel import AppliedMark, ChannelName
from .codewords import JointBook
from .formats import zipped
from .formats.model import DIGEST_BITS, FilePlan, Job
from .geometry import ChipGrid, MarkPlan
from .halves import Book
from .stamp import TOKEN_BITS, Stamper, in_bytes, to_text
from .table import decoys
from .table.declaration import Declaration
from .table.order import RowOrder
from .table.plan import plan_tables
from .table.write import changes
from .tint import FEWEST_CHIPS, symbols_for

__all__ = ["FilePlan", "Marker", "find_grid", "find_stamps", "plan", "wrap"]

LIMITS = sandbox.Limits(seconds=bounds.SECONDS)
SCANNED_BYTES = 1 << 20  # at each end of a leak, for tokens in the clear
MODULES = {
    Kind.PDF: "pdf",
    Kind.CSV: "csv",
    Kind.TSV: "csv",
    Kind.PARQUET: "parquet",
    Kind.SQLITE: "sqlite",
    Kind.ZIP: "archive",
    **dict.fromkeys(OFFICE, "ooxml"),
    **dict.fromkeys(IMAGES, "picture"),
    **dict.fromkeys(
        (Kind.TEXT, Kind.MARKDOWN, Kind.HTML, Kind.JSON, Kind.SVG, Kind.DXF, Kind.SOURCE), "text"
    ),
}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EACCES}


class Format(Protocol):
    """What a format module promises; see `formats.model`."""

    def plan(self, source: Path, kind: Kind) -> FilePlan:
        """Decide what the file can carry."""
        ...

    def write(self, job: Job) -> tuple[AppliedMark, ...]:
        """Make one copy."""
        ...

    def stamps(self, path: Path) -> list[bytes]:
        """Find raw tokens."""
        ...


def plan(
    source: Path, kind: Kind, declared: Declaration | None = None, *, two_keys: bool = False
) -> FilePlan:
    """Decide what every copy of a version will carry. In the sandbox.

    Cells of tables are marked only where `declared` gives their measurement uncertainty. With `two_keys` the
    codeword has two halves, each as long as a whole one would be on half of the places.

    Raises:
        InputDamaged, InputEncrypted, InputTooLarge, InputRefused: the file can't be read as its kind.
    """
    if kind is Kind.OPAQUE:
        return FilePlan(notes=("opaque bytes have no place for a mark: issue copies with --wrap",))
    return sandbox.call(plan_here, source.absolute(), kind, declared, two_keys, limits=LIMITS)


def plan_here(
    source: Path, kind: Kind, declared: Declaration | None = None, two_keys: bool = False
) -> FilePlan:
    """Plan in this process. Only for the sandbox."""
    try:
        found = format_of(kind).plan(source, kind)
        if two_keys:
            found = _halved(found)
        if declared is None or kind not in table_files.MODULES:
            return found
        if kind in OFFICE and not found.stamp:
            return found  # signed: nothing in it may differ
        table, notes = plan_tables(table_files.read_here(source, kind), declared, 2 if two_keys else 1)
        return replace(found, table=table, notes=(*found.notes, *notes))
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{source.name} can't be read as {kind}: {type(e).__name__}: {e}"[:300]) from e


def _halved(found: FilePlan) -> FilePlan:
    """Make room for two halves on pages: each gets half of the chips of the smallest page."""
    marks = found.mark_plan
    chips = min((page.grid.chips for page in marks.pages if page is not None), default=0)
    if not found.carries_page:
        return replace(found, halves=True)
    if chips < 2 * FEWEST_CHIPS:
        return replace(
            found,
            mark_plan=MarkPlan(0, (None,) * len(marks.pages)),
            notes=(*found.notes, "its pages are too small for the tint of two keys"),
            halves=True,
        )
    half = symbols_for(chips // 2)
    return replace(found, mark_plan=replace(marks, symbols=2 * half), halves=True)


def format_of(kind: Kind) -> Format:
    """The format module of a kind. Raises CannotMark for opaque bytes."""
    if kind not in MODULES:
        raise CannotMark(f"{kind} bytes have no place for a mark")
    module: Format = import_module(f".formats.{MODULES[kind]}", __package__)
    return module


class Marker:
    """Makes the copies of one version."""

    def __init__(
        self, source: Path, kind: Kind, file_plan: FilePlan, book: Book | None, stamper: Stamper
    ) -> None:
        self._job = partial(
            Job,
            source.absolute(),
            kind=kind,
            plan=file_plan,
            layout_key=book.layout_key if book and file_plan.carries_codeword else None,
            extra_keys=book.layout_keys() if isinstance(book, JointBook) else {},
        )
        self._plan, self._kind, self._book, self._stamper = file_plan, kind, book, stamper

    def write(self, copy: CopyId, target: Path) -> tuple[AppliedMark, ...]:
        """Write one copy to `target`; the same copy always gives the same bytes.

        Raises:
            CannotMark: the file has no place for any mark.
            StorageFailed: the target can't be written.
        """
        if not (self._plan.stamp or self._plan.carries_codeword):
            raise CannotMark(f"this {self._kind} file has no place for an individual mark: {self._why()}")
        bits = self._book.word(copy) if self._book and self._plan.carries_codeword else None
        job = self._job(target=target.absolute(), token=self._stamper.token(copy), bits=bits)
        return sandbox.call(write_here, job, limits=LIMITS)

    def _why(self) -> str:
        return "; ".join(self._plan.notes) or "nothing in it may differ"


def write_here(job: Job) -> tuple[AppliedMark, ...]:
    """Make one copy in this process. Only for the sandbox."""
    try:
        return format_of(job.kind).write(job) if job.plan.table is None else _write_cells(job)
    except OSError as e:
        if e.errno in _FULL:
            raise StorageFailed(f"writing a copy: {e.strerror}") from e
        raise


def _write_cells(job: Job) -> tuple[AppliedMark, ...]:
    """Mark the cells first, then let the format add what else it carries to the file so made."""
    assert job.plan.table is not None
    assert job.bits is not None, "a plan with a table comes with a code book"
    assert job.layout_key is not None
    tables = _tables(job.source, job.kind, job.source.stat().st_mtime_ns)
    changed = changes(tables, job.plan.table, job.layout_key, job.bits[: job.plan.table.symbols])
    cells = job.target.with_name(f".{job.target.name}.cells")
    mark = AppliedMark(ChannelName.TABLE, job.plan.table.symbols)
    try:
        if job.kind is Kind.XLSX:
            zipped.patch(job.source, cells, workbook.changed_parts(job.source, changed))
        else:
            table_files.format_of(job.kind).rewrite(job.source, cells, changed)
            _arrange(job, tables, cells)
        marks: tuple[AppliedMark, ...] = (AppliedMark(ChannelName.EXACT, DIGEST_BITS),)
        if job.plan.stamp:
            marks = format_of(job.kind).write(replace(job, source=cells))
        else:
            cells.replace(job.target)
        _put_notice(job)
        extras = [AppliedMark(ChannelName(n), e.symbols) for n, e in job.plan.table.extras.items()]
        return *marks, mark, *extras
    finally:
        cells.unlink(missing_ok=True)


def _arrange(job: Job, tables: Sequence[Table], cells: Path) -> None:
    """Put the rows of a copy with marked cells in its own order, and its decoys among them."""
    assert job.plan.table is not None
    assert job.bits is not None, "a plan with a table comes with a code book"
    plan, bits, number = job.plan.table, job.bits[job.plan.table.symbols :], 0
    rows, added = list[int](), dict[int, dict[int, str]]()
    if plan.order is not None:
        number = plan.order.table
        order = RowOrder(job.extra_keys["order"], tables[number].rows, plan.order.symbols)
        rows, bits = order.arranged(bits[: order.symbols]).tolist(), bits[order.symbols :]
    if plan.decoy is not None:
        number = plan.decoy.table
        added = decoys.rows_of(tables[number], plan.sheet(number), plan, job.extra_keys["decoy"], bits)
    if plan.extras:
        made: list[Row] = []
        for row in rows or range(tables[number].rows):
            made += [(row, {}), *([(row, added[row])] if row in added else [])]
        table_files.format_of(job.kind).arrange(cells, cells, number, made)


def _put_notice(job: Job) -> None:
    """Put the notice into a copy of text whose owner declared that its readers accept it there."""
    assert job.plan.table is not None
    place = job.plan.table.rules.notice
    if place == notice.BESIDE or job.kind not in (Kind.CSV, Kind.TSV, Kind.JSON):
        return
    data = job.target.read_bytes()
    encoding = encoding_of(data)
    assert encoding is not None, "we wrote it"
    text = data.decode(encoding)
    if notice.beside(job.kind, place, text):
        return
    made = notice.with_member(text) if job.kind is Kind.JSON else notice.with_comment(text)
    job.target.write_bytes(made.encode(encoding))


@lru_cache(maxsize=1)
def _tables(source: Path, kind: Kind, changed_ns: int) -> list[Table]:  # noqa: ARG001 (part of the key)
    """The original's tables, kept while its copies are made."""
    return table_files.read_here(source, kind)


def wrap(source: Path, name: str, stamper: Stamper, copy: CopyId, target: Path) -> tuple[AppliedMark, ...]:
    """Put the untouched file into a ZIP whose comment is the copy's stamp; the same copy, the same bytes.

    Whoever takes the file out has unmarked bytes: the stamp then names nothing any more.
    """
    from .formats.zipped import new_archive

    try:
        new_archive(target, {name: source}, to_text(stamper.token(copy)).encode())
    except OSError as e:
        raise StorageFailed(f"writing a copy: {e.strerror}") from e
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def find_grid(file_plan: FilePlan, page: int) -> ChipGrid | None:
    """The grid of one page, or None when it carries no tint."""
    pages = file_plan.mark_plan.pages
    found = pages[page] if 0 <= page < len(pages) else None
    return found.grid if found is not None and file_plan.mark_plan.symbols else None


def find_stamps(path: Path, kind: Kind) -> list[bytes]:
    """Find raw tokens anywhere in a leaked file, each once; `Stamper.check` tells which are ours."""
    found = dict.fromkeys(_scan(path))
    if kind in MODULES and path.stat().st_size <= bounds.PARSED_BYTES:
        try:
            found |= dict.fromkeys(sandbox.call(stamps_here, path.absolute(), kind, limits=LIMITS))
        except SealtraceError:
            if not found:
                raise
    return list(found)


def stamps_here(path: Path, kind: Kind) -> Sequence[bytes]:
    """Find tokens in this process. Only for the sandbox."""
    if kind not in MODULES:
        return in_bytes(path.read_bytes())
    try:
        return format_of(kind).stamps(path)
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} can't be read as {kind}: {type(e).__name__}"[:300]) from e


def _scan(path: Path) -> list[bytes]:
    """Tokens that stand in the clear in the first or last mebibyte."""
    size = path.stat().st_size
    with path.open("rb") as source:
        head = source.read(SCANNED_BYTES)
        source.seek(max(0, size - SCANNED_BYTES))
        return in_bytes(head) + in_bytes(source.read(SCANNED_BYTES))
