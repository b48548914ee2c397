"""Reading room, prints and packages in a home with two keys: both halves name, either alone does not, none is lost."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from sealtrace.clock import FixedClock
from sealtrace.custody import books, leasing, prove
from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing.package import Conditions, package, read_code, unseal
from sealtrace.custody.printing import print_copy
from sealtrace.custody.reading import Opening, Reader, ReadingRoom
from sealtrace.custody.service import Custody
from sealtrace.errors import NotaryAway
from sealtrace.ids import CopyId, VersionRef
from sealtrace.ledger.check import EVERYTHING
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import Marker
from sealtrace.marks.halves import HalvedBook
from sealtrace.notary.service import Notary
from sealtrace.trace.verify import verify
from sealtrace.verifier import sealtrace_verify as standalone

from ..conftest import AT, page_image

VICTIM = Recipient("op-7", "dev-7", "10.9.0.7")
OTHERS = [Recipient(f"op-{i}", f"dev-{i}", f"10.9.0.{i}") for i in range(3)]


@dataclass
class Read:
    """A home with two keys whose page four people have read, and what its notary was asked."""

    custody: Custody
    notary: Notary
    folder: Path
    ref: VersionRef
    opened: Opening
    asked: list[str]

    @property
    def room(self) -> ReadingRoom:
        return self.custody.office.reading_room


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    folder, asked = tmp_path_factory.mktemp("read"), list[str]()
    page_image(2, (620, 877)).save(folder / "page.png")
    with (
        Notary.create(folder / "notary", "City Notary", FixedClock(AT)) as notary,
        Custody.create(
            folder / "home", org="T", org_code="TW", clock=FixedClock(AT), notary=notary.card
        ) as custody,
    ):
        notary.admit(custody.office.home.config.origin, prove.public_key(custody.office.home))

        def wire(verb: str, message: bytes) -> bytes:
            asked.append(verb)
            return notary.answer(verb, message)

        custody.office.notary_wire = wire
        [file] = custody.register([folder / "page.png"], level="core")
        ref = custody.version(str(file.code)).ref
        for who in OTHERS:
            custody.office.reading_room.open_page(ref, 1, Reader(who, "s"))
        opened = custody.office.reading_room.open_page(ref, 1, Reader(VICTIM, "s"))
        yield Read(custody, notary, folder, ref, opened, asked)


def leak(data: bytes, out: Path) -> Path:
    """A picture as somebody saves it again."""
    Image.open(io.BytesIO(data)).convert("RGB").save(out, "JPEG", quality=85)
    return out


def named(read: Read, path: Path, copy: CopyId) -> None:
    """The leak is named by both halves, and its evidence holds for two verifiers; the golden ones try the third."""
    answer = read.custody.trace([path])
    assert [(c.operator, c.accused.copy) for c in answer.copies] == [(VICTIM.operator, copy)]
    assert [score.half for score in answer.copies[0].accused.halves] == ["office", "notary"]
    proof = path.with_suffix(".evidence")
    read.custody.export_evidence(answer.trace, proof)
    report = verify(proof)
    assert report.holds, report.as_dict()
    claims = {c.claim: c.holds for c in report.claims}
    assert {c.claim: c.holds for c in standalone.check_evidence(proof.read_bytes())} == claims


def test_a_page_read_in_the_room_is_named_by_both_halves(read: Read, tmp_path: Path) -> None:
    named(read, leak(read.opened.picture, tmp_path / "leak.jpg"), read.opened.copy)
    reader = Reader(VICTIM, "s")
    again = read.room.open_page(read.ref, 1, reader)
    assert (again.copy, again.first, again.picture) == (read.opened.copy, False, read.opened.picture)
    zoomed = read.room.zoom(read.ref, 1, 2, reader)
    assert read.room.tile(zoomed.ticket, 0, 0, reader).startswith(b"\xff\xd8")
    assert read.custody.check(EVERYTHING) == []


@pytest.mark.parametrize("known", ["office", "notary"])
def test_either_party_alone_makes_no_leak_that_names_a_reader(read: Read, tmp_path: Path, known: str) -> None:
    custody, copy = read.custody, read.opened.copy
    version = custody.version(str(read.ref))
    own = books.own_book(custody.office, version)
    assert own is not None
    key = read.notary._document_key(custody.office.home.config.origin, version.key_id)
    theirs, guess = CodeBook(key, "page", own.symbols), CodeBook(bytes(32), "page", own.symbols)
    first, second = (own, guess) if known == "office" else (guess, theirs)
    halves = HalvedBook(first, lambda copies: [second.words(_ids(c))[0].tobytes() for c in copies])
    halves.layout_key = own.layout_key
    made = tmp_path / "made.png"
    Marker(read.folder / "page.png", version.kind, version.plan, halves, custody.office.stamper).write(
        copy, made
    )
    answer = custody.trace([leak(made.read_bytes(), tmp_path / "leak.jpg")])
    assert (str(answer.answer.result), answer.copies) == ("inconclusive", ())
    assert answer.answer.one_half_alone


def _ids(copy: CopyId) -> Any:
    return np.array([copy.value], np.uint64)


def test_a_print_and_a_package_are_named_by_both_halves(read: Read, tmp_path: Path) -> None:
    office = read.custody.office
    printed = print_copy(office, read.ref, VICTIM, tmp_path / "print.pdf")
    pypdfium2.PdfDocument(tmp_path / "print.pdf")[0].render(scale=2).to_pil().convert("RGB").save(
        tmp_path / "print.jpg", quality=85
    )
    named(read, tmp_path / "print.jpg", printed.id)
    packed = package(office, read.ref, VICTIM, tmp_path / "p.html", Conditions("op-1"))
    text = (tmp_path / "p.html").read_text("utf-8")
    sealed = max(re.findall(r"[A-Za-z0-9+/=]{200,}", text), key=len)
    _, [picture] = unseal(read_code(packed.code), packed.copy.id, base64.b64decode(sealed))
    named(read, leak(picture, tmp_path / "packed.jpg"), packed.copy.id)


def test_pages_open_from_the_lease_without_a_round_trip_and_not_without_the_notary(read: Read) -> None:
    office = read.custody.office
    room = ReadingRoom(office)
    room.open_page(read.ref, 1, Reader(VICTIM, "lease 0"))
    room._leases.settle()
    before, marked = office.ledger.size(), read.asked.count("mark")
    away, office.notary_wire = office.notary_wire, None
    office.__dict__.pop("notary")

    def gone(_verb: str, _message: bytes) -> bytes:
        raise NotaryAway("the notary is away")

    office.notary_wire = gone
    try:
        held = room._leases._count(office.version(read.ref).row)
        assert leasing.FULL // 2 < held <= leasing.FULL
        seen = {room.open_page(read.ref, 1, Reader(VICTIM, f"lease {n}")).copy for n in range(1, held + 1)}
        assert len(seen) == held
        assert office.ledger.size() == before + held
        with pytest.raises(NotaryAway):
            room.open_page(read.ref, 1, Reader(VICTIM, "one more"))
        assert office.ledger.size() == before + held
        assert read.asked.count("mark") == marked
    finally:
        office.notary_wire = away
        office.__dict__.pop("notary")
        room.close()


def test_what_is_leased_is_nobodys_and_is_forgotten_in_time(read: Read) -> None:
    office, clock = read.custody.office, read.custody.office.clock
    version = office.version(read.ref)
    own = books.own_book(office, version)
    assert own is not None
    leases = leasing.Leases(office)
    try:
        size = office.ledger.size()
        first, book = leases.take(version, own)
        leases.settle()
        marks = read.asked.count("mark")
        assert len(book.word(first)) == 2 * own.symbols
        assert book.mark(first)
        second, other = leases.take(version, own)
        assert second != first
        assert (other.word(second) != book.word(first)).any()
        assert read.asked.count("mark") == marks
        assert office.ledger.size() == size
        office.clock = FixedClock(AT + leasing.LIFE + timedelta(seconds=1))
        leases.take(version, own)
        assert read.asked.count("mark") > marks, "too old: asked anew"
    finally:
        office.clock = clock
        leases.close()


def test_after_a_restart_a_page_is_another_copy(read: Read) -> None:
    room, reader = ReadingRoom(read.custody.office), Reader(VICTIM, "restart")
    first = room.open_page(read.ref, 1, reader)
    restarted = ReadingRoom(read.custody.office)
    second = restarted.open_page(read.ref, 1, reader)
    assert (second.first, second.copy != first.copy) == (True, True)
    for one in (room, restarted):
        one.close()
