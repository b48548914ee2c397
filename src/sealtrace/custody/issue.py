"""Issue marked copies. The entry is durable before the first byte of the copy leaves the home.

Order of writes for a copy with bytes: mark into staging -> entry and row in one transaction -> deliver.
A crash before the entry leaves only staging, which is emptied; a crash after it leaves a copy that is
on record and can be fetched again, byte for byte, because every mark is derived from the copy id.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from sealtrace.content.decode import encoding_of
from sealtrace.content.kinds import Kind
from sealtrace.errors import CannotMark, Corrupted, RequestRefused, StorageFailed, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.ledger.commitment import Commitment, commit
from sealtrace.ledger.log import Rows
from sealtrace.ledger.model import Draft, Entry
from sealtrace.ledger.tiles import synchronise
from sealtrace.marks import notice
from sealtrace.marks.channel import AppliedMark
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import Marker, wrap
from sealtrace.marks.halves import Book, HalvedBook

from . import controls, proof_store, store
from . import orders as orders_of
from .books import marking_book, reading_book
from .digests import digest_file
from .home import storage_guard
from .model import IssuedCopy, Purpose, Recipient, Version, written
from .office import Office, content_type
from .orders import Terms
from .twokey import NotaryBook

DELIVERED = "copy:delivered"
BATCH = 64  # copies marked, then entered in one transaction
BULK_BATCH = 1000  # copies entered without bytes
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that an enrolled device signed, and the device's public key."""

    signed: bytes
    device_key: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """An order under way: its terms, the digest of what it asks for, and how many copies it gave before these."""

    terms: Terms
    wanted: bytes
    first: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A copy's bytes in staging."""

    path: Path
    sha256: bytes
    marks: tuple[AppliedMark, ...]


class Workshop:
    """Makes the copies of one version: the original is taken from the vault once and removed at the end."""

    def __init__(
        self, office: Office, version: Version, folder: Path, book: Book | None, *, wrapped: bool
    ) -> None:
        self.office, self.version, self.folder, self.wrapped = office, version, folder, wrapped
        self.book = book
        self.original = folder / f"original{Path(version.name).suffix}"
        office.vault.export(version.sha256, self.original)
        self._marker = (
            None if wrapped else Marker(self.original, version.kind, version.plan, self.book, office.stamper)
        )

    def make(self, copy: CopyId) -> Made:
        """Make one copy in staging.

        Raises:
            CannotMark: the file has no place for a mark and is not to be wrapped.
        """
        target = self.folder / f"{copy}{'.zip' if self.wrapped else self.original.suffix}"
        if self._marker is None:
            marks = tuple(wrap(self.original, self.version.name, self.office.stamper, copy, target))
        else:
            marks = tuple(self._marker.write(copy, target))
        digest, _ = digest_file(target)
        if digest == self.version.sha256:
            raise CannotMark(f"{self.version.ref} ({self.version.kind}) has no place for an individual mark")
        return Made(target, digest, marks)


@contextmanager
def workshop(
    office: Office,
    version: Version,
    *,
    wrapped: bool,
    again: CopyId | None = None,
    book: Book | None = None,
) -> Iterator[Workshop]:
    """Open a workshop for one version: for new copies, to make one `again`, or with a `book` at hand."""
    if book is None:
        book = marking_book(office, version) if again is None else reading_book(office, version, again)
    with office.staging("issue") as folder:
        yield Workshop(office, version, folder, book, wrapped=wrapped)


def issue(
    office: Office,
    ref: VersionRef,
    recipient: Recipient,
    out: Path,
    *,
    wrapped: bool = False,
    request: Asked | None = None,
) -> IssuedCopy:
    """Issue one marked copy to `out`; `request` is what the recipient's device signed, checked before.

    Raises:
        RequestRefused: this home's copies are asked for with signatures, and there is none.
    """
    target = checked_target(out)
    _asked(office, request)
    with office.writing(), workshop(office, office.version(ref), wrapped=wrapped) as shop:
        controls.require_taking(office, shop.version, [recipient])
        made = [(CopyId.random(), recipient, shop.make)]
        return _issue_batch(office, shop, made, [target], request)[0]


