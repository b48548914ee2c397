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

Spellings = dict[str, float]

INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")

WADE_WHOLE = {
    "yi": "i", "you": "yu", "yan": "yen", "ye": "yeh", "yue": "yveh", "yong": "yung", "zi": "tzu", "ci": "tz'u",
    "si": "ssu", "zhi": "chih", "chi": "ch'ih", "shi": "shih", "ri": "jih", "ge": "ko", "ke": "k'o", "he": "ho",
    "gui": "kuei", "kui": "k'uei", "guo": "kuo", "kuo": "k'uo", "huo": "huo", "shuo": "shuo", "er": "erh",
    "yu": "yv", "yuan": "yvan", "yun": "yvn", "e": "o",
}  # fmt: skip
WADE_INITIAL = {"b": "p", "p": "p'", "d": "t", "t": "t'", "g": "k", "k": "k'", "j": "ch", "q": "ch'", "x": "hs",
                "zh": "ch", "ch": "ch'", "z": "ts", "c": "ts'", "r": "j"}  # fmt: skip
WADE_FINAL = {"ong": "ung", "iong": "iung", "ian": "ien", "ie": "ieh", "ue": "veh", "ve": "veh", "uo": "o"}
WADE_HABITS = {"i": ("yi",), "o": ("e",), "ssu": ("szu", "sze"), "yen": ("yan",), "jih": ("jih",)}


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
    if syllable in WADE_WHOLE:
        full = WADE_WHOLE[syllable]
    else:
        initial, final = INITIAL.fullmatch(syllable).groups()  # type: ignore[union-attr]
        if initial in ("j", "q", "x") and final.startswith("u"):
            final = "v" + final[1:]
        full = WADE_INITIAL.get(initial, initial) + WADE_FINAL.get(final, final)
    out = {full: 0.0, full.replace("'", ""): 0.0}
    for text in list(out):
        out.setdefault(text.replace("v", "u"), 0.0)
        out.setdefault(text.replace("v", "yu"), 2.5)
    for habit in WADE_HABITS.get(full, ()):
        out.setdefault(habit, 1.0)
    return out


OLD_INITIAL = {
    "b": ("p", "b"), "p": ("p",), "d": ("t", "d"), "t": ("t",), "g": ("k", "g"), "k": ("k",), "j": ("ch", "j", "ts", "k", "g"),
    "q": ("ch", "ts", "tch", "k", "c"), "x": ("hs", "sh", "s", "hsh"), "zh": ("ch", "j", "jh", "ts", "tch", "dj"), "ch": ("ch", "ts"),
    "sh": ("sh", "s"), "z": ("ts", "tz", "tsz"), "c": ("ts", "tz"), "s": ("s", "sz", "sh"), "r": ("j", "r", "y"), "w": ("w", "v"),
    "f": ("f",), "h": ("h", "hw"), "y": ("y",), "": ("",),
}  # fmt: skip
OLD_FINAL = {
    "ong": ("ung", "oong", "ong"), "iong": ("iung", "iong", "young", "yung"), "ian": ("ien", "ian", "yen", "een"),
    "ie": ("ieh", "ie", "yeh", "ye"), "ue": ("ueh", "ue", "yueh"), "uo": ("o", "uo", "uoh"), "e": ("e", "eh", "o", "er", "ur"),
    "i": ("i", "ih", "ee", "y", "yi", "u", "ze"), "u": ("u", "oo", "wu", "uh", "yu"), "ui": ("ui", "uei", "wei", "ouei"), "iu": ("iu", "iou", "eou", "ieou", "ew"),
    "ao": ("ao", "au", "aw", "auh"), "ou": ("ou", "ow", "au", "oh", "eo"), "ai": ("ai", "ay", "ae"), "ei": ("ei", "ay", "ey"),
    "un": ("un", "uen", "oon", "wen", "yun"), "en": ("en", "un", "ern", "ehn"), "eng": ("eng", "ung", "erng"), "in": ("in", "een", "hin", "yin"), "ing": ("ing", "iing", "ieng", "eng"),
    "uan": ("uan", "wan", "uen", "yuan"), "ua": ("ua", "wa"), "uang": ("uang", "wang"), "an": ("an", "ann"), "a": ("a", "ah"),
    "iao": ("iao", "iau", "yao", "eao"), "iang": ("iang", "eang", "yang", "ang"), "ia": ("ia", "ya", "iah"), "ang": ("ang", "arng"), "o": ("o", "oh"),
}  # fmt: skip
OLD_WHOLE = {"zi": ("tze", "tse", "tsz", "tsi"), "si": ("sze", "see", "shi"), "ci": ("tse", "tze"), "shi": ("shi", "sze", "shyh"), "zhi": ("chi", "jyh", "chee", "tze"), "yi": ("ee", "yih", "ye", "e"),
             "yu": ("yue", "yuh", "yee", "u"), "you": ("yew", "yu", "yow", "yo", "yio"), "yong": ("yung", "yong"), "yuan": ("yuen", "yuan"), "yan": ("yen", "yien"), "wen": ("wen", "wan", "ven"),
             "xi": ("hsi", "shi", "si", "shee"), "xu": ("shu", "hsu", "su"), "ying": ("ing", "yin"), "jing": ("ching", "king", "jin"), "qing": ("ching", "tsing", "king"),
             "xue": ("hsue", "shue"), "er": ("erh", "el"), "wu": ("woo", "wuu"), "hui": ("hwei", "huey", "whei"), "wei": ("wai", "way", "uei"), "ju": ("chu", "chue", "jyu"), "jun": ("chun", "jyun"), "qian": ("tsien", "chien", "tsian"), "ji": ("chi", "jyi", "kie")}  # fmt: skip


