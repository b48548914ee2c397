"""SVG: its text and its size; the drawing itself is rendered by `content.pages`."""

from __future__ import annotations

from pathlib import Path

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, PageSize, Part
from sealtrace.errors import InputDamaged

from .xml import parse

SVG = "{http://www.w3.org/2000/svg}"
LONG_SIDE = 1754.0


def read(path: Path, kind: Kind) -> Content:
    """Read text elements in document order, the title, and the picture's proportions."""
    root = parse(path.read_bytes()[: bounds.XML_BYTES + 1], path.name)
    if root.tag not in (f"{SVG}svg", "svg"):
        raise InputDamaged(f"{path.name} is XML but not SVG")
    lines, title = [], None
    for element in root.iter(f"{SVG}text", f"{SVG}title", f"{SVG}desc", "text"):
        words = " ".join("".join(map(str, element.itertext())).split())
        if element.tag == f"{SVG}title" and title is None:
            title = words
        elif words:
            lines.append(words)
    return Content(kind, title or None, (Part("drawing", "\n".join(lines)),), (_size(root),))


def _size(root: object) -> PageSize:
    """The canonical raster's size: the view box's proportions, long side 1754 px."""
    get = root.get  # type: ignore[attr-defined]  # an lxml element
    try:
        _, _, width, height = map(float, (get("viewBox") or "").replace(",", " ").split())
    except ValueError:
        width, height = _length(get("width")), _length(get("height"))
    if not (width > 0 and height > 0 and max(width, height) / min(width, height) < 50):
        raise InputDamaged("the drawing states no usable size")
    scale = LONG_SIDE / max(width, height)
    return PageSize(float(round(width * scale)), float(round(height * scale)), "px")


def _length(text: str | None) -> float:
    number = (text or "").strip().rstrip("abcdefghijklmnopqrstuvwxyz%")
    try:
        return float(number)
    except ValueError:
        return 0.0
