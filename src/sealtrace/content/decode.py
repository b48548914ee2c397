"""Text from bytes: UTF-8, UTF-16 with a mark, GB 18030; nothing is guessed silently."""

from __future__ import annotations

import codecs

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAX_CONTROL_SHARE = 0.001
MIN_HAN_SHARE = 0.6  # of the characters beyond ASCII, for bytes to pass as GB 18030


def encoding_of(data: bytes) -> str | None:
    """Name the encoding of text bytes, or None when they are no text we know.

    UTF-8 is proven by decoding. GB 18030 accepts nearly anything, so it must also look like Chinese: most
    characters beyond ASCII are common Han characters or Chinese punctuation.
    """
    for mark, name in BOMS:
        if data.startswith(mark):
            return name if _decodes(data, name) else None
    if _decodes(data, "utf-8"):
        return "utf-8"
    if _decodes(data, "gb18030") and _looks_chinese(data.decode("gb18030")):
        return "gb18030"
    return None


def decode(data: bytes) -> str | None:
    """Decode text, or None when it is none."""
    name = encoding_of(data)
    return None if name is None else data.decode(name)


def decode_head(head: bytes) -> str | None:
    """Decode the beginning of a file, where the last character may be cut."""
    for cut in range(4):
        text = decode(head[: len(head) - cut])
        if text is not None:
            return text if _is_text(text) else None
    return None


def _decodes(data: bytes, name: str) -> bool:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return False
    return _is_text(text)


def _is_text(text: str) -> bool:
    control = sum(1 for c in text if c < " " and c not in "\t\r\n\f\x1b")
    return control <= MAX_CONTROL_SHARE * len(text)


def _looks_chinese(text: str) -> bool:
    beyond = [c for c in text if c > "\x7f"]
    known = sum(
        "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" for c in beyond
    )
    return bool(beyond) and known >= MIN_HAN_SHARE * len(beyond)
