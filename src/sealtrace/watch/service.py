"""Score a file of name pairs or person pairs. Nothing is stored; no case, candidate or note comes of it."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sealtrace.errors import InputDamaged, InputMissing, InputUnreadable, StorageFailed
from sealtrace.people.columns import refuse_relatives

from .index import NameIndex
from .names import NameScore, compare
from .persons import COLUMNS, compare_persons
from .rarity import expected_others
from .tables import simplified
from .written import HAN

NAME_COLUMNS = ("left", "right")
PER = 1_000_000
"""Expected others are counted among this many people with Chinese names."""

Row = Mapping[str, str]


def score_names(source: Path, target: Path) -> int:
    """Write each row of `source` (columns left, right) with its score to `target`; give the number of rows.

    Raises:
        InputDamaged: the file is no CSV in UTF-8, or lacks a column.
        FamilyDataRefused: a column is about relatives.
    """
    return _score(
        source, target, NAME_COLUMNS, ("score", "reading", "expected_others_per_million"), _name_row
    )


def score_persons(source: Path, target: Path) -> int:
    """Write each row of `source` (columns of `persons.COLUMNS`) with its score and band to `target`.

    Raises:
        InputDamaged: the file is no CSV in UTF-8, or lacks a column.
        FamilyDataRefused: a column is about relatives.
    """
    added = ("score", "band", "name_score", "fields_known", "fields_agreeing", "expected_others_per_million")
    return _score(source, target, COLUMNS, added, _person_row)


def _name_row(row: Row) -> tuple[str, ...]:
    found = compare(row["left"], row["right"])
    return f"{found.score:.6f}", found.reading, f"{expected_others(row['right'], PER):.3g}"


def _person_row(row: Row) -> tuple[str, ...]:
    found = compare_persons(row)
    return (
        f"{found.score:.6f}", str(found.band), f"{found.name_score:.6f}", str(found.known_fields),
        str(found.supporting_fields), f"{found.compatible_share * PER:.3g}",
    )  # fmt: skip


def _score(
    source: Path,
    target: Path,
    needed: tuple[str, ...],
    added: tuple[str, ...],
    judge: Callable[[Row], tuple[str, ...]],
) -> int:
    count = 0
    with _reading(source) as stream:
        reader = csv.DictReader(stream, restval="", strict=True)
        columns = _columns(reader, source, needed)
        with _replacing(target) as out:
            writer = csv.writer(out)
            kept = [c for c in columns if c not in added]
            writer.writerow([*kept, *added])
            for row in _rows(reader, source):
                writer.writerow([*(row[c] for c in kept), *judge(row)])
                count += 1
    return count


def _columns(reader: csv.DictReader[str], source: Path, needed: tuple[str, ...]) -> list[str]:
    try:
        columns = list(reader.fieldnames or ())
    except (csv.Error, UnicodeDecodeError) as e:
        raise InputDamaged(f"{source} is not CSV in UTF-8: {e}", advice="Save it as CSV in UTF-8.") from e
    refuse_relatives(columns)
    missing = [c for c in needed if c not in columns]
    if missing:
        raise InputDamaged(
            f"{source} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            advice=f"The first line must name the columns {','.join(needed)}.",
        )
    return columns


def _rows(reader: csv.DictReader[str], source: Path) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            yield {k: v for k, v in row.items() if isinstance(k, str)}  # cells beyond the head are dropped
    except (csv.Error, UnicodeDecodeError) as e:
        raise InputDamaged(
            f"{source}, line {reader.line_num}: {e}", advice="Save it as CSV in UTF-8, each quote closed."
        ) from e


@contextmanager
def _reading(path: Path) -> Iterator[TextIO]:
    try:
        stream = path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError as e:
        raise InputMissing(f"{path} is not there") from e
    except OSError as e:
        raise InputUnreadable(f"{path} can't be read: {e.strerror}") from e
    with stream:
        yield stream


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Write beside `path` and put it in place at the end; on failure nothing is left."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as e:
        raise StorageFailed(f"{path} can't be written: {e.strerror}") from e
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        Path(name).chmod(0o600)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# -- for other domains ----------------------------------------------------------------------------


def compare_names(left: str, right: str) -> NameScore:
    """Score `right` as a rendering of `left`, in [0, 1]; see `names.compare`."""
    return compare(left, right)


def directory_of(names: Iterable[str]) -> NameIndex:
    """Make a directory of Han names that can be asked which of them a spelling may stand for."""
    return NameIndex(names)


def simplified_text(text: str) -> str:
    """Give a text with each traditional character in its simplified form."""
    return "".join(map(simplified, text))


def has_han(text: str) -> bool:
    """Whether a text has Han characters."""
    return bool(HAN.search(text))
