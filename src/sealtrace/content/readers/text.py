"""Kinds of text: plain, Markdown, HTML, CSV, TSV, JSON, source code."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

from sealtrace.content import bounds
from sealtrace.content.decode import decode
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, Part
from sealtrace.errors import InputDamaged, InputTooLarge

HIDDEN = {"script", "style", "template", "noscript"}
BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "section", "article"}


def load(path: Path) -> str:
    """Read a file as text.

    Raises:
        InputTooLarge, InputDamaged: too long, or no text in an encoding we know.
    """
    if path.stat().st_size > bounds.XML_BYTES:
        raise InputTooLarge(f"{path.name} is too long for text: more than {bounds.XML_BYTES} bytes")
    text = decode(path.read_bytes())
    if text is None:
        raise InputDamaged(
            f"{path.name} is no text in UTF-8, UTF-16 or GB 18030",
            advice="Save it as UTF-8, or register it with --opaque.",
        )
    return text


def read(path: Path, kind: Kind) -> Content:
    """Read the text that a person sees."""
    text = load(path)
    title = None
    if kind is Kind.HTML:
        page = _Visible()
        page.feed(text)
        text, title = "".join(page.text), "".join(page.title).strip() or None
    elif kind is Kind.MARKDOWN:
        title = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), None)
    elif kind is Kind.JSON:
        _check_json(path, text)
    return Content(kind, title, (Part("text", text),))


def _check_json(path: Path, text: str) -> None:
    """One document, or one a line. Nesting that the parser can't follow counts as damage."""
    try:
        json.loads(text)
        return
    except RecursionError as e:
        raise InputDamaged(f"{path.name} is nested too deeply for JSON") from e
    except ValueError as whole:
        try:
            for line in text.splitlines():
                if line.strip():
                    json.loads(line)
        except (ValueError, RecursionError):
            raise InputDamaged(f"{path.name} is not JSON: {whole}") from whole


class _Visible(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.title: list[str] = []
        self._hidden, self._in_title = 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._hidden += tag in HIDDEN
        self._in_title = tag == "title"
        if tag in BREAKS:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._hidden:
            self.text.append(data)
