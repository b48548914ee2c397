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
from sealtrace.marks.halves import Book
from sealtrace.marks.table.plan import TablePlan
from sealtrace.vault.sealing import fresh_secret

from . import proof_store
from .model import Version
from .office import Office
from .twokey import NotaryBook


def page_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of a version's page channel, with two keys of this home's half; None when no page carries it."""
    return _book(office, version, [("page", version.plan.mark_plan.symbols)], word_secret)


def table_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of a version's marks in a table, with two keys of this home's half; None when it has none."""
    table = version.plan.table
    return _book(office, version, table_parts(table) if table else [], word_secret)


def table_parts(plan: TablePlan) -> list[tuple[str, int]]:
    """The channels of a table's codeword with their symbols: the cells, and what was declared beside them."""
    return [("table", plan.symbols), *((name, extra.symbols) for name, extra in plan.extras.items())]


def joined(books: Sequence[CodeBook]) -> CodeBook:
    """One code book of one or several channels."""
    return books[0] if len(books) == 1 else JointBook(books)


def code_book(office: Office, version: Version, word_secret: bytes | None = None) -> CodeBook | None:
    """The code book of the channel that carries the codeword: pages, else cells. A version has one at most."""
    return page_book(office, version, word_secret) or table_book(office, version, word_secret)


def marking_book(office: Office, version: Version) -> Book | None:
    """The code book of one new batch of copies: with a tracing key, its word secret is drawn for the batch."""
    return _halved(office, version, own_marking_book(office, version))


def own_marking_book(office: Office, version: Version) -> CodeBook | None:
    """As `marking_book`, of this home's key alone."""
    return code_book(office, version, fresh_secret() if office.tracing_key else None)


def page_marking_book(office: Office, version: Version) -> Book | None:
    """As `marking_book`, of the page channel alone: for what is marked once and never made again."""
    return _halved(
        office, version, page_book(office, version, fresh_secret() if office.tracing_key else None)
    )


def reading_book(office: Office, version: Version, copy: CopyId | None = None) -> Book | None:
    """The code book of all of a version's copies, or at least of one.

    With two keys it has this home's half; the notary's is asked for when a copy is made again.

    Raises:
        KeySealed: it takes a release, and there is none in force.
    """
    return _halved(office, version, own_book(office, version, copy))


def own_book(office: Office, version: Version, copy: CopyId | None = None) -> CodeBook | None:
    """The code book of this home's codewords: with two keys, of its half. Raises as `reading_book` does."""
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


def readable(office: Office, version: Version, channel: str) -> Book | None:
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
    office: Office, version: Version, parts: Sequence[tuple[str, int]], word_secret: bytes | None
) -> CodeBook | None:
    if not any(symbols for _, symbols in parts):
        return None
    assert len(parts) == 1 or not version.plan.halves, "with two keys a table's mark is in its cells alone"
    key, halves = office.document_key(version), 2 if version.plan.halves else 1
    return joined([CodeBook(key, channel, symbols // halves, word_secret) for channel, symbols in parts])


def _halved(office: Office, version: Version, own: CodeBook | None) -> Book | None:
    return NotaryBook(office, version, own) if own is not None and version.plan.halves else own
