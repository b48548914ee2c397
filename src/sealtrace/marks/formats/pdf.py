"""PDF: the stamp in private data of the catalog and of every page, the tint under or over each page.

Object-level patching through qpdf: streams are copied as they are. A signed document is not touched.
Source: ISO 32000-1, 14.5 (page-piece dictionaries), 12.8 (signatures).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

from sealtrace.content.kinds import Kind
from sealtrace.errors import CannotMark, InputDamaged, InputEncrypted
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.stamp import TOKEN_BITS, in_text

from . import pdf_tint
from .model import DIGEST_BITS, FilePlan, Job

PRIVATE = "/Sealtrace"
INFO_KEY = "/SealtraceCopy"
MADE = (
    "D:20000101000000Z"  # LastModified is required beside PieceInfo; a fixed date keeps copies reproducible
)
SIGNED = "it is digitally signed: marking would break the signature"


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """Plan the tint of every page; a signed document carries nothing."""
    with opened(source) as pdf:
        if is_signed(pdf):
            return FilePlan(notes=(SIGNED,))
        marks, notes = pdf_tint.plan(source, pdf)
    return FilePlan(marks, stamp=True, notes=notes)


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy. Same copy, same bytes."""
    with opened(job.source) as pdf:
        if is_signed(pdf):
            raise CannotMark(f"{job.source.name} can't be marked: {SIGNED}")
        _stamp(pdf, job.text)
        tinted = pdf_tint.apply(pdf, job)
        if pdf.is_encrypted:
            pdf.save(job.target, encryption=True, static_id=True, **_AS_IT_WAS)
        else:
            pdf.save(job.target, deterministic_id=True, **_AS_IT_WAS)
    marks = [AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)]
    if tinted:
        marks.append(AppliedMark(ChannelName.PAGE, job.plan.mark_plan.symbols))
    return tuple(marks)


def stamps(path: Path) -> list[bytes]:
    """Read tokens from document information, catalog and pages."""
    found: dict[bytes, None] = {}
    with opened(path) as pdf:
        for value in pdf.docinfo.values():
            found |= dict.fromkeys(in_text(str(value)))
        for holder in (pdf.Root, *(page.obj for page in pdf.pages)):
            found |= dict.fromkeys(in_text(_private(holder)))
    return list(found)


def opened(path: Path) -> pikepdf.Pdf:
    """Open a PDF for patching.

    Raises:
        InputEncrypted, InputDamaged.
    """
    try:
        return pikepdf.open(path, attempt_recovery=True)
    except pikepdf.PasswordError as e:
        raise InputEncrypted(f"{path.name} asks for a password") from e
    except pikepdf.PdfError as e:
        raise InputDamaged(f"{path.name} can't be opened as PDF: {e}"[:300]) from e


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Tell whether any signature field holds a signature, or the document is certified."""
    form = pdf.Root.get("/AcroForm")
    if "/Perms" in pdf.Root:
        return True
    return form is not None and any(_holds_signature(field, 0) for field in form.get("/Fields", []))


def _holds_signature(field: Any, depth: int) -> bool:
    if field.get("/FT") == Name.Sig and "/V" in field:
        return True
    return depth < 32 and any(_holds_signature(kid, depth + 1) for kid in field.get("/Kids", []))


_AS_IT_WAS = {
    "object_stream_mode": pikepdf.ObjectStreamMode.preserve,
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    "compress_streams": True,
    "normalize_content": False,
}


def _stamp(pdf: pikepdf.Pdf, text: str) -> None:
    """Put the token into the document information, the catalog and every page."""
    pdf.docinfo[INFO_KEY] = String(text)
    piece = pdf.make_indirect(Dictionary(LastModified=String(MADE), Private=String(text)))
    for holder in (pdf.Root, *(page.obj for page in pdf.pages)):
        info = Dictionary(dict(holder.get("/PieceInfo", Dictionary()).items()))
        info[PRIVATE] = piece
        holder.PieceInfo = info
        if "/LastModified" not in holder and holder is not pdf.Root:
            holder.LastModified = String(MADE)


def _private(holder: Any) -> str:
    try:
        return str(holder.PieceInfo[PRIVATE].Private)
    except (AttributeError, KeyError):
        return ""
