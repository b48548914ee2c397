"""The demo's parts: recipients, leaks, what counts as a right answer, table, words, its folder."""

from __future__ import annotations

import ast
import ipaddress
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest
from PIL import Image

from sealtrace import demo
from sealtrace.custody.tracing.answer import TraceAnswer
from sealtrace.demo import leaks, sheets, show, table, words
from sealtrace.demo.recipients import recipients
from sealtrace.demo.story import Case, is_right
from sealtrace.errors import UsageProblem
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.trace.model import Result

CODES = [FileCode.random() for _ in range(3)]


# -- recipients ----------------------------------------------------------------------------------


def test_recipients_are_distinct_and_nobodys() -> None:
    people = recipients()
    assert len(people) == 200
    assert people == recipients()
    for field in ("operator", "device", "ip"):
        assert len({getattr(person, field) for person in people}) == 200
    for person in people:
        assert re.fullmatch(r"[\u4e00-\u9fff]{2,4} [A-Z][a-z]+ [A-Z][a-z]+", person.operator)
        assert ipaddress.ip_address(person.ip).is_private  # documentation ranges count as private


# -- what is right -------------------------------------------------------------------------------


def _case(copy: int | None, results: set[Result], files: set[VersionRef]) -> Case:
    holder = cast(Any, SimpleNamespace(id=CopyId(copy))) if copy is not None else None
    return Case("photo", "a.pdf", Path("leak"), holder, 0, frozenset(results), frozenset(files))


def _answer(
    result: Result,
    copies: Sequence[int],
    found: VersionRef | None,
    also: Sequence[int] = (),
    others: Sequence[Any] = (),
) -> TraceAnswer:
    identified = None
    if found is not None:
        identified = SimpleNamespace(ref=found, versions=(found.version, *also), others=tuple(others))
    return cast(
        TraceAnswer,
        SimpleNamespace(
            answer=SimpleNamespace(result=result, identified=identified),
            copies=[SimpleNamespace(accused=SimpleNamespace(copy=CopyId(copy))) for copy in copies],
        ),
    )


A1, A2, B1 = VersionRef(CODES[0], 1), VersionRef(CODES[0], 2), VersionRef(CODES[1], 1)
NAMING = _case(7, {Result.EXACT, Result.STRONG}, {A2})
SILENT = _case(None, {Result.INCONCLUSIVE}, {A1, A2})
UNKNOWN = _case(None, {Result.NONE}, set())


@pytest.mark.parametrize(
    ("case", "answer", "right"),
    [
        (NAMING, _answer(Result.STRONG, [7], A2), True),
        (NAMING, _answer(Result.EXACT, [7], A2, also=[1]), True),
        (NAMING, _answer(Result.STRONG, [8], A2), False),  # another copy
        (NAMING, _answer(Result.STRONG, [7, 8], A2), False),  # one too many
        (NAMING, _answer(Result.STRONG, [7], A1), False),  # another version
        (NAMING, _answer(Result.STRONG, [7], A1, also=[2]), False),  # the version must be the accused copy's
        (NAMING, _answer(Result.STRONG, [7], B1), False),  # another document
        (NAMING, _answer(Result.STRONG, [7], None), False),
        (NAMING, _answer(Result.INCONCLUSIVE, [], A2), False),  # not named at all
        (SILENT, _answer(Result.INCONCLUSIVE, [], A1), True),
        (SILENT, _answer(Result.INCONCLUSIVE, [], B1, others=[A1]), True),  # the tied set holds it
        (SILENT, _answer(Result.INCONCLUSIVE, [], B1), False),
        (SILENT, _answer(Result.INCONCLUSIVE, [3], A1), False),
        (SILENT, _answer(Result.STRONG, [3], A1), False),  # an accusation where none may be
        (SILENT, _answer(Result.NONE, [], None), False),  # not recognised
        (UNKNOWN, _answer(Result.NONE, [], None), True),
        (UNKNOWN, _answer(Result.INCONCLUSIVE, [], A1), False),  # recognised what was never registered
        (UNKNOWN, _answer(Result.STRONG, [3], A1), False),
    ],
)
def test_right_and_wrong_answers(case: Case, answer: TraceAnswer, right: bool) -> None:
    assert is_right(case, answer) is right


