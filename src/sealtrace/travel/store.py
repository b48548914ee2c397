"""Rows <-> values of travel documents in custody; the closed list of titles is a constraint of the table itself."""

from __future__ import annotations

from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, TitleMissing
from sealtrace.people.acts import read, read_one, refused_as
from sealtrace.people.duties import human
from sealtrace.people.moments import moment, moment_or_none, second

from .rules import Held, Title

_COLUMNS = (
    "receipt, owner, kind, issuer, last_four, title, title_document, title_ends_at, verified_by, taken_by, taken_at,"
    " return_asked_at, returned_at"
)


def add(
    connection: apsw.Connection, held: Held, *, number: bytes | None = None, sealed: bytes | None = None
) -> None:
    """Enter a document taken into custody; `number` is a keyed digest, `sealed` the number under the owner's key.

    Raises:
        TitleMissing: the table refuses the row.
    """
    row = (
        held.receipt, held.owner, held.kind, held.issuer, held.last_four, str(held.title), held.title_document,
        second(held.title_ends_at), held.verified_by.id, str(held.verified_by.kind), held.taken_by.id,
        str(held.taken_by.kind), second(held.taken_at), number, sealed, *(None,) * 6,
    )  # fmt: skip
    with refused_as(TitleMissing):
        connection.execute(f"INSERT INTO held_documents VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 (only marks)


def held(office: Office, receipt: str) -> Held:
    """A document by its receipt. Raises NotRegistered."""
    row = read_one(office, f"SELECT {_COLUMNS} FROM held_documents WHERE receipt = ?", (receipt,))  # noqa: S608
    if row is None:
        raise NotRegistered(
            f"there is no receipt {receipt!r}", advice="`sealtrace travel documents` lists them."
        )
    return _held(row)


def all_held(office: Office, owner: str | None = None, *, returned: bool = False) -> list[Held]:
    """Documents in custody, of one owner or of all; those returned too where asked."""
    query = (
        f"SELECT {_COLUMNS} FROM held_documents WHERE (:owner IS NULL OR owner = :owner)"  # noqa: S608 (constant)
        " AND (:all OR returned_at IS NULL) ORDER BY taken_at, receipt"
    )
    return [_held(row) for row in read(office, query, {"owner": owner, "all": int(returned)})]


def _held(row: tuple[Any, ...]) -> Held:
    receipt, owner, kind, issuer, four, title, document, ends, verified, taken, at, asked, back = row
    return Held(
        owner, kind, issuer, four, Title(title), document, human(verified), human(taken), moment(at), moment(ends),
        receipt, moment_or_none(asked), moment_or_none(back),
    )  # fmt: skip
