"""The demo's typefaces hold every character its texts use, and may be shipped as they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from sealtrace.demo import typeface, words
from sealtrace.demo.fonts.subset import characters
from sealtrace.demo.recipients import recipients

FACES = (typeface.REGULAR, typeface.BOLD)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.stem)
def test_every_character_of_the_demo_is_there(face: Path) -> None:
    font = TTFont(face)
    missing = {c for c in characters() if ord(c) not in font.getBestCmap()}
    assert not missing, "run src/sealtrace/demo/fonts/subset.py again (see its README)"


def test_characters_of_names_and_words_are_found_in_the_sources() -> None:
    wanted = characters()
    assert set("".join(r.operator for r in recipients())) <= wanted
    for language in words.LANGUAGES:
        assert set(words.say("some wrong", language, n=1, names="")) <= wanted


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.stem)
def test_glyphs_are_drawn(face: Path) -> None:
    """A character that is mapped but empty, or drawn as the box for missing ones, passes the test above."""
    glyphs = TTFont(face).getGlyphSet()
    box = _picture(face, "\U0010ffff")
    same = Counter()
    for character in sorted(characters()):
        if character.isspace() or character == "\u3000":
            continue
        drawn = _picture(face, character)
        assert any(drawn), f"{character!r} draws nothing"
        same[drawn] += 1
        assert drawn != box, f"{character!r} draws the box for missing characters"
    assert len(glyphs) > 500
    assert same.most_common(1)[0][1] <= 3  # hyphen-like and quote-like characters may coincide


def _picture(face: Path, character: str) -> bytes:
    from PIL import ImageFont

    picture = Image.new("L", (48, 48))
    ImageDraw.Draw(picture).text((4, 4), character, 255, ImageFont.truetype(str(face), 32))
    return picture.tobytes()


def test_licence_and_name() -> None:
    licence = (typeface.FOLDER / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name 'Source'" in licence
    for face in FACES:
        font = TTFont(face)
        assert font["name"].getDebugName(1) == typeface.FAMILY
        assert "Source" not in font["name"].getDebugName(4)
        assert "glyf" in font
        assert "Open Font License" in font["name"].getDebugName(13)
    assert (typeface.FOLDER / "README.md").is_file()


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in typeface.FOLDER.iterdir() if path.is_file()) <= 800_000
