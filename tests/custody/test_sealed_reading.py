"""A home that seals what tells copies apart: its reading room, prints and packages, traced after a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing.package import Conditions, package, read_code, unseal
from sealtrace.custody.printing import print_copy
from sealtrace.custody.reading import WORDS_LIFE, Reader, ReadingRoom
from sealtrace.custody.service import Custody
from sealtrace.errors import KeySealed, UsageProblem
from sealtrace.ids import FileCode
from sealtrace.vault.keyring import ShareOrder

from ..conftest import AT

WHO = Recipient("op-031", "dev-2c70", "10.20.1.8")


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Custody]:
    (tmp_path / "shares").mkdir()
    order = ShareOrder(2, 3, tmp_path / "shares", "tracing-share")
    with Custody.create(
        tmp_path / "home", org="T", org_code="TW", clock=FixedClock(AT), trace_shares=order
    ) as made:
        yield made


@pytest.fixture
def code(sealed: Custody, page_png: Callable[..., Path]) -> FileCode:
    return sealed.register([page_png(21, size=(620, 877))])[0].code


def release(sealed: Custody, tmp_path: Path) -> None:
    shares = sorted((tmp_path / "shares").iterdir())[1:]
    sealed.release(shares, holders=["A", "B"], purpose="case 7")


def test_a_page_read_in_a_sealed_home_is_traced_after_a_release_alone(
    sealed: Custody, code: FileCode, tmp_path: Path
) -> None:
    room, ref = sealed.office.reading_room, sealed.version(str(code)).ref
    for n in range(3):
        room.open_page(ref, 1, Reader(Recipient(f"op-{n}", "d", "10.0.0.1"), f"s{n}"))
    opened = room.open_page(ref, 1, Reader(WHO, "s"))
    again = room.open_page(ref, 1, Reader(WHO, "s"))
    assert (again.copy, again.first, again.picture) == (opened.copy, False, opened.picture)
    zoomed = room.zoom(ref, 1, 2, Reader(WHO, "s"))
    assert room.tile(zoomed.ticket, 0, 0, Reader(WHO, "s")).startswith(b"\xff\xd8")
    leak = tmp_path / "leak.jpg"
    leak.write_bytes(_smaller(opened.picture))
    with pytest.raises(KeySealed):
        sealed.trace([leak])
    release(sealed, tmp_path)
    [copy] = sealed.trace([leak]).copies
    assert (copy.operator, str(copy.accused.copy)) == ("op-031", str(opened.copy))
    assert sealed.check() == []


def test_a_page_whose_words_are_forgotten_is_another_copy(sealed: Custody, code: FileCode) -> None:
    ref, reader = sealed.version(str(code)).ref, Reader(WHO, "s")
    room = sealed.office.reading_room
    first = room.open_page(ref, 1, reader)
    restarted = ReadingRoom(sealed.office)
    with pytest.raises(UsageProblem, match="too long ago"):
        restarted.zoom(ref, 1, 2, reader)
    second = restarted.open_page(ref, 1, reader)
    assert second.first
    assert second.copy != first.copy
    assert restarted.open_page(ref, 1, reader).copy == second.copy
    sealed.office.clock = FixedClock(AT + WORDS_LIFE + timedelta(minutes=1))
    restarted.open_page(ref, 1, Reader(Recipient("op-9", "d", "10.0.0.1"), "other"))
    third = restarted.open_page(ref, 1, reader)
    assert third.first
    assert len({first.copy, second.copy, third.copy}) == 3
    assert sealed.check() == []


def test_a_print_and_a_package_of_a_sealed_home_are_traced_after_a_release(
    sealed: Custody, code: FileCode, tmp_path: Path
) -> None:
    ref = sealed.version(str(code)).ref
    printed = print_copy(sealed.office, ref, WHO, tmp_path / "print.pdf")
    outside = Recipient("op-out", "d", "10.0.0.2")
    packed = package(sealed.office, ref, outside, tmp_path / "p.html", Conditions("op-1"))
    page = (tmp_path / "p.html").read_text("utf-8")
    import base64
    import re

    box = base64.b64decode(max(re.findall(r"[A-Za-z0-9+/=]{1000,}", page), key=len))
    _, [picture] = unseal(read_code(packed.code), packed.copy.id, box)
    (tmp_path / "shot.jpg").write_bytes(_smaller(picture))
    release(sealed, tmp_path)
    assert [c.operator for c in sealed.trace([tmp_path / "print.pdf"]).copies] == ["op-031"]
    found = sealed.trace([tmp_path / "shot.jpg"])
    assert [str(c.accused.copy) for c in found.copies] == [str(packed.copy.id)]
    assert str(printed.id) != str(packed.copy.id)


def _smaller(picture: bytes) -> bytes:
    """The picture encoded again, so that it is nobody's exact bytes."""
    import cv2
    import numpy as np

    read = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.imencode(".jpg", read, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
