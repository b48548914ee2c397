"""Circumstances: shown beside the proof, never part of it; they tell only what a file and the register say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from sealtrace.content import claims
from sealtrace.content.kinds import Kind
from sealtrace.custody import circumstances
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import InputDamaged

from ..conftest import spec_bytes

ISSUED = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file_at", "kind", "fits"),
    [
        ("2026-03-02T16:31:00+08:00", "pdf", True),
        ("2026-03-02T16:29:00+08:00", "pdf", None),  # a document carries its original's date along
        ("2026-03-02T16:29:00+08:00", "jpeg", False),  # a picture is taken of the copy
        ("2026-03-02T10:00:00", "jpeg", None),  # no zone: it may be either
        ("2026-03-01T10:00:00", "jpeg", False),
        ("2026-03-03T10:00:00", "jpeg", True),
    ],
)
def test_a_date_fits_only_where_it_can_tell(file_at: str, kind: str, fits: bool | None) -> None:
    assert circumstances.issued_fits(ISSUED, file_at, kind) is fits


def test_a_picture_and_a_damaged_file_say_what_they_say(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Maker", "2026:03:04 10:11:12"
    Image.new("RGB", (64, 64)).save(tmp_path / "a.jpg", exif=exif)
    said = claims.read_here(tmp_path / "a.jpg", Kind.JPEG)
    assert said.as_dict() == {"producer": "Maker", "modified": "2026-03-04T10:11:12"}
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(InputDamaged):
        claims.read_here(tmp_path / "b.pdf", Kind.PDF)
    assert claims.read(tmp_path / "b.pdf", Kind.TEXT) == claims.Claims()


def test_a_trace_shows_them_apart_and_its_evidence_knows_none(
    custody: Custody, people: list[Recipient], tmp_path: Path
) -> None:
    (tmp_path / "spec.pdf").write_bytes(spec_bytes(5, 1))
    [done] = custody.register([tmp_path / "spec.pdf"])
    copy = custody.issue(str(done.code), people[0], tmp_path / "copy.pdf")
    elsewhere = Recipient(people[0].operator, "phone", "10.8.0.1")
    custody.view(str(done.code), 1, elsewhere, tmp_path / "view.png")
    with pikepdf.open(tmp_path / "copy.pdf") as pdf:
        pdf.docinfo["/Author"] = "someone-else"
        pdf.docinfo["/ModDate"] = "D:20260402100000+08'00'"
        pdf.save(tmp_path / "leak.pdf")
    answer = custody.trace([tmp_path / "leak.pdf"])
    assert [c.accused.copy for c in answer.copies] == [copy.id]
    found = {one.what: one for one in answer.circumstances}
    assert found["file"].said["author"] == "someone-else"
    assert found["issued"].fits is True
    assert found["issued"].said["file_at"] == "2026-04-02T10:00:00+08:00"
    assert found["looked"].fits is False
    assert (found["looked"].said["device"], found["looked"].said["ip"]) == ("phone", "10.8.0.1")
    shown = answer.as_dict()["circumstances"]
    assert shown["warning"] == circumstances.WARNING  # type: ignore[index]
    assert custody.recall(answer.trace).circumstances == answer.circumstances
    custody.export_evidence(answer.trace, tmp_path / "e.cose")
    assert b"someone-else" not in (tmp_path / "e.cose").read_bytes()
    beside = circumstances.of(custody.office, [{"kind": "pdf", "author": "x"}], [])
    assert [one.what for one in beside] == ["file"], "with nobody named nothing is told of a person"