# -- leaks ---------------------------------------------------------------------------------------


@pytest.fixture
def page() -> np.ndarray[Any, np.dtype[np.uint8]]:
    picture = np.full((1754, 1240, 3), 255, np.uint8)
    random = np.random.default_rng(3)
    for line in range(60):
        text = " ".join(f"{value:.3f}" for value in random.uniform(0, 99, 8))
        cv2.putText(picture, text, (90, 100 + 26 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 30, 40), 2)
    return picture


def test_resaved_pdf_has_other_bytes_and_the_same_pages(tmp_path: Path) -> None:
    import pikepdf
    import pypdfium2
    from reportlab.pdfgen.canvas import Canvas

    source, out = tmp_path / "a.pdf", tmp_path / "b.pdf"
    canvas = Canvas(str(source))
    canvas.setTitle("secret title")
    canvas.drawString(90, 700, "Dy in raffinate 0.039 g/L")
    canvas.save()
    leaks.resaved_pdf(source, out)
    assert b"secret title" not in out.read_bytes()
    with pikepdf.open(out) as pdf:
        assert "/Info" not in pdf.trailer
        assert "/Metadata" not in pdf.Root
    texts = [pypdfium2.PdfDocument(path)[0].get_textpage().get_text_bounded() for path in (source, out)]
    assert texts[0] == texts[1] != ""


def test_repacked_package_has_the_same_parts_in_other_bytes(tmp_path: Path) -> None:
    source, out = tmp_path / "a.docx", tmp_path / "b.docx"
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": b"<w/>" * 99,
        "docProps/core.xml": b"<core/>",
    }
    with zipfile.ZipFile(source, "w") as package:
        for name in reversed(parts):
            package.writestr(name, parts[name])
    leaks.resaved_package(source, out)
    with zipfile.ZipFile(out) as package:
        assert package.namelist()[0] == "[Content_Types].xml"
        assert {name: package.read(name) for name in package.namelist()} == parts
    assert source.read_bytes() != out.read_bytes()


