"""The typefaces of print hold every character that their forms and GB 2312 have, and may be shipped as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from sealtrace import typefaces
from sealtrace.typefaces.subset import gb2312, spoken

FACES = {name: typefaces.FOLDER / f"{name}.ttf" for name in (typefaces.REGULAR, typefaces.BOLD)}
AGAIN = "run src/sealtrace/typefaces/subset.py again (see its README)"


@pytest.mark.parametrize("name", FACES)
def test_the_forms_own_words_are_there(name: str) -> None:
    assert len(spoken()) > 500
    letters = {chr(c) for c in (*range(0x20, 0x7F), *range(0xC0, 0x100))}
    assert not typefaces.missing(spoken() | letters, name), AGAIN


def test_names_may_have_any_character_of_gb2312() -> None:
    assert len(gb2312()) > 7000
    assert not typefaces.missing(gb2312())


@pytest.mark.parametrize("face", FACES.values(), ids=lambda face: face.stem)
def test_licence_and_name(face: Path) -> None:
    font = TTFont(face)
    assert font["name"].getDebugName(1) == typefaces.FAMILY
    assert "Source" not in font["name"].getDebugName(4)
    assert "glyf" in font
    assert "Open Font License" in font["name"].getDebugName(13)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (typefaces.FOLDER / "OFL.txt").read_text("utf-8")
    assert (typefaces.FOLDER / "README.md").is_file()
