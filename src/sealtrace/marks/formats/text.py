"""Text files: a comment where the language has one, else white space at the end that no reader minds.

Markdown, HTML, SVG, DXF and source code take a comment. Plain text and JSON take a run of spaces and tabs
at the end of the last line, 192 of them: trailing white space is no part of a JSON value (RFC 8259, 2) and
is not seen in text. Encoding, byte-order mark and line ends stay as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

from sealtrace.content.decode import encoding_of
from sealtrace.content.kinds import Kind
from sealtrace.errors import InputDamaged
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.stamp import TOKEN_BITS, from_bits, in_text, to_bits

from .model import DIGEST_BITS, FilePlan, Job

COMMENTS = {
    "#": "py pyi rb pl pm sh bash zsh r jl ps1 toml yaml yml cfg conf cmake mk make gradle php",
    "//": "c h cc cpp cxx hpp cs java js mjs ts tsx jsx go rs swift scala pas v kt ino",
    "--": "sql lua hs vhd vhdl",
    "%": "m tex bib",
    ";": "ini lisp nc gcode",
    "'": "vb vbs",
    "!": "f90 f95 for",
    "REM ": "bat cmd",
}
BLOCKS = {
    "/* {} */": "css",
    "<!-- {} -->": "xml html htm md markdown",
    "(* {} *)": "st scl il ml awl",
}
LINE_OF = {ending: mark for mark, endings in COMMENTS.items() for ending in endings.split()}
BLOCK_OF = {ending: form for form, endings in BLOCKS.items() for ending in endings.split()}
SVG_START = re.compile(r"<svg\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
WHITE_RUN = re.compile(rf"[ \t]{{{TOKEN_BITS},}}(?=[\r\n]*\Z)")


def plan(source: Path, kind: Kind) -> FilePlan:
    """Every text has a place, but for a drawing whose root has no end of its start tag."""
    text = _load(source)[0]
    if kind is Kind.SVG and not _svg_has_room(text):
        return FilePlan(notes=("the drawing's root element has no content to put the stamp into",))
    return FilePlan(stamp=True)


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    text, encoding = _load(job.source)
    job.target.write_bytes(_marked(text, job).encode(encoding))
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read tokens in text form, and a white-space run at the end."""
    text = _load(path)[0]
    found = in_text(text)
    run = WHITE_RUN.search(text)
    if run:
        white = run[0][-TOKEN_BITS:]
        found.append(from_bits([int(c == "\t") for c in white]))
    return found


def _load(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    encoding = encoding_of(data)
    if encoding is None:
        raise InputDamaged(f"{path.name} is no text in UTF-8, UTF-16 or GB 18030")
    return data.decode(encoding), encoding


def _marked(text: str, job: Job) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    ending = job.source.suffix.lower().removeprefix(".")
    if job.kind is Kind.SVG:
        return _into_svg(text, job.text)
    if job.kind is Kind.DXF:
        return f"999{end}{job.text}{end}{text}"
    if job.kind in (Kind.MARKDOWN, Kind.HTML):
        return _line_after(text, f"<!-- {job.text} -->", end)
    if job.kind is Kind.SOURCE and ending in BLOCK_OF:
        return _line_after(text, BLOCK_OF[ending].format(job.text), end)
    if job.kind is Kind.SOURCE and ending in LINE_OF and not text.rstrip("\r\n").endswith("\\"):
        return _line_after(text, f"{LINE_OF[ending]} {job.text}", end)
    return _white_space(text, job.token)


def _line_after(text: str, line: str, end: str) -> str:
    return f"{text}{'' if not text or text.endswith(end) else end}{line}{end}"


def _white_space(text: str, token: bytes) -> str:
    """Put the token's bits as spaces (0) and tabs (1) at the end of the last line, before its line end."""
    body = text.rstrip("\r\n")
    return body + "".join("\t" if bit else " " for bit in to_bits(token)) + text[len(body) :]


def _into_svg(text: str, token: str) -> str:
    start = SVG_START.search(text)
    assert start is not None, "planned only for drawings that have room"
    return f'{text[: start.end()]}<metadata id="sealtrace">{token}</metadata>{text[start.end() :]}'


def _svg_has_room(text: str) -> bool:
    start = SVG_START.search(text)
    return start is not None and not start[0].endswith("/>")
