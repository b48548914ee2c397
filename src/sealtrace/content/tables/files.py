"""Tables of a file by its kind. `read` runs in the sandbox: leaks and originals are files from outside."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

from sealtrace import sandbox
from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.errors import InputDamaged, SealtraceError

from .model import Changes, Row, Table

LIMITS = sandbox.Limits(seconds=bounds.SECONDS)
MODULES = {
    Kind.CSV: "delimited",
    Kind.TSV: "delimited",
    Kind.XLSX: "workbook",
    Kind.JSON: "records",
    Kind.PARQUET: "arrow",
    Kind.SQLITE: "database",
}


class Format(Protocol):
    """What a module of tables promises."""

    def read(self, path: Path) -> list[Table]:
        """Read all tables, in the file's order."""
        ...


class Rewriter(Format, Protocol):
    """What every module but that of workbooks promises too; their parts are patched in the package."""

    def rewrite(self, source: Path, target: Path, changes: Sequence[Changes]) -> None:
        """Write a copy with some cells changed, one `Changes` for each table; all else stays."""
        ...

    def arrange(self, source: Path, target: Path, table: int, rows: Sequence[Row]) -> None:
        """Write a copy with the rows of one table in another order, where the table says it can be done."""
        ...


def format_of(kind: Kind) -> Rewriter:
    """The module of a kind that is in MODULES."""
    module: Rewriter = import_module(f".{MODULES[kind]}", __package__)
    return module


def read(path: Path, kind: Kind) -> list[Table]:
    """Read the tables of a file in the sandbox; none when its kind has none.

    Raises:
        InputDamaged, InputTooLarge, InputRefused: it can't be read as this kind.
    """
    if kind not in MODULES:
        return []
    return sandbox.call(read_here, path.absolute(), kind, limits=LIMITS)


def read_here(path: Path, kind: Kind) -> list[Table]:
    """Read in this process. Only for the sandbox and for bytes we made ourselves."""
    try:
        return format_of(kind).read(path)
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} holds no tables as {kind}: {type(e).__name__}: {e}"[:300]) from e