def old(syllable: str) -> Spellings:
    """Loose Mandarin: postal, Gwoyeu Romatzyh, Tongyong, MPS II and family habits, each a little dearer."""
    out: Spellings = {}
    initial, final = INITIAL.fullmatch(syllable).groups()  # type: ignore[union-attr]
    final = final.replace("v", "u")
    for i, first in enumerate(OLD_INITIAL.get(initial, (initial,))):
        for j, last in enumerate(OLD_FINAL.get(final, (final,))):
            text = first + last
            if text != syllable and len(text) > 1:
                out[text] = min(out.get(text, 9.0), 1.1 + 0.5 * i + 0.55 * j)
    for whole in OLD_WHOLE.get(syllable, ()):
        out[whole] = min(out.get(whole, 9.0), 1.0)
    return out


JYUT = re.compile(r"(gw|kw|ng|[bpmfdtnlgkhzcsjw]?)(.*)")
YUE_INITIAL = {
    "b": ("p", "b"), "d": ("t", "d"), "g": ("k", "g"), "gw": ("kw", "gw", "k"), "kw": ("kw", "qu"), "z": ("ch", "ts", "tz", "z", "j", "c"),
    "c": ("ch", "ts", "c"), "s": ("s", "sh"), "ng": ("ng", ""), "n": ("n", "l"), "j": ("y", "j"), "": ("", "ng"), "h": ("h",), "w": ("w", "v"),
}  # fmt: skip
YUE_FINAL = {
    "aa": ("a", "ah", "aa"), "aai": ("ai", "aai", "ay"), "aau": ("au", "aau"), "aam": ("am", "aam", "arm"), "aan": ("an", "aan"),
    "aang": ("ang", "aang"), "aap": ("ap", "aap"), "aat": ("at", "aat"), "aak": ("ak", "aak"), "ai": ("ai", "ay"), "au": ("au", "ow", "aw", "ou"),
    "am": ("am", "um"), "an": ("an", "un"), "ang": ("ang", "ung", "eng"), "ap": ("ap", "up"), "at": ("at", "ut"), "ak": ("ak", "uck", "uk"),
    "e": ("e", "eh"), "ei": ("i", "ei", "ee", "ey", "ay", "e"), "eng": ("eng", "ing", "iang"), "ek": ("ek", "ik"), "i": ("i", "ee", "e", "ze", "z"), "iu": ("iu", "iew"),
    "im": ("im",), "in": ("in", "een"), "ing": ("ing", "eng"), "ip": ("ip",), "it": ("it", "eet"), "ik": ("ik", "ick", "ek"),
    "o": ("o", "or", "aw", "oh"), "oi": ("oi", "oy"), "on": ("on",), "ong": ("ong",), "ot": ("ot",), "ok": ("ok", "ock"), "ou": ("o", "ou", "oo", "ow"),
    "oe": ("eu", "oe", "er"), "oeng": ("eung", "oeng", "eong", "ung"), "oek": ("euk", "oek", "eok", "ok"), "eoi": ("ui", "eoi", "eui", "oi"),
    "eon": ("un", "eon", "on", "en"), "eot": ("ut", "eot"), "u": ("u", "oo"), "ui": ("ui", "ooi", "oi"), "un": ("un", "oon"), "ung": ("ung", "oong", "ong"),
    "ut": ("ut", "oot"), "uk": ("uk", "ook", "ok"), "yu": ("u", "yu", "ue", "ee"), "yun": ("uen", "un", "yun", "uan", "oon"), "yut": ("uet", "yut", "ut", "it"),
}  # fmt: skip
YUE_WHOLE = {"si": ("sze", "see", "sz", "szu"), "zi": ("tsz", "tze", "chee", "tse", "tsze"), "ci": ("tsz", "tse", "chee"), "ji": ("yee", "i", "ye"), "ng": ("ng", "eng"), "m": ("m", "ng"),
             "jyu": ("yu", "yue", "yee"), "jyun": ("yuen", "yun", "yuan", "un"), "jyut": ("yuet", "yut"), "jin": ("yin", "in", "een"), "jing": ("ying",), "jim": ("yim",), "wu": ("wu", "woo"), "wo": ("woo",), "gun": ("kwun", "koon"), "gong": ("kwong",), "siu": ("shiu", "shau"), "hin": ("hin", "hsien"), "jan": ("yan", "yun", "ian"), "fu": ("fu", "foo")}  # fmt: skip