def _asked(office: Office, request: Asked | None) -> None:
    if request is None and "signed" in office.promises:
        raise RequestRefused("copies of this home are issued on requests that a device has signed")


def issue_many(
    office: Office,
    ref: VersionRef,
    recipients: Sequence[Recipient],
    out: Path | None,
    *,
    wrapped: bool = False,
    progress: Progress | None = None,
    terms: Terms = Terms(),  # noqa: B008 (a frozen value)
) -> list[IssuedCopy]:
    """Issue one copy to each recipient into folder `out`; without it, enter them and make bytes on `fetch`.

    With a key in `terms`, the same order again gives the copies it gave before (without a path; `fetch` writes their
    bytes) and issues only those that it had not come to.

    Raises:
        KeyReused: the key named an order for other copies.
    """
    if not recipients:
        raise UsageProblem("there are no recipients", advice="Give at least one row: operator,device,ip.")
    _asked(office, None)
    version = office.version(ref)
    with office.writing():
        order = Placed(terms, orders_of.digest(office, version, recipients, terms, wrapped=wrapped))
        issued = [on_record(office, office.copy(c)) for c in orders_of.given(office, terms.key, order.wanted)]
        if len(issued) == len(recipients):
            return issued
        controls.require_taking(office, version, recipients)
        if out is None:
            return _reserve(office, version, recipients, issued, order, progress)
        with storage_guard(f"making the folder {out}"):
            out.mkdir(parents=True, exist_ok=True)
        with workshop(office, version, wrapped=wrapped) as shop:
            for start in range(len(issued), len(recipients), BATCH):
                batch = [(CopyId.random(), r, shop.make) for r in recipients[start : start + BATCH]]
                targets = [out / _file_name(version, copy, r, wrapped=wrapped) for copy, r, _ in batch]
                issued += _issue_batch(office, shop, batch, targets, order=replace(order, first=start))
                if progress:
                    progress(len(issued), len(recipients))
        return issued


def fetch(office: Office, copy: CopyId, out: Path, *, wrapped: bool = False) -> IssuedCopy:
    """Write an issued copy's bytes again, or for the first time; the delivery is an entry of its own.

    Raises:
        Corrupted: the bytes made now differ from those on record.
        KeySealed: what tells copies apart is sealed, and no release is in force.
    """
    target = checked_target(out)
    row = office.copy(copy)
    version = store.version_by_row(office.db, row.version)
    if row.purpose is not Purpose.COPY:
        raise UsageProblem(f"copy {copy} is a {row.purpose}; its bytes are not handed out again")
    controls.require_taking(office, version, [person_of(office, row)])
    controls.require_in_force(office, copy)
    with office.writing(), workshop(office, version, wrapped=wrapped, again=copy) as shop:
        made = shop.make(copy)
        if row.sha256 is not None and row.sha256 != made.sha256:
            raise Corrupted(f"copy {copy} made again differs from its digest on record")

        def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
            store.set_copy_bytes(db, copy, made.sha256, made.marks)
            keep_deed(office, db, row, DELIVERED, entry, sealed)

        entry = office.record(
            DELIVERED, bytes(copy).hex(), {"copy": bytes(copy), "copy_sha256": made.sha256}, rows
        )
        deliver(made.path, target)
        _put_notice(shop, target)
    person = person_of(office, row)
    return IssuedCopy(
        copy, version.code, version.version, person.operator, person.device, person.ip, row.issued_at,
        row.purpose, made.sha256, made.marks, entry, target,
    )  # fmt: skip


def keep_deed(
    office: Office, db: apsw.Connection, row: store.CopyRow, event: str, entry: Entry, sealed: Commitment
) -> None:
    """Keep the opening of an entry about a copy under its recipient's key; not when that person was erased."""
    if office.subjects.known(db, row.subject):
        bound_to = store.act_bound_to(event)
        box = office.subjects.seal(db, row.subject, {"opening": sealed.opening}, bound_to)
        proof_store.insert_copy_act(db, row.id, entry.index, event, box)


