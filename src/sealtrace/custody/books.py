"""Code books of registered versions: for marking copies, and for reading them again.

In an ordinary home both come from the document key. In a home with a tracing key the codewords of each batch
come from a secret that is drawn for it, sealed to that key at once and then forgotten; the document key still
gives biases and layout, which tell nothing of any copy's codeword. Reading then takes a release by several
people, see `release`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sealtrace.errors import KeySealed
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import BatchBook, CodeBook, JointBook
from sealtrace.marks.table.plan import TablePlan
from sealtrace.vault.sealing import fresh_secret

from . import proof_store
from .model import Version
from .office import Office


def page_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of a version's page channel; None when no page can carry it."""
    return _book(office, version, "page", version.plan.mark_plan.symbols, word_secret)


def table_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of a version's marks in table cells; None when it has none."""
    table = version.plan.table
    if table is None:
        return None
    key = office.document_key(version)
    return joined([CodeBook(key, name, count, word_secret) for name, count in table_parts(table)])


def table_parts(plan: TablePlan) -> list[tuple[str, int]]:
    """The channels of a table's codeword with their symbols: the cells, and what was declared beside them."""
    return [("table", plan.symbols), *((name, extra.symbols) for name, extra in plan.extras.items())]


def joined(books: Sequence[CodeBook]) -> CodeBook:
    """One code book of one or several channels."""
    return books[0] if len(books) == 1 else JointBook(books)


def code_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of the channel that carries the codeword: pages, else cells. A version has one at most."""
    return page_book(office, version, word_secret) or table_book(office, version, word_secret)


def marking_book(office: Office, version: Version) -> CodeBook | None:
    """The code book of one new batch of copies: with a tracing key, its word secret is drawn for the batch."""
    return code_book(office, version, fresh_secret() if office.tracing_key else None)


def reading_book(office: Office, version: Version, copy: CopyId | None = None) -> CodeBook | None:
    """The code book of all of a version's copies, or at least of one.

    Raises:
        KeySealed: it takes a release, and there is none in force.
    """
    plain = code_book(office, version)
    if plain is None or office.tracing_key is None:
        return plain
    secrets = unsealed(office, version)
    numbers = {row: number for number, row in enumerate(secrets)}
    wanted = copy.value if copy is not None else None
    held = [(c, numbers[row]) for c, row in proof_store.sealed_copies(office.db, version.row)
            if wanted is None or c == wanted]  # fmt: skip
    import numpy as np

    ids = np.array([c for c, _ in held], np.uint64)
    batches = np.array([number for _, number in held], np.int64)
    key, words = office.document_key(version), list(secrets.values())
    return joined([BatchBook(key, name, count, words, ids, batches) for name, count in plain.parts_of])


def readable(office: Office, version: Version, channel: str) -> CodeBook | None:
    """The code book of one channel where it can be read now; None without the channel, or while it is sealed."""
    try:
        book = reading_book(office, version)
    except KeySealed:
        return None
    return book if book is not None and book.channel == channel else None


def unsealed(office: Office, version: Version) -> dict[int, bytes]:
    """The word secrets of a version's batches by their row. Raises KeySealed."""
    key = office.tracing_key
    assert key is not None, "only a home with a tracing key seals word secrets"
    private = office.released().private
    return {
        row: key.unseal(private, sealed, version.key_id)
        for row, sealed in proof_store.word_keys(office.db, version.row)
    }


def _book(
    office: Office, version: Version, channel: str, symbols: int, word_secret: bytes | None
) -> CodeBook | None:
    return CodeBook(office.document_key(version), channel, symbols, word_secret) if symbols else None
