"""A small writer of accessible SVG: title and description first, text for every value, classes instead of styles.

No inline style and no script, so that a strict content security policy holds. Classes are those of the design's plots:
axis, grid, peer, this, trace, limit, band, strong.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

WIDTH = 550.0
CLASSES = frozenset({"axis", "grid", "peer", "this", "trace", "limit", "band", "strong", ""})


def number(value: float) -> str:
    """A coordinate, a tenth of a pixel exact."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


class Picture:
    """Collects elements; `text()` of the whole is read by people who don't see it."""

    def __init__(self, title: str, description: str, height: float, width: float = WIDTH) -> None:
        self.title, self.description, self.width, self.height = title, description, width, height
        self._parts: list[str] = []

    def _add(self, name: str, cls: str, body: str | None = None, **attributes: float | str) -> None:
        assert cls in CLASSES, f"the design has no class {cls!r}"
        given = "".join(
            f" {key.replace('_', '-')}={quoteattr(v if isinstance(v, str) else number(v))}"
            for key, v in attributes.items()
        )
        shown = f' class="{cls}"' if cls else ""
        self._parts.append(f"<{name}{shown}{given}" + ("/>" if body is None else f">{escape(body)}</{name}>"))

    def say(self, x: float, y: float, text: str, *, cls: str = "", anchor: str = "start") -> None:
        """Set a text with its baseline at `y`."""
        more = {} if anchor == "start" else {"text_anchor": anchor}
        self._add("text", cls, text, x=x, y=y, **more)

    def box(self, x: float, y: float, width: float, height: float, cls: str) -> None:
        """A rectangle, at least half a pixel wide."""
        self._add("rect", cls, x=x, y=y, width=max(width, 0.5), height=max(height, 0.5))

    def dot(self, x: float, y: float, radius: float, cls: str) -> None:
        """A disc."""
        self._add("circle", cls, cx=x, cy=y, r=radius)

    def diamond(self, x: float, y: float, half: float = 8.0, cls: str = "this") -> None:
        """This one, in a crowd of discs: told apart by its shape."""
        self.path(f"M{number(x)} {number(y - half)}l{number(half)} {number(half)}"
                  f"-{number(half)} {number(half)}-{number(half)}-{number(half)}z", cls)  # fmt: skip

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str) -> None:
        """A straight line."""
        self.path(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}", cls)

    def trail(self, points: Sequence[tuple[float, float]], cls: str = "trace") -> None:
        """A line through points."""
        if points:
            self.path("M" + "L".join(f"{number(x)} {number(y)}" for x, y in points), cls)

    def path(self, data: str, cls: str) -> None:
        """Any path."""
        self._add("path", cls, d=data)

    def svg(self) -> str:
        """The whole picture, for putting into a page."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} {number(self.height)}"'
            f' role="img" aria-label={quoteattr(self.title)}>'
        )
        said = f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>"
        return head + said + "".join(self._parts) + "</svg>"
