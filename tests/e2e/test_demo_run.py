"""The whole demonstration, with fewer copies: every answer right, every proof whole, all pictures there.

SEALTRACE_DEMO names a folder that `./run demo --lang zh` has just filled; then that one is looked at, whole.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sealtrace.custody.service import Custody
from sealtrace.demo import library, show
from sealtrace.errors import ProofInvalid
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.verify import open_checkpoint
from sealtrace.trace.verify import verify

NEEDED = {
    library.SPEC_B: 33,
    library.SPEC_A: 14,
    library.SPEC_DOCX: 10,
    library.DIAGRAM_PNG: 9,
    library.DATA_XLSX: 6,
}
LEAKS = (
    "renamed",
    "resaved-pdf",
    "resaved-docx",
    "screenshot",
    "photo",
    "cropped-photo",
    "excerpt",
    "unregistered",
    "original",
)
ACCUSING = LEAKS[:6]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one run left: what it answered, its folder, how many copies of each document."""

    answers: str
    out: Path
    copies: Mapping[str, int]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    holdings = library.HOLDINGS
    if given := os.environ.get("SEALTRACE_DEMO"):
        out = Path(given).resolve()
    else:
        out = tmp_path_factory.mktemp("demo") / "out"
        holdings = tuple(replace(held, copies=NEEDED.get(held.name, 1)) for held in holdings)
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
            for name in ("SEALTRACE_HOME", "SEALTRACE_PASSPHRASE"):
                patch.delenv(name, raising=False)
            patch.setattr(show, "HOLDINGS", holdings)
            assert show.run(out, lang="zh") == 0, printed.getvalue()
        assert (out / show.ANSWERS).read_text("utf-8") == printed.getvalue()
    answers = (out / show.ANSWERS).read_text("utf-8")
    return Shown(answers, out, {held.name: held.copies for held in holdings})


def test_every_answer_is_right(shown: Shown) -> None:
    assert "全部答对" in shown.answers
    lines = shown.answers.splitlines()
    assert len(lines) >= len(LEAKS) + 1
    for line, expected in zip(
        lines[1:], ("完全吻合",) * 3 + ("高度吻合",) * 3 + ("不能认定", "没有匹配", "不能认定"), strict=False
    ):
        assert expected in line


def test_evidence_files_hold_and_any_altered_byte_is_refused(shown: Shown) -> None:
    files = sorted((shown.out / "evidence").iterdir())
    assert len(files) == len(LEAKS)
    random = np.random.default_rng(8)
    for path in files:
        assert verify(path).holds
        data = bytearray(path.read_bytes())
        data[int(random.integers(len(data)))] ^= 1 << int(random.integers(8))
        path.with_suffix(".altered").write_bytes(data)
        try:
            assert not verify(path.with_suffix(".altered")).holds
        except ProofInvalid:
            pass
        finally:
            path.with_suffix(".altered").unlink()


def test_accused_copies_are_those_that_leaked(shown: Shown) -> None:
    for number, name in enumerate(LEAKS, 1):
        report = verify(shown.out / "evidence" / f"{number}-{name}.sealtrace")
        assert len(report.people) == (1 if name in ACCUSING else 0)
        for person in report.people:
            assert person["operator"] in shown.answers
            assert person["ip"] in shown.answers


def _picture(path: Path) -> NDArray[np.float64]:
    with Image.open(path) as opened:
        return np.asarray(opened).astype(float)


def test_pictures_of_every_leak(shown: Shown) -> None:
    for number, name in enumerate(LEAKS, 1):
        assert _picture(shown.out / "pictures" / f"{number}-{name}.png").shape[1] == 2400
    for folder in ("4-screenshot", "5-photo", "6-cropped-photo"):
        pictures = {path.stem for path in (shown.out / "pictures" / folder).iterdir()}
        assert pictures == {"original", "marked", "difference", "leaked", "evidence"}
        read = {
            name: _picture(shown.out / "pictures" / folder / f"{name}.png")
            for name in ("original", "marked", "evidence")
        }
        error = np.mean((read["original"] - read["marked"]) ** 2)
        assert 10 * np.log10(255**2 / error) >= 42
        green = (read["evidence"][..., 1] - read["evidence"][..., 0] > 25).sum()
        magenta = (read["evidence"][..., 0] - read["evidence"][..., 1] > 25).sum()
        assert green > 3 * magenta > 0 or magenta == 0


def test_the_home_is_whole_and_can_be_worked_with(shown: Shown) -> None:
    with Custody.open(shown.out / "home") as custody:
        assert list(custody.check(EVERYTHING)) == []
        versions = list(custody.versions())
        assert len(versions) == len(library.HOLDINGS)
        assert sorted(v.version for v in versions if v.title.startswith("工艺规程（PDF）")) == [1, 2]
        assert len(custody.copies()) == sum(shown.copies.values())
        assert len(custody.traces()) == len(LEAKS)
        ledger = custody.office.ledger
        assert open_checkpoint(ledger.checkpoint(), ledger.keys().verifier_keys).size == ledger.size()


def test_table_copies_stay_inside_their_declared_uncertainty(shown: Shown) -> None:
    copy = min((shown.out / "copies" / Path(library.DATA_CSV).stem).iterdir())
    with (shown.out / "documents" / library.DATA_CSV).open(encoding="utf-8") as file:
        original = list(csv.reader(file))
    with copy.open(encoding="utf-8") as file:
        marked = list(csv.reader(file))
    assert len(original) == len(marked)
    assert original[0] == marked[0]
    assert [row[0] for row in original] == [row[0] for row in marked]
