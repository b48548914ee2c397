"""Kana in Hepburn letters, long vowels as written with o and u, the long-vowel bar left out. Source: ISO 3602."""

from __future__ import annotations

import re

ROWS = (
    "あいうえお a i u e o,かきくけこ ka ki ku ke ko,さしすせそ sa shi su se so,たちつてと ta chi tsu te to,"
    "なにぬねの na ni nu ne no,はひふへほ ha hi fu he ho,まみむめも ma mi mu me mo,やゆよ ya yu yo,"
    "らりるれろ ra ri ru re ro,わを wa o,ん n,がぎぐげご ga gi gu ge go,ざじずぜぞ za ji zu ze zo,"
    "だぢづでど da ji zu de do,ばびぶべぼ ba bi bu be bo,ぱぴぷぺぽ pa pi pu pe po,"
    "ぁぃぅぇぉ a i u e o,ゔ vu"
)
SOUNDS = {
    char: sound
    for row in ROWS.split(",")
    for char, sound in zip(row.split()[0], row.split()[1:], strict=True)
}
SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}
ANY = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")


def letters(text: str) -> str:
    """Replace kana by letters; everything else stays."""
    if not ANY.search(text):
        return text
    out: list[str] = []
    double = False
    for char in text:
        kana = chr(ord(char) - 0x60) if "\u30a1" <= char <= "\u30f6" else char
        if kana in SMALL and out and out[-1].endswith("i"):
            stem = out.pop()[:-1]
            glide = SMALL[kana][1:] if stem.endswith(("sh", "ch", "j")) else SMALL[kana]
            out.append(stem + glide)
        elif kana == "っ":
            double = True
        elif kana != "ー":
            sound = SOUNDS.get(kana) or SMALL.get(kana, char)
            out.append(sound[0] + sound if double else sound)
            double = False
    return "".join(out)