def person_of(office: Office, row: store.CopyRow) -> Recipient:
    """The recipient of record of a copy; after erasure, a recipient that says so."""
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    if sealed is None:
        return Recipient("(erased)", "(erased)", "0.0.0.0")  # noqa: S104 (a value, not an address to bind)
    opening = sealed["opening"]
    return Recipient(*(opening[name][1] for name in ("operator", "device", "ip")))


def on_record(office: Office, row: store.CopyRow, known: dict[int, Version] | None = None) -> IssuedCopy:
    """A copy as the register has it; without a path. `known` keeps the versions read, for the next copy."""
    version = known.get(row.version) if known else None
    if version is None:
        version = store.version_by_row(office.db, row.version)
        if known is not None:
            known[row.version] = version
    who = person_of(office, row)
    return IssuedCopy(
        row.id, version.code, version.version, who.operator, who.device, who.ip, row.issued_at, row.purpose,
        row.sha256, row.marks, office.entry(row.entry),
    )  # fmt: skip


def read_recipients(path: Path) -> list[Recipient]:
    """Read recipients from CSV with the columns operator, device, ip.

    Raises:
        UsageProblem: a column is missing or a row is wrong; the message names the line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageProblem(f"{path} can't be read as UTF-8 CSV: {e}") from e
    rows = csv.DictReader(text.splitlines())
    missing = {"operator", "device", "ip"} - set(rows.fieldnames or ())
    if missing:
        raise UsageProblem(
            f"{path.name} lacks the column(s) {', '.join(sorted(missing))}",
            advice="The first line must be: operator,device,ip",
        )
    found = []
    for row in rows:
        try:
            found.append(Recipient(row["operator"] or "", row["device"] or "", row["ip"] or ""))
        except UsageProblem as e:
            raise UsageProblem(f"{path.name}, line {rows.line_num}: {e.message}", advice=e.hint) from None
    return found


def deliver(source: Path, target: Path) -> None:
    """Put a finished file at its place: whole or not at all, durable when it returns."""
    partial = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        with storage_guard(f"writing {target}"):
            shutil.copyfile(source, partial)
            with partial.open("rb+") as handle:
                os.fsync(handle.fileno())
            partial.replace(target)
            synchronise(target.absolute().parent)
    finally:
        partial.unlink(missing_ok=True)


def notice_path(version: Version, target: Path, original: Path) -> Path | None:
    """Where the notice of a copy with marked cells goes; None where it stands inside, or no cell is marked."""
    table = version.plan.table
    if table is None:
        return None
    text = None
    if version.kind is Kind.JSON and table.rules.notice == notice.MEMBER:
        data = original.read_bytes()
        text = data.decode(encoding_of(data) or "utf-8", "replace")
    place = target.with_name(f"{target.name}{notice.SUFFIX}")
    return place if notice.beside(version.kind, table.rules.notice, text) else None


def _put_notice(shop: Workshop, target: Path) -> None:
    """Put the notice beside a copy whose format has no place for it."""
    place = None if shop.wrapped else notice_path(shop.version, target, shop.original)
    if place is not None:
        made = shop.folder / "notice"
        made.write_text(notice.NOTICE + "\n", "utf-8")
        deliver(made, place)


def checked_target(out: Path) -> Path:
    """Find out before anything is entered that the copy has somewhere to go."""
    if out.is_dir():
        raise UsageProblem(f"{out} is a folder", advice="Give the name of the file to write.")
    if not out.absolute().parent.is_dir():
        raise UsageProblem(
            f"the folder {out.parent} does not exist", advice="Make it first, or write elsewhere."
        )
    if not os.access(out.absolute().parent, os.W_OK):
        raise StorageFailed(f"the folder {out.parent} can't be written")
    return out


def _file_name(version: Version, copy: CopyId, recipient: Recipient, *, wrapped: bool) -> str:
    """original-name.operator.copy-id.ext, with nothing a file system dislikes."""
    who = "".join(c if c.isalnum() or c in "-_" else "-" for c in recipient.operator)[:40]
    name = Path(version.name)
    return f"{name.stem[:80]}.{who}.{copy}{'.zip' if wrapped else name.suffix}"


_Order = tuple[CopyId, Recipient, Callable[[CopyId], Made]]


def _issue_batch(
    office: Office,
    shop: Workshop,
    batch: Sequence[_Order],
    targets: Sequence[Path],
    request: Asked | None = None,
    order: Placed | None = None,
) -> list[IssuedCopy]:
    copies = [copy for copy, _, _ in batch]
    if isinstance(shop.book, NotaryBook):
        shop.book.prepare(copies, words=not shop.wrapped)
    made = [make(copy) for copy, _, make in batch]
    entered = enter_copies(
        office, shop.version, [(c, r) for c, r, _ in batch], [(m.sha256, m.marks) for m in made], shop.book,
        request=request, order=order,
    )  # fmt: skip
    if isinstance(shop.book, NotaryBook):
        shop.book.forget()
    for one, target in zip(made, targets, strict=True):
        deliver(one.path, target)
        _put_notice(shop, target)
        one.path.unlink()
    return [replace(copy, path=target) for copy, target in zip(entered, targets, strict=True)]


def _reserve(
    office: Office, version: Version, recipients: Sequence[Recipient], issued: list[IssuedCopy], order: Placed,
    progress: Progress | None,
) -> list[IssuedCopy]:  # fmt: skip
    """Enter copies whose bytes are made when they are fetched, after those `issued` for this order before."""
    book = marking_book(office, version)
    marks = tuple(AppliedMark(m.channel, m.capacity) for m in version.plan.promised())
    for start in range(len(issued), len(recipients), BULK_BATCH):
        batch = [(CopyId.random(), r) for r in recipients[start : start + BULK_BATCH]]
        placed = replace(order, first=start)
        if isinstance(book, NotaryBook):
            book.prepare([copy for copy, _ in batch], words=False)
        issued += enter_copies(office, version, batch, [(None, marks)] * len(batch), book, order=placed)
        if progress:
            progress(len(issued), len(recipients))
    return issued


def enter_copies(
    office: Office,
    version: Version,
    orders: Sequence[tuple[CopyId, Recipient]],
    made: Sequence[tuple[bytes | None, tuple[AppliedMark, ...]]],
    book: Book | None,
    *,
    purpose: Purpose = Purpose.COPY,
    page: int | None = None,
    request: Asked | None = None,
    order: Placed | None = None,
    further: Mapping[str, str | int | bytes | None] | None = None,
) -> list[IssuedCopy]:
    """Enter copies: one ledger entry and one row each, all in one transaction, durable when it returns.

    With an order whose copies end, the entries that say so follow in the same transaction.

    Each entry commits to the recipient (field by field), to the copy's digest and to the digests of its
    codeword, of the key of the biases and of the document key, so that none can be changed afterwards to
    fit somebody; and to the request that the recipient's device signed, where there is one.
    """
    issued_at = written(office.clock.now())
    drafts, rows = copy_acts(
        office, version, orders, made, book, purpose=purpose, page=page, issued_at=issued_at,
        request=request, further=further or {},
    )  # fmt: skip
    if order is not None:
        drafts, rows = _in_order(office, version, orders, order, drafts, rows)
    entries = office.ledger.append(drafts, rows)[: len(orders)]
    return [
        IssuedCopy(
            copy, version.code, version.version, who.operator, who.device, who.ip, issued_at, purpose, sha256,
            marks, entry,
        )
        for (copy, who), (sha256, marks), entry in zip(orders, made, entries, strict=True)
    ]  # fmt: skip


def _in_order(
    office: Office, version: Version, copies: Sequence[tuple[CopyId, Recipient]], order: Placed,
    drafts: list[Draft], rows: Rows,
) -> tuple[list[Draft], Rows]:  # fmt: skip
    """The acts that enter copies, with what their order adds: their places in it, and their end."""
    until, count = order.terms.until, len(copies)
    ends, end_rows = (
        controls.expiry_acts(office, version.code, copies, until, by=order.terms.by) if until else ([], None)
    )

    def together(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        rows(db, entries[:count])
        if end_rows is not None:
            end_rows(db, entries[count:])
        if order.terms.key:
            ids = [copy for copy, _ in copies]
            orders_of.insert(db, order.terms.key, order.first, order.wanted, ids)

    return [*drafts, *ends], together


def copy_acts(
    office: Office,
    version: Version,
    orders: Sequence[tuple[CopyId, Recipient]],
    made: Sequence[tuple[bytes | None, tuple[AppliedMark, ...]]],
    book: Book | None,
    *,
    purpose: Purpose,
    page: int | None,
    issued_at: str,
    request: Asked | None = None,
    further: Mapping[str, str | int | bytes | None],
) -> tuple[list[Draft], Rows]:
    """What enters copies: the drafts of their entries, and what writes their rows beside them.

    `further` are fields that the entries commit to besides those of every copy. In a home that seals what tells
    copies apart, the book has a word secret, which is sealed with the rows.

    Raises:
        CannotMark: the home has two keys, and this copy was marked without the notary's.
    """
    own = book.own if isinstance(book, HalvedBook) else book
    if office.two_keys and own is book and book is not None:
        raise CannotMark(
            "this home has two keys, and this copy carries one of them alone",
            advice="Nothing was entered. It is a fault of the program that made the copy: report it.",
        )
    assert own is None or office.tracing_key is None or own.word_secret is not None, (
        "a sealed home draws secrets"
    )
    words = _word_digests(own, [copy for copy, _ in orders])
    bias = hashlib.sha256(own.bias_key).digest() if own else None
    secret = own.word_secret if own else None
    noted = [{"notary_mark": book.mark(c)} if isinstance(book, NotaryBook) else {} for c, _ in orders]
    keys = {
        "document_key_sha256": hashlib.sha256(office.document_key(version)).digest(),
        "word_key_sha256": hashlib.sha256(secret).digest() if secret else None,
        "request": request.signed if request else None,
        "device_key": request.device_key if request else None,
    }
    sealed = [
        commit(
            {
                "event": purpose.event,
                "copy": bytes(copy),
                "code": str(version.code),
                "version": version.version,
                "original_sha256": version.sha256,
                "copy_sha256": sha256,
                "operator": recipient.operator,
                "device": recipient.device,
                "ip": recipient.ip,
                "issued_at": issued_at,
                "page": page,
                "codeword_sha256": word,
                "bias_key_sha256": bias,
                **keys,
                **of_notary,
                **further,
            }
        )
        for (copy, recipient), (sha256, _), word, of_notary in zip(orders, made, words, noted, strict=True)
    ]
    drafts = [
        Draft(purpose.event, bytes(copy).hex(), one.digest, content_type(purpose.event))
        for (copy, _), one in zip(orders, sealed, strict=True)
    ]

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        found = []
        for (copy, who), (sha256, marks), one, entry in zip(orders, made, sealed, entries, strict=True):
            subject = office.subjects.ensure(db, who.operator)
            record = {"opening": one.opening}
            found.append(
                store.CopyRow(
                    copy, version.row, purpose, page, subject, office.subjects.token("device", who.device),
                    office.subjects.seal(db, subject, record, bytes(copy)), marks, sha256, issued_at, entry.index,
                )
            )  # fmt: skip
        store.insert_copies(db, found)
        if secret:
            assert office.tracing_key is not None, "word secrets are drawn where they are sealed"
            box = office.tracing_key.seal(secret, version.key_id)
            digest = hashlib.sha256(secret).digest()
            proof_store.insert_word_key(db, version.row, digest, box, [copy for copy, _ in orders])
        if request:
            proof_store.insert_request(db, hashlib.sha256(request.signed).digest(), entries[0].index)

    return drafts, rows


def _word_digests(book: CodeBook | None, copies: Sequence[CopyId]) -> list[bytes | None]:
    if book is None:
        return [None] * len(copies)
    import numpy as np

    words = book.words(np.array([c.value for c in copies], dtype=np.uint64))
    return [hashlib.sha256(word.tobytes()).digest() for word in words]