def cantonese(jyutping: str) -> Spellings:
    """Jyutping itself, Yale, and Hong Kong's unwritten rule, which allows several letters for a sound."""
    out = {jyutping: 0.6}
    initial, final = JYUT.fullmatch(jyutping).groups()  # type: ignore[union-attr]
    for i, first in enumerate(YUE_INITIAL.get(initial, (initial,))):
        for j, last in enumerate(YUE_FINAL.get(final, (final,))):
            text = re.sub(r"^yyu", "yu", first + last)
            if text:
                out[text] = min(out.get(text, 9.0), 0.7 * i + 0.7 * j)
    for whole in YUE_WHOLE.get(jyutping, ()):
        out[whole] = min(out.get(whole, 9.0), 0.2)
    if initial == "j" and final.startswith("yu"):
        for text in [t for t in out if t.startswith("j") and t != jyutping]:
            del out[text]
    return out


MIN = re.compile(r"(chh|ph|th|kh|ng|ch|[bmtnlkghsjw]?)(.*)")
MIN_INITIAL = {
    "p": ("p",), "ph": ("p", "ph"), "th": ("t", "th"), "kh": ("k", "kh"), "ch": ("ch", "j", "ts"), "chh": ("ch", "s", "tj"), "j": ("j", "y", "l"),
    "g": ("g", "ng"), "b": ("b", "m"), "k": ("k", "g"), "t": ("t", "d"), "w": ("w",), "h": ("h",), "s": ("s", "sh"),
}  # fmt: skip
MIN_FINAL = {
    "eng": ("eng", "ing", "aing"), "ek": ("ek", "eck", "aik", "ik"), "iong": ("iong", "eong", "iang", "eang", "ong"), "iok": ("iok", "eok", "ioke", "ok", "oke"),
    "iau": ("iau", "iao", "iew", "eow", "iaw"), "iu": ("iu", "ew", "iew", "iw"), "ian": ("ian", "ien", "ean", "een"), "i": ("i", "ee", "y"), "u": ("u", "oo", "er"), "un": ("un", "oon", "uen"),
    "ut": ("ut", "oot"), "au": ("au", "ao", "ow", "aw"), "ai": ("ai", "ye", "ay", "oi"), "o": ("o", "oh", "ow"), "oo": ("oo", "o"), "ui": ("ui", "wee", "uey", "ooi"), "ue": ("oey", "ue", "wee", "ui", "oi"), "uan": ("uan", "wan", "oan", "uen"),
    "uat": ("uat", "wat", "att"), "ua": ("ua", "wa", "wah"), "iat": ("iat", "eat", "iet", "iak"), "ong": ("ong", "oong", "ung"), "ok": ("ok", "ock", "oke"), "a": ("a", "ah"), "e": ("e", "eh", "ay", "ai"), "it": ("it", "ith", "eet"),
    "im": ("im", "eem"), "in": ("in", "een"), "am": ("am", "um"), "iam": ("iam", "eam", "im"), "an": ("an",), "wi": ("wi", "wee", "ui", "uee", "wei"), "ang": ("ang",), "at": ("at", "att"), "ak": ("ak", "ack"), "ap": ("ap",), "ip": ("ip", "eap", "iap"),
}  # fmt: skip
MIN_WHOLE = {"iu": ("yew", "yiew", "yu", "yeow"), "iong": ("yong", "eong", "yeong"), "iau": ("yew", "yeow", "yau"), "ian": ("yan", "yen", "ean", "yean"), "un": ("oon", "woon", "en"), "ek": ("aik", "yik", "eik"), "wi": ("wee", "wei", "ui", "wui"),
             "i": ("ee", "yi", "yee"), "u": ("oo", "yu", "woo"), "in": ("yin", "een"), "im": ("im", "yim"), "it": ("yit", "eet", "yat"), "uan": ("wan", "yuan", "guan", "uan"), "ai": ("ai", "oi"), "kau": ("kow",), "hua": ("hwa", "wah"), "hui": ("hwee", "huay", "hooi", "fei"), "chui": ("swee", "chwee"), "sui": ("swee", "swi")}  # fmt: skip


