"""Make the typefaces of print from Noto Sans CJK SC: all of GB 2312 upright, the forms' own words bold.

    python src/sealtrace/typefaces/subset.py NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc

Needs fontTools. The outlines become TrueType ones, because the PDF writer reads no others. Names come
from outside, so the upright face has every character of GB 2312 and the Latin letters there are; the bold face
has what the forms themselves say, digits, letters and codes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]  # has none
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]  # has none
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]  # has none
from fontTools.ttLib import TTCollection, TTFont, newTable  # type: ignore[import-untyped]  # has none

HERE = Path(__file__).resolve().parent
MEMBER = "Noto Sans CJK SC"
FORMS = ("licences/document.py", "trace/report/*.py")
UNITS_OFF = 1.5  # of 1000 to the em: 0.015 pt at 10 pt
LATIN = {chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x180))}
SIGNS = set("–—‘’“”…·×°±≤≥−→•№§、。〈〉《》「」【】（），：；？！％＃＆／")


def gb2312() -> set[str]:
    """Every character of GB 2312."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {c for pair in pairs for c in pair.decode("gb2312", "ignore")}


def spoken() -> set[str]:
    """Every character that the forms' own sources have."""
    sources = (path for form in FORMS for path in HERE.parent.glob(form))
    return {c for source in sources for c in source.read_text("utf-8") if c.isprintable()}


def cut(collection: Path, wanted: set[str], style: str) -> Path:
    """Write one typeface beside this script."""
    font = next(f for f in TTCollection(str(collection), lazy=True) if f["name"].getDebugName(1) == MEMBER)
    font.recalcTimestamp = False
    options = Options(layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True)
    options.name_IDs = [0, 5, 7, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(wanted)))
    subsetter.subset(font)
    _to_truetype(font)
    family = "Sealtrace SC"
    for number, text in (
        (1, family),
        (2, style),
        (3, f"{family} {style}"),
        (4, f"{family} {style}"),
        (6, f"{family.replace(' ', '')}-{style}"),
    ):
        font["name"].setName(text, number, 3, 1, 0x409)
    font["head"].modified = font["head"].created
    out = HERE / f"SealtraceSC-{style}.ttf"
    font.save(str(out))
    return out


def _to_truetype(font: TTFont) -> None:
    shapes, glyphs = font.getGlyphSet(), {}
    for glyph in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        shapes[glyph].draw(Cu2QuPen(pen, UNITS_OFF, reverse_direction=True))
        glyphs[glyph] = pen.glyph()
    for table in ("CFF ", "VORG", "GPOS", "GSUB", "BASE", "GDEF", "vhea", "vmtx", "DSIG"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    font.sfntVersion = "\0\1\0\0"
    profile = font["maxp"]
    profile.tableVersion, profile.maxZones = 0x00010000, 1
    for name in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
                 "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"):  # fmt: skip
        setattr(profile, name, 0)
    font["post"].formatType = 3.0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    for path, chars, face in (
        (sys.argv[1], gb2312() | LATIN | SIGNS | spoken(), "Regular"),
        (sys.argv[2], LATIN | SIGNS | spoken(), "Bold"),
    ):
        made = cut(Path(path), chars, face)
        print(f"{made.name}: {made.stat().st_size:,} bytes")
