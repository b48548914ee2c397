"""DXF: the words of its text entities, read as a stream of group codes.

Only ASCII DXF; binary DXF is opaque. Source: DXF reference, group codes 0, 1, 2, 3 and TEXT, MTEXT, ATTRIB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, Part
from sealtrace.errors import InputDamaged

from .text import load

WORDED = {"TEXT", "MTEXT", "ATTRIB", "ATTDEF", "DIMENSION", "MULTILEADER"}
FORMATTING = re.compile(r"\\[A-Za-z][^;\\]*;|[{}]")


def read(path: Path, kind: Kind) -> Content:
    """Read the words of a drawing in file order."""
    words, entity, longer = [], "", ""
    for code, value in _groups(path):
        if code == 0:
            entity, longer = value, ""
        elif entity in WORDED and code == 3:
            longer += value
        elif entity in WORDED and code == 1:
            words.append(_plain(longer + value))
    return Content(kind, None, (Part("drawing", "\n".join(filter(None, words))),))


def _groups(path: Path) -> Iterator[tuple[int, str]]:
    lines = iter(load(path).splitlines())
    seen = 0
    for code in lines:
        value = next(lines, None)
        if value is None:
            raise InputDamaged(f"{path.name} ends in the middle of a group")
        try:
            number = int(code)
        except ValueError:
            raise InputDamaged(f"{path.name} has {code[:20]!r} where a group code must be") from None
        seen += 1
        yield number, value.strip()
        if value.strip() == "EOF" and number == 0:
            break
    if seen < 2:
        raise InputDamaged(f"{path.name} holds no DXF groups")


def _plain(text: str) -> str:
    return " ".join(FORMATTING.sub("", text.replace("\\P", " ").replace("%%d", "\u00b0")).split())
