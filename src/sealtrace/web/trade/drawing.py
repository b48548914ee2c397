"""Put a drawing of ours into a page: only shapes and text, no script, no link, no style."""

from __future__ import annotations

from xml.etree import ElementTree

from django.utils.safestring import SafeString, mark_safe

from sealtrace.errors import Corrupted

SPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset({"svg", "g", "title", "desc", "path", "rect", "circle", "line", "text", "tspan"})
ATTRIBUTES = frozenset({
    "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "viewBox", "role",
    "aria-label", "aria-labelledby", "aria-describedby", "id", "text-anchor", "transform", "fill", "stroke",
    "stroke-width", "preserveAspectRatio", "points",
})  # fmt: skip


def inline(svg: str | None) -> SafeString | None:
    """A drawing as markup.

    Raises:
        Corrupted: there is something in it that a drawing has no use for.
    """
    if svg is None:
        return None
    if "<!" in svg or "<?" in svg:
        raise Corrupted("a drawing has no declarations")
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 (no declarations, hence no entities)
    except ElementTree.ParseError as e:
        raise Corrupted("a drawing can't be read") from e
    for element in root.iter():
        if element.tag.removeprefix(SPACE) not in ELEMENTS or not element.attrib.keys() <= ATTRIBUTES:
            raise Corrupted(f"a drawing has no use for {element.tag} {sorted(element.attrib)}")
    return mark_safe(svg)  # noqa: S308 (every element and attribute was looked at above)