def test_screenshot_shows_the_page_in_a_window(tmp_path: Path, page: np.ndarray[Any, Any]) -> None:
    leaks.screenshot(page, [page], "a.pdf", tmp_path / "s.jpg")
    shown = np.asarray(Image.open(tmp_path / "s.jpg").convert("L"))
    assert shown.shape == (1200, 1920)
    scale = 977 / page.shape[0]
    small = cv2.resize(
        cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    match = cv2.matchTemplate(shown, small[200:-200, 60:-60], cv2.TM_CCOEFF_NORMED)
    assert match.max() > 0.85


def test_photos_are_seeded_and_cropping_keeps_a_part(tmp_path: Path, page: np.ndarray[Any, Any]) -> None:
    for name, seed, kept in (("a", 5, None), ("b", 5, None), ("c", 6, 0.3)):
        leaks.photo(page, seed, tmp_path / f"{name}.jpg", kept=kept)
    a, b, c = ((tmp_path / f"{name}.jpg").read_bytes() for name in "abc")
    assert a == b != c
    with Image.open(tmp_path / "a.jpg") as whole, Image.open(tmp_path / "c.jpg") as part:
        assert part.width * part.height == pytest.approx(0.3 * whole.width * whole.height, rel=0.1)


# -- pictures, table, words ----------------------------------------------------------------------


def test_difference_is_amplified_and_clipped() -> None:
    original = np.full((2, 2, 3), 250, np.uint8)
    marked = original.copy()
    marked[0, 0], marked[1, 1] = 253, 200
    shown = sheets.difference(original, marked)
    assert shown[0, 0, 0] == 128 + 3 * 32
    assert shown[0, 1, 0] == 128
    assert shown[1, 1, 0] == 0


def test_sheet_takes_any_number_of_panels_and_long_texts() -> None:
    verdict = sheets.Verdict("9  Leak", "none", "none", [("Document", "–")] * 7)
    picture = np.zeros((900, 600, 3), np.uint8)
    lines = [("word/" + "x" * 90, "changed"), ("长句" * 60, "")] * 9
    for count in (1, 2, 5):
        panels = [sheets.Panel("caption " * count * 6, picture)] * (count - 1) + [
            sheets.Panel("inside", lines=lines)
        ]
        assert sheets.compose(verdict, panels).width == sheets.WIDTH


def _row(**fields: Any) -> table.Row:
    given: dict[str, Any] = {
        "leak": "透视翻拍", "result": "strong", "document": "流程图（PNG）", "version": "2",
        "operator": "陈立群 Chen Liqun", "device": "LT-2024-1037", "ip": "192.0.2.7", "chance": "≤ 1.0e-99",
        "seconds": "1.20", "verified": True, "right": True,
    }  # fmt: skip
    return table.Row(**(given | fields))


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_plain_table_is_aligned(language: words.Language) -> None:
    from rich.cells import cell_len

    rows = [_row(), _row(leak="a", operator="–", result="none"), _row(document="x" * 40)]
    lines = table.plain(rows, language).splitlines()
    assert len(lines) == 4
    starts = {
        cell_len(line[: line.index(word)])
        for line, word in zip(lines[1:], ("LT-", "LT-", "LT-"), strict=True)
    }
    assert len(starts) == 1
    assert cell_len(lines[0][: lines[0].index(words.say("head.device", language))]) in starts


def test_terminal_table_shows_every_cell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    table._rich([_row(), _row(result="none", right=False)], "zh")
    shown = capsys.readouterr().out
    for cell in ("陈立群 Chen Liqun", "LT-2024-1037", "192.0.2.7", "≤ 1.0e-99", "高度吻合", "没有匹配", "否"):
        assert cell in shown


def test_every_word_that_is_said_exists_in_both_languages() -> None:
    said = set()
    stories = ("licences.py", "people.py")  # told line by line in both languages, with no table of words
    for source in (s for s in Path(demo.__file__).parent.glob("*.py") if s.name not in stories):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    said.add(first.value)
    said |= {f"head.{name}" for name in table.HEAD} | {str(result) for result in Result}
    for word in said:
        zh, en = words._WORDS[word]
        assert zh
        assert en
        assert re.findall(r"{\w+}", zh) == re.findall(r"{\w+}", en) or set(re.findall(r"{\w+}", zh)) == set(
            re.findall(r"{\w+}", en)
        )


# -- the folder and the exit code ----------------------------------------------------------------


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageProblem, match="not empty"):
        show.run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UsageProblem, match="not empty"):
        show.run(tmp_path / "thesis.txt")


def test_only_what_a_demonstration_left_is_replaced(tmp_path: Path) -> None:
    show._prepare(tmp_path / "out")
    (tmp_path / "out" / "leaks" / "old.jpg").write_text("old")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    show._prepare(tmp_path / "out")
    assert not (tmp_path / "out" / "leaks" / "old.jpg").exists()
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="'fr'"):
        show.run(tmp_path / "out", lang="fr")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "code"),
    [([_row()], 0), ([_row(), _row(right=False)], 1), ([_row(verified=False)], 1)],
    ids=["right", "wrong answer", "evidence that does not hold"],
)
def test_a_wrong_answer_is_said(rows: list[table.Row], code: int) -> None:
    wrong, said = show._concluded(rows, Path("out"), "en")
    assert len(wrong) == code
    assert ("wrong" in said) == bool(code)
