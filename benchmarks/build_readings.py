"""Make the table of readings that the name matcher ships, from the Unicode Han database.

    python -m benchmarks.build_readings DIR

DIR holds Unihan_Readings.txt and Unihan_Variants.txt (or their .bz2), version 15.0, as the Unicode Consortium
publishes them and Debian's package `unicode-data` carries them. The result is
`src/sealtrace/watch/data/readings.tsv.xz`: one line a character, tab-separated, readings by spaces with the
usual one first. Licence of the data: that of the Unicode data files, kept beside the table.
"""

from __future__ import annotations

import bz2
import lzma
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

OUT = Path(__file__).parents[1] / "src" / "sealtrace" / "watch" / "data" / "readings.tsv.xz"
FIELDS = ("kMandarin", "kHanyuPinlu", "kXHC1983", "kCantonese", "kJapaneseOn", "kJapaneseKun", "kHangul",
          "kVietnamese", "kTGH")  # fmt: skip
VARIANTS = ("kSimplifiedVariant", "kTraditionalVariant", "kZVariant")
# Written alike in names and treated as one; Unihan lists them as semantic variants among many that are not.
ALIKE = (
    "峰峯 群羣 强強 户戶 吕呂 温溫 黄黃 青靑 清淸 真眞 静靜 内內 册冊 卫衞衛 启啟啓 里裡裏 泪淚 线綫 艳豔 "
    "秋秌 昆崑 岩巖 彦彥 颜顏 虚虛 禄祿 录錄 郎郞 产產 产產 别別 俞兪 绿綠 峨峩 略畧 丰豐 恒恆 修脩"
)


def lines(folder: Path, name: str) -> Iterator[list[str]]:
    """Give (code point, field, value) rows of one file."""
    plain = folder / f"{name}.txt"
    text = (
        plain.read_text("utf-8")
        if plain.exists()
        else bz2.decompress((folder / f"{name}.txt.bz2").read_bytes()).decode()
    )
    for line in text.splitlines():
        if line.startswith("U+"):
            yield line.split("\t")


def toneless(syllable: str) -> str:
    """Drop tone marks; ü stays as v."""
    text = unicodedata.normalize("NFD", syllable.lower()).replace("u\u0308", "v")
    return re.sub(r"[^a-z]", "", "".join(c for c in text if not unicodedata.combining(c)))


def mandarin(row: dict[str, str]) -> list[str]:
    """Toneless pinyin, the usual reading first, then what the frequency list and the dictionary add."""
    found = [toneless(s) for s in row.get("kMandarin", "").split()]
    found += [toneless(re.sub(r"\(.*", "", s)) for s in row.get("kHanyuPinlu", "").split()]
    for part in row.get("kXHC1983", "").split():
        found += [toneless(s) for s in part.split(":")[-1].split(",")]
    return list(dict.fromkeys(s for s in found if s))


def main() -> None:
    """Read, join the readings of each character with those of its traditional forms, write."""
    folder = Path(sys.argv[1])
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for point, field, value in lines(folder, "Unihan_Readings"):
        if field in FIELDS:
            rows[chr(int(point[2:], 16))][field] = value
    simple: dict[str, set[str]] = defaultdict(set)
    full: dict[str, list[str]] = defaultdict(list)
    for point, field, value in lines(folder, "Unihan_Variants"):
        char = chr(int(point[2:], 16))
        if field in VARIANTS:
            others = [chr(int(v.split("<")[0][2:], 16)) for v in value.split()]
            if field == "kSimplifiedVariant":
                simple[char].update(others)
            elif field == "kTraditionalVariant":
                full[char] += [o for o in others if o != char]
                for other in others:
                    simple[other].add(char)
    for group in ALIKE.split():
        for char in group[1:]:
            simple[char].add(group[0])
            full[group[0]].append(char)
    out = []
    for char, row in sorted(rows.items()):
        wanted = "\u3400" <= char <= "\u9fff" or "kTGH" in row
        if not wanted or "kMandarin" not in row:
            continue
        same = [char, *full[char]] if full[char] else [char, *sorted(simple[char] - {char})]
        forms = list(dict.fromkeys(same))

        def joined(field: str, members: list[str] = forms) -> list[str]:
            # the fuller form's readings count: Korean and Japanese dictionaries list it alone
            return list(dict.fromkeys(w for f in members for w in rows.get(f, {}).get(field, "").split()))

        cantonese = [re.sub(r"\d", "", s) for s in joined("kCantonese")]
        hangul = [s.split(":")[0] for s in joined("kHangul")]
        on = [s.lower() for s in joined("kJapaneseOn")]
        kun = [s.lower() for s in joined("kJapaneseKun")][:4]
        viet = [unicodedata.normalize("NFC", s.lower()) for s in joined("kVietnamese")]
        columns = (mandarin(row), cantonese, on, kun, hangul, viet)
        fold = "".join(sorted((simple[char] | {char}) if simple[char] else {char}))
        out.append("\t".join([char, fold, *(" ".join(dict.fromkeys(c)) for c in columns)]))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    data = ("\n".join(out) + "\n").encode()
    OUT.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(out):,} characters, {len(data):,} bytes, {OUT.stat().st_size:,} packed")


if __name__ == "__main__":
    main()
