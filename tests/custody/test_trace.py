"""Tracing end to end: from a leak to the right copy, or to an honest 'not enough'."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from sealtrace.clock import FixedClock
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import InputEmpty, InputMissing, UsageProblem

from ..conftest import AT, page_image, prose, spec_bytes

Held = dict[str, list[IssuedCopy]]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Custody, Held]]:
    """A home with a PDF, a picture and a text of a dozen copies each; made once, since traces change no copy."""
    folder = tmp_path_factory.mktemp("stock")
    paths = {kind: folder / f"notes.{kind}" for kind in ("pdf", "png", "txt")}
    paths["pdf"].write_bytes(spec_bytes(1))
    page_image(2).save(paths["png"])
    paths["txt"].write_text("\n".join(prose(77, 40)) + "\n", "utf-8")
    people = [Recipient(f"op-{i:03d}", f"dev-{i}", f"10.9.0.{i}") for i in range(1, 13)]
    with Custody.create(folder / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as made:
        files = made.register(list(paths.values()), level="core")
        yield (
            made,
            {
                kind: made.issue_many(str(done.code), people, folder / f"copies-{kind}")
                for kind, done in zip(paths, files, strict=True)
            },
        )


@pytest.fixture
def custody(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Custody]:
    """The stock's home for tests that need its copies, else an empty one."""
    if "held" in request.fixturenames:
        yield request.getfixturevalue("stock")[0]
        return
    with Custody.create(tmp_path / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as made:
        yield made


@pytest.fixture
def held(stock: tuple[Custody, Held]) -> Held:
    return stock[1]


def only(answer: object) -> str:
    [copy] = answer.copies  # type: ignore[attr-defined]
    return str(copy.accused.copy)


@pytest.mark.parametrize("kind", ["pdf", "png", "txt"])
def test_renamed_copy_is_exact(custody: Custody, tmp_path: Path, held: Held, kind: str) -> None:
    copy = held[kind][4]
    assert copy.path is not None
    leak = tmp_path / f"holiday.{kind}"
    leak.write_bytes(copy.path.read_bytes())
    answer = custody.trace([leak])
    assert (answer.answer.result, only(answer)) == ("exact", str(copy.id))
    [named] = answer.copies
    assert (named.operator, named.device, named.ip) == ("op-005", "dev-5", "10.9.0.5")
    assert answer.answer.identified is not None
    assert answer.answer.identified.ref.code == copy.code


def test_rewritten_pdf_is_found_by_its_stamp(custody: Custody, tmp_path: Path, held: Held) -> None:
    copy = held["pdf"][2]
    assert copy.path is not None
    leak = tmp_path / "resaved.pdf"
    with pikepdf.open(copy.path) as pdf:
        pdf.save(leak, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    answer = custody.trace([leak])
    assert (answer.answer.result, only(answer)) == ("exact", str(copy.id))
    assert answer.copies[0].accused.channels == ("stamp",)


def test_pdf_page_as_jpeg_picture_is_strong(custody: Custody, tmp_path: Path, held: Held) -> None:
    import pypdfium2

    copy = held["pdf"][7]
    assert copy.path is not None
    with pypdfium2.PdfDocument(copy.path) as document:
        document[1].render(scale=110 / 72).to_pil().convert("RGB").save(tmp_path / "shot.jpg", quality=70)
    answer = custody.trace([tmp_path / "shot.jpg"])
    assert (answer.answer.result, only(answer)) == ("strong", str(copy.id))
    assert answer.copies[0].accused.chance_of_error <= 1e-9
    assert answer.answer.considered == 36
    assert answer.answer.runner_up_behind is not None
    assert answer.answer.runner_up_behind > 20


def test_cropped_jpeg_of_a_picture_is_strong(custody: Custody, tmp_path: Path, held: Held) -> None:
    copy = held["png"][9]
    assert copy.path is not None
    with Image.open(copy.path) as page:
        page.convert("RGB").crop((100, 60, 950, 1100)).save(tmp_path / "crop.jpg", quality=60)
    answer = custody.trace([tmp_path / "crop.jpg"])
    assert (answer.answer.result, only(answer)) == ("strong", str(copy.id))


def test_the_unmarked_original_accuses_nobody(
    custody: Custody, tmp_path: Path, held: Held, page_png: Callable[..., Path]
) -> None:
    original = page_png(2)
    answer = custody.trace([original])
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    with Image.open(original) as page:
        page.convert("RGB").save(tmp_path / "original.jpg", quality=75)
    answer = custody.trace([tmp_path / "original.jpg"])
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert answer.answer.identified is not None
    assert answer.answer.identified.ref.code == held["png"][0].code


def test_a_stranger_is_none(custody: Custody, held: Held, page_png: Callable[..., Path]) -> None:
    answer = custody.trace([page_png(4711)])
    assert (answer.answer.result, answer.answer.identified, answer.copies) == ("none", None, ())


def test_pasted_text_finds_the_document_but_no_copy(custody: Custody, tmp_path: Path, held: Held) -> None:
    leak = tmp_path / "paste.txt"
    leak.write_text("from a chat: " + " ".join(prose(77, 40)[10:14]), "utf-8")
    answer = custody.trace([leak])
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert answer.answer.identified is not None
    assert answer.answer.identified.ref.code == held["txt"][0].code


def test_tied_versions_are_all_reported(custody: Custody, tmp_path: Path) -> None:
    lines = prose(500, 60)
    path = tmp_path / "doc.txt"
    path.write_text("\n".join(lines), "utf-8")
    [first] = custody.register([path])
    path.write_text("\n".join([*lines[:-1], "the last line is another one 12"]), "utf-8")
    custody.register([path], new_version_of=str(first.code))
    (tmp_path / "paste.txt").write_text("\n".join(lines[5:12]), "utf-8")
    answer = custody.trace([tmp_path / "paste.txt"])
    assert answer.answer.identified is not None
    assert answer.answer.identified.versions == (1, 2)


def test_pieces_of_one_leak_add_up(custody: Custody, tmp_path: Path, held: Held) -> None:
    copy = held["png"][3]
    assert copy.path is not None
    with Image.open(copy.path) as page:
        for number, box in enumerate([(60, 60, 900, 560), (60, 560, 900, 1060)]):
            page.convert("RGB").crop(box).save(tmp_path / f"piece-{number}.png")
    answer = custody.trace([tmp_path / "piece-0.png", tmp_path / "piece-1.png"])
    assert (answer.answer.result, only(answer)) == ("strong", str(copy.id))


def test_two_whole_copies_are_both_named(custody: Custody, held: Held) -> None:
    one, two = held["txt"][0], held["txt"][1]
    assert one.path is not None
    assert two.path is not None
    answer = custody.trace([one.path, two.path])
    assert {str(c.accused.copy) for c in answer.copies} == {str(one.id), str(two.id)}


def test_a_member_of_a_zip_is_traced_to_its_archive(custody: Custody, tmp_path: Path) -> None:
    inside = "\n".join(prose(31, 20))
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/notes.txt", inside)
        archive.writestr("other.txt", "\n".join(prose(32, 20)))
    [done] = custody.register([tmp_path / "set.zip"])
    (tmp_path / "notes.txt").write_text(inside, "utf-8")
    answer = custody.trace([tmp_path / "notes.txt"])
    assert answer.answer.result == "inconclusive"
    assert answer.answer.identified is not None
    assert answer.answer.identified.ref.code == done.code


def test_a_viewed_page_is_traced_to_its_viewer(
    custody: Custody, tmp_path: Path, spec_pdf: Callable[..., Path]
) -> None:
    [done] = custody.register([spec_pdf(8)])
    for number in range(6):
        shown = custody.view(
            str(done.code), 2, Recipient(f"viewer-{number}", "dev", "10.1.1.1"), tmp_path / f"v{number}.png"
        )
        assert shown.purpose == "view"
    with Image.open(tmp_path / "v4.png") as page:
        page.resize((page.width * 2 // 3, page.height * 2 // 3), Image.Resampling.BICUBIC).save(
            tmp_path / "shot.jpg", quality=70
        )
    answer = custody.trace([tmp_path / "shot.jpg"])
    assert [c.operator for c in answer.copies] == ["viewer-4"]


def test_reserved_copies_are_traced_like_others(
    custody: Custody, tmp_path: Path, people: list[Recipient], page_png: Callable[..., Path]
) -> None:
    [done] = custody.register([page_png(21)])
    reserved = custody.issue_many(str(done.code), people, None)
    assert all(c.sha256 is None for c in reserved)
    fetched = custody.fetch(reserved[6].id, tmp_path / "out.png")
    assert fetched.sha256 is not None
    assert custody.fetch(reserved[6].id, tmp_path / "again.png").sha256 == fetched.sha256
    answer = custody.trace([tmp_path / "out.png"])
    assert (answer.answer.result, only(answer)) == ("exact", str(reserved[6].id))


def test_bad_calls_are_refused(custody: Custody, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(InputEmpty):
        custody.trace([tmp_path / "empty.png"])
    with pytest.raises(InputMissing):
        custody.trace([tmp_path / "nowhere.png"])
    with pytest.raises(UsageProblem):
        custody.trace([tmp_path / "empty.png"], chance=0.5)


def test_garbage_is_none_not_a_crash(custody: Custody, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for name in ("x.pdf", "x.png", "x.docx", "x.zip", "x.csv", "x.json"):
        (tmp_path / name).write_bytes(
            {"x.pdf": b"%PDF-1.7\n", "x.png": b"\x89PNG\r\n\x1a\n"}.get(name, b"PK\x03\x04") + rng.bytes(4000)
        )
        assert custody.trace([tmp_path / name]).answer.result == "none"
