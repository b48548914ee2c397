"""Make the demo's two typefaces: Noto Sans CJK SC cut down to the characters the demo writes.

    python src/sealtrace/demo/fonts/subset.py NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc

Needs fontTools. Run it again after adding a Chinese character to a text of the demo; a test fails
until then. The result has TrueType outlines, because the PDF writer reads no others.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]  # has none
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]  # has none
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]  # has none
from fontTools.ttLib import TTCollection, TTFont, newTable  # type: ignore[import-untyped]  # has none

HERE = Path(__file__).resolve().parent
FAMILY = "Sealtrace Demo SC"
SOURCE_FAMILY = "Noto Sans CJK SC"
MAX_ERROR = 1.0  # font units of 1000 to the em: 0.01 pt at 10 pt
DROPPED = ("CFF ", "VORG", "GPOS", "GSUB", "BASE", "GDEF", "vhea", "vmtx", "DSIG")
UNHINTED = (
    "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth",
)  # fmt: skip
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "°±²³·×µÄÖÜßäöüéèçñÅåØø–—‘’“”…→←≤≥≈−½ΔΣαβηρφθ"


def characters() -> set[str]:
    """Every character that may appear in the demo's documents: those in its own source files."""
    wanted = set(ALWAYS)
    told = {HERE.parent / name for name in ("licences.py", "people.py")} | set(
        (HERE.parent / "trade").rglob("*.py")
    )
    for source in sorted(set(HERE.parent.rglob("*.py")) - told):  # stories that draw nothing
        wanted |= {c for c in source.read_text("utf-8") if c.isprintable()}
    return wanted


def pick(collection: Path) -> TTFont:
    """Take the simplified Chinese member out of a collection."""
    for font in TTCollection(str(collection), lazy=True):
        if font["name"].getDebugName(1) == SOURCE_FAMILY:
            return font
    raise SystemExit(f"{collection} holds no {SOURCE_FAMILY}")


def cut(font: TTFont, wanted: set[str]) -> None:
    """Keep the wanted characters, upright, without shaping tables."""
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = [0, 5, 7, 13, 14]
    cutter = Subsetter(options)
    cutter.populate(text="".join(sorted(wanted)))
    cutter.subset(font)


def to_quadratic(font: TTFont) -> None:
    """Turn cubic outlines into TrueType ones, off by at most MAX_ERROR."""
    outlines, glyphs = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    for table in DROPPED:
        if table in font:
            del font[table]
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = font.getGlyphOrder(), glyphs
    font.sfntVersion = "\0\1\0\0"
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in UNHINTED:
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0


def name(font: TTFont, style: str) -> None:
    """Give it a name of its own, so that it is never taken for the whole typeface."""
    table = font["name"]
    for number, text in {
        1: FAMILY,
        2: style,
        3: f"{FAMILY} {style}",
        4: f"{FAMILY} {style}",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }.items():
        table.setName(text, number, 3, 1, 0x409)
    font["head"].modified = font["head"].created  # the same input gives the same bytes


def make(collection: Path, style: str, wanted: set[str]) -> Path:
    """Write one typeface beside this script."""
    font = pick(collection)
    font.recalcTimestamp = False
    cut(font, wanted)
    to_quadratic(font)
    name(font, style)
    out = HERE / f"SealtraceDemoSC-{style}.ttf"
    font.save(str(out))
    return out


def main() -> None:
    """Write the regular and the bold typeface."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    wanted = characters()
    for source, style in zip(sys.argv[1:], ("Regular", "Bold"), strict=True):
        out = make(Path(source), style, wanted)
        print(f"{out.name}: {out.stat().st_size:,} bytes")
    print(f"{len(wanted)} characters")


if __name__ == "__main__":
    main()
