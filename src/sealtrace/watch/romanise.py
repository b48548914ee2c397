"""Spellings of one reading, by system: pure functions from a syllable to {spelling: cost}.

A cost is in nats, about minus the logarithm of how often the spelling is chosen relative to the usual one; 0 is
the usual one. Spellings are lower-case ASCII; ü is `v`; the aspiration mark of Wade-Giles is an apostrophe.
Sources: ISO 7098 (pinyin), Wade and Giles 1912, LSHK Jyutping 1993, the Hong Kong Government's practice as its
published place and personal names show, Revised Romanization of Korean 2000, McCune and Reischauer 1939,
ISO 3602 and Hepburn, Douglas 1873 for Hokkien.
"""

from __future__ import annotations

import re
from functools import cache

from .tables import habits

Spellings = dict[str, float]

INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")


def pinyin(syllable: str) -> Spellings:
    """Hanyu Pinyin; ü also as u, yu and v, as passports and typewriters have it."""
    out = {syllable: 0.0}
    if "v" in syllable:
        initial, rest = syllable.split("v", 1)
        out |= {f"{initial}u{rest}": 0.3, f"{initial}yu{rest}": 0.3}
    elif syllable[:2] in ("ju", "qu", "xu") or syllable in ("yu", "yuan", "yun", "yue"):
        out[syllable.replace("u", "v", 1)] = 1.0
    elif syllable[1:] == "ue" and syllable[0] in "ln":
        out[f"{syllable[0]}ve"] = 0.0
    return out


def wade(syllable: str) -> Spellings:
    """Wade-Giles, with and without its apostrophe and umlaut, and the habits of Taiwan's passports."""
    whole, initials, finals = (habits("wade", piece) for piece in ("whole", "initial", "final"))
    if syllable in whole:
        full = whole[syllable][0]
    else:
        initial, final = INITIAL.fullmatch(syllable).groups()  # type: ignore[union-attr]
        if initial in ("j", "q", "x") and final.startswith("u"):
            final = "v" + final[1:]
        full = initials.get(initial, (initial,))[0] + finals.get(final, (final,))[0]
    out = {full: 0.0, full.replace("'", ""): 0.0}
    for text in list(out):
        out.setdefault(text.replace("v", "u"), 0.0)
        out.setdefault(text.replace("v", "yu"), 2.5)
    for habit in habits("wade", "habit").get(full, ()):
        out.setdefault(habit, 1.0)
    return out


def old(syllable: str) -> Spellings:
    """Loose Mandarin: postal, Gwoyeu Romatzyh, Tongyong, MPS II, family habits, and pinyin and Wade-Giles mixed in."""
    out: Spellings = {}
    initial, final = INITIAL.fullmatch(syllable).groups()  # type: ignore[union-attr]
    final = final.replace("v", "u")
    for i, first in enumerate(habits("old", "initial").get(initial, (initial,))):
        for j, last in enumerate(habits("old", "final").get(final, (final,))):
            text = first + last
            if len(text) > 1:
                out[text] = min(out.get(text, 9.0), 1.1 + 0.5 * i + 0.55 * j)
    for settled, dearer in ((pinyin(syllable), 0.6), (wade(syllable), 0.3)):
        for text, cost in settled.items():
            out[text] = min(out.get(text, 9.0), cost + dearer)
    for whole in habits("old", "whole").get(syllable, ()):
        out[whole] = min(out.get(whole, 9.0), 1.0)
    return out


JYUT = re.compile(r"(gw|kw|ng|[bpmfdtnlgkhzcsjw]?)(.*)")


def cantonese(jyutping: str) -> Spellings:
    """Jyutping itself, Yale, and Hong Kong's unwritten rule, which allows several letters for a sound."""
    out = {jyutping: 0.6}
    initial, final = JYUT.fullmatch(jyutping).groups()  # type: ignore[union-attr]
    for i, first in enumerate(habits("cantonese", "initial").get(initial, (initial,))):
        for j, last in enumerate(habits("cantonese", "final").get(final, (final,))):
            text = re.sub(r"^yyu", "yu", first + last)
            if text:
                out[text] = min(out.get(text, 9.0), 0.7 * i + 0.7 * j)
    for whole in habits("cantonese", "whole").get(jyutping, ()):
        out[whole] = min(out.get(whole, 9.0), 0.2)
    if initial == "j" and final.startswith("yu"):
        for text in [t for t in out if t.startswith("j") and t != jyutping]:
            del out[text]
    return out


