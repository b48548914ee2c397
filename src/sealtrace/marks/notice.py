"""What every copy with marked cells says of itself, and where: inside the file, or in a text file beside it.

    parquet, sqlite, xlsx    inside: key-value metadata, a table of its own, a document property
    csv, tsv                 beside; inside as a first line with # only where the owner declared `notice: comment`
    json                     beside; as a member of the outermost object only where declared `notice: member`
    json lines               beside
A reader that took the original takes the copy: nothing is put inside a format without a place for it unless the
owner says that the file's readers accept it. Reading and tracing pass over the notice.
"""

from __future__ import annotations

import json
import re

from sealtrace.content.kinds import Kind

ENGLISH = (
    "This is an individually marked copy. Measured values are within their declared uncertainty. "
    "Not for control or certification: use the original for these."
)
NOTICE = f"{ENGLISH} 本副本带有单独标记。测量值在已申报的不确定度之内。不得用于控制或认证。"
BESIDE, COMMENT, MEMBER = "beside", "comment", "member"
PLACES = (BESIDE, COMMENT, MEMBER)
INSIDE = {Kind.PARQUET, Kind.SQLITE, Kind.XLSX}
NAME = "sealtrace_notice"
_LINE = "# " + NOTICE
SUFFIX = ".notice.txt"
HEADER = "Sealtrace-Notice"
"""What names the notice where a copy is sent alone, over HTTP."""
_OPENING = re.compile(r"\ufeff?\s*\{")


def beside(kind: Kind, declared: str, text: str | None = None) -> bool:
    """Tell whether the notice goes into a file beside the copy. `text` is a JSON original's, where it is known."""
    if kind in INSIDE or (declared == COMMENT and kind in (Kind.CSV, Kind.TSV)):
        return False
    return not (declared == MEMBER and kind is Kind.JSON and (text is None or takes_member(text)))


def takes_member(text: str) -> bool:
    """Tell whether a JSON text is one object: not an array, and not one object a line."""
    if _OPENING.match(text) is None:
        return False
    try:
        return isinstance(json.loads(text.removeprefix("\ufeff")), dict)
    except ValueError:
        return False


def with_comment(text: str) -> str:
    """Put the notice as a first line before a table of text; its own line ends are kept."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    return f"{mark}{_LINE}{end}{text.removeprefix(mark)}"


def without_comment(text: str) -> int:
    """Where a table of text starts: after a byte-order mark and after a notice."""
    at = 1 if text.startswith("\ufeff") else 0
    if not text.startswith(_LINE, at):
        return at
    end = at + len(_LINE)
    return end + (2 if text.startswith("\r\n", end) else 1)


def with_member(text: str) -> str:
    """Put the notice first into the outermost object of a JSON text that `takes_member`."""
    match = _OPENING.match(text)
    assert match is not None, "only an object takes a member"
    rest = text[match.end() :]
    comma = "" if rest.lstrip().startswith("}") else ", "
    return f"{match[0]}{json.dumps(NAME)}: {json.dumps(NOTICE, ensure_ascii=True)}{comma}{rest}"
