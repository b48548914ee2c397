"""What kind of file it is, by its content; the name only chooses among kinds of text."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from sealtrace.errors import InputDamaged, InputEmpty, InputMislabelled, InputMissing, InputUnreadable

from .decode import decode_head


class Kind(StrEnum):
    """The kinds Sealtrace knows; everything else is opaque bytes."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    WEBP = "webp"
    BMP = "bmp"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    PARQUET = "parquet"
    SQLITE = "sqlite"
    SVG = "svg"
    DXF = "dxf"
    SOURCE = "source"
    ZIP = "zip"
    OPAQUE = "opaque"


IMAGES = frozenset({Kind.PNG, Kind.JPEG, Kind.TIFF, Kind.WEBP, Kind.BMP})
OFFICE = frozenset({Kind.DOCX, Kind.XLSX, Kind.PPTX})
TEXTS = frozenset(
    {Kind.TEXT, Kind.MARKDOWN, Kind.HTML, Kind.CSV, Kind.TSV, Kind.JSON, Kind.SVG, Kind.DXF, Kind.SOURCE}
)

EXTENSIONS = {
    "pdf": Kind.PDF, "docx": Kind.DOCX, "docm": Kind.DOCX, "xlsx": Kind.XLSX, "xlsm": Kind.XLSX,
    "pptx": Kind.PPTX, "pptm": Kind.PPTX, "png": Kind.PNG, "jpg": Kind.JPEG, "jpeg": Kind.JPEG,
    "tif": Kind.TIFF, "tiff": Kind.TIFF, "webp": Kind.WEBP, "bmp": Kind.BMP, "txt": Kind.TEXT,
    "text": Kind.TEXT, "log": Kind.TEXT, "md": Kind.MARKDOWN, "markdown": Kind.MARKDOWN, "html": Kind.HTML,
    "htm": Kind.HTML, "csv": Kind.CSV, "tsv": Kind.TSV, "tab": Kind.TSV, "json": Kind.JSON,
    "jsonl": Kind.JSON, "ndjson": Kind.JSON, "geojson": Kind.JSON, "parquet": Kind.PARQUET,
    "svg": Kind.SVG, "dxf": Kind.DXF, "zip": Kind.ZIP,
    "sqlite": Kind.SQLITE, "sqlite3": Kind.SQLITE,
}  # fmt: skip
SOURCE_EXTENSIONS = frozenset(
    [
        "py",
        "pyi",
        "c",
        "h",
        "cc",
        "cpp",
        "cxx",
        "hpp",
        "cs",
        "java",
        "kt",
        "js",
        "mjs",
        "ts",
        "tsx",
        "jsx",
        "go",
        "rs",
        "rb",
        "php",
        "pl",
        "pm",
        "sh",
        "bash",
        "zsh",
        "ps1",
        "bat",
        "cmd",
        "sql",
        "r",
        "jl",
        "m",
        "f",
        "f90",
        "f95",
        "for",
        "pas",
        "lua",
        "swift",
        "scala",
        "vb",
        "vbs",
        "st",
        "scl",
        "awl",
        "il",
        "lisp",
        "hs",
        "ml",
        "ini",
        "cfg",
        "conf",
        "toml",
        "yaml",
        "yml",
        "xml",
        "css",
        "scss",
        "tex",
        "bib",
        "cmake",
        "mk",
        "make",
        "gradle",
        "v",
        "vhd",
        "vhdl",
        "ino",
        "nc",
        "gcode",
    ]
)
HEAD = 4096
_OOXML_PARTS = {"word/": Kind.DOCX, "xl/": Kind.XLSX, "ppt/": Kind.PPTX}


def detect(path: Path) -> Kind:
    """Tell a file's kind; where name and content disagree, the content is right.

    Raises:
        InputMissing, InputUnreadable, InputEmpty: there are no bytes to look at.
    """
    head = _head(path)
    return _binary(path, head) or _text(path, head) or Kind.OPAQUE


def sniff(path: Path) -> Kind:
    """Tell a file's kind for registering; name and content must agree.

    Raises:
        InputMissing, InputUnreadable, InputEmpty: there are no bytes to look at.
        InputMislabelled: the name says another kind than the content.
        InputDamaged: the name says a kind of text and the bytes are no text.
    """
    kind, named = detect(path), _named(path)
    if named is None or named is kind or named is Kind.SOURCE:
        return kind
    if kind is Kind.OPAQUE:
        if named in TEXTS:
            raise InputDamaged(f"{path.name} is called {named} but is no text in UTF-8, UTF-16 or GB 18030")
        raise InputDamaged(
            f"{path.name} is called {named} but does not begin like one: truncated or another format"
        )
    if {named, kind} <= TEXTS:
        return kind
    if kind is Kind.ZIP and named in OFFICE:
        raise InputDamaged(f"{path.name} is called {named} but lacks the parts of one")
    raise InputMislabelled(f"{path.name} is called {named} but its content is {kind}")


def _named(path: Path) -> Kind | None:
    ending = path.suffix.lower().removeprefix(".")
    return Kind.SOURCE if ending in SOURCE_EXTENSIONS else EXTENSIONS.get(ending)


def _head(path: Path) -> bytes:
    try:
        if not path.exists():
            raise InputMissing(f"{path} does not exist")
        if not path.is_file():
            raise InputUnreadable(f"{path} is not an ordinary file")
        with path.open("rb") as source:
            head = source.read(HEAD)
    except OSError as e:
        raise InputUnreadable(f"{path} can't be read: {e.strerror}") from e
    if not head:
        raise InputEmpty(f"{path} has no bytes")
    return head


def _binary(path: Path, head: bytes) -> Kind | None:
    """Kinds that begin with bytes of their own."""
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    for magic, kind in (
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"\xff\xd8\xff", Kind.JPEG),
        (b"II*\x00", Kind.TIFF),
        (b"MM\x00*", Kind.TIFF),
        (b"II+\x00", Kind.TIFF),
        (b"MM\x00+", Kind.TIFF),
        (b"PAR1", Kind.PARQUET),
        (b"SQLite format 3\x00", Kind.SQLITE),
    ):
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[:2] == b"BM" and len(head) >= 26 and head[6:10] == b"\0\0\0\0":
        return Kind.BMP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path)
    return None


def _zip(path: Path) -> Kind:
    """A ZIP, or an Office file: one with a list of content types and a main folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return Kind.ZIP  # damaged: the reader says how
    if "[Content_Types].xml" in names:
        for folder, kind in _OOXML_PARTS.items():
            if any(name.startswith(folder) for name in names):
                return kind
    return Kind.ZIP


def _text(path: Path, head: bytes) -> Kind | None:
    text = decode_head(head)
    if text is None:
        return None
    named = _named(path)
    start = text.lstrip("\ufeff \t\r\n")[:600].lower()
    if named is Kind.SVG or (
        named is None and start.startswith(("<svg", "<?xml")) and "<svg" in text.lower()
    ):
        return Kind.SVG
    if named in TEXTS and named is not None:
        return named
    if start.startswith(("<!doctype html", "<html")):
        return Kind.HTML
    if start.startswith(("{", "[")) and named is None:
        return Kind.JSON
    return Kind.TEXT