MIN = re.compile(r"(chh|ph|th|kh|ng|ch|[pbmtnlkghsjw]?)(.*)")


def hokkien(syllable: str) -> Spellings:
    """Hokkien and Teochew as Singapore, Malaysia, Penang and Manila spell them."""
    out: Spellings = {}
    initial, final = MIN.fullmatch(syllable).groups()  # type: ignore[union-attr]
    for i, first in enumerate(habits("southern", "initial").get(initial, (initial,))):
        for j, last in enumerate(habits("southern", "final").get(final, (final,))):
            text = first + last
            out[text] = min(out.get(text, 9.0), 0.3 + 0.6 * i + 0.35 * j)
    for whole in habits("southern", "whole").get(syllable, ()):
        out[whole] = min(out.get(whole, 9.0), 0.4)
    return out


# Spellings of the 19 leads, 21 vowels and 28 tails of a Hangul syllable in the order of Unicode, 3.12; `-` is nothing.
LEAD, VOWEL, TAIL = (
    [[t.replace("-", "") for t in sound.split()] for sound in row.split(",")]
    for row in (
        "g k,kk gg,n,d t,tt,r l n,m,b p,pp,s sh,ss,-,j ch,jj,ch j,k,t,p,h",
        (
            "a ah,ae ai,ya,yae,eo u o,e,yeo yu you yo,ye yae,o oh,wa,wae,oe oi,yo,u oo woo,wo weo,we,wi ui,"
            "yu yoo you,eu u,ui eui ee,i ee yi"
        ),
        "-,k g,k,k,n,n,n,t,l r,k,m,l,l,l,p,l,m,p b,p,t,t,ng,t,t,k,t,p,t",
    )
)


@cache
def korean(block: str) -> Spellings:
    """One Hangul syllable in Revised Romanization, McCune-Reischauer without marks, and usual name spellings."""
    index = ord(block) - 0xAC00
    if not 0 <= index < 11172:
        return {}
    lead, vowel, tail = index // 588, index % 588 // 28, index % 28
    out: Spellings = {}
    for i, first in enumerate(LEAD[lead]):
        for j, middle in enumerate(VOWEL[vowel]):
            for k, last in enumerate(TAIL[tail]):
                text = first + middle + last
                if text:
                    out[text] = min(out.get(text, 9.0), 0.4 * i + 0.6 * j + 0.8 * k)
    if lead == 5:  # the law of initials: ri -> i, ra -> na
        for text in [t for t in out if t[0] in "rl" and t[1:2] in ("i", "y")]:
            out.setdefault(text[1:], 0.2)
    elif lead == 2:
        for text in [t for t in out if t[1:2] in ("i", "y")]:
            out.setdefault(text[1:], 0.4)
    return out


def initial_law(block: str) -> str:
    """Give the Hangul syllable as it stands at the beginning of a word in the South: 리 -> 이, 라 -> 나, 녀 -> 여."""
    index = ord(block) - 0xAC00
    lead, vowel, tail = index // 588, index % 588 // 28, index % 28
    soft = vowel in (2, 3, 6, 7, 12, 17, 20)
    if lead in (2, 5) and soft:
        lead = 11
    elif lead == 5:
        lead = 2
    return chr(0xAC00 + lead * 588 + vowel * 28 + tail)


KUNREI = (("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("fu", "hu"), ("sh", "sy"), ("j", "zy"), ("ch", "ty"))


def japanese(romaji: str, *, cost: float = 0.0) -> Spellings:
    """Hepburn with its long vowels shortened, doubled, or closed by h."""
    short = re.sub(r"([aeou])\1", r"\1", romaji).replace("ou", "o")
    out = {romaji: cost + 0.4, short: cost}
    if romaji.endswith("ou"):
        out[f"{romaji[:-2]}oh"] = cost + 0.6
    if romaji.endswith("uu"):
        out[romaji[:-1]] = cost
    for text in list(out):
        for plain, other in (
            ("shi", "si"),
            ("chi", "ti"),
            ("tsu", "tu"),
            ("fu", "hu"),
            ("sh", "sy"),
            ("j", "zy"),
            ("ch", "ty"),
        ):
            if plain in text:
                out.setdefault(text.replace(plain, other), cost + 2.0)
    return out