def hokkien(syllable: str) -> Spellings:
    """Hokkien and Teochew as Singapore, Malaysia, Penang and Manila spell them."""
    out: Spellings = {}
    initial, final = MIN.fullmatch(syllable).groups()  # type: ignore[union-attr]
    for i, first in enumerate(MIN_INITIAL.get(initial, (initial,))):
        for j, last in enumerate(MIN_FINAL.get(final, (final,))):
            text = first + last
            out[text] = min(out.get(text, 9.0), 0.3 + 0.6 * i + 0.5 * j)
    for whole in MIN_WHOLE.get(syllable, ()):
        out[whole] = min(out.get(whole, 9.0), 0.4)
    return out


LEAD = (
    "g k",
    "kk gg",
    "n",
    "d t",
    "tt",
    "r l n",
    "m",
    "b p",
    "pp",
    "s sh",
    "ss",
    "",
    "j ch",
    "jj",
    "ch j",
    "k",
    "t",
    "p",
    "h",
)
VOWEL = ("a ah", "ae ai", "ya", "yae", "eo u o", "e", "yeo yu you yo", "ye yae", "o oh", "wa", "wae", "oe oi", "yo", "u oo woo",
         "wo weo", "we", "wi ui", "yu yoo you", "eu u", "ui eui ee", "i ee yi")  # fmt: skip
TAIL = ("", "k g", "k", "k", "n", "n", "n", "t", "l r", "k", "m", "l", "l", "l", "p", "l", "m", "p b", "p", "t", "t", "ng",
        "t", "t", "k", "t", "p", "t")  # fmt: skip


@cache
def korean(block: str) -> Spellings:
    """One Hangul syllable in Revised Romanization, McCune-Reischauer without marks, and usual name spellings."""
    index = ord(block) - 0xAC00
    if not 0 <= index < 11172:
        return {}
    lead, vowel, tail = index // 588, index % 588 // 28, index % 28
    leads = LEAD[lead].split() or [""]
    out: Spellings = {}
    for i, first in enumerate(leads):
        for j, middle in enumerate(VOWEL[vowel].split()):
            for k, last in enumerate(TAIL[tail].split() or [""]):
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
