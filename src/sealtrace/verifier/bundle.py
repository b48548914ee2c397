"""Put the pages together: one HTML file each, style and script inside. `python -m sealtrace.verifier.bundle`.

The same sources always give the same bytes; a test compares them with the files that are shipped. A page's
content security policy allows this script and this style by their digests, and nothing else at all.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "sealtrace_verify.html"
LICENCE_PAGE = HERE / "sealtrace_licence.html"
ENTRY = "page"
LICENCE_ENTRY = "licence_page"
_IMPORT = re.compile(r'^import \{ (?P<names>[^}]+) \} from "\./(?P<module>\w+)\.js";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (?P<name>\w+))", re.M)


def page() -> bytes:
    """Build the page for evidence."""
    return _page("page.html", ENTRY, "style.css")


def licence_page() -> bytes:
    """Build the page for export licences."""
    return _page("licence.html", LICENCE_ENTRY, "style.css", "licence.css")


def _page(template: str, entry: str, *styles: str) -> bytes:
    css = "".join((HERE / "page" / name).read_text("utf-8") for name in styles)
    js = script(entry)
    html = (HERE / "page" / template).read_text("utf-8")
    # the digests are of everything between the tags, the line end after the opening one included
    parts = {"css": css, "js": js, "script": _digest("\n" + js), "style": _digest("\n" + css)}
    return re.sub(r"\{(css|js|script|style)\}", lambda found: parts[found[1]], html).encode()


def script(entry: str = ENTRY) -> str:
    """Join the modules, each in a function of its own that returns what it exports; what is used comes first."""
    order: list[str] = []
    _visit(entry, order, ())
    return "".join(_module(name) for name in order)


def _source(name: str) -> str:
    return (HERE / "js" / f"{name}.js").read_text("utf-8")


def _visit(name: str, order: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' -> '.join((*above, name))}")
    for found in _IMPORT.finditer(_source(name)):
        _visit(found["module"], order, (*above, name))
    if name not in order:
        order.append(name)


def _module(name: str) -> str:
    exported = [found["name"] for found in _EXPORT.finditer(_source(name))]
    text = _IMPORT.sub(
        lambda i: f"const {{ {i['names'].replace(' as ', ': ')} }} = {i['module']}_;\n", _source(name)
    )
    text = _EXPORT.sub("", text)
    return f"const {name}_ = (() => {{\n{text}return {{ {', '.join(exported)} }};\n}})();\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


if __name__ == "__main__":
    PAGE.write_bytes(page())
    LICENCE_PAGE.write_bytes(licence_page())
